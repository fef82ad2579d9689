"""Dollars and cents: the only place that rounds, and the only place that refuses a float."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from clinic.errors import ClinicError

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LARGEST = Decimal("9999999.99")
"""No single amount in a clinic is larger; a bigger one is a slip of the keyboard."""
HOW = "Enter dollars and cents, for example 25.00."
TOO_LARGE = "This is larger than any amount this practice handles. Check the figure."


def to_cents(amount: Decimal | int | str) -> Decimal:
    """Round once, half up, to whole cents. Raises TypeError on a float: it has lost cents already."""
    if isinstance(amount, float):
        raise TypeError("Money is a Decimal or a string, never a float.")
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise ClinicError(f"{amount!r} is not an amount of money.") from None
    if not value.is_finite():
        raise ClinicError(f"{amount!r} is not an amount of money.")
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def exact(amount: Decimal | int | str) -> Decimal:
    """The amount as dollars and cents; refuses what would have to be rounded, and what is no number."""
    value = to_cents(amount)
    if value != Decimal(amount):
        raise ClinicError(f"{amount} has more than two decimal places. Enter dollars and cents.")
    if abs(value) > LARGEST:
        raise ClinicError(f"{amount} is larger than any amount this practice handles. Check the figure.")
    return value


def positive(amount: Decimal | int | str, what: str = "The amount") -> Decimal:
    """An exact amount above zero, for money that changes hands."""
    value = exact(amount)
    if value <= ZERO:
        raise ClinicError(f"{what} must be more than $0.00.")
    return value


def split_evenly(total: Decimal, parts: int) -> list[Decimal]:
    """`parts` amounts that add up to `total` exactly; the odd cents go to the last ones.

    >>> split_evenly(Decimal("100.00"), 3)
    [Decimal('33.33'), Decimal('33.33'), Decimal('33.34')]
    """
    if parts < 1:
        raise ClinicError("A sum cannot be split into fewer than one part.")
    cents = int(exact(total) / CENT)
    whole, odd = divmod(cents, parts)
    return [(whole + (1 if n >= parts - odd else 0)) * CENT for n in range(parts)]


def split_by_weight(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` shared in proportion to `weights`, to the cent; the largest remainders get the odd cents."""
    if not weights or any(w < 0 for w in weights) or not any(weights):
        raise ClinicError("A sum can only be shared over amounts above zero.")
    cents = int(exact(total) / CENT)
    sign, cents = (-1, -cents) if cents < 0 else (1, cents)
    whole_weight = sum(weights, Decimal(0))
    shares = [cents * w / whole_weight for w in weights]
    floors = [int(s) for s in shares]
    by_remainder = sorted(range(len(weights)), key=lambda n: (floors[n] - shares[n], n))
    for n in by_remainder[: cents - sum(floors)]:
        floors[n] += 1
    return [sign * f * CENT for f in floors]


def whole_dollars(amount: Decimal) -> str:
    """For reports: `$1,205`, rounded half up."""
    value = Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{'-' if value < 0 else ''}${abs(value):,}"


def dollars(amount: Decimal) -> str:
    """For people: `$1,204.50`, the minus sign before the dollar sign."""
    value = to_cents(amount)
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"
