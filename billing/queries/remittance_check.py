"""billing's part of verify_ledger: checks are posted whole, and no denied dollar is without an owner."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Sum

from billing.models import ClaimResponse, Denial, LineResponse, ProviderAdjustment, Remittance
from clinic.models import Claim
from clinic.money import ZERO, dollars
from ledger.accounts import Account
from ledger.checks import Finding
from ledger.models import JournalEntry, OpenItem, Posting

Status = Remittance.Status
TAKEN = (Status.POSTED, Status.PART_HELD)
ON_ITS_WAY = (
    Claim.Status.DRAFT, Claim.Status.EDITS_FAILED, Claim.Status.HELD, Claim.Status.READY, Claim.Status.SUBMITTED,
    Claim.Status.SYNTAX_REJECTED, Claim.Status.RECEIVED, Claim.Status.REJECTED, Claim.Status.ACCEPTED,
    Claim.Status.FORWARDED, Claim.Status.REVERSED,
)  # fmt: skip
"""A line on one of these has somebody's attention: the claim's own worklists."""


@dataclass(slots=True)
class _Check:
    """All files that speak of one check."""

    largest: Decimal = ZERO
    stated: Decimal = ZERO
    told: Decimal = ZERO
    is_whole: bool = True


def checks_posted_whole() -> Iterator[Finding]:
    """Answers less what the payer kept are the check. Only of checks that are done; held ones stand on a list."""
    checks: dict[str, _Check] = defaultdict(_Check)
    rows = Remittance.objects.exclude(status__in=(Status.NOT_OURS, Status.SET_ASIDE))
    for key, status, amount in rows.values_list("check_key", "status", "amount"):
        check = checks[key]
        check.largest = max(check.largest, amount)
        check.stated += amount
        check.is_whole = check.is_whole and status == Status.POSTED
    paid = ClaimResponse.objects.filter(remittance__in=rows).order_by().values("remittance__check_key")
    for row in paid.annotate(total=Sum("paid")):
        checks[row["remittance__check_key"]].told += row["total"]
    kept = ProviderAdjustment.objects.filter(remittance__in=rows).order_by().values("remittance__check_key")
    for row in kept.annotate(total=Sum("amount")):
        checks[row["remittance__check_key"]].told -= row["total"]
    for key, check in checks.items():
        if check.is_whole and check.told not in (check.largest, check.stated):
            problem = f"Its answers and adjustments make {dollars(check.told)}, the check is {dollars(check.largest)}."
            yield Finding(f"check {key}", problem, abs(check.told - check.largest))


def checks_stand_in_the_books() -> Iterator[Finding]:
    """What was posted of each check, against its clearing item before any deposit."""
    should: dict[tuple[UUID | None, str], Decimal] = defaultdict(lambda: ZERO)
    done = Remittance.objects.filter(status__in=TAKEN)
    names = {row.pk: (row.payer_id, row.reference) for row in done.only("payer", "trace_number", "paid_on")}
    posted = ClaimResponse.objects.filter(remittance__in=done, status=ClaimResponse.Status.POSTED).order_by()
    for each in posted.values("remittance").annotate(total=Sum("paid")):
        should[names[each["remittance"]]] += each["total"]
    kept = ProviderAdjustment.objects.filter(remittance__in=done, treatment__in=("posted", "suspense")).order_by()
    for each in kept.values("remittance").annotate(total=Sum("amount")):
        should[names[each["remittance"]]] -= each["total"]
    deposit = JournalEntry.Kind.DEPOSIT
    rows = Posting.objects.filter(account=Account.REMIT).exclude(entry__kind=deposit)
    booked: dict[tuple[UUID | None, str], Decimal] = {
        (each["payer"], str(each["reference"])): each["net"]  # type: ignore[misc]
        for each in rows.exclude(entry__reverses__kind=deposit)
        .order_by()
        .values("payer", "reference")
        .annotate(net=Sum("debit") - Sum("credit"))
    }
    for name in {*should, *booked}:
        told, stands = should.get(name, ZERO), booked.get(name, ZERO)
        if told != stands:
            problem = f"Its posted answers make {dollars(told)}, its clearing item has {dollars(stands)}."
            yield Finding(f"check {name[1]}", problem, abs(told - stands))


def denied_lines_owned() -> Iterator[Finding]:
    """A denied line with dollars still at its payer is an unfinished denial, or on its way again."""
    posted = LineResponse.objects.filter(
        response__status=ClaimResponse.Status.POSTED, response__reversed_by=None, charge_item__isnull=False
    ).exclude(response__status_code="22")
    at_payer = OpenItem.objects.filter(
        account=Account.INS,
        charge=OuterRef("charge_item"),
        coverage=OuterRef("response__claim__coverage"),
        balance__gt=0,
    )
    newer = posted.filter(
        Q(response__posted_at__gt=OuterRef("response__posted_at"))
        | Q(response__posted_at=OuterRef("response__posted_at"), position__gt=OuterRef("position")),
        charge_item=OuterRef("charge_item"), response__claim__coverage=OuterRef("response__claim__coverage"),
    )  # fmt: skip
    owned = Denial.objects.filter(charge=OuterRef("charge_item"), status__in=Denial.UNFINISHED).exclude(owner_role="")
    sent_again = Claim.objects.filter(
        lines__charge=OuterRef("charge_item"), coverage=OuterRef("response__claim__coverage"), status__in=ON_ITS_WAY
    )
    unowned = posted.filter(
        Exists(at_payer), ~Exists(newer), ~Exists(owned), ~Exists(sent_again), outcome__in=("denied", "part_denied")
    )
    for row in unowned.select_related("response__claim"):
        claim = row.response.claim
        yield Finding(
            f"claim {claim.number if claim else '-'} line {row.code}",
            f"{dollars(row.denied_amount)} denied, nobody's work.",
        )
