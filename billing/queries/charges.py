"""The charges of a visit as the charge page shows them: with what the payer should allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.queries.fees import pick, prices_of
from clinic.models import ChargeItem, ClaimLine, Coverage, Visit
from clinic.money import ZERO


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """`expected` is what the payer's contract allows for the line; None when its schedule does not name the code."""

    charge: ChargeItem
    description: str
    expected: Decimal | None
    claim_number: str
    claim_id: object = None


@dataclass(frozen=True, slots=True)
class VisitCharges:
    visit: Visit
    coverage: Coverage | None
    diagnoses: Sequence[str]
    rows: Sequence[ChargeRow]

    @property
    def total(self) -> Decimal:
        return sum((row.charge.amount for row in self.rows), ZERO)

    @property
    def expected(self) -> Decimal | None:
        """None as soon as one line's allowance is not known: half a sum would mislead."""
        known = [row.expected for row in self.rows]
        return sum((each for each in known if each is not None), ZERO) if known and None not in known else None


def visit_charges(visit: Visit) -> VisitCharges:
    """Six queries, however many charges."""
    day = visit.service_date
    coverage = None
    if not (visit.is_self_pay or visit.patient.restricts_disclosure):
        coverage = Coverage.objects.on(day).filter(patient_id=visit.patient_id).select_related("payer").first()
    charges = list(
        visit.charges.filter(voided_at=None, kind=ChargeItem.Kind.SERVICE)
        .select_related("rendering_provider")
        .order_by("created_at", "id")
    )
    codes = {charge.code for charge in charges}
    ours = prices_of(codes=codes, on=day)
    allowed = prices_of(codes=codes, on=day, payer=coverage.payer) if coverage else {}
    on_claim = {
        line.charge_id: line.claim
        for line in ClaimLine.objects.filter(charge__in=charges)
        .exclude(claim__status__in=("voided", "replaced"))
        .select_related("claim")
        .order_by("claim__created_at")
    }
    rows = []
    for charge in charges:
        ours_price = pick(ours, charge.code, charge.modifiers)
        their_price = pick(allowed, charge.code, charge.modifiers)
        claim = on_claim.get(charge.pk)
        rows.append(
            ChargeRow(
                charge=charge,
                description=ours_price.description if ours_price else "",
                expected=min(their_price.amount * charge.units, charge.amount) if their_price else None,
                claim_number=claim.number if claim else "",
                claim_id=claim.pk if claim else None,
            )
        )
    return VisitCharges(visit, coverage, list(visit.diagnoses.values_list("code", flat=True)), rows)
