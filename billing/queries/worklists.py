"""The biller's day: one list for each thing to do. Every list is one query whatever its length."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)

from billing.models import Acknowledgment
from billing.queries.due import visits_without_claim
from clinic import clock
from clinic.models import Claim, Visit

Status = Claim.Status
WAITING = (Status.SUBMITTED, Status.RECEIVED, Status.ACCEPTED, Status.FORWARDED, Status.REVERSED)
"""A payer that took its answer back owes another one."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """`empty` says what to do next when there is nothing to do here."""

    name: str
    title: str
    empty: str
    rows: Callable[[], QuerySet[Any]]
    is_of_visits: bool = False


def unbilled_visits() -> QuerySet[Visit]:
    """Checked out without closed charges, or closed with money nobody is asked for; the longest waiting first (missing-charge clock)."""
    active = Q(charges__voided_at=None, charges__kind="service")
    return (
        Visit.objects.filter(
            Q(status=Visit.Status.CHECKED_OUT) | Q(pk__in=visits_without_claim().order_by().values("pk"))
        )
        .annotate(charge_count=Count("charges", filter=active), charge_total=Sum("charges__amount", filter=active))
        .select_related("patient", "provider", "location")
        .order_by(F("checked_out_at").asc(nulls_last=True), "id")
    )


def needs_correction() -> QuerySet[Claim]:
    return _claims().filter(status__in=(Status.EDITS_FAILED, Status.DRAFT)).order_by("file_by", "id")


def held() -> QuerySet[Claim]:
    return _claims().filter(status=Status.HELD).order_by("file_by", "id")


def ready() -> QuerySet[Claim]:
    return _claims().filter(status=Status.READY).order_by("file_by", "id")


def rejected() -> QuerySet[Claim]:
    """Refused before anybody decided: corrected they go again as originals, the nearest deadline first."""
    last = Acknowledgment.objects.filter(claim=OuterRef("pk"), verdict=Acknowledgment.Verdict.REJECTED)
    sentence = last.order_by("-created_at", "-position").values("sentence")[:1]
    return (
        _claims()
        .filter(status__in=(Status.REJECTED, Status.SYNTAX_REJECTED))
        .annotate(reason_sentence=Subquery(sentence))
        .order_by("file_by", "id")
    )


def no_answer() -> QuerySet[Claim]:
    """Past the days in which this payer answers, or said to be lost (A4): ask before sending again."""
    now = clock.now()
    return _with_expected(_claims()).filter(Q(expected_at__lt=now) | Q(is_lost=True)).order_by("submitted_at", "id")


def with_the_payer() -> QuerySet[Claim]:
    now = clock.now()
    return _with_expected(_claims()).filter(expected_at__gte=now, is_lost=False).order_by("submitted_at", "id")


def _claims() -> QuerySet[Claim]:
    return Claim.objects.select_related("patient", "payer", "visit", "rendering_provider")


def _with_expected(claims: QuerySet[Claim]) -> QuerySet[Any]:
    """With `expected_at` and `is_lost`."""
    days = ExpressionWrapper(F("payer__expected_answer_days") * Value(timedelta(days=1)), output_field=DurationField())
    lost = Acknowledgment.objects.filter(
        claim=OuterRef("pk"), verdict=Acknowledgment.Verdict.NOT_FOUND, created_at__gte=OuterRef("submitted_at")
    )
    return claims.filter(status__in=WAITING, submitted_at__isnull=False).annotate(
        expected_at=ExpressionWrapper(F("submitted_at") + days, output_field=DateTimeField()), is_lost=Exists(lost)
    )


WORKLISTS = (
    Worklist("unbilled", "Unbilled visits", "Every visit is billed. Nothing waits for charges.", unbilled_visits, True),
    Worklist("correct", "Needs correction", "No claim failed its edits.", needs_correction),
    Worklist("rejected", "Rejected", "No claim was refused before adjudication.", rejected),
    Worklist("no-answer", "No answer yet", "Every payer is within its days.", no_answer),
    Worklist("held", "Held", "No claim is held.", held),
    Worklist("ready", "Ready to send", "No claim waits; the clock sends ready claims by itself.", ready),
    Worklist("sent", "With the payer", "No claim is with a payer.", with_the_payer),
)
BY_NAME = {each.name: each for each in WORKLISTS}


def worklist_counts() -> dict[str, int]:
    """How many stand on each list: one query for the claims, one for those without answer, one for the visits."""
    counts = Claim.objects.aggregate(
        correct=Count("pk", filter=Q(status__in=(Status.EDITS_FAILED, Status.DRAFT))),
        rejected=Count("pk", filter=Q(status__in=(Status.REJECTED, Status.SYNTAX_REJECTED))),
        held=Count("pk", filter=Q(status=Status.HELD)),
        ready=Count("pk", filter=Q(status=Status.READY)),
        waiting=Count("pk", filter=Q(status__in=WAITING, submitted_at__isnull=False)),
    )
    late = no_answer().count()
    waiting = counts.pop("waiting")
    return {**counts, "no-answer": late, "sent": waiting - late, "unbilled": unbilled_visits().count()}
