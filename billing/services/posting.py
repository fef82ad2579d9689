"""Remittance to ledger: one journal entry per claim payment, its denials opened in the same transaction.

The plain answers go many at once (bulk_posting); every other in a transaction of its own, so a crash or one bad claim
leaves the others posted and itself waiting. The key of the entry is the answer's own: a second run posts nothing twice.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum

from billing.models import ClaimResponse, LineResponse, Remittance
from billing.queries.work import POSTING_TRIES
from billing.services import denials
from billing.services.answers import (
    charge_of,
    next_coverage,
    payment_key,
    reasons_in,
    refused_by,
    told_by,
    why_patient_leg_is_held,
)
from billing.services.bulk_posting import post_plain
from billing.services.judgement import Judgement, Told, judge, spread
from billing.services.outcomes import settle_claim
from billing.services.provider_adjustments import post_provider_adjustments
from billing.services.rematching import match_again
from billing.services.reversals import post_reversal
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, User
from clinic.money import ZERO, dollars
from clinic.services.events import emit
from ledger.queries.balances import owed_by_coverage
from ledger.services.allocations import allocate_credit
from ledger.services.entries import PaidLine, insurance_payment
from ledger.services.journal import lock_accounts

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
TRIES = POSTING_TRIES
PREDETERMINATION = "25"
NOT_OUR_CLAIM = "23"


def post_due(limit: int = 20) -> int:
    """The worker's turn: every imported check, oldest first. Claims are compare-and-set leases."""
    posted = 0
    match_again()
    for remittance in _due(limit):
        try:
            post_remittance(remittance=remittance, by=None)
            posted += 1
        except Exception as error:
            log.exception("remittance not posted", extra={"remittance_id": str(remittance.pk)})
            Remittance.objects.filter(pk=remittance.pk).update(
                error=str(error)[:500], claimed_until=None, updated_at=clock.now()
            )
    return posted


def try_again(pk: UUID, by: User) -> None:
    """A parked check goes back into the line, by hand, once its cause is mended."""
    row = Remittance.objects.filter(pk=pk, status=Remittance.Status.IMPORTED, tries__gte=TRIES).first()
    if row is None:
        raise ClinicError("This check does not wait to be tried again.")
    row.tries, row.error, row.claimed_until = 0, "", None
    row.save(update_fields=["tries", "error", "claimed_until", "updated_at"])
    audit.record(act="remittance.tried_again", by=by, row=row)


def _due(limit: int) -> list[Remittance]:
    now = clock.now()
    with transaction.atomic():
        assigned = ClaimResponse.objects.filter(remittance=OuterRef("pk"), status=ClaimResponse.Status.MATCHED)
        held = ClaimResponse.objects.filter(remittance=OuterRef("pk"), status=ClaimResponse.Status.HELD)
        is_settled = Q(payer__isnull=False) & ~Exists(held)  # the last held answer was dismissed
        part_held = Q(status=Remittance.Status.PART_HELD) & (Exists(assigned) | is_settled)
        waiting = Q(status=Remittance.Status.IMPORTED) | part_held
        rows = list(
            Remittance.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(waiting, Q(claimed_until=None) | Q(claimed_until__lt=now), tries__lt=TRIES)
            .order_by("created_at")[:limit]
        )
        Remittance.objects.filter(pk__in=[r.pk for r in rows]).update(claimed_until=now + LEASE, updated_at=now)
    return rows


def post_remittance(*, remittance: Remittance, by: User | None) -> Remittance:
    """Post every matched answer in the order of the file, then what the payer kept or added. Safe to repeat."""
    if remittance.status in (Remittance.Status.HELD, Remittance.Status.NOT_OURS):
        raise ClinicError(f"This check is held: {remittance.held_reason}")
    Remittance.objects.filter(pk=remittance.pk).update(tries=remittance.tries + 1, updated_at=clock.now())
    _know_payer(remittance)
    post_plain(remittance=remittance, by=by)
    held_numbers: set[str] = set()
    waiting = (ClaimResponse.Status.HELD, ClaimResponse.Status.MATCHED)
    for response in remittance.responses.filter(status__in=waiting).order_by("position"):
        if response.status == ClaimResponse.Status.HELD:
            if response.is_reversal:
                held_numbers.add(response.patient_control_number)
            continue
        if response.status != ClaimResponse.Status.MATCHED:
            continue
        if response.patient_control_number in held_numbers:
            _hold(response, "The reversal before it is held; the pair is posted together.")
            continue
        _post_one(response, by)
        if response.status == ClaimResponse.Status.HELD:
            held_numbers.add(response.patient_control_number)
    return _finish(remittance, by)


def _know_payer(remittance: Remittance) -> None:
    """A payer whose 835 carries another id is the one of the claims it answers, when they all agree."""
    if remittance.payer_id is not None:
        return
    payers = set(remittance.responses.exclude(claim=None).values_list("claim__payer", flat=True))
    if len(payers) == 1:
        remittance.payer_id = payers.pop()
        remittance.save(update_fields=["payer", "updated_at"])


@transaction.atomic
def _finish(remittance: Remittance, by: User | None) -> Remittance:
    if remittance.payer_id is not None:
        post_provider_adjustments(remittance=remittance, by=by)
    row = Remittance.objects.select_for_update().get(pk=remittance.pk)
    open_rows = row.responses.filter(status__in=(ClaimResponse.Status.HELD, ClaimResponse.Status.MATCHED)).exists()
    plb_waits = row.provider_adjustments.filter(treatment="waiting").exists()
    to = Remittance.Status.PART_HELD if open_rows or plb_waits else Remittance.Status.POSTED
    row.claimed_until, row.error, row.tries = None, "", 0
    if not row.amount and row.deposited_on is None:
        row.deposited_on = row.paid_on or clock.today()  # no money travels with it
    row.save()
    if row.status != to:
        row.move_to(to, by=by, posted_at=clock.now())
        audit.record(act="remittance.posted", by=by, row=row)
        emit(kind="remittance.posted", record=row, by=by)
    remittance.status = row.status
    return row


def _post_one(response: ClaimResponse, by: User | None) -> None:
    """One answer, whole or not at all. What a rule refuses is held with its sentence."""
    try:
        with transaction.atomic():
            locked = ClaimResponse.objects.select_for_update().get(pk=response.pk)
            if locked.status == ClaimResponse.Status.MATCHED:
                post_response(response=locked, by=by)
        response.status = locked.status
    except ClinicError as error:
        _hold(response, error.sentence)


def _hold(response: ClaimResponse, reason: str) -> None:
    response.move_to(ClaimResponse.Status.HELD, by=None, reason=reason[:300], held_reason=reason[:300])


@transaction.atomic
def post_response(*, response: ClaimResponse, by: User | None) -> ClaimResponse:
    """Post one claim payment: money, adjustments, the next party's share, denials, the claim's state."""
    if response.claim_id is None:
        raise ClinicError("No claim of ours is known for this answer.")
    claim = _locked(response.claim_id)
    if response.status_code == PREDETERMINATION:
        response.move_to(ClaimResponse.Status.MEMO, by=by, reason="an estimate, nothing to post")
        return response
    if response.is_reversal:
        return post_reversal(response=response, claim=claim, by=by)
    rows = _answered_lines(response, claim)
    lock_accounts([claim.visit.guarantor_id, *(charge_of(row).guarantor_id for row in rows)])
    told = [told_by(row) for row in rows]
    told = spread(told, reasons_in(response, None))
    following = next_coverage(claim)
    leg_held = why_patient_leg_is_held(response, told, following, claim)
    judged: list[Judgement] = []
    paid_lines: list[PaidLine] = []
    for row, line in zip(rows, told, strict=True):
        charge = charge_of(row)
        open_before = owed_by_coverage(charge=charge, coverage=claim.coverage)
        verdict = judge(line, open_before=open_before, capitated=claim.payer.is_capitated)
        if leg_held and verdict.transfer:
            verdict = _without_transfer(verdict)
        judged.append(verdict)
        if not verdict.posts_nothing:
            paid_lines.append(
                PaidLine(
                    charge=charge, coverage=claim.coverage, paid=verdict.paid,
                    contractual=verdict.contractual, sequestration=verdict.sequestration,
                    transfer=verdict.transfer, transfer_to=following,
                )
            )  # fmt: skip
        row.outcome, row.denied_amount = verdict.outcome, verdict.left if verdict.denied else ZERO
        if row.position == response.position:  # made for an answer without lines: its share of what was paid
            row.paid = line.paid
        row.save(update_fields=["outcome", "denied_amount", "paid", "updated_at"])
    remittance = response.remittance
    if any(v.patient_share_too_large for v in judged):
        leg_held = leg_held or "The payer names a larger share for the patient than is open on the line."
    entry = None
    if paid_lines:
        if remittance.payer is None:
            raise ClinicError("The payer of this check is not known. Choose it, then post again.")
        entry = insurance_payment(
            key=payment_key(response.pk), payer=remittance.payer, reference=remittance.reference, lines=paid_lines,
            by=by, effective_on=remittance.paid_on or clock.today(),
        )  # fmt: skip
    response.patient_leg_held = leg_held[:200]
    response.save(update_fields=["patient_leg_held", "updated_at"])
    response.move_to(ClaimResponse.Status.POSTED, by=by, entry=entry, posted_at=clock.now())
    _tell_denials(response, claim, list(zip(rows, told, judged, strict=True)), by)
    settle_claim(claim=claim, response=response, following=following, by=by)
    if following is None and any(v.transfer for v in judged):
        allocate_credit(guarantor=claim.visit.guarantor, visit=claim.visit, key=f"835credit:{response.pk}", by=by)
    audit.record(act="remittance.claim_posted", by=by, patient=claim.patient, row=claim)
    return response


def _locked(claim_id: UUID) -> Claim:
    """The claim and the one it replaces, which its answer ends: both before any account, as everybody takes them."""
    replaced = Claim.objects.filter(pk=claim_id).values("replaces")
    rows = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("coverage", "payer", "patient", "visit__guarantor")
        .filter(Q(pk=claim_id) | Q(pk__in=replaced))
        .order_by("pk")
    )
    return next(row for row in list(rows) if row.pk == claim_id)


def _answered_lines(response: ClaimResponse, claim: Claim) -> list[LineResponse]:
    """The SVC rows; an answer without any stands for the whole claim and is shared over its lines by charge."""
    rows = list(response.lines.select_related("charge_item", "line"))
    if rows:
        return rows
    lines = list(claim.lines.select_related("charge"))
    if sum((line.amount for line in lines), ZERO) != response.charge:
        raise ClinicError(
            f"The payer answers for {dollars(response.charge)}, the claim was over {dollars(claim.total)}."
        )
    return [
        LineResponse.objects.create(
            response=response, position=response.position, line=line, charge_item=line.charge, code=line.code,
            charge=line.amount, paid=line.amount, service_date=line.service_date,
        )
        for line in lines
    ]  # fmt: skip


def _without_transfer(verdict: Judgement) -> Judgement:
    return Judgement(
        verdict.paid, verdict.contractual, verdict.sequestration, ZERO, verdict.left + verdict.transfer,
        verdict.denied, verdict.outcome,
    )  # fmt: skip


def _tell_denials(
    response: ClaimResponse, claim: Claim, lines: Sequence[tuple[LineResponse, Told, Judgement]], by: User | None
) -> None:
    """Open a denial for what was refused and for a patient's share that is held; close the one that this answer settles."""
    for row, told, verdict in lines:
        held = [r for r in told.reasons if r.group == "PR" and r.amount > 0] if response.patient_leg_held else []
        refused = refused_by(response, claim, row, verdict, held)
        if refused is not None:
            denials.open_denial(refused=refused, by=by)
        else:
            denials.overturn(charge=charge_of(row), claim=claim, by=by)


def amount_posted(remittance: Remittance) -> Decimal:
    """What this check's answers and adjustments have put on its clearing account."""
    posted = remittance.responses.filter(status=ClaimResponse.Status.POSTED)
    total: Decimal = posted.aggregate(paid=Sum("paid"))["paid"] or ZERO
    for row in remittance.provider_adjustments.exclude(treatment__in=("waiting", "memo")):
        total -= row.amount
    return total
