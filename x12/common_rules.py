"""Rules that hold in every set: a provider number with its check digit, a date that the calendar has, a state, a ZIP."""

import re
from collections.abc import Iterator
from typing import Final

from .codes.states import STATES
from .elements import is_npi, parse_date
from .findings import Finding, Severity
from .segment import Segment

_NUMBER_AT: Final = {"NM1": (8, 9), "N1": (3, 4)}
_DATE_AT: Final = {"DTP": (2, 3)}
_ZIP: Final = re.compile(r"[0-9]{5}(?:[0-9]{4})?")
TAGS: Final = frozenset({"N4", *_NUMBER_AT, *_DATE_AT})
HOME: Final = ("", "US", "USA")


def common_findings(segment: Segment) -> Iterator[Finding]:
    """What is wrong with this segment wherever it stands."""
    tag = segment.elements[0]
    if tag in _NUMBER_AT:
        kind, at = _NUMBER_AT[tag]
        if segment[kind] == "XX" and segment[at] and not is_npi(segment[at]):
            yield _warning(segment, at, "npi", f"{segment[at]!r} is no NPI: ten digits with a check digit.")
    elif tag in _DATE_AT:
        form, at = _DATE_AT[tag]
        if segment[form] == "D8":
            if segment[at] and parse_date(segment[at]) is None:
                yield _error(segment, at, "date", f"{segment[at]!r} is not a date (CCYYMMDD).")
        elif segment[form] == "RD8":
            first, _, last = segment[at].partition("-")
            begins, ends = parse_date(first), parse_date(last)
            if begins is None or ends is None or ends < begins:
                yield _error(segment, at, "date", f"{segment[at]!r} is not a period of two dates.")
    elif tag == "N4" and segment[4] in HOME and not segment[7]:
        if segment[2] and segment[2] not in STATES:
            yield _warning(segment, 2, "state", f"{segment[2]!r} is no state.")
        if segment[3] and not _ZIP.fullmatch(segment[3]):
            yield _warning(segment, 3, "zip", f"{segment[3]!r} is no ZIP; five or nine digits.")


def _error(segment: Segment, element: int, rule: str, message: str) -> Finding:
    return Finding(segment.position, segment.elements[0], element, rule, Severity.ERROR, message)


def _warning(segment: Segment, element: int, rule: str, message: str) -> Finding:
    return Finding(segment.position, segment.elements[0], element, rule, Severity.WARNING, message)
