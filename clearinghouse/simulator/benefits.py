"""What a covered line pays: the payer's fee, the plan's cost share, what the payers before left."""

from dataclasses import dataclass, field
from decimal import Decimal

from clearinghouse.simulator.case import Case, PriorAnswer
from clearinghouse.simulator.world import ZERO
from clinic.money import to_cents
from x12.claim_837p import ServiceLine
from x12.remittance_835 import Adjustment

SEQUESTRATION = Decimal("0.02")  # Medicare, of the payment (2 U.S.C. 901a)
DEDUCTIBLE, COINSURANCE, COPAY = "1", "2", "3"  # CARC
QMB_REMARKS = {DEDUCTIBLE: "N781", COINSURANCE: "N782", COPAY: "N783"}


@dataclass(frozen=True, kw_only=True)
class LineDecision:
    """One line decided. `adjustments` bring the charge down to `paid`."""

    line: ServiceLine
    paid: Decimal
    allowed: Decimal | None
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...] = ()
    is_denied: bool = False
    deductible: Decimal = ZERO
    share: Decimal = ZERO
    authorization: str = ""


@dataclass
class YearToDate:
    """What the member has met this year; grows while the claim's lines are decided."""

    deductible: Decimal
    share: Decimal
    copays_taken: set[str] = field(default_factory=set)  # service types: one copay a visit


def allowed_for(case: Case, line: ServiceLine) -> Decimal:
    """The payer's fee times units, never more than the charge."""
    fee = case.book.fee(case.payer.payer_id, line.procedure.code)
    if fee is None:
        return to_cents(line.charge * case.payer.unlisted_allowed)
    return min(to_cents(fee.allowed * line.units), line.charge)


def pay_first(case: Case, line: ServiceLine, year: YearToDate) -> LineDecision:
    """As the first payer: fee, copay or deductible and coinsurance, sequestration for Medicare."""
    allowed = allowed_for(case, line)
    shares = _cost_share(case, line, allowed, year)
    share = sum(shares.values(), ZERO)
    payment = allowed - share
    sequestered = to_cents(payment * SEQUESTRATION) if case.payer.is_medicare else ZERO
    adjustments = [Adjustment("CO", "45", line.charge - allowed), Adjustment("CO", "253", sequestered)]
    adjustments += [Adjustment("PR", reason, amount) for reason, amount in shares.items()]
    year.deductible += shares.get(DEDUCTIBLE, ZERO)
    year.share += share
    is_qmb = case.member is not None and case.member.is_qmb and case.payer.is_medicare
    return LineDecision(
        line=line,
        paid=payment - sequestered,
        allowed=allowed,
        adjustments=_without_zeros(adjustments),
        remarks=tuple(QMB_REMARKS[reason] for reason, amount in shares.items() if amount) if is_qmb else (),
        deductible=shares.get(DEDUCTIBLE, ZERO),
        share=share,
    )


def pay_after(case: Case, line: ServiceLine, prior: PriorAnswer) -> LineDecision:
    """After another payer: its part of what was left to the patient; OA-23 shows what went before."""
    left = max(min(prior.left, line.charge), ZERO)
    paid = left
    if case.payer.habits.as_secondary == "up_to_own_fee":
        paid = min(left, max(allowed_for(case, line) - prior.paid, ZERO))
    return LineDecision(
        line=line,
        paid=paid,
        allowed=None,
        adjustments=_without_zeros([Adjustment("OA", "23", line.charge - left), Adjustment("CO", "45", left - paid)]),
    )


def _cost_share(case: Case, line: ServiceLine, allowed: Decimal, year: YearToDate) -> dict[str, Decimal]:
    fee, plan = case.book.fee(case.payer.payer_id, line.procedure.code), case.plan
    if plan is None or (fee is not None and not fee.cost_share):
        return {}
    service_type = fee.service_type if fee else "1"
    copay = plan.copays.get(service_type)
    if copay is not None:
        taken = ZERO if service_type in year.copays_taken else min(copay, allowed)
        year.copays_taken.add(service_type)
        shares = {COPAY: taken}
    else:
        deductible = min(allowed, max(plan.deductible - year.deductible, ZERO))
        shares = {DEDUCTIBLE: deductible, COINSURANCE: to_cents((allowed - deductible) * plan.coinsurance)}
    if plan.out_of_pocket is not None:
        room = max(plan.out_of_pocket - year.share, ZERO)
        for reason in (DEDUCTIBLE, COINSURANCE, COPAY):
            if reason in shares:
                shares[reason] = min(shares[reason], room)
                room -= shares[reason]
    return {reason: amount for reason, amount in shares.items() if amount}


def _without_zeros(adjustments: list[Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(each for each in adjustments if each.amount)
