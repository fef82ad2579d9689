"""What a person does with a check: say whose an answer is, put one aside, release, settle a refused part, deposit."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Left

from billing.models import ClaimResponse, RefusedRemittance, Remittance
from billing.services.matching import NEVER_SENT
from billing.services.remittances import lock_check
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, Payer, User
from clinic.money import ZERO, dollars
from clinic.services.events import emit
from ledger.queries.deposits import deposited
from ledger.services.entries import bank_deposit
from ledger.services.journal import lock_accounts

Status = Remittance.Status
BOOKED_BEFORE = timedelta(days=30)
"""Some payers date a check ahead; a day long before it is a slip of the keyboard."""


@transaction.atomic
def assign_claim(*, response: ClaimResponse, claim_id: UUID, by: User | None) -> ClaimResponse:
    """A person says which claim of ours a held answer belongs to. It is then posted like any other."""
    claim = Claim.objects.filter(pk=claim_id).select_related("payer").first()
    if claim is None:
        raise ClinicError("Choose one of our claims.", field="claim")
    if response.remittance.status == Status.NOT_OURS:
        raise ClinicError("This check is for another payee; its claims cannot be ours.")
    if response.remittance.payer is not None:
        claim = _of_payer(claim, response.remittance.payer)
    used: set[object] = set()
    lines = list(claim.lines.select_related("charge"))
    for row in response.lines.all():
        line = next((x for x in lines if x.pk not in used and x.amount == abs(row.charge) and row.code == x.code), None)
        if line is None:
            raise ClinicError(f"Claim {claim.number} has no line {row.code} over {dollars(row.charge)}.")
        used.add(line.pk)
        row.line, row.charge_item = line, line.charge
        row.save(update_fields=["line", "charge_item", "updated_at"])
    response.move_to(ClaimResponse.Status.MATCHED, by=by, reason="assigned by a person", claim=claim, held_reason="")
    audit.record(act="remittance.assigned", by=by, patient=claim.patient, row=response)
    emit(kind="remittance.imported", record=response.remittance, payload={"assigned": str(response.pk)}, by=by)
    return response


def claim_named(number: str) -> UUID:
    """The claim that a person found elsewhere; of several with this control number the one sent last."""
    asked = Q(number__iexact=number.strip()) | Q(control_number__iexact=number.strip())
    found = Claim.objects.filter(asked).exclude(status__in=NEVER_SENT).order_by("-sequence").first()
    if found is None:
        raise ClinicError(f"No claim that was sent has the number {number.strip()}.", field="number")
    return found.pk


def _of_payer(claim: Claim, payer: Payer) -> Claim:
    """The claim itself, or the one that asks the payer to which it went on: its money pays its own receivable."""
    if claim.payer_id == payer.pk:
        return claim
    forwarded = Claim.objects.filter(after=claim, payer=payer).exclude(status__in=NEVER_SENT)
    found = forwarded.select_related("payer", "patient").order_by("-sequence", "-created_at").first()
    if found is None:
        raise ClinicError(
            f"Claim {claim.number} asks {claim.payer}, and this check is {payer}'s. A payer's money pays its own claims."
        )
    return found


@transaction.atomic
def dismiss(*, response: ClaimResponse, reason: str, by: User) -> ClaimResponse:
    """A held answer that is not ours: it stays in the file, nothing is posted."""
    if not reason.strip():
        raise ClinicError("Say why this answer is not ours.", field="reason")
    response.move_to(ClaimResponse.Status.DISMISSED, by=by, reason=reason, held_reason=reason[:300])
    audit.record(act="remittance.dismissed", by=by, row=response, why=reason)
    return response


@transaction.atomic
def resolve_refusal(*, refusal: RefusedRemittance, resolution: str, by: User) -> RefusedRemittance:
    """The payer sent a right one, or the matter was settled otherwise."""
    if not resolution.strip():
        raise ClinicError("Say how this was settled.", field="resolution")
    refusal.resolved_at, refusal.resolved_by, refusal.resolution = clock.now(), by, resolution[:200]
    refusal.save()
    audit.record(act="remittance.refusal_settled", by=by, row=refusal, why=resolution)
    return refusal


@transaction.atomic
def record_deposit(*, remittance: Remittance, on: date, by: User | None) -> Remittance:
    """The money of this check stands in the bank. Once for a check, however many files speak of it: safe to repeat.

    What was noted on the ledger's page of uncleared money already is not deposited a second time.
    """
    lock_check(remittance.check_key)  # its other file may be deposited at this moment
    row = Remittance.objects.select_for_update(of=("self",)).select_related("payer").get(pk=remittance.pk)
    if row.deposited_on is not None:
        return row
    if row.status == Status.NOT_OURS:
        raise ClinicError("This check is for another payee; it is not our money.")
    if row.status == Status.SET_ASIDE:
        raise ClinicError("This file was set aside. Record the deposit on the file of the check that counts.")
    if on > clock.today():
        raise ClinicError("The day of the deposit lies ahead. Enter the day the bank booked it.", field="on")
    if row.paid_on and on < row.paid_on - BOOKED_BEFORE:
        raise ClinicError(
            f"The payer dates this check {row.paid_on:%m/%d/%Y}; the bank cannot have booked it before.", field="on"
        )
    lock_accounts([row.payer_id])  # the page of uncleared money notes deposits too
    banked = deposited(row.payer, row.reference) if row.payer else ZERO
    if row.amount > banked:
        if row.payer is None:
            raise ClinicError("The payer of this check is not known yet. Assign its claims and post it first.")
        bank_deposit(
            payer=row.payer, reference=row.reference, amount=row.amount - banked, by=by, effective_on=on,
            key=f"deposit:{row.check_key}:{banked}" if banked else f"deposit:{row.check_key}",
        )  # fmt: skip
    row.deposited_on, row.deposited_by = on, by
    row.save(update_fields=["deposited_on", "deposited_by", "updated_at"])
    audit.record(act="remittance.deposited", by=by, row=row, detail={"on": on.isoformat()})
    return row


@transaction.atomic
def release_held(*, remittance: Remittance, reason: str, by: User) -> Remittance:
    """A person has asked the payer: the check is posted with the next round, as its files say."""
    if not reason.strip():
        raise ClinicError("Say whom you asked and what they said.", field="reason")
    if remittance.status != Status.HELD:
        raise ClinicError("This check is not held whole.")
    remittance.move_to(Status.IMPORTED, by=by, reason=reason[:300], held_reason="", claimed_until=None)
    audit.record(act="remittance.released", by=by, row=remittance, why=reason)
    emit(kind="remittance.imported", record=remittance, payload={"released": True}, by=by)
    return remittance


@transaction.atomic
def set_aside(*, remittance: Remittance, reason: str, by: User) -> Remittance:
    """A check held whole that the payer takes back, or sent a second time: nothing of it is posted, ever.

    Its answers give their keys free, so that the payer's right file finds them new.
    """
    if not reason.strip():
        raise ClinicError("Say whom you asked, and why nothing of this file counts.", field="reason")
    lock_check(remittance.check_key)
    row = Remittance.objects.select_for_update(of=("self",)).get(pk=remittance.pk)
    if row.status != Status.HELD:
        raise ClinicError("Only a check that is held whole is set aside.")
    for response in row.responses.filter(status__in=(ClaimResponse.Status.HELD, ClaimResponse.Status.MATCHED)):
        if response.status == ClaimResponse.Status.MATCHED:
            response.move_to(ClaimResponse.Status.HELD, by=by, reason=reason[:300])
        response.move_to(ClaimResponse.Status.DISMISSED, by=by, reason=reason[:300], held_reason=reason[:300])
    free = {"key": Concat(Value("aside|"), Left(F("key"), 244)), "updated_at": clock.now()}
    row.responses.update(**free)
    row.provider_adjustments.update(**free)
    row.move_to(Status.SET_ASIDE, by=by, reason=reason[:300], held_reason=reason[:300], claimed_until=None)
    audit.record(act="remittance.set_aside", by=by, row=row, why=reason)
    return row
