"""What is due at the desk: the copay of this visit and the previous balance, each with the lines behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clinic import clock
from clinic.models import Patient, Visit
from clinic.money import ZERO
from insurance.queries import OFFICE_VISIT, BenefitLine, CopayEstimate, expected_copay
from ledger.models import Payment
from ledger.queries.balances import OpenLine, patient_items


@dataclass(frozen=True)
class DeskDue:
    """`copay` is what is still to be taken of it; None when the payer named none. `previous` is the guarantor's."""

    expected: CopayEstimate
    taken: Decimal
    lines: Sequence[OpenLine]
    today: date

    @property
    def copay(self) -> Decimal | None:
        if self.expected.amount is None:
            return None
        return max(ZERO, self.expected.amount - self.taken)

    @property
    def copay_lines(self) -> Sequence[BenefitLine]:
        return self.expected.lines

    @property
    def previous(self) -> Decimal:
        return sum((line.balance for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return (self.copay or ZERO) + self.previous

    @property
    def oldest_days(self) -> int:
        """How long the oldest line has been the patient's to pay."""
        since = [line.since for line in self.lines if line.since]
        return (self.today - min(since)).days if since else 0


def due_at_desk(
    *,
    patient: Patient,
    on: date,
    visit: Visit | None = None,
    service_type: str = OFFICE_VISIT,
    is_self_pay: bool = False,
) -> DeskDue:
    """Reckoned anew at each look: a copay taken a minute ago is no longer due."""
    if is_self_pay or (visit is not None and visit.is_self_pay):
        expected = CopayEstimate(None, "Pays without insurance: no copay.")
    else:
        expected = expected_copay(patient=patient, on=on, service_type=service_type)
    taken = ZERO
    if visit is not None:
        rows = Payment.objects.filter(visit=visit, kind=Payment.Kind.COPAY, status=Payment.Status.POSTED)
        taken = sum(rows.values_list("amount", flat=True), ZERO)
    guarantor = visit.guarantor if visit is not None else patient.guarantor
    today = clock.today(visit.location if visit is not None else None)
    return DeskDue(expected, taken, patient_items(guarantor), today)
