"""What a payer's answer to one line means in money: paid, contractual, the next payer's or patient's share, denied.

Pure: no database, no clock. Rules: ledger_stories.md 3, 4 and 8; CARC classes of x12.codes.adjustments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from clinic.money import ZERO, split_by_weight
from x12.codes.adjustments import CAPITATED, AdjustmentClass, classify

SEQUESTRATION = "253"
PRIOR_PAYER = "23"
QMB_REMARKS = frozenset({"N781", "N782", "N783"})
QMB_CARC = "209"


@dataclass(frozen=True, slots=True)
class Reason:
    """One CAS triplet."""

    group: str
    code: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Told:
    """A line as the payer answered it."""

    charge: Decimal
    paid: Decimal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to post for one line. `open_before` = paid + contractual + sequestration + transfer + `left`."""

    paid: Decimal
    contractual: Decimal
    sequestration: Decimal
    transfer: Decimal
    left: Decimal
    denied: tuple[Reason, ...]
    outcome: str  # LineResponse.Outcome
    patient_share_too_large: bool = False

    @property
    def posts_nothing(self) -> bool:
        return not (self.paid or self.contractual or self.sequestration or self.transfer)


def judge(told: Told, *, open_before: Decimal, capitated: bool = False) -> Judgement:
    """Decide one line against what is open at that coverage.

    A line with a denial and no payment posts nothing, not even its CO-45; money either way is always posted. A later payer's contractual amounts post
    only up to what is still open; what repeats the payer before is a memo. Refusing a line on which nothing is open
    (a duplicate, CARC 18) denies nothing: no one has a next step there.
    """
    denied = tuple(r for r in told.reasons if _is_denial(r, capitated) and r.amount > 0)
    contractual = _sum(told, AdjustmentClass.CONTRACTUAL, capitated)
    sequestration = sum((r.amount for r in told.reasons if r.code == SEQUESTRATION and r.group != "PR"), ZERO)
    contractual -= sequestration
    transfer = sum((r.amount for r in told.reasons if _moves_on(r)), ZERO)
    by_capitation = capitated and any(r.code == CAPITATED for r in told.reasons)
    allows_nothing = not told.paid and not transfer and contractual == told.charge and not by_capitation
    if told.charge and not denied and allows_nothing:
        denied = tuple(r for r in told.reasons if r.amount > 0)
    if denied and not told.paid and open_before <= 0:
        return Judgement(ZERO, ZERO, ZERO, ZERO, open_before, (), "adjudicated")
    if denied and not told.paid:
        return Judgement(ZERO, ZERO, ZERO, ZERO, open_before, denied, "denied")
    room = open_before - told.paid
    too_large = transfer > max(room, ZERO)
    if too_large:
        transfer = ZERO
    if transfer < 0:
        transfer = ZERO
    room -= transfer
    sequestration = min(sequestration, max(room, ZERO))
    contractual = min(contractual, max(room - sequestration, ZERO))
    left = room - sequestration - contractual
    if left > 0 and not denied and not too_large and told.charge:
        denied = _unexplained(told, left)
    return Judgement(told.paid, contractual, sequestration, transfer, left, denied, _outcome(told, denied), too_large)


def spread(told: Sequence[Told], claim_level: Sequence[Reason]) -> list[Told]:
    """Share claim-level adjustments out over the lines, by what each was paid (else charged), to the cent."""
    if not claim_level or not told:
        return list(told)
    weights = [t.paid for t in told] if any(t.paid > 0 for t in told) else [t.charge for t in told]
    if not any(w > 0 for w in weights):
        weights = [Decimal(1)] * len(told)
    weights = [max(w, ZERO) for w in weights]
    paid = [t.paid for t in told]
    reasons = [list(t.reasons) for t in told]
    for reason in claim_level:
        for n, share in enumerate(split_by_weight(reason.amount, weights)):
            if share:
                reasons[n].append(Reason(reason.group, reason.code, share))
                paid[n] -= share
    return [Told(t.charge, p, tuple(r)) for t, p, r in zip(told, paid, reasons, strict=True)]


def patient_share(reasons: Sequence[Reason]) -> Decimal:
    """Σ PR including a negative PR-23: what CLP05 must say (ledger_stories.md, rule 8)."""
    return sum((r.amount for r in reasons if r.group == "PR"), ZERO)


def is_cost_share_forbidden(reasons: Sequence[Reason], remarks: Sequence[str]) -> bool:
    """A Qualified Medicare Beneficiary owes no Medicare cost share."""
    return bool(QMB_REMARKS & set(remarks)) or any(r.code == QMB_CARC for r in reasons)


def _moves_on(reason: Reason) -> bool:
    if reason.group == "PR" and reason.code == PRIOR_PAYER:
        return True
    return classify(reason.group, reason.code) is AdjustmentClass.PATIENT


def _is_denial(reason: Reason, capitated: bool) -> bool:
    return classify(reason.group, reason.code, capitated=capitated) is AdjustmentClass.DENIAL


def _sum(told: Told, wanted: AdjustmentClass, capitated: bool) -> Decimal:
    return sum((r.amount for r in told.reasons if classify(r.group, r.code, capitated=capitated) is wanted), ZERO)


def _unexplained(told: Told, left: Decimal) -> tuple[Reason, ...]:
    """Something stays open and no reason of ours says why: the largest adjustment names it, for a person to look at."""
    others = [r for r in told.reasons if r.amount > 0 and classify(r.group, r.code) is AdjustmentClass.INFORMATIONAL]
    worst = max(others, key=lambda r: r.amount, default=Reason("OA", PRIOR_PAYER, left))
    return (Reason(worst.group, worst.code, left),)


def _outcome(told: Told, denied: tuple[Reason, ...]) -> str:
    if denied:
        return "part_denied" if told.paid > 0 else "denied"
    return "paid" if told.paid > 0 else "adjudicated"
