"""Rules that hold in every set: a provider number with its check digit, a state that is one, a ZIP of five or nine digits."""

import re
from collections.abc import Iterator
from typing import Final

from .codes.states import STATES
from .elements import is_npi
from .findings import Finding, Severity
from .segment import Segment

_NUMBER_AT: Final = {"NM1": (8, 9), "N1": (3, 4)}
_ZIP: Final = re.compile(r"[0-9]{5}(?:[0-9]{4})?")
HOME: Final = ("", "US", "USA")


def common_findings(segment: Segment) -> Iterator[Finding]:
    """What is wrong with this segment wherever it stands."""
    tag = segment.elements[0]
    if tag in _NUMBER_AT:
        kind, at = _NUMBER_AT[tag]
        if segment[kind] == "XX" and segment[at] and not is_npi(segment[at]):
            yield _warning(segment, at, "npi", f"{segment[at]!r} is no NPI: ten digits with a check digit.")
    elif tag == "N4" and segment[4] in HOME and not segment[7]:
        if segment[2] and segment[2] not in STATES:
            yield _warning(segment, 2, "state", f"{segment[2]!r} is no state.")
        if segment[3] and not _ZIP.fullmatch(segment[3]):
            yield _warning(segment, 3, "zip", f"{segment[3]!r} is no ZIP; five or nine digits.")


def _warning(segment: Segment, element: int, rule: str, message: str) -> Finding:
    return Finding(segment.position, segment.elements[0], element, rule, Severity.WARNING, message)
