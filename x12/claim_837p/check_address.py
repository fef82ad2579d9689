"""Street, state and ZIP of whoever stands on a claim."""

import re
from collections.abc import Iterator
from typing import Final

from ..errors import X12Error
from ..parties import Address

# fmt: off
STATES: Final = frozenset({
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH",
    "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
    "AS", "GU", "MP", "PR", "VI", "FM", "MH", "PW",  # territories and free association
    "AA", "AE", "AP",  # armed forces
})
# fmt: on
_ZIP: Final = re.compile(r"[0-9]{5}(?:[0-9]{4})?")
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")


def fault(sentence: str, tag: str, element: int, rule: str) -> X12Error:
    return X12Error(sentence, tag=tag, element=element, rule=rule)


def address_faults(address: Address, name: str, *, long_zip: bool = False) -> Iterator[X12Error]:
    if not address.line_1 or not address.city:
        yield fault(f"{name}: the address needs a street and a city.", "N3", 1, "missing")
    if address.country not in ("", "US"):
        return
    if address.state not in STATES:
        yield fault(f"{name}: {address.state!r} is no state.", "N4", 2, "state")
    if long_zip and not _NINE_DIGITS.fullmatch(address.zip_code):
        yield fault(f"{name}: the ZIP must have nine digits.", "N4", 3, "zip")
    elif not _ZIP.fullmatch(address.zip_code):
        yield fault(f"{name}: {address.zip_code!r} is no ZIP; five or nine digits.", "N4", 3, "zip")
