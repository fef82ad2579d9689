"""Denials as work: the saved views, the money behind them, and everything the page of one denial shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from billing.models import ClaimResponse, Correction, Denial, WriteOffRequest
from billing.queries.remittances import Answer, Reason, as_answers, with_lines
from clinic import clock
from clinic.models import Claim, Coverage, Payer, Role, StatusChange, User
from clinic.money import ZERO
from ledger.queries.balances import owed_by_coverage
from x12.codes import adjustments, remarks

Status = Denial.Status
SOON = timedelta(days=7)
WORKED = (Status.OPEN, Status.APPEALED)
AMOUNTS = (Decimal("100"), Decimal("500"), Decimal("1000"))


@dataclass(frozen=True, slots=True)
class View:
    """A saved view. `empty` says what to do when nothing stands on it."""

    name: str
    title: str
    empty: str


VIEWS = (
    View("open", "All open", "No denial is open. New ones appear when remittances are posted."),
    View("mine", "Assigned to me", "Nothing is assigned to you. Take something from Unassigned."),
    View("due", "Due in 7 days", "No deadline of a payer is near."),
    View("unassigned", "Unassigned", "Every open denial has its person."),
    View("waiting", "Waiting on payer", "Nothing is waiting for a payer's answer."),
    View("write_off", "To approve", "No write-off waits for a second person."),
    View("recovered", "Recovered this month", "No denied line was paid this month yet."),
)
BY_NAME = {view.name: view for view in VIEWS}


def _where(name: str, user: User, today: date) -> Q:
    return {
        "open": Q(status__in=WORKED),
        "mine": Q(status__in=WORKED, assigned_to=user),
        "due": Q(status__in=WORKED, deadline_on__lte=today + SOON),
        "unassigned": Q(status__in=WORKED, assigned_to=None),
        "waiting": Q(status=Status.WAITING),
        "write_off": Q(pk__in=WriteOffRequest.objects.filter(status="open").values("denial")),
        "recovered": Q(status=Status.OVERTURNED, closed_at__gte=clock.at_local(today.replace(day=1), time(0))),
    }[name]


def denials_in(name: str, *, user: User, filters: dict[str, Any] | None = None) -> QuerySet[Denial]:
    """The rows of a view, the nearest deadline of a payer first."""
    rows = Denial.objects.filter(_where(name, user, clock.today()))
    said = filters or {}
    for key in ("payer", "category", "assigned_to"):
        if said.get(key):
            rows = rows.filter(**{key: said[key]})
    if said.get("least"):
        rows = rows.filter(amount__gte=said["least"])
    return rows.select_related("claim__patient", "claim__visit", "payer", "charge", "assigned_to").order_by(
        "deadline_on", "-amount", "id"
    )


def counts(user: User) -> dict[str, int]:
    """How many stand on each view: one query."""
    today = clock.today()
    return dict(
        Denial.objects.aggregate(**{view.name: Count("pk", filter=_where(view.name, user, today)) for view in VIEWS})
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    denial: Denial
    words: str
    days_left: int

    @property
    def urgency(self) -> str:
        """For the badge: bad within three days, warn within seven."""
        if self.denial.closed_at is not None:
            return "none"
        return "bad" if self.days_left <= 3 else "warn" if self.days_left <= 7 else ""


def as_rows(denials: Iterable[Denial]) -> list[Row]:
    today = clock.today()
    return [Row(d, adjustments.words(d.reason_code), (d.deadline_on - today).days) for d in denials]


@dataclass(frozen=True, slots=True)
class CategoryMoney:
    """`percent` of the largest, for the bar."""

    name: str
    count: int
    amount: Decimal
    percent: int


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    due_soon: Decimal
    categories: Sequence[CategoryMoney]


def money_at_stake() -> Money:
    """Dollars of the open denials, by category, the largest first."""
    soon = Sum("amount", filter=Q(deadline_on__lte=clock.today() + SOON))
    rows = list(
        Denial.objects.filter(status__in=WORKED)
        .values("category")
        .annotate(count=Count("pk"), total=Sum("amount"), soon=soon)
        .order_by("-total")
    )
    most = max((row["total"] for row in rows), default=ZERO)
    return Money(
        amount=sum((row["total"] for row in rows), ZERO),
        due_soon=sum((row["soon"] or ZERO for row in rows), ZERO),
        categories=[
            CategoryMoney(row["category"], row["count"], row["total"], max(1, int(100 * row["total"] / most)) if most else 0)
            for row in rows
        ],
    )  # fmt: skip


def totals(rows: QuerySet[Denial]) -> dict[str, Any]:
    found = rows.order_by().aggregate(count=Count("pk"), amount=Sum("amount"), billed=Sum("charge__amount"))
    return {"count": found["count"], "amount": found["amount"] or ZERO, "billed": found["billed"] or ZERO}


def payers_with_denials() -> QuerySet[Payer]:
    return Payer.objects.filter(pk__in=Denial.objects.order_by().values("payer").distinct())


def categories() -> list[str]:
    return list(Denial.objects.order_by("category").values_list("category", flat=True).distinct())


def people_for_denials() -> QuerySet[User]:
    return User.objects.filter(is_active=True, role__in=(Role.BILLER, Role.BILLING_MANAGER)).order_by("last_name")


@dataclass(frozen=True, slots=True)
class DenialPage:
    denial: Denial
    why: Reason
    remarks: Sequence[Reason]
    owed: Decimal
    days_left: int
    answer: Answer
    corrections: Sequence[Correction]
    history: Sequence[StatusChange]
    others: Sequence[Denial]
    other_coverages: Sequence[Coverage]
    newer: Claim | None
    write_offs: Sequence[WriteOffRequest]

    @property
    def open_write_off(self) -> WriteOffRequest | None:
        return next((each for each in self.write_offs if each.status == WriteOffRequest.Status.OPEN), None)


def denial_page(denial_id: UUID) -> DenialPage | None:
    """In a fixed number of queries, however many lines and attempts there are."""
    denial = (
        Denial.objects.select_related(
            "claim__patient", "claim__payer", "claim__coverage__payer", "claim__visit__location", "charge", "payer",
            "response__remittance", "assigned_to",
        )
        .filter(pk=denial_id)
        .first()
    )  # fmt: skip
    if denial is None:
        return None
    claim = denial.claim
    lineage = Claim.objects.filter(control_number=claim.control_number)
    return DenialPage(
        denial=denial,
        why=Reason(f"{denial.group}-{denial.reason_code}", adjustments.words(denial.reason_code)),
        remarks=[Reason(code, remarks.words(code)) for code in denial.remark_codes],
        owed=owed_by_coverage(charge=denial.charge, coverage=claim.coverage),
        days_left=(denial.deadline_on - clock.today()).days,
        answer=as_answers(with_lines(ClaimResponse.objects.filter(pk=denial.response_id)))[0],
        corrections=list(
            Correction.objects.filter(claim__in=lineage).select_related("corrected", "claim", "by").order_by("created_at")
        ),
        history=list(denial.history().select_related("changed_by")),
        others=list(
            Denial.objects.filter(claim=claim).exclude(pk=denial.pk).select_related("charge").order_by("created_at")
        ),
        other_coverages=other_coverages(claim),
        newer=lineage.filter(sequence__gt=claim.sequence).order_by("-sequence").first(),
        write_offs=list(
            WriteOffRequest.objects.filter(denial=denial).select_related("requested_by", "decided_by").order_by("created_at")
        ),
    )  # fmt: skip


def other_coverages(claim: Claim) -> list[Coverage]:
    """Whom else one may bill for the date of service."""
    found = Coverage.objects.on(claim.visit.service_date).filter(patient=claim.patient).exclude(pk=claim.coverage_id)
    return list(found.select_related("payer"))


def next_to_work(user: User) -> Denial | None:
    """What this person should open now: its own first, then what nobody has, by deadline."""
    rows = Denial.objects.filter(Q(assigned_to=user) | Q(assigned_to=None), status=Status.OPEN)
    return rows.order_by(F("assigned_to").asc(nulls_last=True), "deadline_on", "-amount").first()
