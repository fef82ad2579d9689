"""Rows of the payers' claim register."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from x12.remittance_835 import ClaimPayment


class Standing(StrEnum):
    ACCEPTED = "accepted"
    DECIDED = "decided"
    REPLACED = "replaced"
    VOIDED = "voided"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, kw_only=True)
class RegisteredClaim:
    """`place` is the claim's place among the claims of its file; `forwarded_from` the claim of the payer before."""

    id: int
    payer_id: str
    payer_claim_number: str
    trader: str
    payee_npi: str
    file_id: int
    place: int
    control_number: str
    frequency: str
    replaces: int | None
    member: int | None
    received_on: date
    pay_on: date
    status: str
    forwarded_from: int | None
    paid_on: date | None
    payments: tuple[ClaimPayment, ...]

    @property
    def paid(self) -> Decimal:
        return sum((each.paid for each in self.payments), Decimal("0.00"))


@dataclass(frozen=True, kw_only=True)
class RegisteredLine:
    """A line as history: for duplicates, bundling, limits, authorization units and yearly sums."""

    number: int
    service_on: date
    code: str
    modifiers: tuple[str, ...]
    units: int
    is_denied: bool = False
    deductible: Decimal = Decimal("0.00")
    share: Decimal = Decimal("0.00")  # all the patient owes of this line, deductible included
    authorization: str = ""


@dataclass(frozen=True, kw_only=True)
class Takeback:
    """Money the payer wants back of later checks. `kind` is the PLB code: WO or FB."""

    id: int
    reference: str
    left: Decimal
    kind: str


@dataclass(frozen=True, kw_only=True)
class Payments:
    payments: tuple[ClaimPayment, ...]
