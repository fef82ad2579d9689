"""What the payer before has decided about a claim, put together from its 835s: for the next payer's 2320 and 2430."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.models import ClaimResponse, LineResponse
from clinic.models import Claim
from clinic.money import ZERO

FORWARDED_STATES = frozenset({"19", "20", "21"})
CROSSOVER_REMARKS = frozenset({"MA18", "MA07", "N89"})
"""RARCs by which a payer says that it has sent the claim on to the next."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """One CAS triplet, as the payer sent it."""

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineDecision:
    code: str
    modifiers: tuple[str, ...]
    paid: Decimal
    units: Decimal | None
    reductions: tuple[Reduction, ...]
    decided_on: date | None

    @property
    def adjusted(self) -> Decimal:
        return sum((each.amount for each in self.reductions), ZERO)


@dataclass(frozen=True, slots=True)
class Decision:
    """`lines` by ChargeItem id: the next payer's claim has the same charges. Empty when the answer had no lines."""

    has_answered: bool
    was_forwarded: bool = False
    paid: Decimal = ZERO
    patient_owes: Decimal = ZERO
    decided_on: date | None = None
    payer_claim_number: str = ""
    remark_codes: tuple[str, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    lines: dict[UUID, LineDecision] = field(default_factory=dict)


def decision_on(claim: Claim) -> Decision:
    """The standing answers of this claim's payer: posted, not taken back, the newest for each line.

    A claim may be answered in several CLPs (X12 RFI 137); each of them adds its payment.
    """
    responses = list(
        ClaimResponse.objects.filter(claim=claim, status=ClaimResponse.Status.POSTED, reversed_by=None)
        .exclude(status_code="22")
        .select_related("remittance")
        .prefetch_related("lines__adjustments", "adjustments")
        .order_by("posted_at", "remittance_id", "position")
    )
    if not responses:
        return Decision(has_answered=False)
    newest = _newest(responses)
    last = newest[-1]
    lines: dict[UUID, LineDecision] = {}
    for response in newest:
        for row in response.lines.all():
            if row.charge_item_id is not None and row.position != response.position:
                lines[row.charge_item_id] = _line(row, response)
    whole = [_reduction(a) for r in newest for a in r.adjustments.all() if a.line_id is None]
    told = [*whole, *(each for line in lines.values() for each in line.reductions)]
    remarks = dict.fromkeys(code for r in newest for code in (*r.remark_codes, *_line_remarks(r)))
    return Decision(
        has_answered=True,
        was_forwarded=any(is_forwarded(response) for response in newest),
        paid=sum((r.paid for r in newest), ZERO),
        patient_owes=sum((each.amount for each in told if each.group == "PR"), ZERO),
        decided_on=last.remittance.paid_on,
        payer_claim_number=last.payer_claim_number or claim.payer_claim_number,
        remark_codes=tuple(remarks)[:5],
        reductions=tuple(whole),
        lines=lines,
    )


def is_forwarded(response: ClaimResponse) -> bool:
    """CLP02 19, 20, 21, a crossover carrier (NM1*TT), or a remark that says so."""
    if response.status_code in FORWARDED_STATES or response.crossover_name:
        return True
    return bool(CROSSOVER_REMARKS & {*response.remark_codes, *_line_remarks(response)})


def _newest(responses: list[ClaimResponse]) -> list[ClaimResponse]:
    """Without answers whose every line was answered again later."""
    seen: set[Any] = set()
    kept: list[ClaimResponse] = []
    for response in reversed(responses):
        about = {row.line_id for row in response.lines.all()} or {None}
        if not about <= seen:
            kept.append(response)
            seen |= about
    return kept[::-1]


def _line(row: LineResponse, response: ClaimResponse) -> LineDecision:
    return LineDecision(
        code=row.code,
        modifiers=tuple(row.modifiers),
        paid=row.paid,
        units=row.units,
        reductions=tuple(_reduction(each) for each in row.adjustments.all()),
        decided_on=response.remittance.paid_on,
    )


def _reduction(row: Any) -> Reduction:
    return Reduction(row.group, row.reason_code, row.amount, row.quantity)


def _line_remarks(response: ClaimResponse) -> list[str]:
    return [code for row in response.lines.all() for code in row.remark_codes]
