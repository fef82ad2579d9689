"""The open lines behind a payer's row of the aging page, now or as of the end of a past day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from clinic import clock
from clinic.models import ClaimLine, Payer
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import OpenItem, Posting
from ledger.queries.aging import Anchor
from ledger.queries.balances import moment_of


@dataclass(frozen=True, slots=True)
class PayerLine:
    """`start` is the day from which its clock runs; None when no claim for it went out. `days` is its age then."""

    item: OpenItem
    open: Decimal
    start: date | None
    days: int
    claim: Any


def payer_lines(payer: Payer, *, anchor: Anchor, as_of: date | None = None) -> list[PayerLine]:
    """The oldest first. Their sum is the payer's balance; credits below zero stand among them."""
    then = _open_then(payer, as_of) if as_of is not None else None
    items = OpenItem.objects.filter(account=Account.INS, payer=payer).select_related("charge", "visit", "patient")
    items = items.exclude(balance=0) if then is None else items.filter(charge__in={charge for charge, _ in then})
    rows = [(i, i.balance if then is None else then.get(_key(i), ZERO)) for i in items]
    rows = [(item, amount) for item, amount in rows if amount]
    claims = _claims([item for item, _ in rows])
    today = as_of or clock.today()
    lines = []
    for item, amount in rows:
        lines_of_item = claims.get(_key(item), [])
        start = _start(item, lines_of_item, anchor)
        claim = lines_of_item[-1].claim if lines_of_item else None
        lines.append(PayerLine(item, amount, start, (today - start).days if start else 0, claim))
    return sorted(lines, key=lambda line: (-line.days, line.item.pk))


def _key(item: OpenItem) -> tuple[UUID | None, UUID | None]:
    return item.charge_id, item.coverage_id


def _open_then(payer: Payer, as_of: date) -> dict[tuple[UUID | None, UUID | None], Decimal]:
    rows = Posting.objects.filter(account=Account.INS, payer=payer, entry__posted_at__lte=moment_of(as_of)).order_by()
    sums = rows.values("charge_id", "coverage_id").annotate(open=Sum("debit") - Sum("credit"))
    return {(row["charge_id"], row["coverage_id"]): row["open"] for row in sums}


def _claims(items: Sequence[OpenItem]) -> dict[tuple[UUID | None, UUID | None], list[ClaimLine]]:
    """Per charge and coverage the claim lines that asked for it, the newest claim last."""
    found: dict[tuple[UUID | None, UUID | None], list[ClaimLine]] = {}
    rows = ClaimLine.objects.filter(charge__in=[item.charge_id for item in items]).select_related("claim")
    for line in rows.order_by("claim__created_at", "claim__sequence"):
        found.setdefault((line.charge_id, line.claim.coverage_id), []).append(line)
    return found


def _start(item: OpenItem, lines: Sequence[ClaimLine], anchor: Anchor) -> date | None:
    if anchor == "first_bill":
        return min((x.claim.first_billed_on for x in lines if x.claim.first_billed_on), default=None)
    return item.responsible_since if anchor == "responsibility" else item.service_date
