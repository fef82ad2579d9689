"""What the aging page shows: rows with names, the figures above them, and the months before."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from clinic import clock
from clinic.models import Guarantor, Payer
from clinic.money import ZERO
from collections_app.models import AgingSnapshot
from ledger.accounts import Account
from ledger.models import Posting
from ledger.queries.aging import BUCKETS, AgedRow, Anchor, age, age_total
from ledger.queries.balances import balance, moment_of

MOST_ROWS = 50
CHARGE_DAYS = 90
MONTHS = 6


@dataclass(frozen=True)
class NamedRow:
    """One payer or guarantor; the id only where the row is one."""

    name: str
    row: AgedRow
    guarantor_id: UUID | None = None
    payer_id: UUID | None = None

    @property
    def over_90(self) -> Decimal:
        return self.row.buckets["91-120"] + self.row.buckets["121+"]

    @property
    def aged(self) -> Decimal:
        return sum(self.row.amounts, ZERO)

    @property
    def over_90_percent(self) -> int:
        return int(self.over_90 * 100 / self.aged) if self.aged else 0


@dataclass(frozen=True)
class Aged:
    rows: list[NamedRow]
    total: NamedRow
    days_in_ar: Decimal | None
    unapplied: Decimal = ZERO
    """Patients' money that lies on no line yet; it is credit too, and is never netted against another debt."""

    @property
    def credits(self) -> Decimal:
        return self.total.row.credit - self.unapplied


def aged_by_payer(anchor: Anchor, as_of: date | None = None) -> Aged:
    """Payers, the largest first, then the patients' balances as one row. `as_of`: the end of that past day."""
    *parties, insurance = age(side="insurance", anchor=anchor, as_of=as_of)
    names = Payer.objects.in_bulk([row.id for row in parties if row.id])
    rows = [
        NamedRow(str(names[row.id].name) if row.id in names else "Payer not named", row, payer_id=row.id)
        for row in parties
        if row.total or any(row.amounts)
    ]
    patients = age_total(side="patient", anchor=anchor, as_of=as_of)
    if patients.total or any(patients.amounts):
        rows.append(NamedRow("Patient balances", patients))
    total = _sum("All", [insurance, patients])
    return Aged(rows, total, days_in_ar(total.row, as_of), balance(Account.CRED, as_of=as_of))


def aged_by_patient(anchor: Anchor, as_of: date | None = None) -> Aged:
    """Guarantors, the largest first; those after the fiftieth stand together."""
    *parties, total = age(side="patient", anchor=anchor, as_of=as_of)
    parties = [row for row in parties if row.total or any(row.amounts)]
    shown, others = parties[:MOST_ROWS], parties[MOST_ROWS:]
    names = Guarantor.objects.in_bulk([row.id for row in shown if row.id])
    rows = [NamedRow(names[row.id].listed_name, row, row.id) for row in shown if row.id in names]
    if others:
        rows.append(_sum(f"{len(others)} others", others))
    return Aged(rows, NamedRow("All patients", total), None, balance(Account.CRED, as_of=as_of))


def _sum(name: str, rows: list[AgedRow]) -> NamedRow:
    total = AgedRow(None)
    for row in rows:
        for bucket in BUCKETS:
            total.buckets[bucket] += row.buckets[bucket]
        total.on_plan += row.on_plan
        total.at_agency += row.at_agency
        total.credit += row.credit
    return NamedRow(name, total)


def days_in_ar(row: AgedRow, as_of: date | None = None) -> Decimal | None:
    """(AR without credits) ÷ (gross charges of the 90 days before ÷ 90). None before there were charges."""
    last = as_of or clock.today()
    rows = Posting.objects.filter(account=Account.REV, entry__effective_on__gt=last - timedelta(days=CHARGE_DAYS))
    if as_of is not None:
        rows = rows.filter(entry__effective_on__lte=last, entry__posted_at__lte=moment_of(as_of))
    sums = rows.aggregate(charged=Sum("credit") - Sum("debit"))
    charged = sums["charged"] or ZERO
    if charged <= ZERO:
        return None
    return ((row.total - row.credit) * CHARGE_DAYS / charged).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class Month:
    as_of: date
    amounts: list[Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.amounts, ZERO)


def months_before(anchor: Anchor, *, patients_only: bool) -> list[Month]:
    """The last night of each of the last months of which a snapshot was kept, the oldest first."""
    rows = AgingSnapshot.objects.filter(anchor=anchor, bucket__in=BUCKETS)
    if patients_only:
        rows = rows.filter(side=AgingSnapshot.Side.PATIENT)
    nights: dict[tuple[int, int], date] = {}
    for day in rows.order_by("as_of").values_list("as_of", flat=True).distinct():
        nights[day.year, day.month] = day
    wanted = list(nights.values())[-MONTHS:]
    sums: dict[date, dict[str, Decimal]] = {day: {} for day in wanted}
    found = rows.filter(as_of__in=wanted).order_by().values("as_of", "bucket").annotate(total=Sum("amount"))
    for row in found:
        sums[row["as_of"]][row["bucket"]] = row["total"]
    return [Month(day, [sums[day].get(bucket, ZERO) for bucket in BUCKETS]) for day in wanted]
