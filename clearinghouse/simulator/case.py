"""One claim before one payer, with all that a rule may look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.register_rows import RegisteredClaim, RegisteredLine
from clearinghouse.simulator.world import ZERO, Member, Plan, SimulatedPayer
from x12.adjudication import Adjustment
from x12.claim_837p import Claim, ServiceLine

PRIMARY, SECONDARY = "P", "S"


@dataclass(frozen=True, kw_only=True)
class PriorAnswer:
    """What the payers before have done with a line: paid, and left to the patient (the last one's PR)."""

    paid: Decimal
    left: Decimal


@dataclass(frozen=True, kw_only=True)
class Case:
    """`member` is None when the payer knows nobody like that; `mismatch` when the id belongs to somebody else."""

    book: Book
    payer: SimulatedPayer
    registered: RegisteredClaim
    claim: Claim
    member: Member | None
    mismatch: bool
    plan: Plan | None
    today: date
    sequence: str
    prior: tuple[PriorAnswer, ...] | None  # per line; None when no payer before has answered

    @property
    def is_primary(self) -> bool:
        return self.sequence == PRIMARY

    def history(self, line: ServiceLine) -> Sequence[RegisteredLine]:
        """That person's same day at this payer, without this claim and what it replaces."""
        if self.member is None:
            return []
        return self.book.claims.history(self.member.id, day=line.first_day, before=self.registered.id)


def prior_from_claim(claim: Claim) -> tuple[PriorAnswer, ...] | None:
    """What 2320 and 2430 tell of the payers before. None unless every line has an answer."""
    answers = [_prior_of_line(line) for line in claim.lines]
    if not answers or any(answer is None for answer in answers):
        return None
    return tuple(answer for answer in answers if answer is not None)


def prior_from_payments(registered: RegisteredClaim) -> tuple[PriorAnswer, ...]:
    """What the forwarding payer's own 835 says of each line."""
    lines = [line for payment in registered.payments for line in payment.lines]
    return tuple(PriorAnswer(paid=line.paid, left=patient_share(line.adjustments)) for line in lines)


def patient_share(adjustments: Sequence[Adjustment]) -> Decimal:
    return sum((each.amount for each in adjustments if each.group == "PR"), ZERO)


def _prior_of_line(line: ServiceLine) -> PriorAnswer | None:
    if not line.adjudications:
        return None
    paid = sum((each.paid for each in line.adjudications), ZERO)
    return PriorAnswer(paid=paid, left=min(patient_share(each.adjustments) for each in line.adjudications))
