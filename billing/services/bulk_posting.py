"""The plain answers of a check, many in one transaction and a few statements: the first answer to a claim that has no
further payer, with nothing held. Most of an 835 is such; `posting` takes the others one by one.

What is written is what `posting.post_response` writes for the same answer; a test posts both ways and compares.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import CharField, Count, F, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from billing.models import ClaimResponse, Denial, LineResponse, Remittance
from billing.services import denials
from billing.services.answers import PAYMENT_KEY, payment_key, reasons_in, refused_by, told_by, why_patient_leg_is_held
from billing.services.judgement import Judgement, judge, spread
from billing.services.outcomes import state_after, told_as
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, User
from clinic.money import ZERO
from clinic.services.events import emit_many
from ledger.models import JournalEntry
from ledger.queries.balances import owed_on_lines, visits_with_credit
from ledger.services.allocations import allocate_credit
from ledger.services.entries import PaidLine, insurance_payments
from ledger.services.journal import lock_accounts

log = logging.getLogger(__name__)

Status = ClaimResponse.Status
AT_ONCE = 250
"""Answers in one transaction: so long may the desk wait for an account that is being posted."""
REVERSAL, NOT_OUR_CLAIM, PREDETERMINATION = "22", "23", "25"
BEFORE_THE_PAYER = (
    Claim.Status.SUBMITTED, Claim.Status.RECEIVED, Claim.Status.ACCEPTED, Claim.Status.FORWARDED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plain:
    response: ClaimResponse
    claim: Claim
    rows: Sequence[LineResponse]
    judged: Sequence[Judgement]

    @property
    def refused(self) -> list[denials.Refused]:
        lines = zip(self.rows, self.judged, strict=True)
        found = (refused_by(self.response, self.claim, row, verdict) for row, verdict in lines)
        return [each for each in found if each is not None]

    @property
    def becomes(self) -> str:
        return state_after({verdict.outcome for verdict in self.judged})


def post_plain(*, remittance: Remittance, by: User | None) -> int:
    """How many answers were posted. What is not plain, and a batch that meets an obstacle, is left as it was."""
    if remittance.payer is None:
        return 0
    posted = 0
    ids = _alone_in_their_check(remittance)
    for begin in range(0, len(ids), AT_ONCE):
        try:
            with transaction.atomic():
                posted += _post(remittance, ids[begin : begin + AT_ONCE], by)
        except (ClinicError, DatabaseError) as error:
            log.info("posted one by one", extra={"remittance_id": str(remittance.pk), "because": str(error)})
    return posted


def _alone_in_their_check(remittance: Remittance) -> list[UUID]:
    """Answers whose claim and charges this check answers once: where one comes twice (taken back and answered anew, or
    by both coverages with one payer), the order of the file counts."""
    rows = list(remittance.responses.values_list("pk", "patient_control_number", "claim", "status", "status_code"))
    numbers = Counter(number for _pk, number, _claim, _status, _code in rows)
    claims = Counter(claim for _pk, _number, claim, _status, _code in rows)
    again = (
        LineResponse.objects.filter(response__remittance=remittance, charge_item__isnull=False)
        .order_by().values("charge_item").annotate(times=Count("pk")).filter(times__gt=1).values("charge_item")
    )  # fmt: skip
    twice = set(
        LineResponse.objects.filter(response__remittance=remittance, charge_item__in=again).values_list(
            "response", flat=True
        )
    )
    return [
        pk
        for pk, number, claim, status, code in rows
        if status == Status.MATCHED
        and code not in (REVERSAL, NOT_OUR_CLAIM, PREDETERMINATION)
        and numbers[number] == 1
        and claims[claim] == 1
        and pk not in twice
    ]


def _post(remittance: Remittance, ids: Sequence[UUID], by: User | None) -> int:
    plain = list(_plain_among(remittance, _locked_responses(ids)))
    if not plain or remittance.payer is None:
        return 0
    insurance_payments(
        payer=remittance.payer, reference=remittance.reference, by=by,
        effective_on=remittance.paid_on or clock.today(),
        payments={payment_key(each.response.pk): list(_paid_lines(each)) for each in plain},
    )  # fmt: skip
    _mark_lines(plain)
    _mark_responses(plain, by)
    denials.open_denials(refused=[refused for each in plain for refused in each.refused], by=by)
    _mark_claims(plain, f"answered by {remittance.trace_number}", by)
    _apply_copays(plain, by)
    audit.record_many(
        act="remittance.claim_posted", changes=[(each.claim.patient_id, each.claim, None) for each in plain], by=by
    )
    return len(plain)


def _locked_responses(ids: Sequence[UUID]) -> "QuerySet[ClaimResponse]":
    lines = LineResponse.objects.select_related("charge_item")
    return (
        ClaimResponse.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, status=Status.MATCHED)
        .prefetch_related(Prefetch("lines", queryset=lines), "adjustments")
        .order_by("pk")
    )


def _plain_among(remittance: Remittance, responses: "QuerySet[ClaimResponse]") -> Iterator[_Plain]:
    answered = [(response, list(response.lines.all())) for response in responses]
    claims = {
        claim.pk: claim
        for claim in Claim.objects.select_for_update(of=("self",))
        .filter(pk__in=[response.claim_id for response, _rows in answered])
        .select_related("coverage", "payer", "patient", "visit__guarantor")
        .prefetch_related("lines")
        .order_by("pk")
    }
    charges = Counter(row.charge_item_id for _response, rows in answered for row in rows)
    refused = set(
        Denial.objects.filter(charge__in=[c for c in charges if c], status__in=Denial.UNFINISHED).values_list(
            "charge", flat=True
        )
    )
    before = set(
        ClaimResponse.objects.filter(claim__in=claims, status=Status.POSTED).values_list("claim", flat=True)
    )  # fmt: skip
    shared = _patients_with_a_further_payer(list(claims.values()))
    owners = {row.charge_item.guarantor_id for _response, rows in answered for row in rows if row.charge_item}
    lock_accounts(owners | {claim.visit.guarantor_id for claim in claims.values()})
    owed = owed_on_lines([charge for charge in charges if charge])
    for response, rows in answered:
        claim = claims[response.claim_id]  # type: ignore[index]
        if (
            claim.status in BEFORE_THE_PAYER
            and claim.replaces_id is None
            and claim.frequency == Claim.Frequency.ORIGINAL
            and claim.pk not in before
            and claim.pk not in shared
            and Counter(row.line_id for row in rows) == Counter(line.pk for line in claim.lines.all())
            and all(charges[row.charge_item_id] == 1 and row.charge_item_id not in refused for row in rows)
        ):
            told = spread([told_by(row) for row in rows], reasons_in(response, None))
            judged = [
                judge(
                    line,
                    open_before=owed.get((row.charge_item_id, claim.coverage_id), ZERO),  # type: ignore[arg-type]
                    capitated=claim.payer.is_capitated,
                )
                for row, line in zip(rows, told, strict=True)
            ]
            held = why_patient_leg_is_held(response, told, None, claim)
            if rows and not held and not any(v.patient_share_too_large for v in judged):
                response.remittance = remittance
                yield _Plain(response, claim, rows, judged)


def _patients_with_a_further_payer(claims: Sequence[Claim]) -> set[UUID]:
    """Claims after which another coverage pays; see `answers.next_coverage`."""
    by_patient: dict[UUID, list[Coverage]] = {}
    for coverage in Coverage.objects.filter(patient__in={claim.patient_id for claim in claims}, is_active=True):
        by_patient.setdefault(coverage.patient_id, []).append(coverage)
    return {
        claim.pk
        for claim in claims
        for coverage in by_patient.get(claim.patient_id, [])
        if coverage.order > claim.coverage.order
        and coverage.starts_on <= claim.visit.service_date <= (coverage.ends_on or claim.visit.service_date)
    }


def _paid_lines(each: _Plain) -> Iterator[PaidLine]:
    for row, verdict in zip(each.rows, each.judged, strict=True):
        if row.charge_item is not None and not verdict.posts_nothing:
            yield PaidLine(
                charge=row.charge_item, coverage=each.claim.coverage, paid=verdict.paid,
                contractual=verdict.contractual, sequestration=verdict.sequestration, transfer=verdict.transfer,
            )  # fmt: skip


def _mark_lines(plain: Sequence[_Plain]) -> None:
    outcomes: dict[str, list[UUID]] = {}
    refused: list[LineResponse] = []
    for each in plain:
        for row, verdict in zip(each.rows, each.judged, strict=True):
            row.outcome, row.denied_amount = verdict.outcome, verdict.left if verdict.denied else ZERO
            if verdict.denied:
                row.updated_at = clock.now()
                refused.append(row)
            else:
                outcomes.setdefault(verdict.outcome, []).append(row.pk)
    for outcome, ids in outcomes.items():
        LineResponse.objects.filter(pk__in=ids).update(outcome=outcome, denied_amount=0, updated_at=clock.now())
    LineResponse.objects.bulk_update(refused, ["outcome", "denied_amount", "updated_at"])


def _mark_responses(plain: Sequence[_Plain], by: User | None) -> None:
    key = Concat(Value(PAYMENT_KEY), Cast(OuterRef("pk"), CharField()))
    entry = JournalEntry.objects.filter(key=key).values("pk")
    ClaimResponse.move_many(
        [each.response for each in plain], Status.POSTED, by=by, entry=Subquery(entry), posted_at=clock.now(),
        patient_leg_held="",
    )  # fmt: skip


def _mark_claims(plain: Sequence[_Plain], reason: str, by: User | None) -> None:
    answers = ClaimResponse.objects.filter(pk__in=[each.response.pk for each in plain], claim=OuterRef("pk"))
    number = Coalesce(
        NullIf(Subquery(answers.values("payer_claim_number")[:1]), Value("")), F("payer_claim_number")
    )  # fmt: skip
    by_state: dict[str, list[Claim]] = {}
    for each in plain:
        by_state.setdefault(each.becomes, []).append(each.claim)
    for to, claims in by_state.items():
        Claim.move_many(claims, to, by=by, reason=reason, answered_at=clock.now(), payer_claim_number=number)
        about = [(claim, claim.patient_id, {"status": str(to)}) for claim in claims]
        emit_many(kind=told_as(to), about=about, by=by)


def _apply_copays(plain: Sequence[_Plain], by: User | None) -> None:
    owing = [each for each in plain if any(verdict.transfer for verdict in each.judged)]
    with_credit = visits_with_credit(each.claim.visit_id for each in owing)
    for each in owing:
        if each.claim.visit_id in with_credit:
            visit = each.claim.visit
            key = f"835credit:{each.response.pk}"
            allocate_credit(guarantor=visit.guarantor, visit=visit, key=key, by=by)
