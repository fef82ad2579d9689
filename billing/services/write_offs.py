"""Giving a denial up takes two people: one asks, another approves or refuses. The money moves with the approval."""

from django.db import transaction

from billing.models import Denial, WriteOffRequest
from billing.services.denials import claim_and_account, write_off_denial
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import User
from clinic.money import dollars
from ledger.queries.balances import owed_by_coverage

Status = WriteOffRequest.Status


@transaction.atomic
def request_write_off(*, denial: Denial, why: str, by: User) -> WriteOffRequest:
    """Ask. Nothing is posted; the denial stays its owner's work until somebody else has decided."""
    row = Denial.objects.select_for_update(of=("self",)).select_related("claim__coverage", "charge").get(pk=denial.pk)
    if row.status not in Denial.UNFINISHED:
        raise ClinicError(f"This denial is {row.get_status_display().lower()}; nothing is left to write off.")
    if not why.strip():
        raise ClinicError("Say why this is written off.", field="why")
    if row.write_off_requests.filter(status=Status.OPEN).exists():
        raise ClinicError("A write-off of this denial is already waiting for a second person.")
    made = WriteOffRequest.objects.create(
        denial=row, amount=owed_by_coverage(charge=row.charge, coverage=row.claim.coverage), why=why[:300],
        requested_by=by,
    )  # fmt: skip
    audit.record(act="write_off.requested", by=by, patient=row.claim.patient, row=made, why=why)
    return made


@transaction.atomic
def approve_write_off(*, request: WriteOffRequest, by: User) -> WriteOffRequest:
    """The second person agrees: the open dollars are written off now."""
    row = _open(request)
    claim = claim_and_account(row.denial)
    owed = owed_by_coverage(charge=row.denial.charge, coverage=claim.coverage)
    if owed > row.amount:
        raise ClinicError(
            f"{dollars(row.amount)} was asked to be written off, and {dollars(owed)} is open now. Refuse this, and ask anew."
        )
    write_off_denial(denial=row.denial, requested_by=row.requested_by, approved_by=by, why=row.why)
    return _decided(row, Status.APPROVED, by, "")


@transaction.atomic
def refuse_write_off(*, request: WriteOffRequest, answer: str, by: User) -> WriteOffRequest:
    """The second person does not agree; the denial goes on."""
    row = _open(request)
    if row.requested_by_id == by.pk:
        raise ClinicError("A write-off is decided by a second person.")
    if not answer.strip():
        raise ClinicError("Say why it is not written off, and what to do instead.", field="reason")
    return _decided(row, Status.REFUSED, by, answer)


def _open(request: WriteOffRequest) -> WriteOffRequest:
    row = (
        WriteOffRequest.objects.select_for_update(of=("self",))
        .select_related("requested_by", "denial__claim__coverage", "denial__claim__patient", "denial__charge")
        .get(pk=request.pk)
    )
    if row.status != Status.OPEN:
        raise ClinicError(f"This request is {row.get_status_display().lower()} already.")
    return row


def _decided(row: WriteOffRequest, status: str, by: User, answer: str) -> WriteOffRequest:
    row.status, row.decided_by, row.decided_at, row.answer = status, by, clock.now(), answer[:200]
    row.save()
    audit.record(act=f"write_off.{status}", by=by, patient=row.denial.claim.patient, row=row, why=answer or row.why)
    return row
