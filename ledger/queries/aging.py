"""Receivables by age in 0-30, 31-60, 61-90, 91-120 and 121+ days, by three clocks.

"service": the date of service. "first_bill": the day the claim, or the first statement, went out; what never went
out is not late. "responsibility": the day the amount became that party's to pay.
Credits stand in a column of their own: a payer's or a patient's credit never makes another debt younger.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from django.db.models import F, Min, Q, Sum

from clinic import clock
from clinic.models import ClaimLine
from clinic.money import ZERO
from ledger.accounts import PATIENT_OWES, Account
from ledger.models import OpenItem, Posting
from ledger.queries.balances import moment_of

BUCKETS = ("0-30", "31-60", "61-90", "91-120", "121+")
LAST_DAYS = (30, 60, 90, 120)
Side = Literal["patient", "insurance"]
Anchor = Literal["service", "first_bill", "responsibility"]


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

    def add(self, item: "AgedItem") -> None:
        if item.balance < ZERO:
            self.credit += item.balance
        elif item.account == Account.PLAN:
            self.on_plan += item.balance
        elif item.account == Account.AGCY:
            self.at_agency += item.balance
        else:
            self.buckets[item.bucket] += item.balance


@dataclass(frozen=True)
class AgedItem:
    account: str
    charge_id: UUID | None
    coverage_id: UUID | None
    payer_id: UUID | None
    guarantor_id: UUID | None
    balance: Decimal
    age: int

    @property
    def bucket(self) -> str:
        return bucket_of(self.age)


def bucket_of(days: int) -> str:
    """Ends are inclusive; a date in the future is in the first bucket."""
    for name, last in zip(BUCKETS, LAST_DAYS, strict=False):
        if days <= last:
            return name
    return BUCKETS[-1]


def age(
    *,
    side: Side = "patient",
    anchor: Anchor = "responsibility",
    as_of: date | datetime | None = None,
    by: str | None = None,
) -> list[AgedRow]:
    """Rows by "payer" or "guarantor" (the side's own when not named), the largest first, and the total last."""
    name = by or ("payer" if side == "insurance" else "guarantor")
    rows: dict[UUID | None, AgedRow] = {}
    total = AgedRow(None)
    for item in aged_items(side=side, anchor=anchor, as_of=as_of):
        key = item.payer_id if name == "payer" else item.guarantor_id
        rows.setdefault(key, AgedRow(key)).add(item)
        total.add(item)
    return [*sorted(rows.values(), key=lambda row: row.total, reverse=True), total]


def aged_items(*, side: Side, anchor: Anchor, as_of: date | datetime | None = None) -> list[AgedItem]:
    """Every item that was open then, with its age in days at that date."""
    accounts = (Account.INS,) if side == "insurance" else PATIENT_OWES
    day = clock.local(as_of).date() if isinstance(as_of, datetime) else as_of or clock.today()
    items = OpenItem.objects.filter(account__in=accounts)
    then = _balances_then(accounts, moment_of(as_of)) if as_of is not None else None
    if then is None:
        items = items.open()
    billed = _first_billed() if anchor == "first_bill" and side == "insurance" else {}
    aged = []
    for item in items.iterator(chunk_size=5000):
        open_then = item.balance if then is None else then.get((item.account, item.charge_id, item.coverage_id), ZERO)
        if not open_then:
            continue
        start = _start(item, anchor, billed)
        days = max(0, (day - start).days) if start else 0
        aged.append(
            AgedItem(item.account, item.charge_id, item.coverage_id, item.payer_id, item.guarantor_id, open_then, days)
        )
    return aged


def _start(item: OpenItem, anchor: Anchor, billed: dict[tuple[UUID, UUID], date]) -> date | None:
    if anchor == "service":
        return item.service_date
    if anchor == "responsibility":
        return item.responsible_since
    if item.account != Account.INS:
        return item.first_statement_on
    if item.charge_id is None or item.coverage_id is None:
        return None
    return billed.get((item.charge_id, item.coverage_id))


def _balances_then(
    accounts: Iterable[Account], moment: datetime
) -> dict[tuple[str, UUID | None, UUID | None], Decimal]:
    """By (account, charge, coverage) from what was posted by that moment. Only INS tells coverages apart."""
    rows = Posting.objects.filter(account__in=list(accounts), entry__posted_at__lte=moment)
    sums: dict[tuple[str, UUID | None, UUID | None], Decimal] = {}
    grouped = rows.order_by().values("account", "charge_id", "coverage_id").annotate(
        total=Sum("debit") - Sum("credit")
    )  # fmt: skip
    for row in grouped.iterator():
        coverage = row["coverage_id"] if row["account"] == Account.INS else None
        key = (row["account"], row["charge_id"], coverage)
        sums[key] = sums.get(key, ZERO) + row["total"]
    return sums


def _first_billed() -> dict[tuple[UUID, UUID], date]:
    """(charge, coverage) → the day its first claim went to that payer."""
    rows = (
        ClaimLine.objects.filter(~Q(claim__first_billed_on=None))
        .order_by()
        .values_list("charge_id", "claim__coverage_id")
        .annotate(first=Min(F("claim__first_billed_on")))
    )
    return {(charge_id, coverage_id): first for charge_id, coverage_id, first in rows.iterator()}
