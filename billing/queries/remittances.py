"""Checks and EFTs: the lists by what is left to do, and one check with its proof, its answers and what was kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Prefetch, Q, QuerySet, Sum, When

from billing.models import Adjustment, ClaimResponse, LineResponse, ProviderAdjustment, RefusedRemittance, Remittance
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.queries.balances import balance
from x12.codes import adjustments, remarks

Status = Remittance.Status
HELD = ClaimResponse.Status.HELD


@dataclass(frozen=True, slots=True)
class View:
    """A list of checks. `empty` says what it means when nothing stands on it."""

    name: str
    title: str
    empty: str
    where: Q


VIEWS = (
    View("held", "To look at", "No answer is held and no check is held whole.", Q(status__in=(Status.HELD, Status.PART_HELD))),
    View("imported", "Waiting to be posted", "Every check is posted.", Q(status=Status.IMPORTED)),
    View("posted", "Posted", "No check is posted yet.", Q(status__in=(Status.POSTED, Status.PART_HELD))),
    View(
        "deposit", "Not deposited", "The bank has booked every check.",
        Q(deposited_on=None, amount__gt=0) & ~Q(status__in=(Status.NOT_OURS, Status.SET_ASIDE)),
    ),
    View("suspense", "In suspense", "Nothing that a payer kept is unexplained.", Q(provider_adjustments__treatment="suspense", provider_adjustments__resolved_at=None)),
    View("share", "Patient share held", "No patient's share is held.", Q(responses__in=ClaimResponse.objects.exclude(patient_leg_held="").filter(reversed_by=None))),
    View("not-ours", "Not ours", "No check for another payee came.", Q(status=Status.NOT_OURS)),
    View("aside", "Set aside", "No check was set aside.", Q(status=Status.SET_ASIDE)),
)  # fmt: skip
BY_NAME = {view.name: view for view in VIEWS}


def remittances_in(name: str) -> QuerySet[Remittance]:
    ids = Remittance.objects.filter(BY_NAME[name].where).values("pk")
    held = Count("responses", filter=Q(responses__status=HELD))
    return (
        Remittance.objects.filter(pk__in=ids)
        .select_related("payer")
        .annotate(claim_count=Count("responses"), held_count=held)
        .order_by("-created_at", "-id")
    )


def counts() -> dict[str, int]:
    found = dict(
        Remittance.objects.aggregate(**{v.name: Count("pk", filter=v.where, distinct=True) for v in VIEWS})
    )  # fmt: skip
    return {**found, "refused": refused().filter(resolved_at=None).count()}


def refused() -> QuerySet[RefusedRemittance]:
    rows = RefusedRemittance.objects.select_related("transmission", "resolved_by").defer("transmission__payload")
    return rows.order_by("resolved_at", "-created_at")


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    words: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    line: LineResponse
    reasons: Sequence[Reason]
    remarks: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Answer:
    """One CLP with its lines. `reasons` stand on the claim as a whole."""

    response: ClaimResponse
    lines: Sequence[Line]
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the claims pay less what the payer kept is the check; what was posted of it stands on REMIT."""

    paid: Decimal
    kept: Decimal
    check: Decimal
    held: Decimal
    not_cleared: Decimal | None

    @property
    def computed(self) -> Decimal:
        return self.paid - self.kept

    @property
    def difference(self) -> Decimal:
        return self.check - self.computed


def proof_of(remittance: Remittance) -> Proof:
    """A check of several files: the first file's parts count only what it brought (`difference` tells)."""
    sums = remittance.responses.aggregate(
        total=Sum("paid"), waiting=Sum("paid", filter=Q(status__in=(HELD, "matched")))
    )
    kept = remittance.provider_adjustments.aggregate(s=Sum("amount"))["s"] or ZERO
    cleared = (
        balance(Account.REMIT, payer=remittance.payer, reference=remittance.reference) if remittance.payer else None
    )
    return Proof(sums["total"] or ZERO, kept, remittance.amount, sums["waiting"] or ZERO, cleared)


def responses_of(remittance: Remittance) -> QuerySet[ClaimResponse]:
    """Held answers first: they are why somebody looks."""
    held_first = Case(When(status=HELD, then=0), default=1)
    rows = remittance.responses.select_related("claim__patient", "reverses__remittance")
    return with_lines(rows).order_by(held_first, "position")


def with_lines(responses: QuerySet[ClaimResponse]) -> QuerySet[ClaimResponse]:
    """With what `as_answers` reads: two more queries, however many answers there are."""
    lines = LineResponse.objects.order_by("position")
    return responses.prefetch_related(
        Prefetch("lines", lines), Prefetch("adjustments", Adjustment.objects.order_by("id"))
    )


def as_answers(responses: Iterable[ClaimResponse]) -> list[Answer]:
    """From rows `with_lines`, without another query."""
    return [_answer(response) for response in responses]


def _answer(response: ClaimResponse) -> Answer:
    by_line: dict[Any, list[Reason]] = {}
    for row in response.adjustments.all():
        said = Reason(f"{row.group}-{row.reason_code}", adjustments.words(row.reason_code), row.amount)
        by_line.setdefault(row.line_id, []).append(said)
    return Answer(
        response,
        [
            Line(row, by_line.get(row.pk, []), [Reason(code, remarks.words(code)) for code in row.remark_codes])
            for row in response.lines.all()
        ],
        by_line.get(None, []),
    )


def kept_of(remittance: Remittance) -> list[ProviderAdjustment]:
    return list(remittance.provider_adjustments.order_by("position", "key"))


def same_check(remittance: Remittance) -> list[Remittance]:
    """Other files that speak of this check."""
    return list(Remittance.objects.filter(check_key=remittance.check_key).exclude(pk=remittance.pk))


def remittance_of(remittance_id: UUID) -> Remittance | None:
    rows = Remittance.objects.select_related("payer", "transmission", "deposited_by").defer("transmission__payload")
    return rows.filter(pk=remittance_id).first()
