"""Street, state and ZIP of whoever stands on a claim."""

import re
from collections.abc import Iterator
from typing import Final

from ..codes.states import STATES
from ..errors import X12Error
from ..parties import Address

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
