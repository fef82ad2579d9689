"""The collector's day: who is due for a statement, who fell behind, whom to call, whom to refer, what has no owner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum

from clinic import clock
from clinic.models import Guarantor, Practice
from clinic.money import ZERO
from collections_app.models import CollectionCase, Installment, LockboxItem, PaymentPlan, Statement
from collections_app.queries.billable import billable_items
from collections_app.queries.cases import Standing, stated_accounts

CYCLE = timedelta(days=30)
PAST_LETTERS = tuple(CollectionCase.Status(s) for s in ("call", "called", "final", "requested"))
"""From the call on the case itself speaks: no statement in between, unless something new is due."""

Status = CollectionCase.Status


@dataclass(frozen=True)
class Candidate:
    """An account whose cycle has come. `why_not` names what a person must mend first."""

    guarantor: Guarantor
    amount: Decimal
    since: date | None
    why_not: str = ""


def statement_candidates(day: date) -> list[Candidate]:
    """Above the minimum and the small balances that the night gives up, no statement within 30 days, no call or final
    notice out for these lines.
    """
    rows = _accounts_due(day)
    guarantors = Guarantor.objects.in_bulk([row["guarantor_id"] for row in rows])
    return [_candidate(guarantors[row["guarantor_id"]], row) for row in rows]


def _accounts_due(day: date) -> list[dict[str, Any]]:
    """By account: what may be billed of it, since when, and how far the statements so far have told of it."""
    policy = Practice.objects.get()
    case_days = dict(CollectionCase.objects.filter(status__in=PAST_LETTERS).values_list("guarantor_id", "opened_on"))
    sent = Statement.objects.filter(issued_on__gt=day - CYCLE, guarantor=OuterRef("guarantor"))
    accounts = (
        billable_items()
        .select_related(None)
        .filter(~Exists(sent), guarantor__isnull=False)
        .order_by("guarantor_id")
        .values("guarantor_id")
        .annotate(
            amount=Sum("balance"), since=Min("responsible_since"), told_to=Max("first_statement_on"),
            never_told=Count("pk", filter=Q(first_statement_on=None)),
        )
    )  # fmt: skip
    due: Iterable[Any] = accounts.filter(amount__gte=policy.statement_minimum, amount__gt=policy.small_balance)
    return [row for row in due if _has_news(row, case_days.get(row["guarantor_id"]))]


def _has_news(row: dict[str, Any], covered: date | None) -> bool:
    """Something that the call or final notice which is out does not speak of."""
    return not covered or row["never_told"] > 0 or row["told_to"] > covered


def _candidate(guarantor: Guarantor, row: dict[str, Any]) -> Candidate:
    reachable = guarantor.email or (guarantor.line1 and guarantor.zip_code)
    why_not = "" if reachable else "Add an e-mail or a whole address"
    return Candidate(guarantor, row["amount"], row["since"], why_not)


def plans_behind() -> "QuerySet[PaymentPlan]":
    """Plans with a missed installment, the longest first."""
    missed = Q(installments__status=Installment.Status.MISSED)
    return (
        PaymentPlan.objects.filter(status=PaymentPlan.Status.PAST_DUE)
        .select_related("guarantor", "card_token")
        .annotate(
            missed_count=Count("installments", filter=missed),
            missed_amount=Sum(F("installments__amount") - F("installments__paid"), filter=missed),
            missed_since=Min("installments__due_on", filter=missed),
        )
        .order_by("missed_since", "id")
    )


def open_plans() -> "QuerySet[PaymentPlan]":
    """Every plan that runs: what is left, and when the next part is due."""
    unpaid = Q(installments__status__in=Installment.UNPAID)
    return (
        PaymentPlan.objects.open()
        .select_related("guarantor", "card_token")
        .annotate(
            left=Sum(F("installments__amount") - F("installments__paid"), filter=unpaid),
            parts_left=Count("installments", filter=unpaid),
            next_on=Min("installments__due_on", filter=unpaid),
        )
        .order_by("next_on", "id")
    )


@dataclass(frozen=True)
class CaseRow:
    """A case with what it may ask for now; zero when all of it is held."""

    case: CollectionCase
    amount: Decimal


def calls_due() -> list[CaseRow]:
    return _with_amounts(CollectionCase.objects.filter(status=Status.CALL))


def climbing_cases() -> list[CaseRow]:
    """All that are on the ladder, the oldest step first."""
    return _with_amounts(CollectionCase.objects.climbing())


def due_for_agency(day: date) -> list[CaseRow]:
    """The final notice went unanswered, or somebody asked for the referral and it waits for a second person."""
    over = Q(status=Status.FINAL, answer_by__lt=day) | Q(status=Status.REQUESTED)
    waiting = Q(status=Status.AGENCY, write_off_requested_by__isnull=False)
    return _with_amounts(CollectionCase.objects.filter(over | waiting))


def _with_amounts(cases: "QuerySet[CollectionCase]") -> list[CaseRow]:
    rows = list(cases.select_related("guarantor", "requested_by").order_by("stage_on", "id"))
    standings = stated_accounts() if rows else {}
    return [CaseRow(case, _amount(case, standings.get(case.guarantor_id))) for case in rows]


def _amount(case: CollectionCase, standing: Standing | None) -> Decimal:
    if case.status == Status.AGENCY:
        return case.placed_amount
    items = standing.billed if standing else []
    covered = [i for i in items if i.first_statement_on and i.first_statement_on <= case.opened_on]
    return sum((i.balance for i in covered), ZERO)


def lockbox_unmatched() -> "QuerySet[LockboxItem]":
    return (
        LockboxItem.objects.filter(status=LockboxItem.Status.UNMATCHED)
        .select_related("file")
        .order_by("created_at", "line")
    )


@dataclass(frozen=True)
class Tally:
    statements: int
    plans: int
    calls: int
    agency: int
    lockbox: int
    running: int
    cases: int

    @property
    def total(self) -> int:
        return self.plans + self.calls + self.agency + self.lockbox


def tally(day: date | None = None) -> Tally:
    """How long each list is, for the tabs and the home page."""
    day = day or clock.today()
    return Tally(
        statements=len(_accounts_due(day)),
        plans=PaymentPlan.objects.filter(status=PaymentPlan.Status.PAST_DUE).count(),
        calls=CollectionCase.objects.filter(status=Status.CALL).count(),
        agency=len(due_for_agency(day)),
        lockbox=lockbox_unmatched().count(),
        running=PaymentPlan.objects.open().count(),
        cases=CollectionCase.objects.climbing().count(),
    )


def last_statements(guarantor_ids: Iterable[UUID]) -> dict[UUID, date]:
    rows = Statement.objects.filter(guarantor__in=list(guarantor_ids)).order_by().values("guarantor_id")
    return {row["guarantor_id"]: row["last"] for row in rows.annotate(last=Max("issued_on"))}
