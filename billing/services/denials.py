"""The writer of Denial: open (in the posting's own transaction), assign, wait, move on, write off, close (appeals: appeals.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing.models import ClaimResponse, Denial, LineResponse
from billing.playbook import deadline, play_for
from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Claim, Coverage, Hold, Role, User, record_first_statuses, record_status
from clinic.services.events import emit, emit_many
from clinic.services.holds import release_hold
from ledger.models import WriteOff
from ledger.queries.balances import owed_by_coverage
from ledger.services.entries import transfer, write_off
from ledger.services.journal import lock_accounts
from x12.codes.adjustments import NEVER_PATIENT, is_qmb

Status = Denial.Status
NOT_INSURED = frozenset({"26", "27"})
NEVER_TO_PATIENT = NEVER_PATIENT | {"45", "198", "15", "18"}


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that an answer leaves open, and why: what a denial is opened from."""

    claim: Claim
    response: ClaimResponse
    line_response: LineResponse | None
    charge: ChargeItem
    group: str
    reason_code: str
    remark_codes: list[str]
    amount: Decimal


@transaction.atomic
def open_denial(*, refused: Refused, by: User | None) -> Denial:
    """Work with an owner, dollars, a next step and a deadline. The same line denied again changes the open one."""
    claim, charge = refused.claim, refused.charge
    facts = _facts(refused)
    lineage = Denial.objects.filter(claim__control_number=claim.control_number)  # another payer's denial stands
    for earlier in lineage.filter(charge=charge, status__in=Denial.UNFINISHED).exclude(claim=claim):
        _finish(earlier, Status.CLOSED, by, "answered again on the corrected claim")
    same = Denial.objects.filter(charge=charge, claim=claim, status__in=Denial.UNFINISHED).first()
    if same is not None:
        for name, value in facts.items():
            setattr(same, name, value)
        same.save()
        denial = _back_to_work(same, refused.response, by)
    else:
        denial = Denial.objects.create(**facts)
        record_status(denial, from_status="", to_status=denial.status, by=by)
    audit.record(act="denial.opened", by=by, patient=claim.patient, row=denial, detail={"code": _code(denial)})
    emit(kind="denial.opened", record=denial, patient=claim.patient, payload=_told(denial), by=by)
    return denial


def _back_to_work(denial: Denial, response: ClaimResponse, by: User | None) -> Denial:
    """The payer says no again to what was appealed, or to records that were sent: somebody must act.

    An answer that pays another line only repeats what it had said of this one.
    """
    if response.paid > 0:
        return denial
    newer = Claim.objects.filter(replaces=denial.claim).unsettled()
    if denial.status == Status.APPEALED or (denial.status == Status.WAITING and not newer.exists()):
        denial.move_to(Status.OPEN, by=by, reason="denied again")
        release_appeal_hold(denial, by, "denied again")
    return denial


@transaction.atomic
def open_denials(*, refused: Sequence[Refused], by: User | None) -> int:
    """`open_denial` for lines that have no unfinished denial, in a few statements."""
    rows = Denial.objects.bulk_create([Denial(**_facts(each)) for each in refused])
    record_first_statuses(rows, by=by)
    patients = [each.claim.patient_id for each in refused]
    audit.record_many(
        act="denial.opened", by=by,
        changes=[(patient, row, {"code": _code(row)}) for patient, row in zip(patients, rows, strict=True)],
    )  # fmt: skip
    about = [(row, patient, _told(row)) for patient, row in zip(patients, rows, strict=True)]
    return emit_many(kind="denial.opened", about=about, by=by)


def _facts(refused: Refused) -> dict[str, Any]:
    play = play_for(group=refused.group, reason_code=refused.reason_code, remark_codes=refused.remark_codes)
    today = clock.today()
    denied_on = refused.response.remittance.paid_on or today
    payer = refused.claim.payer
    last = deadline(play, payer, denied_on=denied_on, service_date=refused.charge.service_date)
    return {
        "claim": refused.claim, "charge": refused.charge, "payer": payer, "response": refused.response,
        "line_response": refused.line_response, "group": refused.group, "reason_code": refused.reason_code,
        "remark_codes": refused.remark_codes, "category": play.category, "amount": refused.amount,
        "next_step": play.step, "owner_role": play.role,
        "due_on": min(clock.add_business_days(today, play.days), last), "deadline_on": last, "denied_on": denied_on,
    }  # fmt: skip


def _code(denial: Denial) -> str:
    return f"{denial.group}-{denial.reason_code}"


def _told(denial: Denial) -> dict[str, str]:
    return {"claim": str(denial.claim_id), "code": _code(denial)}


@transaction.atomic
def overturn(*, charge: ChargeItem, claim: Claim, by: User | None) -> int:
    """The payer has paid or settled the line after all."""
    rows = Denial.objects.filter(charge=charge, status__in=Denial.UNFINISHED).select_related("claim")
    ended = 0
    for row in rows:
        if row.claim.control_number == claim.control_number or row.claim.coverage_id == claim.coverage_id:
            _finish(row, Status.OVERTURNED, by, f"answered on {claim.number}")
            ended += 1
    return ended


@transaction.atomic
def assign(*, denial: Denial, to: User, by: User | None) -> Denial:
    if to.role not in (Role.BILLER, Role.BILLING_MANAGER):
        raise ClinicError(f"{to} does not work denials. Choose a biller.", field="to")
    denial.assigned_to = to
    denial.version += 1
    denial.save(update_fields=["assigned_to", "version", "updated_at"])
    audit.record(act="denial.assigned", by=by, patient=denial.claim.patient, row=denial, detail={"to": str(to.pk)})
    return denial


@transaction.atomic
def note_step(*, denial: Denial, step: str, due_on: date, note: str, version: int, by: User | None) -> Denial:
    """What was found out, what comes next and by when."""
    row = _locked(denial, version)
    if step not in Denial.Step.values:
        raise ClinicError("Choose the next step.", field="step")
    if due_on > row.deadline_on:
        raise ClinicError(
            f"The payer's deadline is {row.deadline_on:%m/%d/%Y}; choose a day before it.", field="due_on"
        )
    if due_on < clock.today():
        raise ClinicError("The next step cannot be due in the past.", field="due_on")
    row.next_step, row.due_on, row.note = step, due_on, note[:300]
    row.version += 1
    row.save()
    touched(row, by, "denial.noted", note)
    return row


@transaction.atomic
def wait_for_payer(*, denial: Denial, by: User | None, note: str, days: int = 30) -> Denial:
    """A corrected claim or records are on their way: look again when the payer should have answered."""
    until = min(clock.today() + timedelta(days=days), denial.deadline_on)
    denial.move_to(Status.WAITING, by=by, reason=note[:300], due_on=until, note=note[:300])
    touched(denial, by, "denial.waiting", note)
    return denial


@transaction.atomic
def bill_patient(*, denial: Denial, by: User | None, why: str) -> Denial:
    """The payer said PR and nobody else covers it: the debt becomes the patient's today."""
    claim = claim_and_account(denial)
    was_not_insured = denial.reason_code in NOT_INSURED and by is not None  # no other cover found, a person decides
    if denial.group != "PR" and not was_not_insured:
        raise ClinicError(
            f"{denial.group}-{denial.reason_code} is not the patient's to pay. Correct, appeal or write it off."
        )
    if denial.reason_code in NEVER_TO_PATIENT:
        raise ClinicError(f"A denial for {denial.reason_code} may not be billed to the patient.")
    if claim.payer.is_medicaid or claim.patient.is_qmb or is_qmb([denial.reason_code], denial.remark_codes):
        raise ClinicError("Medicaid and QMB patients may not be billed for this.")
    _refuse_before_next_payer(claim)
    owed = owed_by_coverage(charge=denial.charge, coverage=claim.coverage)
    if owed > 0:
        transfer(
            charge=denial.charge, from_coverage=claim.coverage, to_coverage=None, amount=owed,
            key=f"denial:{denial.pk}:patient", by=by,
        )  # fmt: skip
    touched(denial, by, "denial.to_patient", why)
    _finish(denial, Status.TO_PATIENT, by, why)
    _close_claim(claim, by, "moved to the patient")
    return denial


def _refuse_before_next_payer(claim: Claim) -> None:
    """The patient's turn comes after the last payer's (domain.md 5.6)."""
    asked = Claim.objects.filter(visit=claim.visit_id).exclude(status=Claim.Status.VOIDED).values("coverage")
    following = (
        Coverage.objects.on(claim.visit.service_date)
        .filter(patient=claim.patient_id, order__gt=claim.coverage.order)
        .exclude(pk__in=asked)
        .select_related("payer")
        .first()
    )
    if following is not None:
        raise ClinicError(f"{following.payer} was also in force on that day. Bill it first, or end that coverage.")


@transaction.atomic
def move_to_payer(*, denial: Denial, coverage: Coverage, by: User | None, why: str, key: str = "") -> Denial:
    """Another payer owes it: the receivable goes there; its claim is made by resubmission."""
    claim = claim_and_account(denial)
    if coverage.pk == claim.coverage_id:
        raise ClinicError("That is the payer that denied it.", field="coverage")
    owed = owed_by_coverage(charge=denial.charge, coverage=claim.coverage)
    if owed > 0:
        transfer(
            charge=denial.charge, from_coverage=claim.coverage, to_coverage=coverage, amount=owed,
            key=key or f"denial:{denial.pk}:payer:{coverage.pk}", by=by,
        )  # fmt: skip
    touched(denial, by, "denial.to_payer", why)
    _finish(denial, Status.TO_PAYER, by, why)
    return denial


@transaction.atomic
def write_off_denial(*, denial: Denial, requested_by: User, approved_by: User, why: str) -> Denial:
    """Given up, by two people. Never by the worker."""
    if requested_by.pk == approved_by.pk:
        raise ClinicError("A write-off needs a second person to approve it.")
    if not why.strip():
        raise ClinicError("Say why this is written off.", field="why")
    claim = claim_and_account(denial)
    owed = owed_by_coverage(charge=denial.charge, coverage=claim.coverage)
    if owed > 0:
        write_off(
            charge=denial.charge, coverage=claim.coverage, amount=owed, reason=_reason(denial),
            key=f"denial:{denial.pk}:write-off", by=approved_by,
        )  # fmt: skip
    touched(denial, requested_by, "denial.written_off", why)
    _finish(denial, Status.WRITTEN_OFF, approved_by, why)
    _close_claim(claim, approved_by, "written off")
    return denial


@transaction.atomic
def close(*, denial: Denial, by: User | None, why: str) -> Denial:
    """Nothing is left to do: a duplicate of a paid line, or settled otherwise. Refused while dollars are open."""
    claim = claim_and_account(denial)
    owed = owed_by_coverage(charge=denial.charge, coverage=claim.coverage)
    if owed > 0 and not _original_carries_it(denial):
        raise ClinicError("Dollars are still open on this line: bill somebody for them, or write them off.")
    touched(denial, by, "denial.closed", why)
    _finish(denial, Status.CLOSED, by, why)
    _close_claim(claim, by, why[:300])
    return denial


def wake_waiting() -> int:
    """The payer has not answered by the day it should have: the denial is its owner's work again."""
    woken = 0
    for denial in Denial.objects.filter(status=Status.WAITING, due_on__lt=clock.today()):
        due = min(clock.add_business_days(clock.today(), 3), max(denial.deadline_on, clock.today()))
        denial.move_to(Status.OPEN, by=None, reason="no answer in time", due_on=due, next_step=Denial.Step.FIND_OUT)
        woken += 1
    return woken


def _original_carries_it(denial: Denial) -> bool:
    """A duplicate denial (18) of a line that an earlier claim still has before the payer."""
    return (
        denial.reason_code == "18"
        and denial.charge.claim_lines.exclude(claim=denial.claim)
        .exclude(claim__status__in=(Claim.Status.DENIED, Claim.Status.VOIDED, Claim.Status.REPLACED))
        .exists()
    )


def _reason(denial: Denial) -> WriteOff:
    by_code = {"29": WriteOff.TIMELY, "197": WriteOff.NO_AUTHORIZATION, "198": WriteOff.NO_AUTHORIZATION}
    return by_code.get(denial.reason_code, WriteOff.DENIED)


def claim_and_account(denial: Denial) -> Claim:
    """What moves a denial's dollars takes its claim, then its account, as the posting of an answer does, then looks."""
    rows = Claim.objects.select_for_update(of=("self",)).select_related("coverage", "payer", "patient", "visit")
    denial.claim = claim = rows.get(pk=denial.claim_id)
    lock_accounts([denial.charge.guarantor_id])
    return claim


def _locked(denial: Denial, version: int) -> Denial:
    row = Denial.objects.select_for_update(of=("self",)).select_related("claim__patient").get(pk=denial.pk)
    if row.version != version:
        raise Conflict("Somebody worked this denial while you were typing. Look at it again.")
    return row


def touched(denial: Denial, by: User | None, act: str, why: str) -> None:
    if by is not None and denial.first_touched_at is None:
        Denial.objects.filter(pk=denial.pk).update(first_touched_at=clock.now(), updated_at=clock.now())
    audit.record(act=act, by=by, patient=denial.claim.patient, row=denial, why=why[:300])


def _finish(denial: Denial, to: str, by: User | None, why: str) -> Denial:
    denial.move_to(to, by=by, reason=why[:300], closed_at=clock.now())
    emit(kind="denial.closed", record=denial, patient=denial.claim.patient, payload={"to": str(to)}, by=by)
    release_appeal_hold(denial, by, why)
    return denial


def release_appeal_hold(denial: Denial, by: User | None, why: str) -> None:
    """Once no denial of the visit is appealed any more."""
    visit = denial.claim.visit
    if not Denial.objects.filter(claim__visit=visit, status=Status.APPEALED).exists():
        for hold in Hold.objects.open().filter(visit=visit, reason=Hold.Reason.APPEAL):
            release_hold(hold=hold, by=by, why=why)


def _close_claim(claim: Claim, by: User | None, why: str) -> None:
    """When no line of it waits any more, the claim is closed at this payer."""
    if Denial.objects.filter(claim=claim, status__in=Denial.UNFINISHED).exists():
        return
    if claim.can_move_to(Claim.Status.CLOSED):
        claim.move_to(Claim.Status.CLOSED, by=by, reason=why)
