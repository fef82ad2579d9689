"""A claim as the edits see it: frozen, whole, without a database. billing.services.claim_facts fills it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

STOP, WARN = "stop", "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an edit found. *stop* keeps the claim from being sent, *warn* is for the biller to know.

    `sentence` names what to do; `line` is the line's position, 0 when it is about the whole claim.
    """

    code: str
    severity: str
    sentence: str
    line: int = 0

    @property
    def stops(self) -> bool:
        return self.severity == STOP

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "severity": self.severity, "sentence": self.sentence, "line": self.line}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The prior authorization that a line names: its dates and what is left of it, this line's units included."""

    number: str
    codes: tuple[str, ...]
    starts_on: date
    ends_on: date
    units_left: int
    is_usable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    position: int
    charge_id: str
    patient_id: str
    code: str
    service_date: date
    units: int
    amount: Decimal
    pointers: tuple[int, ...]
    modifiers: tuple[str, ...] = ()
    ndc: str = ""
    is_void: bool = False
    rendering_npi: str = ""
    needs_authorization: bool = False
    authorization_number: str = ""
    authorization: Authorization | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    first_name: str = ""
    last_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    line1: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFacts:
    """The policy this claim goes to. `order` is its place in the order of benefits."""

    member_id: str
    order: int
    relationship: str
    starts_on: date
    ends_on: date | None = None
    is_active: bool = True
    patient_id: str = ""
    subscriber: PersonFacts = field(default_factory=PersonFacts)
    medicare_secondary_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCoverage:
    """A further policy in force on the date of service."""

    order: int
    payer_name: str
    is_medicaid: bool = False
    is_medicare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorAnswer:
    """What the payer before said of one line: its payment and the sum of its adjustments (CAS)."""

    line: int
    paid: Decimal
    adjusted: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorPayer:
    name: str
    has_answered: bool
    was_forwarded: bool = False
    adjudicated_on: date | None = None
    lines: tuple[PriorAnswer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredClaim:
    """An adjudicated claim with the same content, to the same payer."""

    number: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    number: str
    today: date
    patient_id: str
    patient: PersonFacts
    coverage: CoverageFacts
    lines: tuple[LineFacts, ...]
    diagnoses: tuple[str, ...]
    total: Decimal
    place_of_service: str = "11"
    frequency: str = "1"
    original_reference: str = ""
    payer_name: str = "The payer"
    payer_id: str = "PAYER"
    payer_is_active: bool = True
    payer_has_route: bool = True
    payer_is_medicare: bool = False
    payer_is_medicaid: bool = False
    payer_takes_replacements: bool = True
    file_by: date | None = None
    order: int = 1
    billing_npi: str = ""
    billing_tax_id: str = ""
    billing_line1: str = ""
    billing_city: str = ""
    billing_state: str = ""
    billing_zip: str = ""
    rendering_name: str = ""
    rendering_npi: str = ""
    rendering_taxonomy: str = ""
    referring_name: str = ""
    referring_npi: str | None = None
    needs_referring: bool = False
    clia_number: str = ""
    is_accident: bool = False
    accident_state: str = ""
    accident_date: date | None = None
    visit_status: str = "closed"
    visit_patient_id: str = ""
    patient_is_merged: bool = False
    restricts_disclosure: bool = False
    is_qmb: bool = False
    other_coverages: tuple[OtherCoverage, ...] = ()
    prior_payer: PriorPayer | None = None
    same_content_answered: AnsweredClaim | None = None

    @property
    def is_secondary(self) -> bool:
        return self.order > 1

    @property
    def first_day(self) -> date | None:
        return min((line.service_date for line in self.lines), default=None)
