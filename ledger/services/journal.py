"""post(), post_many() and reverse(): the only writers of the journal and of the open items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from clinic import clock
from clinic.bulk import copy_rows, copy_values
from clinic.errors import ClinicError, Conflict
from clinic.models import User
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import Allocation, JournalEntry, Posting
from ledger.services.legs import Leg, Unbalanced, leg
from ledger.services.open_items import move_open_items, note_first_statement

Kind = JournalEntry.Kind


@dataclass(frozen=True)
class Draft:
    """An entry to be posted with others. `key` names its event, as in `post`."""

    key: str
    debits: Sequence[Leg]
    credits: Sequence[Leg]
    effective_on: date | None = None
    memo: str = ""


def lock_accounts(guarantor_ids: Iterable[UUID | None]) -> None:
    """One writer at a time for each of these guarantors' accounts, until the transaction ends; in sorted order.

    A service that decides by a balance takes it before it looks.
    """
    wanted = sorted({str(g) for g in guarantor_ids if g})
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(g, 7201)) FROM unnest(%s) g", [wanted])


def posted(key: str) -> JournalEntry | None:
    """The entry of that event, if it was posted before."""
    return JournalEntry.objects.filter(key=key).first()


@transaction.atomic
def post(
    *,
    kind: str,
    key: str,
    debits: Sequence[Leg],
    credits: Sequence[Leg],
    by: User | None,
    effective_on: date | None = None,
    memo: str = "",
    reason: str = "",
    reverses: JournalEntry | None = None,
) -> JournalEntry:
    """Write one balanced entry and move its open items. The same key, also at the same moment, is the same entry.

    Zero legs are dropped, negative ones change sides. The database checks the balance before this returns.
    """
    legs = _legs(kind, key, debits, credits)
    lock_accounts(each.guarantor_id for each in legs)
    entry = _insert_entry(
        kind=kind, key=key, by=by, effective_on=effective_on, memo=memo[:300], reason=reason, of=reverses
    )
    if entry is None:
        first = posted(key)
        if first is None:
            raise Conflict("The same amount is being posted at this moment. Look at the account again.")
        return first
    if len(legs) < 2:
        raise ClinicError("There is no amount to post.")
    Posting.objects.bulk_create([_posting(entry, each) for each in legs])
    move_open_items(legs)
    _check_balance()
    return entry


@transaction.atomic
def post_many(*, kind: str, drafts: Sequence[Draft], by: User | None) -> int:
    """Many entries of one kind in a handful of statements, under the same guards as `post`. All of them or none.

    A draft whose legs are all zero makes no entry. Raises Conflict when an entry with one of the keys stands already:
    the caller then posts one by one, where a second try finds the first.
    """
    legs_by_key = {d.key: _legs(kind, d.key, d.debits, d.credits) for d in drafts}
    legs_by_key = {key: legs for key, legs in legs_by_key.items() if legs}
    lock_accounts(each.guarantor_id for legs in legs_by_key.values() for each in legs)
    now, today = clock.now(), clock.today()
    fresh = [
        JournalEntry(
            key=d.key, kind=kind, effective_on=d.effective_on or today, posted_at=now, by=by, memo=d.memo[:300]
        )
        for d in drafts
        if d.key in legs_by_key
    ]  # fmt: skip
    if not fresh:
        return 0
    if JournalEntry.objects.filter(key__in=legs_by_key).exists():
        raise Conflict("Some of this was posted before.")
    try:
        with transaction.atomic():
            copy_rows(fresh)
    except IntegrityError as error:
        raise Conflict("The same amounts are being posted at this moment. Look at the account again.") from error
    entries = {e.key: e for e in JournalEntry.objects.filter(key__in=legs_by_key)}
    copy_values(
        Posting, POSTING_COLUMNS, (_values(entries[key], each) for key, legs in legs_by_key.items() for each in legs)
    )
    move_open_items([each for legs in legs_by_key.values() for each in legs])
    _check_balance()
    return len(fresh)


@transaction.atomic
def reverse(
    *, entry: JournalEntry, key: str, by: User | None, memo: str = "", effective_on: date | None = None
) -> JournalEntry:
    """The same legs on the other side, dated today, and payments back to where they lay. An entry can be reversed once."""
    done = JournalEntry.objects.filter(reverses=entry).first()
    if done is not None:
        if done.key == key:
            return done
        raise ClinicError("This entry was reversed before. Look at the account's activity.")
    legs = legs_of(entry)
    reversal = post(
        kind=Kind.REVERSAL,
        key=key,
        debits=[],
        credits=legs,
        by=by,
        effective_on=effective_on,
        memo=memo or f"Reverses {entry}",
        reason=entry.reason,
        reverses=entry,
    )
    Allocation.objects.bulk_create(
        [
            Allocation(
                payment_id=row.payment_id,
                account=row.account,
                charge_id=row.charge_id,
                visit_id=row.visit_id,
                amount=-row.amount,
                entry=reversal,
            )
            for row in entry.allocations.order_by("id")
        ]
    )
    return reversal


def legs_of(entry: JournalEntry) -> list[Leg]:
    """What was posted, debits above zero and credits below, to be undone or looked at."""
    return [
        Leg(
            account=Account(p.account),
            amount=p.debit - p.credit,
            charge_id=p.charge_id,
            coverage_id=p.coverage_id,
            guarantor_id=p.guarantor_id,
            patient_id=p.patient_id,
            visit_id=p.visit_id,
            payer_id=p.payer_id,
            reference=p.reference,
            service_date=p.charge.service_date if p.charge else None,
        )
        for p in entry.postings.select_related("charge").order_by("id")
    ]


def _legs(kind: str, key: str, debits: Sequence[Leg], credits: Sequence[Leg]) -> list[Leg]:
    """Debits above zero and credits below, without the zero ones; their sum is zero."""
    legs = [*debits, *(replace(c, amount=-c.amount) for c in credits)]
    legs = [each for each in legs if each.amount]
    total = sum((each.amount for each in legs), ZERO)
    if total:
        raise Unbalanced(f"{kind} {key}: debits and credits differ by {total}")
    return legs


def _check_balance() -> None:
    """The database's own check now, not at the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ledger_entry_balanced IMMEDIATE; SET CONSTRAINTS ledger_entry_balanced DEFERRED"
        )


def _insert_entry(
    *,
    kind: str,
    key: str,
    by: User | None,
    effective_on: date | None,
    memo: str,
    reason: str,
    of: JournalEntry | None,
) -> JournalEntry | None:
    """The new entry, or None when its key was there first. Waits for a racer with the same key to commit."""
    entry = JournalEntry(
        key=key,
        kind=kind,
        reason=reason,
        effective_on=effective_on or clock.today(),
        posted_at=clock.now(),
        by=by,
        reverses=of,
        memo=memo,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_journalentry"
            " (key, kind, reason, effective_on, posted_at, by_id, reverses_id, memo, txid)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0) ON CONFLICT (key) DO NOTHING RETURNING id, txid",
            [key, kind, reason, entry.effective_on, entry.posted_at, entry.by_id, entry.reverses_id, memo],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    entry.pk, entry.txid = row
    entry._state.adding = False
    entry._state.db = connection.alias
    return entry


POSTING_COLUMNS = (
    "entry_id", "account", "debit", "credit", "charge_id", "coverage_id", "guarantor_id", "patient_id", "visit_id",
    "payer_id", "reference",
)  # fmt: skip


def _values(entry: JournalEntry, each: Leg) -> tuple[Any, ...]:
    return (
        entry.pk, each.account.value, max(each.amount, ZERO), max(-each.amount, ZERO), each.charge_id,
        each.coverage_id, each.guarantor_id, each.patient_id, each.visit_id, each.payer_id, each.reference,
    )  # fmt: skip


def _posting(entry: JournalEntry, each: Leg) -> Posting:
    return Posting(**dict(zip(POSTING_COLUMNS, _values(entry, each), strict=True)))


__all__ = [
    "Draft",
    "Kind",
    "Leg",
    "Unbalanced",
    "leg",
    "legs_of",
    "lock_accounts",
    "note_first_statement",
    "post",
    "post_many",
    "posted",
    "reverse",
]
