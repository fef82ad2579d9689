"""The other payers of a claim for 2320, 2330 and 2430: who they are, and what the ones before have decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from billing.edi.spelling import plain
from billing.queries.coordination import Decision, LineDecision, Reduction, decision_on
from clinic.models import Claim, Coverage
from x12.claim_837p import (
    Adjustment,
    LineAdjudication,
    OtherCoverage,
    OtherInsured,
    Payer,
    Procedure,
)

SEQUENCE = {1: "P", 2: "S", 3: "T", 4: "A"}


@dataclass(frozen=True, slots=True)
class OtherPayers:
    coverages: tuple[OtherCoverage, ...] = ()
    lines: dict[UUID, tuple[LineAdjudication, ...]] = field(default_factory=dict)


def other_payers(claim: Claim) -> OtherPayers:
    """The payers before with their answers, then those still to come without."""
    before = _before(claim)
    told = [(each, decision_on(each)) for each in before]
    coverages = [_decided(each, decision) for each, decision in told]
    named = {each.coverage_id for each in before} | {claim.coverage_id}
    used = {SEQUENCE[claim.order], *(c.payer_sequence for c in coverages)}
    payers = {c.payer.identifier for c in coverages}
    for order, row in enumerate(_in_force(claim), start=1):
        sequence = SEQUENCE.get(order, "U")
        later = order > claim.order and sequence not in used and row.payer.payer_id not in payers
        if row.pk not in named and later:
            coverages.append(_coverage(row, sequence))
            used.add(sequence)
            payers.add(row.payer.payer_id)
    lines: dict[UUID, tuple[LineAdjudication, ...]] = {}
    for each, decision in told:
        for charge_id, said in decision.lines.items():
            lines[charge_id] = (*lines.get(charge_id, ()), _line(each.payer.payer_id, said))
    return OtherPayers(tuple(coverages), lines)


def _before(claim: Claim) -> list[Claim]:
    """The chain of payers already asked, the first one first."""
    chain: list[Claim] = []
    step = claim.after
    while step is not None and len(chain) < len(SEQUENCE):
        chain.insert(0, step)
        step = step.after
    return chain


def _in_force(claim: Claim) -> Sequence[Coverage]:
    return list(
        Coverage.objects.on(claim.visit.service_date)
        .filter(patient_id=claim.patient_id)
        .select_related("payer", "patient")
    )


def _decided(claim: Claim, decision: Decision) -> OtherCoverage:
    """The date stands on the lines when there are any; the patient's rest once, for the claim."""
    basis = _coverage(claim.coverage, SEQUENCE[claim.order])
    if not decision.has_answered:
        return basis
    return OtherCoverage(
        payer_sequence=basis.payer_sequence, relationship=basis.relationship, filing_indicator=basis.filing_indicator,
        insured=basis.insured, payer=basis.payer, group_number=basis.group_number,
        adjustments=_adjustments(decision.reductions), paid=decision.paid,
        remaining_patient_liability=decision.patient_owes if decision.patient_owes > Decimal(0) else None,
        remark_codes=decision.remark_codes if claim.payer.is_medicare else (),
        adjudicated_on=None if decision.lines else decision.decided_on,
        payer_claim_number=decision.payer_claim_number,
    )  # fmt: skip


def _coverage(row: Coverage, sequence: str) -> OtherCoverage:
    patient = row.patient
    first = patient.first_name if row.is_subscriber else row.subscriber_first_name
    last = patient.last_name if row.is_subscriber else row.subscriber_last_name
    return OtherCoverage(
        payer_sequence=sequence,
        relationship=row.relationship,
        filing_indicator=row.payer.filing_indicator,
        insured=OtherInsured(
            last_name=plain(last), first_name=plain(first, 35), member_id=plain(row.member_id or "", 80)
        ),
        payer=Payer(name=plain(row.payer.name), identifier=plain(row.payer.payer_id)),
        group_number=plain(row.group_number, 50),
    )


def _line(payer_identifier: str, said: LineDecision) -> LineAdjudication:
    return LineAdjudication(
        payer_identifier=plain(payer_identifier),
        paid=said.paid,
        procedure=Procedure("HC", said.code, said.modifiers),
        units=said.units if said.units is not None else Decimal(1),
        adjudicated_on=said.decided_on,
        adjustments=_adjustments(said.reductions),
    )


def _adjustments(reductions: Sequence[Reduction]) -> tuple[Adjustment, ...]:
    """As the payer sent them, in its order."""
    return tuple(Adjustment(each.group, each.reason, each.amount, each.quantity) for each in reductions)
