"""post() and reverse(): the only writers of the journal and of the open items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from clinic import clock
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Coverage, Guarantor, Patient, Payer, User, Visit
from clinic.money import ZERO, exact
from ledger.accounts import CHART, ITEM_ACCOUNTS, RECEIVABLE, Account
from ledger.models import JournalEntry, OpenItem, Posting

Kind = JournalEntry.Kind


class Unbalanced(Exception):
    """A service built legs that do not add up: a fault of the program, never of the person at the desk."""


@dataclass(frozen=True)
class Leg:
    """An amount on an account, by ids. A negative amount stands on the other side."""

    account: Account
    amount: Decimal
    charge_id: UUID | None = None
    coverage_id: UUID | None = None
    guarantor_id: UUID | None = None
    patient_id: UUID | None = None
    visit_id: UUID | None = None
    payer_id: UUID | None = None
    reference: str = ""
    service_date: date | None = None
    since: date | None = None
    first_statement_on: date | None = None

    def key_value(self, name: str) -> UUID | str | None:
        value: UUID | str | None = getattr(self, name if name == "reference" else f"{name}_id")
        return value

    @property
    def item_key(self) -> str:
        """Names the open item this leg moves."""
        values = (self.key_value(name) for name in CHART[self.account].keys)
        return " ".join([self.account.value, *(str(v) if v else "-" for v in values)])


def leg(
    account: Account,
    amount: Decimal,
    *,
    charge: ChargeItem | None = None,
    coverage: Coverage | None = None,
    guarantor: Guarantor | None = None,
    patient: Patient | None = None,
    visit: Visit | None = None,
    payer: Payer | None = None,
    reference: str = "",
    since: date | None = None,
    first_statement_on: date | None = None,
) -> Leg:
    """One side of an entry. Patient, guarantor and visit follow from the charge, the payer from the coverage.

    On patient credit the visit is part of the item's name, on refunds payable the guarantor: there only what is
    given counts.
    `since` and `first_statement_on` carry the clock of a debt that moves to another account.
    """
    built = Leg(
        account=Account(account),
        amount=exact(amount),
        charge_id=charge.pk if charge else None,
        coverage_id=coverage.pk if coverage else None,
        guarantor_id=guarantor.pk
        if guarantor
        else (charge.guarantor_id if charge and account != Account.REFP else None),
        patient_id=patient.pk if patient else (charge.patient_id if charge else None),
        visit_id=visit.pk if visit else (charge.visit_id if charge and account != Account.CRED else None),
        payer_id=payer.pk if payer else (coverage.payer_id if coverage else None),
        reference=reference,
        service_date=charge.service_date if charge else None,
        since=since,
        first_statement_on=first_statement_on,
    )
    missing = [name for name in CHART[built.account].required if not built.key_value(name)]
    if missing:
        raise Unbalanced(f"a leg on {built.account} needs {', '.join(missing)}")
    return built


def lock_accounts(guarantor_ids: Iterable[UUID | None]) -> None:
    """One writer at a time for each of these guarantors' accounts, until the transaction ends; in sorted order.

    A service that decides by a balance takes it before it looks.
    """
    for guarantor_id in sorted({str(g) for g in guarantor_ids if g}):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7201))", [guarantor_id])


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
    legs = [*debits, *(replace(c, amount=-c.amount) for c in credits)]
    legs = [each for each in legs if each.amount]
    total = sum((each.amount for each in legs), ZERO)
    if total:
        raise Unbalanced(f"{kind} {key}: debits and credits differ by {total}")
    lock_accounts(each.guarantor_id for each in legs)
    entry = insert_entry(kind=kind, key=key, by=by, effective_on=effective_on, memo=memo, reason=reason, of=reverses)
    if entry is None:
        first = posted(key)
        if first is None:
            raise Conflict("The same amount is being posted at this moment. Look at the account again.")
        return first
    if len(legs) < 2:
        raise ClinicError("There is no amount to post.")
    Posting.objects.bulk_create([_posting(entry, each) for each in legs])
    _move_open_items(legs)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ledger_entry_balanced IMMEDIATE; SET CONSTRAINTS ledger_entry_balanced DEFERRED"
        )
    return entry


@transaction.atomic
def reverse(
    *, entry: JournalEntry, key: str, by: User | None, memo: str = "", effective_on: date | None = None
) -> JournalEntry:
    """The same legs on the other side, dated today. An entry can be reversed once."""
    done = JournalEntry.objects.filter(reverses=entry).first()
    if done is not None:
        if done.key == key:
            return done
        raise ClinicError("This entry was reversed before. Look at the account's activity.")
    legs = legs_of(entry)
    return post(
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


def insert_entry(
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
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_journalentry"
            " (key, kind, reason, effective_on, posted_at, by_id, reverses_id, memo, txid)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0) ON CONFLICT (key) DO NOTHING RETURNING id, txid",
            [
                key,
                kind,
                reason,
                effective_on or clock.today(),
                clock.now(),
                by.pk if by else None,
                of.pk if of else None,
                memo,
            ],
        )
        row = cursor.fetchone()
    return JournalEntry.objects.get(pk=row[0]) if row else None


def _posting(entry: JournalEntry, each: Leg) -> Posting:
    return Posting(
        entry=entry,
        account=each.account,
        debit=max(each.amount, ZERO),
        credit=max(-each.amount, ZERO),
        charge_id=each.charge_id,
        coverage_id=each.coverage_id,
        guarantor_id=each.guarantor_id,
        patient_id=each.patient_id,
        visit_id=each.visit_id,
        payer_id=each.payer_id,
        reference=each.reference,
    )


MOVE = """
INSERT INTO ledger_openitem
    (key, account, charge_id, coverage_id, guarantor_id, patient_id, visit_id, payer_id, reference, service_date,
     balance, responsible_since, first_statement_on)
VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    balance = ledger_openitem.balance + excluded.balance,
    responsible_since = CASE
        WHEN ledger_openitem.balance <> 0 OR ledger_openitem.account = ANY(%s)
            THEN LEAST(ledger_openitem.responsible_since, excluded.responsible_since)
        ELSE COALESCE(excluded.responsible_since, ledger_openitem.responsible_since) END,
    first_statement_on = LEAST(ledger_openitem.first_statement_on, excluded.first_statement_on)
"""


def _move_open_items(legs: Sequence[Leg]) -> None:
    """Add the legs to their items in one statement; it locks the rows in the order of their keys: no deadlock."""
    today = clock.today()
    moved: dict[str, Leg] = {}
    for each in legs:
        if each.account not in ITEM_ACCOUNTS:
            continue
        before = moved.get(each.item_key)
        moved[each.item_key] = replace(each, amount=each.amount + before.amount) if before else each
    rows = [_item_values(key, each, today) for key, each in sorted(moved.items())]
    if not rows:
        return
    marks = ", ".join(["(" + ", ".join(["%s"] * 13) + ")"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE.format(rows=marks), [*(value for row in rows for value in row), [a.value for a in RECEIVABLE]]
        )


def _item_values(key: str, each: Leg, today: date) -> list[UUID | str | date | Decimal | None]:
    side = CHART[each.account].side
    grows = each.amount > 0 if side == "debit" else each.amount < 0 if side == "credit" else True
    names_charge = "charge" in CHART[each.account].keys
    return [
        key,
        each.account.value,
        each.charge_id if names_charge else None,
        each.coverage_id if names_charge else None,
        each.guarantor_id if names_charge or "guarantor" in CHART[each.account].keys else None,
        each.patient_id if names_charge else None,
        each.visit_id if names_charge or each.account == Account.CRED else None,
        each.payer_id,
        each.reference if not names_charge else "",
        each.service_date if names_charge else None,
        each.amount,
        (each.since or today) if grows else each.since,
        each.first_statement_on,
    ]


def note_first_statement(*, items: Iterable[OpenItem], on: date) -> int:
    """These lines were on a statement for the first time; an earlier date stays."""
    return OpenItem.objects.filter(pk__in=[i.pk for i in items], first_statement_on=None).update(first_statement_on=on)


__all__ = [
    "Kind",
    "Leg",
    "Unbalanced",
    "leg",
    "legs_of",
    "lock_accounts",
    "note_first_statement",
    "post",
    "posted",
    "reverse",
]
