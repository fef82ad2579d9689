"""Remittance advice (005010X221A1) as frozen dataclasses.

`position` is the number of the segment in its file (ISA = 1). `segments` holds everything as it
was read, `unread` what no field here shows. None of these three counts for equality.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..adjudication import Adjustment, Procedure, Reference, reference
from ..parties import Address, Contact, Party
from ..segment import Segment

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class EventDate:
    """DTM: 232/233 claim period, 050 received, 036 cover expired, 150/151/472 service."""

    qualifier: str
    on: date


@dataclass(frozen=True, slots=True)
class Amount:
    """AMT: B6 allowed, I interest, AU coverage, F5 patient paid, T tax ..."""

    qualifier: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Quantity:
    """QTY: CA covered days, ZK to ZO Medicare counts ..."""

    qualifier: str
    quantity: Decimal


def amount(amounts: Iterable[Amount], qualifier: str) -> Decimal | None:
    """The first amount of this kind, None when there is none."""
    return next((each.amount for each in amounts if each.qualifier == qualifier), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePayment:
    """SVC: what the payer did with one service line."""

    procedure: Procedure  # as paid
    charge: Decimal
    paid: Decimal
    units: Decimal | None = None  # None is 1 by the guide
    submitted_procedure: Procedure | None = None  # only when it differs from what was paid
    submitted_units: Decimal | None = None
    revenue_code: str = ""
    first_day: date | None = None
    last_day: date | None = None
    adjustments: tuple[Adjustment, ...] = ()
    references: tuple[Reference, ...] = ()
    amounts: tuple[Amount, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    remark_codes: tuple[str, ...] = ()  # RARC, LQ*HE
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def control_number(self) -> str:
        """REF*6R: our own number of this line."""
        return reference(self.references, "6R")

    @property
    def allowed(self) -> Decimal | None:
        """AMT*B6."""
        return amount(self.amounts, "B6")

    @property
    def adjusted(self) -> Decimal:
        """Sum of this line's adjustments."""
        return sum((each.amount for each in self.adjustments), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPayment:
    """CLP: what the payer did with one claim, or with one part of it."""

    patient_control_number: str  # CLM01 of the claim
    status: str  # 1, 2, 3, 4, 19, 20, 21, 22 reversal, 23, 25
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal | None = None
    filing_indicator: str = ""
    payer_claim_number: str = ""  # CLP07
    facility_code: str = ""
    frequency: str = ""
    drg: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    patient: Party | None = None  # QC
    insured: Party | None = None  # IL
    corrected_insured: Party | None = None  # 74
    rendering_provider: Party | None = None  # 82
    crossover_carrier: Party | None = None  # TT: forwarded to
    corrected_payer: Party | None = None  # PR: bill this one first
    other_insured: Party | None = None  # GB
    remark_codes: tuple[str, ...] = ()  # RARC of MIA and MOA
    references: tuple[Reference, ...] = ()
    dates: tuple[EventDate, ...] = ()
    contacts: tuple[Contact, ...] = ()
    amounts: tuple[Amount, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    lines: tuple[ServicePayment, ...] = ()
    header_number: str = "1"  # LX01 above this claim
    position: int = field(default=0, compare=False)
    segments: tuple[Segment, ...] = field(default=(), compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def is_reversal(self) -> bool:
        """CLP02 22: takes an earlier payment back, amounts negated."""
        return self.status == "22"

    @property
    def is_forwarded(self) -> bool:
        """The payer has sent the claim on; nobody else must bill that carrier."""
        return self.status in ("19", "20", "21", "23") or self.crossover_carrier is not None

    @property
    def adjusted(self) -> Decimal:
        """Sum of the adjustments of the claim and of its lines."""
        own = sum((each.amount for each in self.adjustments), ZERO)
        return sum((line.adjusted for line in self.lines), own)

    @property
    def interest(self) -> Decimal | None:
        """AMT*I, which is paid through PLB L6 and not in CLP04."""
        return amount(self.amounts, "I")


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a PLB. Positive: the payer keeps it and the check is smaller."""

    provider: str
    fiscal_period_ends_on: date | None
    code: str  # WO, FB, 72, L6, CS ...
    reference: str
    amount: Decimal
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """N1 loop: payer or payee."""

    name: str
    identifier_qualifier: str = ""  # XX NPI, FI tax id, XV plan id
    identifier: str = ""
    address: Address | None = None
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()

    @property
    def npi(self) -> str:
        """The NPI, "" when the payer names none."""
        return self.identifier if self.identifier_qualifier == "XX" else ""

    @property
    def tax_id(self) -> str:
        """N104 with FI, else REF*TJ."""
        own = self.identifier if self.identifier_qualifier == "FI" else ""
        return own or reference(self.references, "TJ")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceHeader:
    """What stands before the claims: one check or transfer."""

    payment_amount: Decimal  # BPR02
    trace_number: str  # TRN02: check or EFT number
    payer_identifier: str  # TRN03: 1 and the payer's tax id
    payer: Organization
    payee: Organization
    handling: str = "I"  # BPR01: I with the money, H notification only, D/P/U/X
    is_credit: bool = True  # BPR03
    method: str = "CHK"  # BPR04: ACH, CHK, NON, FWT, BOP
    paid_on: date | None = None  # BPR16
    produced_on: date | None = None  # DTM*405
    references: tuple[Reference, ...] = ()
    control_number: str = field(default="", compare=False)  # ST02
    position: int = field(default=0, compare=False)  # of the ST
    payment_position: int = field(default=0, compare=False)  # of the BPR
    segments: tuple[Segment, ...] = field(default=(), compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def identity(self) -> tuple[str, str, date | None]:
        """Payer, check number, check date: which check this is."""
        return self.payer_identifier, self.trace_number, self.paid_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance(RemittanceHeader):
    """One 835: a check, its claims, and what the payer kept or added."""

    claims: tuple[ClaimPayment, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    digest: str = field(default="", compare=False)  # SHA-256 of the canonical segments

    @property
    def claims_paid(self) -> Decimal:
        """Sum of CLP04."""
        return sum((claim.paid for claim in self.claims), ZERO)

    @property
    def provider_adjusted(self) -> Decimal:
        """Sum of the PLB amounts, positive = kept by the payer."""
        return sum((each.amount for each in self.provider_adjustments), ZERO)
