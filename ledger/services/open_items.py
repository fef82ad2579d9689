"""Moving the open items with an entry. Called by journal.post() alone, in the entry's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

from clinic import clock
from ledger.accounts import CHART, ITEM_ACCOUNTS, RECEIVABLE, Account
from ledger.models import OpenItem
from ledger.services.legs import Leg

ROWS_A_STATEMENT = 500
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


def move_open_items(legs: Sequence[Leg]) -> None:
    """Add the legs to their items; the rows are locked in the order of their keys: no deadlock."""
    today = clock.today()
    moved: dict[str, Leg] = {}
    for each in legs:
        if each.account not in ITEM_ACCOUNTS:
            continue
        before = moved.get(each.item_key)
        moved[each.item_key] = replace(each, amount=each.amount + before.amount) if before else each
    rows = [_item_values(key, each, today) for key, each in sorted(moved.items())]
    receivable = [a.value for a in RECEIVABLE]
    for begin in range(0, len(rows), ROWS_A_STATEMENT):
        some = rows[begin : begin + ROWS_A_STATEMENT]
        marks = ", ".join(["(" + ", ".join(["%s"] * 13) + ")"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(MOVE.format(rows=marks), [*(value for row in some for value in row), receivable])


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
