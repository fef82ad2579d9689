"""What we charge for a code on a day, what a payer allows, and which payers want an authorization for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from clinic.models import Fee, Payer


@dataclass(frozen=True, slots=True)
class Price:
    """One unit's amount; `needs_authorization` when that schedule says so."""

    amount: Decimal
    needs_authorization: bool
    description: str = ""


def price_of(*, code: str, modifiers: Sequence[str], on: date, payer: Payer | None = None) -> Price | None:
    """The fee of the schedule in force: the row for one of the modifiers before the plain one, the newest schedule first."""
    return pick(prices_of(codes=[code], on=on, payer=payer), code, modifiers)


def prices_of(*, codes: Iterable[str], on: date, payer: Payer | None = None) -> dict[tuple[str, str], Price]:
    """(code, modifier) → price, of our own schedule or (`payer`) of what that payer allows; one query."""
    rows = (
        Fee.objects.filter(schedule__payer=payer, code__in=set(codes), schedule__starts_on__lte=on)
        .filter(Q(schedule__ends_on=None) | Q(schedule__ends_on__gte=on))
        .order_by("schedule__starts_on", "schedule__created_at")
    )
    return {(row.code, row.modifier): Price(row.amount, row.needs_authorization, row.description) for row in rows}


def pick(prices: dict[tuple[str, str], Price], code: str, modifiers: Sequence[str]) -> Price | None:
    """The most special price among those found: a modifier's own before the plain code's."""
    for modifier in (*modifiers, ""):
        if (code, modifier) in prices:
            return prices[code, modifier]
    return None
