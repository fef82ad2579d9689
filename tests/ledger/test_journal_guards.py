"""The journal against raw SQL: what the database itself refuses."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import Guarantor, Patient, User
from ledger.accounts import Account
from ledger.models import JournalEntry, OpenItem, Posting
from ledger.services.journal import Kind, Unbalanced, leg, post

ENTRY = (
    "INSERT INTO ledger_journalentry (key, kind, reason, effective_on, posted_at, memo, txid)"
    " VALUES (%s, 'payment', '', '2026-03-02', '2026-03-02 12:00Z', '', 0) RETURNING id"
)
POSTING = "INSERT INTO ledger_posting (entry_id, account, debit, credit, reference) VALUES "


def take_copay(guarantor: Guarantor, key: str = "copay-1", by: User | None = None) -> JournalEntry:
    return post(
        kind=Kind.PAYMENT,
        key=key,
        debits=[leg(Account.CASH, Decimal("25.00"))],
        credits=[leg(Account.CRED, Decimal("25.00"), guarantor=guarantor)],
        by=by,
    )


@pytest.mark.django_db(transaction=True)
def test_unbalanced_entry_is_refused_at_commit() -> None:
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENTRY, ["raw-1"])
        entry = cursor.fetchone()[0]
        cursor.execute(POSTING + "(%s, 'CASH', 25, 0, ''), (%s, 'OVERSHORT', 0, 24, '')", [entry, entry])

    assert not JournalEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_empty_entry_is_refused_at_commit() -> None:
    with pytest.raises(IntegrityError, match="at least two"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENTRY, ["raw-1"])

    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    "rows", ["(%(e)s, 'CASH', 5, 0, '')", "(%(e)s, 'CASH', 5, 0, ''), (%(e)s, 'OVERSHORT', 0, 5, '')"]
)
@pytest.mark.django_db(transaction=True)
def test_late_postings_are_refused_in_a_later_transaction(patient: Patient, rows: str) -> None:
    entry = take_copay(patient.guarantor)

    with pytest.raises(IntegrityError, match="complete"), connection.cursor() as cursor:
        cursor.execute(POSTING + rows, {"e": entry.pk})

    assert entry.postings.count() == 2


def test_late_postings_are_refused_in_the_same_transaction(patient: Patient) -> None:
    entry = take_copay(patient.guarantor)

    with pytest.raises(IntegrityError, match="complete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(POSTING + "(%(e)s, 'CASH', 5, 0, ''), (%(e)s, 'OVERSHORT', 0, 5, '')", {"e": entry.pk})

    assert entry.postings.count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET debit = debit + 1 WHERE debit > 0",
        "UPDATE ledger_journalentry SET memo = 'changed'",
        "DELETE FROM ledger_posting",
        "DELETE FROM ledger_journalentry",
        "TRUNCATE ledger_posting CASCADE",
        "TRUNCATE ledger_journalentry CASCADE",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_journal_is_never_changed(patient: Patient, statement: str) -> None:
    entry = take_copay(patient.guarantor)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert entry.postings.count() == 2


def test_honest_entry_passes_through_a_savepoint(patient: Patient) -> None:
    with transaction.atomic(), transaction.atomic():
        take_copay(patient.guarantor)

    assert OpenItem.objects.get(account=Account.CRED).balance == Decimal("-25.00")


def test_refusal_is_seen_before_post_returns(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """bulk_create is made to lose a leg: the database notices inside post(), not at some later commit."""
    honest = Posting.objects.bulk_create
    monkeypatch.setattr(Posting.objects, "bulk_create", lambda rows: honest(rows[:1]))

    with pytest.raises(IntegrityError, match="at least two"), transaction.atomic():
        take_copay(patient.guarantor)


def test_same_key_is_the_same_entry(patient: Patient) -> None:
    first = take_copay(patient.guarantor)
    second = take_copay(patient.guarantor)

    assert second.pk == first.pk
    assert OpenItem.objects.get(account=Account.CRED).balance == Decimal("-25.00")


def test_legs_that_do_not_add_up_never_reach_the_database(patient: Patient) -> None:
    with pytest.raises(Unbalanced):
        post(
            kind=Kind.PAYMENT,
            key="odd",
            debits=[leg(Account.CASH, Decimal("25.00"))],
            credits=[leg(Account.CRED, Decimal("24.00"), guarantor=patient.guarantor)],
            by=None,
        )

    assert not JournalEntry.objects.exists()
