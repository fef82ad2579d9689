"""What verify_ledger looks at. An upper app adds its own with `register` in its AppConfig."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from clinic.money import ZERO, to_cents
from ledger.accounts import CHART, CLEARING, ITEM_ACCOUNTS, RECEIVABLE, Account

CheckFunction = Callable[[], "Iterable[Finding]"]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be, and where. `cents_off` counts money that stands nowhere or twice."""

    where: str
    problem: str
    cents_off: Decimal = ZERO


_registered: dict[str, CheckFunction] = {}


def register(name: str, fn: CheckFunction) -> None:
    """`fn` yields findings; none means all is well. The same name again replaces the check."""
    _registered[name] = fn


def all_checks() -> dict[str, CheckFunction]:
    return {**OWN, **_registered}


def _rows(sql: str, params: Sequence[list[str]] = ()) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return list(cursor.fetchall())


def entries_balance() -> Iterable[Finding]:
    """Every entry has at least two postings, and its debits are its credits."""
    rows = _rows(
        "SELECT e.id, e.key, count(p.id), coalesce(sum(p.debit), 0) - coalesce(sum(p.credit), 0)"
        " FROM ledger_journalentry e LEFT JOIN ledger_posting p ON p.entry_id = e.id GROUP BY e.id, e.key"
        " HAVING count(p.id) < 2 OR coalesce(sum(p.debit), 0) <> coalesce(sum(p.credit), 0)"
        " ORDER BY e.id"
    )
    for entry, key, count, off in rows:
        yield Finding(f"entry {entry} ({key})", f"{count} postings, debits less credits {off}", abs(Decimal(str(off))))


def _key_sql() -> str:
    """The open item's name, spelt in SQL from the chart of accounts, independently of Leg.item_key."""
    cases = []
    for account in sorted(ITEM_ACCOUNTS):
        parts = " || ' ' || ".join(
            f"coalesce(nullif({k if k == 'reference' else k + '_id'}::text, ''), '-')" for k in CHART[account].keys
        )
        cases.append(f"WHEN account = '{account.value}' THEN account || ' ' || {parts}")
    return f"CASE {' '.join(cases)} END"


REBUILD = """
WITH rebuilt AS (
    SELECT {key} AS key, sum(debit) - sum(credit) AS balance FROM ledger_posting WHERE account = ANY(%s) GROUP BY 1
)
SELECT coalesce(r.key, i.key), coalesce(i.balance, 0), coalesce(r.balance, 0)
FROM rebuilt r FULL JOIN ledger_openitem i ON i.key = r.key
WHERE coalesce(r.balance, 0) <> coalesce(i.balance, 0) ORDER BY 1
"""


def open_items_match() -> Iterable[Finding]:
    """Open items rebuilt from the postings, item by item, and both totals per account (the AR control)."""
    rows = _rows(REBUILD.replace("{key}", _key_sql()), [[a.value for a in ITEM_ACCOUNTS]])
    for key, stored, rebuilt in rows:
        off = Decimal(str(stored)) - Decimal(str(rebuilt))
        yield Finding(
            f"open item {key}", f"stored {to_cents(str(stored))}, postings say {to_cents(str(rebuilt))}", abs(off)
        )


def control_matches() -> Iterable[Finding]:
    """Receivables in the journal are the receivables in the open items, account by account."""
    rows = _rows(
        "SELECT account, sum(p), sum(i) FROM ("
        " SELECT account, debit - credit AS p, 0 AS i FROM ledger_posting WHERE account = ANY(%s)"
        " UNION ALL SELECT account, 0, balance FROM ledger_openitem WHERE account = ANY(%s)) x"
        " GROUP BY account HAVING sum(p) <> sum(i)",
        [[a.value for a in RECEIVABLE]] * 2,
    )
    for account, journal, items in rows:
        yield Finding(f"account {account}", f"journal {journal}, open items {items}")


def lines_proved() -> Iterable[Finding]:
    """charge = payer paid + adjustments + patient paid + open: the postings of a line add up to zero."""
    rows = _rows(
        "SELECT charge_id, sum(debit) - sum(credit) FROM ledger_posting WHERE charge_id IS NOT NULL"
        " GROUP BY charge_id HAVING sum(debit) <> sum(credit) ORDER BY charge_id"
    )
    for charge, off in rows:
        yield Finding(f"charge {charge}", f"the line's proof is off by {off}", abs(Decimal(str(off))))


def payments_placed() -> Iterable[Finding]:
    """What payments left as credit is the credit in the journal, per guarantor and visit."""
    rows = _rows(
        "SELECT guarantor_id, visit_id, sum(a), sum(i) FROM ("
        " SELECT p.guarantor_id, a.visit_id, a.amount AS a, 0 AS i FROM ledger_allocation a"
        " JOIN ledger_payment p ON p.id = a.payment_id WHERE a.account = 'CRED'"
        " UNION ALL SELECT guarantor_id, visit_id, 0, -balance FROM ledger_openitem WHERE account = 'CRED') x"
        " GROUP BY guarantor_id, visit_id HAVING sum(a) <> sum(i)"
    )
    for guarantor, visit, placed, credit in rows:
        off = Decimal(str(placed)) - Decimal(str(credit))
        yield Finding(
            f"guarantor {guarantor}, visit {visit or '-'}", f"payments hold {placed}, credit is {credit}", abs(off)
        )


PLACED_WHOLE = """
WITH undone AS (SELECT o.key FROM ledger_journalentry o JOIN ledger_journalentry r ON r.reverses_id = o.id),
placed AS (SELECT payment_id, sum(amount) AS amount FROM ledger_allocation GROUP BY payment_id),
returned AS (
    SELECT payment_id, sum(amount) AS amount FROM ledger_refund
    WHERE status IN ('approved', 'sending', 'sent', 'unclaimed')
    AND NOT EXISTS (SELECT 1 FROM undone WHERE key = 'refund-approved:' || ledger_refund.id) GROUP BY payment_id
), held AS (
    SELECT p.id, p.number, coalesce(returned.amount, 0) AS returned, p.amount AS received,
        p.status = 'posted' AND NOT EXISTS (SELECT 1 FROM undone WHERE key = 'payment:' || p.id) AS is_ours
    FROM ledger_payment p LEFT JOIN returned ON returned.payment_id = p.id
)
SELECT number, CASE WHEN is_ours THEN received ELSE 0 END - returned AS held, coalesce(placed.amount, 0)
FROM held LEFT JOIN placed ON placed.payment_id = held.id
WHERE CASE WHEN is_ours THEN received ELSE 0 END - returned <> coalesce(placed.amount, 0) ORDER BY number
"""


def payments_placed_whole() -> Iterable[Finding]:
    """Where a payment's parts lie adds up to what we still hold of it: all of it less refunds; nothing once taken back."""
    for number, held, placed in _rows(PLACED_WHOLE):
        off = Decimal(str(placed)) - Decimal(str(held))
        yield Finding(f"receipt {number}", f"we hold {held} of it, its parts add up to {placed}", abs(off))


def receipts_have_no_gaps() -> Iterable[Finding]:
    """Receipt numbers run without a hole."""
    rows = _rows(
        "SELECT n - 1 FROM (SELECT substr(number, 2)::bigint AS n, lag(substr(number, 2)::bigint)"
        " OVER (ORDER BY substr(number, 2)::bigint) AS before FROM ledger_payment WHERE number IS NOT NULL) x"
        " WHERE before IS NOT NULL AND n <> before + 1"
    )
    for (missing,) in rows:
        yield Finding(f"receipt R{missing}", "is missing")


OWN: dict[str, CheckFunction] = {
    "entries balance": entries_balance,
    "open items match the journal": open_items_match,
    "receivables match their control accounts": control_matches,
    "every line is proved": lines_proved,
    "every payment lies somewhere": payments_placed,
    "a payment's parts are what we hold of it": payments_placed_whole,
    "receipts have no gaps": receipts_have_no_gaps,
}


def clearing_list() -> list[tuple[str, Decimal, int]]:
    """(account, balance, open items): what waits for its other half. A fact to look at, not a fault."""
    accounts = [a.value for a in (*CLEARING, Account.RECOUP, Account.PAYU, Account.REFP)]
    rows = _rows(
        "SELECT p.account, sum(p.debit) - sum(p.credit),"
        " (SELECT count(*) FROM ledger_openitem i WHERE i.account = p.account AND i.balance <> 0)"
        " FROM ledger_posting p WHERE p.account = ANY(%s) GROUP BY p.account ORDER BY p.account",
        [accounts],
    )
    return [(str(account), Decimal(str(total)), int(str(count))) for account, total, count in rows]
