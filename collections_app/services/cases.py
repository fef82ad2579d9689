"""Collection cases by the clock: statement, reminder, second notice, call, final notice. People do the rest.

The ladder (domain 5.10): 0 statement, 30 reminder, 60 second notice, 75 a call, 90 final notice with time to answer.
A hold stops it, a payment makes it wait, a plan or zero ends it. One step a night, none twice.
"""

import logging
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from clinic import audit, clock
from clinic.bulk import insert_or_none
from clinic.errors import ClinicError
from clinic.models import Guarantor, User, next_number
from clinic.services.events import emit
from collections_app.models import CollectionCase, Statement
from collections_app.queries.cases import Standing, latest_notices, lines_of, paid_lately, stated_accounts
from collections_app.services.statements import TIME_TO_ANSWER, issue_statement
from ledger.accounts import Account
from ledger.services.journal import lock_accounts

log = logging.getLogger(__name__)

CALL_AFTER, FINAL_AFTER = timedelta(days=75), timedelta(days=90)
WAITS_AFTER_PAYMENT = timedelta(days=14)
FIRST_NUMBER = 701

Status = CollectionCase.Status
BY_NOTICE = {
    Statement.Notice.REMINDER: Status.REMINDER,
    Statement.Notice.SECOND: Status.SECOND,
}


def advance_cases(*, day: date) -> dict[str, int]:
    """One night of the ladder: open, move up, close. Safe to repeat: each step looks at what stands now."""
    standings = stated_accounts()
    climbing = {c.guarantor_id: c for c in CollectionCase.objects.climbing().select_related("guarantor")}
    counts = {"opened": 0, "moved": 0, "closed": 0}
    waits = paid_lately(day, WAITS_AFTER_PAYMENT)
    notices = latest_notices(list(standings))
    for guarantor_id, case in climbing.items():
        counts["closed"] += _guard(guarantor_id, lambda case=case: close_if_done(case=case))
    for guarantor_id, standing in standings.items():
        found = climbing.get(guarantor_id)
        if found is None or not found.is_climbing:
            opened = _guard(guarantor_id, lambda s=standing: open_case(standing=s))
            counts["opened"] += opened
        elif standing.billed and guarantor_id not in waits:
            counts["moved"] += _guard(
                guarantor_id,
                lambda c=found, s=standing, g=guarantor_id: move_up(case=c, standing=s, sent=notices[g], day=day),
            )
    return counts


def _guard(guarantor_id: UUID, work: object) -> int:
    try:
        return int(bool(work()))  # type: ignore[operator]
    except ClinicError as error:
        log.info("case left alone", extra={"guarantor_id": str(guarantor_id), "reason": error.sentence})
    except Exception:
        log.exception("case failed", extra={"guarantor_id": str(guarantor_id)})
    return 0


@transaction.atomic
def open_case(*, standing: Standing) -> CollectionCase | None:
    """The account was billed: its case counts from the first statement of its oldest unpaid line."""
    guarantor = Guarantor.objects.get(pk=standing.guarantor_id)
    lock_accounts([guarantor.pk])
    case = insert_or_none(
        CollectionCase(
            number=f"K{next_number('collection case', first=FIRST_NUMBER)}",
            guarantor=guarantor,
            opened_on=standing.first_statement_on,
            stage_on=clock.today(),
        )
    )
    if case is not None:
        emit(kind="case.opened", record=case, payload={"guarantor": str(guarantor.pk)})
    return case


@transaction.atomic
def move_up(*, case: CollectionCase, standing: Standing, sent: list[Statement], day: date) -> bool:
    """One step, when its day has come. A letter's step follows the letter; the final notice is sent here."""
    age = day - case.opened_on
    before = case.status
    if case.status in (Status.STATEMENT, Status.REMINDER, Status.SECOND):
        latest = next((s for s in sent if s.issued_on >= case.opened_on), None)
        reached = BY_NOTICE.get(Statement.Notice(latest.notice)) if latest else None
        if reached and case.can_move_to(reached):
            case.move_to(reached, by=None, stage_on=clock.today())
        elif age >= CALL_AFTER and case.status == Status.SECOND:
            case.move_to(Status.CALL, by=None, stage_on=clock.today())
    elif case.status in (Status.CALL, Status.CALLED) and age >= FINAL_AFTER:
        notice = issue_statement(guarantor=case.guarantor, by=None, notice=Statement.Notice.FINAL)
        case.move_to(Status.FINAL, by=None, stage_on=notice.issued_on, answer_by=notice.issued_on + TIME_TO_ANSWER)
    return case.status != before


@transaction.atomic
def close_if_done(*, case: CollectionCase, by: User | None = None) -> bool:
    """Paid, given up, or on a plan: nothing first billed by the case's day is due any more (held lines still are)."""
    lock_accounts([case.guarantor_id])
    still_due = case.guarantor.open_items.filter(
        account=Account.PAT, balance__gt=0, first_statement_on__lte=case.opened_on
    ).exists()
    if still_due:
        return False
    case.move_to(Status.CLOSED, by=by, reason="Nothing of it is due any more", closed_on=clock.today())
    return True


@transaction.atomic
def note_call(*, case: CollectionCase, note: str, by: User) -> CollectionCase:
    """Somebody spoke with the guarantor, or tried to."""
    if not note.strip():
        raise ClinicError("Say what was agreed on the phone, or that nobody answered.", field="note")
    if case.status not in (Status.CALL, Status.SECOND):
        raise ClinicError(f"No call is due: this case is {case.get_status_display().lower()}.")
    if not lines_of(case):
        raise ClinicError("Nothing of this case may be asked for now: it is paid or on hold. Do not call.")
    case.move_to(
        Status.CALLED,
        by=by,
        reason=note.strip()[:300],
        stage_on=clock.today(),
        call_note=note.strip()[:300],
        called_by=by,
    )
    audit.record(act="case.called", by=by, row=case)
    return case
