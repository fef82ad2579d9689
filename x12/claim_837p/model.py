"""Professional claim (005010X222A1) as frozen dataclasses.

Each claim carries its billing provider, subscriber and patient whole; the writer builds the
hierarchy. `position`, `segments` and `unread` tell of the file a claim was read from and do
not count for equality.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ..adjudication import Adjustment, Procedure, Reference
from ..parties import Address, Contact
from ..segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person, or an organisation whose whole name stands in `last_name`."""

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    is_person: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider(Name):
    """Referring, supervising or ordering provider."""

    npi: str = ""
    references: tuple[Reference, ...] = ()  # G2 payer's own number, 0B state licence, 1G UPIN


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderingProvider(Provider):
    """Who did it (NM1*82)."""

    taxonomy: str = ""  # PRV*PE


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProvider(Provider):
    """Who is paid (2010AA). The ZIP needs nine digits, the address no post box."""

    tax_id: str
    address: Address
    taxonomy: str = ""  # PRV*BI
    tax_id_qualifier: str = "EI"  # EI employer's number, SY social security number
    contact: Contact | None = None
    pay_to_address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacility:
    """Where it was done, when that is not the billing provider's address (NM1*77)."""

    name: str
    address: Address
    npi: str = ""
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is asked to pay (NM1*PR)."""

    name: str
    identifier: str
    identifier_qualifier: str = "PI"  # PI payer number, XV plan id
    address: Address | None = None
    references: tuple[Reference, ...] = ()  # 2U, G2 ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber(Name):
    """The insured of the payer this claim goes to (2000B, 2010BA)."""

    member_id: str
    filing_indicator: str  # SBR09: MB, MC, BL, CI, 12, HM ...
    payer_sequence: str = "P"  # SBR01: P primary, S secondary, T tertiary
    group_number: str = ""
    group_name: str = ""
    medicare_secondary_type: str = ""  # SBR05: 12, 13, 14, 15, 16, 41, 42, 43, 47
    birth_date: date | None = None
    sex: str = ""  # M, F, U
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient(Name):
    """The patient when not the subscriber (2000C, 2010CA)."""

    relationship: str  # PAT01: 01 spouse, 19 child, 20 employee, 21 unknown, G8 other ...
    birth_date: date
    sex: str
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherInsured(Name):
    """The insured of another payer (2330A)."""

    member_id: str
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCoverage:
    """Another payer of this claim (2320, 2330), and what it decided if it has.

    `adjudicated_on` stands here or on the lines, `remaining_patient_liability` too, never both.
    """

    payer_sequence: str
    relationship: str  # SBR02, of the patient to this insured: 18 self, 01 spouse, 19 child ...
    filing_indicator: str
    insured: OtherInsured
    payer: Payer
    group_number: str = ""
    group_name: str = ""
    medicare_secondary_type: str = ""
    adjustments: tuple[Adjustment, ...] = ()  # only what that payer reported for the claim
    paid: Decimal | None = None  # AMT*D; None: has not decided
    remaining_patient_liability: Decimal | None = None  # AMT*EAF
    bypassed_charge: Decimal | None = None  # AMT*A8: this payer was passed over
    benefits_assigned: str = "Y"  # OI03: Y, N, W
    release_of_information: str = "Y"  # OI06: Y, I
    remark_codes: tuple[str, ...] = ()  # MOA
    adjudicated_on: date | None = None  # DTP*573
    payer_claim_number: str = ""  # REF*F8
    unread: tuple[Segment, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAdjudication:
    """What another payer decided on this line (2430), as its 835 said it."""

    payer_identifier: str  # SVD01, the identifier of that OtherCoverage's payer
    paid: Decimal
    procedure: Procedure
    units: Decimal
    adjudicated_on: date | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remaining_patient_liability: Decimal | None = None
    bundled_into_line: str = ""  # SVD06


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """LIN and CTP: what was given, by its National Drug Code."""

    ndc: str  # eleven digits
    quantity: Decimal
    unit: str  # UN, ML, GR, F2, ME
    prescription_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDate:
    """DTP of the claim: 431 onset, 439 accident, 435 admission, 096 discharge, 304 last seen ..."""

    qualifier: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service (2400)."""

    procedure: Procedure
    charge: Decimal
    units: Decimal
    diagnosis_pointers: tuple[int, ...]  # 1 is the principal diagnosis
    first_day: date
    last_day: date
    unit_kind: str = "UN"  # UN units, MJ minutes of anaesthesia
    place_of_service: str = ""  # only when not the claim's
    is_emergency: bool = False
    control_number: str = ""  # REF*6R; comes back on the 835
    prior_authorization: str = ""
    referral_number: str = ""
    clia_number: str = ""
    note: str = ""  # NTE*ADD
    drug: Drug | None = None
    rendering_provider: RenderingProvider | None = None
    supervising_provider: Provider | None = None
    ordering_provider: Provider | None = None
    referring_provider: Provider | None = None
    adjudications: tuple[LineAdjudication, ...] = ()
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim (2300) with everything above and below it."""

    patient_control_number: str  # CLM01, one per lineage; comes back as CLP01
    charge: Decimal
    place_of_service: str
    billing_provider: BillingProvider
    subscriber: Subscriber
    payer: Payer
    diagnoses: tuple[str, ...]  # ICD-10-CM without dots, principal first
    lines: tuple[ServiceLine, ...]
    patient: Patient | None = None  # None: the subscriber is the patient
    frequency: str = "1"  # 1 original, 7 replacement, 8 void
    payer_claim_number: str = ""  # REF*F8, with 7 and 8
    provider_signature_on_file: bool = True
    assignment: str = "A"  # CLM07: A accepts, B laboratory only, C does not
    benefits_assigned: str = "Y"  # CLM08: Y, N, W
    release_of_information: str = "Y"  # CLM09: Y, I
    related_causes: tuple[str, ...] = ()  # CLM11: AA car accident, EM employment, OA other
    accident_state: str = ""
    patient_paid: Decimal | None = None  # AMT*F5
    prior_authorization: str = ""  # REF*G1
    referral_number: str = ""  # REF*9F
    clia_number: str = ""  # REF*X4
    references: tuple[Reference, ...] = ()  # the others: EA record number, D9 trace ...
    dates: tuple[ClaimDate, ...] = ()
    note: str = ""  # NTE*ADD
    referring_provider: Provider | None = None
    rendering_provider: RenderingProvider | None = None
    facility: ServiceFacility | None = None
    supervising_provider: Provider | None = None
    other_coverages: tuple[OtherCoverage, ...] = ()
    position: int = field(default=0, compare=False)
    segments: tuple[Segment, ...] = field(default=(), compare=False)  # from its CLM on
    unread: tuple[Segment, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter(Name):
    """Who sends the file (1000A)."""

    identifier: str
    contact: Contact
    is_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """To whom the file goes (1000B): a payer or a clearinghouse."""

    name: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBatch:
    """One 837P transaction set."""

    reference: str  # BHT03, unique per batch of this submitter
    created_at: datetime  # to the minute, on the sender's clock
    submitter: Submitter
    receiver: Receiver
    claims: tuple[Claim, ...]
    is_encounter: bool = False  # BHT06 RP instead of CH
    control_number: str = field(default="", compare=False)  # ST02
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)
