"""Receivables by age in 0-30, 31-60, 61-90, 91-120 and 121+ days, by three clocks.

"service": the date of service. "first_bill": the day the claim, or the first statement, went out; what never went
out is not late. "responsibility": the day the amount became that party's to pay.
Credits stand in a column of their own: a payer's or a patient's credit never makes another debt younger.

The server adds up, and only its sums travel: a practice of a million open items is aged in a fifth of a second.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from clinic import clock
from clinic.money import ZERO
from ledger.accounts import PATIENT_OWES, Account
from ledger.queries.balances import moment_of

BUCKETS = ("0-30", "31-60", "61-90", "91-120", "121+")
LAST_DAYS = (30, 60, 90, 120)
Side = Literal["patient", "insurance"]
Anchor = Literal["service", "first_bill", "responsibility"]
Party = Literal["payer", "guarantor"]


@dataclass
class AgedRow:
    """One payer's or guarantor's row; id None is the total. A plan in good standing and the agency stand apart."""

    id: UUID | None
    buckets: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(BUCKETS, ZERO))
    on_plan: Decimal = ZERO
    at_agency: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return sum(self.buckets.values(), ZERO) + self.on_plan + self.at_agency + self.credit

    @property
    def amounts(self) -> list[Decimal]:
        """The buckets in their order."""
        return [self.buckets[name] for name in BUCKETS]

    def add(self, account: str, sums: list[Decimal]) -> None:
        """`sums` are the five buckets' and, last, the credits'."""
        *open_sums, credit = sums
        self.credit += credit
        if account == Account.PLAN:
            self.on_plan += sum(open_sums, ZERO)
        elif account == Account.AGCY:
            self.at_agency += sum(open_sums, ZERO)
        else:
            for name, amount in zip(BUCKETS, open_sums, strict=True):
                self.buckets[name] += amount


def age(
    *,
    side: Side = "patient",
    anchor: Anchor = "responsibility",
    as_of: date | datetime | None = None,
    by: Party | None = None,
) -> list[AgedRow]:
    """Rows by "payer" or "guarantor" (the side's own when not named), the largest first, and the total last."""
    party: Party = by or ("payer" if side == "insurance" else "guarantor")
    rows: dict[UUID | None, AgedRow] = {}
    total = AgedRow(None)
    for key, account, sums in _sums(side, anchor, as_of, f"items.{party}_id"):
        rows.setdefault(key, AgedRow(key)).add(account, sums)
        total.add(account, sums)
    return [*sorted(rows.values(), key=lambda row: row.total, reverse=True), total]


def age_total(
    *, side: Side = "patient", anchor: Anchor = "responsibility", as_of: date | datetime | None = None
) -> AgedRow:
    """The last row of `age` alone: a practice has many guarantors."""
    total = AgedRow(None)
    for _, account, sums in _sums(side, anchor, as_of, "NULL::uuid"):
        total.add(account, sums)
    return total


def _sums(
    side: Side, anchor: Anchor, as_of: date | datetime | None, party: str
) -> Iterable[tuple[UUID | None, str, list[Decimal]]]:
    """(party, account, what was open then in each bucket, then its credits)"""
    day = clock.local(as_of).date() if isinstance(as_of, datetime) else as_of or clock.today()
    asked: dict[str, Any] = {f"until_{last}": day - timedelta(days=last) for last in LAST_DAYS}
    asked["moment"] = moment_of(as_of) if as_of is not None else None
    billed = _FIRST_BILLED if (side, anchor) == ("insurance", "first_bill") else ""
    then, open_items = ("", _NOW[side]) if as_of is None else _THEN[side]
    items = open_items.format(start=_START[side, anchor], billed=billed)
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(then=then, party=party, items=items), asked)
        return [(key, account, [amount or ZERO for amount in sums]) for key, account, *sums in cursor.fetchall()]


# Ends of buckets are inclusive; a date in the future, and none at all, are in the first one. Filters, not a CASE to
# group by: of that the planner expects as many groups as there are dates, and sorts. The dates are asked first, so that
# each row's sign is looked at once.
_SUMS = """
{then}
SELECT {party} AS party, items.account,
    sum(items.open) FILTER (WHERE (items.start IS NULL OR items.start >= %(until_30)s) AND items.open > 0),
    sum(items.open) FILTER (WHERE items.start < %(until_30)s AND items.start >= %(until_60)s AND items.open > 0),
    sum(items.open) FILTER (WHERE items.start < %(until_60)s AND items.start >= %(until_90)s AND items.open > 0),
    sum(items.open) FILTER (WHERE items.start < %(until_90)s AND items.start >= %(until_120)s AND items.open > 0),
    sum(items.open) FILTER (WHERE items.start < %(until_120)s AND items.open > 0),
    sum(items.open) FILTER (WHERE items.open < 0)
FROM ({items}) items
WHERE items.open <> 0
GROUP BY party, items.account
"""

_START: dict[tuple[Side, Anchor], str] = {
    ("insurance", "service"): "i.service_date",
    ("insurance", "responsibility"): "i.responsible_since",
    ("insurance", "first_bill"): "billed.first",
    ("patient", "service"): "i.service_date",
    ("patient", "responsibility"): "i.responsible_since",
    ("patient", "first_bill"): "i.first_statement_on",
}

# By charge and coverage: the day the first claim for it went to that payer.
_FIRST_BILLED = """
LEFT JOIN (
    SELECT l.charge_id, c.coverage_id, min(c.first_billed_on) AS first
    FROM clinic_claimline l JOIN clinic_claim c ON c.id = l.claim_id
    WHERE c.first_billed_on IS NOT NULL GROUP BY l.charge_id, c.coverage_id
) billed ON billed.charge_id = i.charge_id AND billed.coverage_id = i.coverage_id
"""

_ACCOUNTS: dict[Side, str] = {
    "insurance": f"= '{Account.INS.value}'",
    "patient": "IN ({})".format(", ".join(f"'{account.value}'" for account in PATIENT_OWES)),
}

_NOW: dict[Side, str] = {
    side: "SELECT i.payer_id, i.guarantor_id, i.account, i.balance AS open, {start} AS start"  # noqa: S608  (our own words)
    f" FROM ledger_openitem i {{billed}} WHERE i.account {accounts}"
    for side, accounts in _ACCOUNTS.items()
}

# What was posted by that moment, per line, then its items. MATERIALIZED: planned into the join, each parallel worker
# would add up all of it. Only INS tells coverages apart.
_POSTED = """
WITH posted AS MATERIALIZED (
    SELECT {keys}, sum(p.debit - p.credit) AS open
    FROM ledger_posting p JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE p.account {accounts} AND e.posted_at <= %(moment)s
    GROUP BY {keys})
"""
_POSTED_ITEMS = """
SELECT i.payer_id, i.guarantor_id, i.account, posted.open, {{start}} AS start
FROM posted JOIN ledger_openitem i ON {same} {{billed}}
"""

_THEN: dict[Side, tuple[str, str]] = {
    "insurance": (
        _POSTED.format(keys="p.charge_id, p.coverage_id", accounts=_ACCOUNTS["insurance"]),
        _POSTED_ITEMS.format(
            same=f"i.account {_ACCOUNTS['insurance']} AND i.charge_id = posted.charge_id"
            " AND i.coverage_id = posted.coverage_id"
        ),
    ),
    "patient": (
        _POSTED.format(keys="p.account, p.charge_id", accounts=_ACCOUNTS["patient"]),
        _POSTED_ITEMS.format(same="i.account = posted.account AND i.charge_id = posted.charge_id"),
    ),
}
