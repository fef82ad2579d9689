"""What a person does with a check: say whose an answer is, put one aside, release, settle a refused part, deposit."""

from datetime import date
from uuid import UUID

from django.db import transaction

from billing.models import ClaimResponse, RefusedRemittance, Remittance
from billing.services.remittances import lock_check
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, User
from clinic.money import ZERO, dollars
from clinic.services.events import emit
from ledger.queries.deposits import deposited
from ledger.services.entries import bank_deposit

Status = Remittance.Status


@transaction.atomic
def assign_claim(*, response: ClaimResponse, claim_id: UUID, by: User | None) -> ClaimResponse:
    """A person says which claim of ours a held answer belongs to. It is then posted like any other."""
    claim = Claim.objects.filter(pk=claim_id).select_related("payer").first()
    if claim is None:
        raise ClinicError("Choose one of our claims.", field="claim")
    if response.remittance.status == Status.NOT_OURS:
        raise ClinicError("This check is for another payee; its claims cannot be ours.")
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
    if on > clock.today():
        raise ClinicError("The day of the deposit lies ahead. Enter the day the bank booked it.", field="on")
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
