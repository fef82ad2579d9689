"""Figures about claims and denials, each with the formula it follows (domain.md 5.16). Read only.

A claim counts in the month of its first sending or of its first answer; corrections of it count no second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from billing.models import ClaimResponse, ClaimSubmission, Denial, LineResponse
from clinic import clock
from clinic.models import Claim, StatusChange
from clinic.money import ZERO, dollars
from ledger.accounts import RECEIVABLE, Account
from ledger.models import OpenItem, Posting

WINDOW = 90
STOPPED = (Claim.Status.EDITS_FAILED, Claim.Status.REJECTED, Claim.Status.SYNTAX_REJECTED)
DENIED = (LineResponse.Outcome.DENIED, LineResponse.Outcome.PART_DENIED)


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is None when there is nothing to divide by."""

    name: str
    value: Decimal | None
    unit: str  # "%" or "days"
    formula: str
    counted: str


@dataclass(frozen=True, slots=True)
class DeniedRow:
    """Denials of one category, payer or month."""

    name: str
    count: int
    amount: Decimal
    recovered: Decimal
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """In an SVG of 870 units; the name stands left of it, the sum right."""

    y: int
    text_y: int
    width: int
    sum_x: int
    row: DeniedRow


@dataclass(frozen=True, slots=True)
class Report:
    first: date
    last: date
    figures: Sequence[Figure]
    by_category: Sequence[DeniedRow]
    by_payer: Sequence[DeniedRow]
    by_month: Sequence[DeniedRow]
    bars: Sequence[Bar]
    chart_height: int


def report(first: date, last: date) -> Report:
    """Of the days from `first` to `last`, both included."""
    since, until = clock.at_local(first, time(0)), clock.at_local(last + timedelta(days=1), time(0))
    categories = _denied(_denials(first, last), "category")
    bars = _bars(categories)
    return Report(
        first=first, last=last,
        figures=[clean_claims(since, until), first_pass(since, until), *initial_denials(since, until), days_in_ar()],
        by_category=categories, by_payer=_denied(_denials(first, last), "payer__name"),
        by_month=_denied(_denials(first, last).annotate(month=TruncMonth("denied_on")), "month"),
        bars=bars, chart_height=28 * len(bars) + 4,
    )  # fmt: skip


def clean_claims(since: datetime, until: datetime) -> Figure:
    """Sent once, stopped by no edit, refused by nobody."""
    sent = _first_sent(since, until)
    stopped = StatusChange.objects.filter(
        record_type=Claim.record_type(), record_id=OuterRef("pk"), to_status__in=STOPPED
    )
    again = ClaimSubmission.objects.filter(claim=OuterRef("pk"), attempt__gt=1)
    clean = sent.filter(
        ~Exists(stopped), ~Exists(again), Q(accepted_at__isnull=False) | Q(answered_at__isnull=False)
    ).count()
    total = sent.count()
    return Figure(
        "Clean-claim rate", _percent(clean, total), "%",
        "claims that the payer accepted at their first sending, with no edit and no rejection ÷ claims sent",
        f"{clean} of {total}",
    )  # fmt: skip


def first_pass(since: datetime, until: datetime) -> Figure:
    answered = _first_answered(since, until)
    resolved = answered.filter(~Exists(_denied_lines(OuterRef("first_answer")))).count()
    total = answered.count()
    return Figure(
        "First-pass resolution", _percent(resolved, total), "%",
        "claims that the first 835 resolved (paid or patient's share, no denial) ÷ claims adjudicated",
        f"{resolved} of {total}",
    )  # fmt: skip


def initial_denials(since: datetime, until: datetime) -> list[Figure]:
    """By claims and by dollars."""
    answered = _first_answered(since, until)
    denied = answered.filter(Exists(_denied_lines(OuterRef("first_answer"))))
    firsts = denied.values("first_answer")
    refused = (
        LineResponse.objects.filter(response__in=firsts, outcome__in=DENIED).aggregate(s=Sum("denied_amount"))["s"]
        or ZERO
    )
    count, total = denied.count(), answered.count()
    charged = answered.aggregate(s=Sum("total"))["s"] or ZERO
    return [
        Figure(
            "Initial denial rate", _percent(count, total), "%",
            "claims with at least one denied line on their first 835 ÷ claims adjudicated", f"{count} of {total}",
        ),
        Figure(
            "Initial denials, in dollars", _percent(refused, charged), "%",
            "dollars denied on the first 835 ÷ dollars charged on claims adjudicated", f"{dollars(refused)} of {dollars(charged)}",
        ),
    ]  # fmt: skip


def days_in_ar() -> Figure:
    """Of today, over the last 90 days, whatever the report's own days are."""
    owed = OpenItem.objects.filter(account__in=RECEIVABLE, balance__gt=0).aggregate(s=Sum("balance"))["s"] or ZERO
    rows = Posting.objects.filter(account=Account.REV, entry__effective_on__gt=clock.today() - timedelta(days=WINDOW))
    charged = rows.aggregate(s=Sum("credit") - Sum("debit"))["s"] or ZERO
    value = (owed * WINDOW / charged).quantize(Decimal("0.1"), ROUND_HALF_UP) if charged > 0 else None
    return Figure(
        "Days in A/R", value, "days",
        "what payers and patients owe, credits left out ÷ (charges of the last 90 days ÷ 90)",
        f"{dollars(owed)} owed, {dollars(charged)} charged",
    )  # fmt: skip


def _first_sent(since: datetime, until: datetime) -> QuerySet[Claim]:
    first = ClaimSubmission.objects.filter(claim=OuterRef("pk"), attempt=1).values("created_at")[:1]
    rows = Claim.objects.filter(sequence=1).annotate(first_sent=Subquery(first))
    return rows.filter(first_sent__gte=since, first_sent__lt=until)


def _first_answered(since: datetime, until: datetime) -> QuerySet[Any]:
    """Original claims with `first_answer`, the answer that came first."""
    answers = ClaimResponse.objects.filter(claim=OuterRef("pk"), status=ClaimResponse.Status.POSTED).exclude(
        status_code="22"
    )
    first = answers.order_by("posted_at", "position", "pk")
    rows = Claim.objects.filter(sequence=1).annotate(
        first_answer=Subquery(first.values("pk")[:1]), first_answered=Subquery(first.values("posted_at")[:1])
    )
    return rows.filter(first_answered__gte=since, first_answered__lt=until)


def _denied_lines(answer: Any) -> QuerySet[LineResponse]:
    return LineResponse.objects.filter(response=answer, outcome__in=DENIED)


def _denials(first: date, last: date) -> QuerySet[Denial]:
    return Denial.objects.filter(denied_on__gte=first, denied_on__lte=last)


def _denied(rows: QuerySet[Denial], by: str) -> list[DeniedRow]:
    """The largest first; months in their order."""
    won, still = Q(status=Denial.Status.OVERTURNED), Q(status__in=Denial.UNFINISHED)
    found = (
        rows.order_by().values(name=F(by))
        .annotate(
            count=Count("pk"), total=Sum("amount"), recovered=Sum("amount", filter=won), still=Sum("amount", filter=still)
        )
        .order_by("name" if by == "month" else "-total")
    )  # fmt: skip
    return [
        DeniedRow(
            f"{row['name']:%B %Y}" if isinstance(row["name"], date) else str(row["name"]), row["count"], row["total"],
            row["recovered"] or ZERO, row["still"] or ZERO,
        )
        for row in found
    ]  # fmt: skip


def _bars(rows: Sequence[DeniedRow]) -> list[Bar]:
    most = max((row.amount for row in rows), default=ZERO)
    bars = []
    for n, row in enumerate(rows[:10]):
        width = max(2, int(580 * row.amount / most)) if most else 2
        bars.append(Bar(y=28 * n + 4, text_y=28 * n + 18, width=width, sum_x=190 + width, row=row))
    return bars


def _percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
