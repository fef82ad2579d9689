"""Dates, amounts, quantities and identifiers to and from their X12 spelling."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from .errors import X12Error
from .segment import Segment

CENT: Final = Decimal("0.01")
_AMOUNT: Final = re.compile(r"-?(?:[0-9]{1,13}(?:\.[0-9]{0,2})?|\.[0-9]{1,2})")
_QUANTITY: Final = re.compile(r"-?(?:[0-9]{1,13}(?:\.[0-9]{0,4})?|\.[0-9]{1,4})")
_INTEGER: Final = re.compile(r"[0-9]{1,9}")
_DATE: Final = re.compile(r"[0-9]{8}")
_NPI: Final = re.compile(r"[0-9]{10}")
_NPI_PREFIX: Final = "80840"  # the check digit is the Luhn digit of the number as a US health card


@lru_cache(maxsize=8192)
def parse_amount(text: str) -> Decimal | None:
    """The money in `text` with two places; None when it is none: 1e9, NaN, -0, 1.005, +5."""
    if not _AMOUNT.fullmatch(text):
        return None
    value = Decimal(text).quantize(CENT)
    return None if value.is_zero() and text[0] == "-" else value


@lru_cache(maxsize=8192)
def parse_quantity(text: str) -> Decimal | None:
    """The units or days in `text`; up to four places, no exponent."""
    if not _QUANTITY.fullmatch(text):
        return None
    value = Decimal(text)
    return None if value.is_zero() and text[0] == "-" else value


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date | None:
    """A D8 date, CCYYMMDD; None when the calendar has no such day."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def read_amount(segment: Segment, index: int) -> Decimal | None:
    """The amount of an element, None when it is empty."""
    text = segment[index]
    if not text:
        return None
    value = parse_amount(text)
    if value is None:
        raise segment.error(index, "amount", f"{_shown(text)} is not an amount of money.")
    return value


def need_amount(segment: Segment, index: int) -> Decimal:
    """The amount of an element that must be there."""
    value = read_amount(segment, index)
    if value is None:
        raise segment.error(index, "missing", "An amount is missing here.")
    return value


def read_quantity(segment: Segment, index: int) -> Decimal | None:
    """The quantity of an element, None when it is empty."""
    text = segment[index]
    if not text:
        return None
    value = parse_quantity(text)
    if value is None:
        raise segment.error(index, "quantity", f"{_shown(text)} is not a quantity.")
    return value


def read_integer(segment: Segment, index: int) -> int | None:
    """The count of an element, None when it is empty."""
    text = segment[index]
    if not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise segment.error(index, "integer", f"{_shown(text)} is not a whole number.")
    return int(text)


def read_date(segment: Segment, index: int) -> date | None:
    """The CCYYMMDD date of an element, None when it is empty."""
    text = segment[index]
    if not text:
        return None
    value = parse_date(text)
    if value is None:
        raise segment.error(index, "date", f"{_shown(text)} is not a date (CCYYMMDD).")
    return value


def read_period(segment: Segment, qualifier: int, index: int) -> tuple[date, date] | None:
    """First and last day of a D8 or RD8 element; a single day is both. None when it is empty."""
    text = segment[index]
    if not text:
        return None
    if segment[qualifier] != "RD8":
        day = read_date(segment, index)
        return None if day is None else (day, day)
    first, _, last = text.partition("-")
    begins, ends = parse_date(first), parse_date(last)
    if begins is None or ends is None or ends < begins:
        raise segment.error(index, "date", f"{_shown(text)} is not a period of two dates.")
    return begins, ends


def need_text(segment: Segment, index: int) -> str:
    """The text of an element that must be there."""
    text = segment[index]
    if not text.strip():
        raise segment.error(index, "missing", "This element must not be empty.")
    return text


def _shown(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:27] + "...")


def amount_text(value: Decimal) -> str:
    """Money as X12 writes it: no trailing zeros, no exponent. Part of a cent is refused."""
    if not isinstance(value, Decimal) or not value.is_finite() or value != value.quantize(CENT):
        raise X12Error(f"{value!r} is not money in whole cents.", rule="amount")
    return quantity_text(value)


def quantity_text(value: Decimal) -> str:
    """A number as X12 writes it: no trailing zeros, no exponent, never -0."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise X12Error(f"{value!r} is not a number.", rule="quantity")
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def date_text(value: date) -> str:
    """D8: CCYYMMDD."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def period_text(first: date, last: date) -> tuple[str, str]:
    """Qualifier and value: D8 for one day, RD8 for several."""
    if first == last:
        return "D8", date_text(first)
    return "RD8", f"{date_text(first)}-{date_text(last)}"


def is_npi(text: str) -> bool:
    """Ten digits whose last is the Luhn check digit (45 CFR 162.406)."""
    if not _NPI.fullmatch(text):
        return False
    total = 0
    for place, character in enumerate(reversed(_NPI_PREFIX + text)):
        digit = int(character)
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def clean_text(text: str, longest: int, forbidden: str = "*:^~") -> str:
    """Desk text as it may travel: plain ASCII, no separators, single spaces, cut to length.

    The writer refuses what this would change; call it where losing an accent does no harm.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    kept = "".join(" " if c in forbidden or not c.isprintable() else c for c in plain)
    return " ".join(kept.split())[:longest].rstrip()
