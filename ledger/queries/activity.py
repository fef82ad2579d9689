"""An account's history in the order a patient would tell it: what was done, who paid, what is left."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from clinic.models import Guarantor, Visit
from clinic.money import ZERO
from ledger.accounts import PATIENT_OWES, Account
from ledger.models import JournalEntry, Payment, Posting

MONEY_IN = (Account.CASH, Account.BANK, Account.CARD)
LONGEST = 500
"""Entries shown of one account; older ones are on the next page."""


@dataclass
class ActivityRow:
    """One event. `patient`, `insurance` and `credit` are what it added to each (below zero: took off)."""

    entry_id: int
    what: str
    on: date
    posted_at: datetime
    by: str
    codes: list[str] = field(default_factory=list)
    service_date: date | None = None
    patient: Decimal = ZERO
    insurance: Decimal = ZERO
    credit: Decimal = ZERO
    amount: Decimal = ZERO
    owed_after: Decimal = ZERO
    receipt: str = ""
    payment_id: object = None
    memo: str = ""


def account_activity(guarantor: Guarantor, *, visit: Visit | None = None, limit: int = LONGEST) -> list[ActivityRow]:
    """The newest event first. `owed_after` is what the patient owed when it was written. Constant queries."""
    postings = Posting.objects.filter(guarantor=guarantor)
    if visit is not None:
        postings = postings.filter(visit=visit)
    rows = _rows(postings.select_related("entry__by", "charge", "payer").order_by("entry_id", "id"))
    receipts = {
        entry_id: (number, payment_id)
        for entry_id, number, payment_id in Payment.objects.filter(guarantor=guarantor)
        .exclude(entry=None)
        .values_list("entry_id", "number", "pk")
    }
    owed = ZERO
    for row in rows:
        owed += row.patient
        row.owed_after = owed
        number, row.payment_id = receipts.get(row.entry_id, ("", None))
        row.receipt = number or ""
    return rows[::-1][:limit]


def _rows(postings: Iterable[Posting]) -> list[ActivityRow]:
    rows: dict[int, ActivityRow] = {}
    for posting in postings:
        row = rows.get(posting.entry_id) or _row(posting.entry)
        rows[posting.entry_id] = row
        amount = posting.debit - posting.credit
        if posting.charge is not None and posting.charge.code not in row.codes:
            row.codes.append(posting.charge.code)
            row.service_date = row.service_date or posting.charge.service_date
        if posting.account in PATIENT_OWES:
            row.patient += amount
        elif posting.account == Account.INS:
            row.insurance += amount
        elif posting.account == Account.CRED:
            row.credit -= amount
        elif posting.account in (*MONEY_IN, Account.REMIT):
            row.amount += amount
        if posting.account == Account.REMIT and posting.payer is not None:
            row.memo = row.memo or f"{posting.payer.name}, {posting.reference}"
    return list(rows.values())


def _row(entry: JournalEntry) -> ActivityRow:
    return ActivityRow(
        entry_id=entry.pk,
        what=entry.get_kind_display(),
        on=entry.effective_on,
        posted_at=entry.posted_at,
        by=entry.by.full_name if entry.by else "",
        memo=str(entry.memo),
    )
