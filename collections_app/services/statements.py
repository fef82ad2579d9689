"""Statements: who is due one, and issuing it. One per guarantor and cycle, only what is settled and not held."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.messages import queue_message
from clinic.models import Guarantor, Message, Practice, User, Visit, next_number
from clinic.money import ZERO, dollars
from clinic.services.events import emit
from collections_app.models import Statement, StatementLine
from collections_app.queries.billable import billable_items, due_items, holds_on, line_figures, settled_items
from collections_app.queries.worklists import CYCLE
from collections_app.services.pay_links import address_of, make_link
from ledger.accounts import Account
from ledger.models import OpenItem
from ledger.queries.balances import account_balance, credit_of
from ledger.services.entries import allocate_credit
from ledger.services.journal import lock_accounts, note_first_statement

TIME_TO_PAY = timedelta(days=21)
TIME_TO_ANSWER = timedelta(days=21)
"""For the final notice: between the trade's 10 and 30 days."""
FIRST_NUMBER = 5001
Notice = Statement.Notice


@transaction.atomic
def issue_statement(
    *, guarantor: Guarantor, by: User | None, on: date | None = None, notice: str | None = None
) -> Statement:
    """Send one statement of all that this guarantor may be billed for now. On the same day it is the same statement.

    Credit on the account pays first. Raises ClinicError, with the reason, when there is nothing to send.
    """
    day = on or clock.today()
    lock_accounts([guarantor.pk])
    same_day = Statement.objects.filter(guarantor=guarantor, issued_on=day).first()
    if same_day is not None and (notice is None or same_day.notice == notice):
        return same_day
    if same_day is not None:
        raise ClinicError("This account was sent a statement today. Send the next one tomorrow.")
    apply_credits(guarantor=guarantor, by=by)
    items = list(billable_items(guarantor))
    owed = sum((i.balance for i in items), ZERO)
    _refuse(guarantor, items, owed)
    statement = Statement.objects.create(
        number=f"S{next_number('statement', first=FIRST_NUMBER)}",
        guarantor=guarantor,
        notice=notice or notice_for(items, day),
        channel=_channel(guarantor),
        issued_on=day,
        pay_by=day + (TIME_TO_ANSWER if notice == Notice.FINAL else TIME_TO_PAY),
        balance=owed,
        on_plan=account_balance(Account.PLAN, guarantor=guarantor),
        issued_by=by,
    )
    _write_lines(statement, items)
    note_first_statement(items=items, on=day)
    _send(statement)
    audit.record(act="statement.issued", by=by, row=statement, detail={"statement": statement.number})
    emit(kind="statement.issued", record=statement, payload={"guarantor": str(guarantor.pk)}, by=by)
    return statement


def notice_for(items: Sequence[OpenItem], day: date) -> str:
    """Which letter of the ladder: by the days since the oldest of these lines was first on a statement."""
    first = min((i.first_statement_on for i in items if i.first_statement_on), default=None)
    days = (day - first).days if first else 0
    if days >= 2 * CYCLE.days:
        return Notice.SECOND
    return Notice.REMINDER if days >= CYCLE.days else Notice.STATEMENT


@transaction.atomic
def apply_credits(*, guarantor: Guarantor, by: User | None) -> None:
    """Money we hold already pays first: the account's own, and what lies on a visit for that visit."""
    if credit_of(guarantor) <= ZERO:
        return
    visits = OpenItem.objects.filter(account=Account.CRED, guarantor=guarantor, balance__lt=0, visit__isnull=False)
    settled = set(settled_items(guarantor).values_list("visit_id", flat=True))
    for visit in Visit.objects.filter(pk__in=visits.values("visit")).order_by("service_date", "id"):
        if visit.pk in settled:
            _apply(guarantor, visit, by)
    _apply(guarantor, None, by)


def _apply(guarantor: Guarantor, visit: Visit | None, by: User | None) -> None:
    place = str(visit.pk) if visit else "account"
    stamp = f"{clock.now():%Y%m%d%H%M%S%f}"
    allocate_credit(guarantor=guarantor, visit=visit, by=by, key=f"credit:{guarantor.pk}:{place}:{stamp}")


def _refuse(guarantor: Guarantor, items: Sequence[OpenItem], owed: Decimal) -> None:
    """Say why this account cannot be billed now."""
    policy = Practice.objects.get()
    if items and owed >= policy.statement_minimum:
        return
    if guarantor.is_deceased:
        raise ClinicError("This guarantor has died. Place a hold for the estate; no statement is sent.")
    holds = holds_on(guarantor)
    if holds and settled_items(guarantor).exists() and not items:
        raise ClinicError(
            f"This account is on hold: {holds[0].get_reason_display().lower()}. Release the hold before billing it."
        )
    if items:
        raise ClinicError(
            f"{dollars(owed)} is below the smallest statement of {dollars(policy.statement_minimum)}. Send none."
        )
    if due_items(guarantor).exists():
        raise ClinicError("The payers have not settled this visit yet. Send a statement once every claim is settled.")
    raise ClinicError("This account owes nothing now. There is no statement to send.")


def _channel(guarantor: Guarantor) -> str:
    if guarantor.email:
        return Statement.Channel.EMAIL
    if not (guarantor.line1 and guarantor.zip_code):
        raise ClinicError("This guarantor has neither an e-mail nor a whole address. Add one, then send the statement.")
    return Statement.Channel.LETTER


def _write_lines(statement: Statement, items: Sequence[OpenItem]) -> None:
    open_now = _open_in_all_accounts([i.charge_id for i in items if i.charge_id])
    figures = line_figures([i.charge_id for i in items if i.charge_id], open_now)
    rows = []
    for position, item in enumerate(items, 1):
        charge = item.charge
        if charge is None:
            continue
        seen = figures[charge.pk]
        rows.append(
            StatementLine(
                statement=statement,
                position=position,
                charge=charge,
                visit=item.visit,
                service_date=charge.service_date,
                code=charge.code,
                charged=seen.charged,
                insurance_paid=seen.insurance_paid,
                adjusted=seen.adjusted,
                patient_paid=seen.patient_paid,
                balance=item.balance,
            )
        )
    StatementLine.objects.bulk_create(rows)


def _open_in_all_accounts(charge_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    rows = OpenItem.objects.filter(charge__in=charge_ids).order_by().values("charge_id").annotate(total=Sum("balance"))
    return {row["charge_id"]: row["total"] for row in rows}


def _send(statement: Statement) -> Message:
    """The message names amount, day and clinic: nothing of the visit, no name."""
    practice = Practice.objects.get()
    link = make_link(statement=statement)
    heading = {
        Notice.FINAL: "Final notice before collection",
        Notice.SECOND: "Second notice",
        Notice.REMINDER: "Reminder",
    }.get(Notice(statement.notice), "Your statement")
    lines = [
        f"{heading} {statement.number} from {practice.name}.",
        f"Amount due: {dollars(statement.balance)}, by {statement.pay_by:%m/%d/%Y}.",
        f"Pay by card: {address_of(link)}",
        f"Questions, or a payment plan? Call {practice.phone}.",
    ]
    if statement.notice == Notice.FINAL:
        lines.insert(2, "If we do not hear from you by then, the account may be placed with a collection agency.")
    return queue_message(
        key=f"statement:{statement.pk}",
        kind="statement",
        channel=statement.channel,
        subject=f"{heading} {statement.number} from {practice.name}",
        body="\n".join(lines),
        guarantor=statement.guarantor,
    )


__all__ = ["TIME_TO_ANSWER", "apply_credits", "issue_statement", "notice_for"]
