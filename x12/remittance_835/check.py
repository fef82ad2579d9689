"""What a remittance advice must keep beyond its table: three balances and known reason codes. Asked segment by segment."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from ..codes.adjustments import REASONS
from ..elements import parse_amount
from ..findings import Finding, Severity
from ..segment import Segment
from .model import ZERO

Tell = Callable[[Finding], None]

_REASONS_IN_CAS: Final = (2, 5, 8, 11, 14, 17)
_AMOUNTS_IN_CAS: Final = (3, 6, 9, 12, 15, 18)
_AMOUNTS_IN_PLB: Final = (4, 6, 8, 10, 12, 14)
_REMARKS_IN: Final = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}
_REMARK: Final = re.compile(r"(?:MA?|N)[0-9]{1,3}")


class Balances:
    """The sums of one 835 on their way: line (SVC02 - CAS = SVC03), claim (CLP03 - CAS = CLP04), check (sum of CLP04 -
    sum of PLB = BPR02).

    What cannot be read as an amount makes its own balance, and those above it, impossible to tell: `balanced` is None.
    """

    TAGS: Final = frozenset({"BPR", "CAS", "CLP", "LQ", "LX", "MIA", "MOA", "PLB", "SVC"})

    def __init__(self, tell: Tell) -> None:
        self.claims = 0
        self.charge: Decimal = ZERO
        self.paid: Decimal | None = None
        self.balanced: bool | None = True
        self._tell = tell
        self._payment: Segment | None = None
        self._claims_paid: Decimal | None = ZERO
        self._kept: Decimal | None = ZERO
        self._claim: Segment | None = None
        self._line: Segment | None = None
        self._claim_adjusted: Decimal | None = ZERO
        self._line_adjusted: Decimal | None = ZERO

    def see(self, segment: Segment) -> None:
        """The next segment whose tag is one of TAGS."""
        for finding in code_findings(segment):
            self._tell(finding)
        match segment.elements[0]:
            case "CAS":
                adjusted = _sum(segment, _AMOUNTS_IN_CAS)
                self._claim_adjusted = _plus(self._claim_adjusted, adjusted)
                if self._line is not None:
                    self._line_adjusted = _plus(self._line_adjusted, adjusted)
            case "SVC":
                self._close_line()
                self._line, self._line_adjusted = segment, ZERO
            case "CLP":
                self._close_claim()
                self._open_claim(segment)
            case "LX":
                self._close_claim()
            case "PLB":
                self._close_claim()
                self._kept = _plus(self._kept, _sum(segment, _AMOUNTS_IN_PLB))
            case "BPR" if self._payment is None:
                self._payment, self.paid = segment, parse_amount(segment[2])

    def end(self) -> None:
        """The SE: the check's own balance."""
        self._close_claim()
        if self._payment is None or self.paid is None or self._claims_paid is None or self._kept is None:
            self.balanced = None if self.balanced else self.balanced
            return
        expected = self._claims_paid - self._kept
        if expected != self.paid:
            said = f"The check says {self.paid}, its claims less PLB give {expected}"
            self._broken(self._payment, 2, "balance_check", said, self.paid - expected)

    def _open_claim(self, segment: Segment) -> None:
        self.claims += 1
        self._claim, self._claim_adjusted = segment, ZERO
        charge, paid = parse_amount(segment[3]), parse_amount(segment[4])
        self.charge += charge or ZERO
        self._claims_paid = _plus(self._claims_paid, paid)

    def _close_line(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        charge, paid = parse_amount(line[2]), parse_amount(line[3])
        if charge is None or paid is None or self._line_adjusted is None:
            self.balanced = None if self.balanced else self.balanced
            return
        expected = charge - self._line_adjusted
        if expected != paid:
            said = f"Line {line.component(1, 2)} is paid {paid}, charge less adjustments gives {expected}"
            self._broken(line, 3, "balance_line", said, paid - expected)

    def _close_claim(self) -> None:
        self._close_line()
        claim, self._claim = self._claim, None
        if claim is None:
            return
        charge, paid = parse_amount(claim[3]), parse_amount(claim[4])
        if charge is None or paid is None or self._claim_adjusted is None:
            self.balanced = None if self.balanced else self.balanced
            return
        expected = charge - self._claim_adjusted
        if expected != paid:
            said = f"Claim {claim[1]} is paid {paid}, charge less adjustments gives {expected}"
            self._broken(claim, 4, "balance_claim", said, paid - expected)

    def _broken(self, segment: Segment, element: int, rule: str, said: str, difference: Decimal) -> None:
        self.balanced = False
        message = f"{said} (difference {difference})."
        self._tell(Finding(segment.position, segment.elements[0], element, rule, Severity.ERROR, message))


def code_findings(segment: Segment) -> Iterator[Finding]:
    """Reason and remark codes that nobody knows."""
    tag = segment.elements[0]
    if tag == "CAS":
        for at in _REASONS_IN_CAS:
            if at < len(segment.elements) and segment[at] and segment[at] not in REASONS:
                yield _warning(segment, at, "carc", f"{segment[at]!r} is no known adjustment reason (CARC).")
    elif tag == "LQ":
        if segment[1] == "HE" and segment[2] and not _REMARK.fullmatch(segment[2]):
            yield _remark(segment, 2)
    elif tag in _REMARKS_IN:
        for at in _REMARKS_IN[tag]:
            if segment[at] and not _REMARK.fullmatch(segment[at]):
                yield _remark(segment, at)


def _remark(segment: Segment, at: int) -> Finding:
    return _warning(segment, at, "rarc", f"{segment[at]!r} is no remark code (RARC: M, MA or N and a number).")


def _warning(segment: Segment, element: int, rule: str, message: str) -> Finding:
    return Finding(segment.position, segment.elements[0], element, rule, Severity.WARNING, message)


def _sum(segment: Segment, places: tuple[int, ...]) -> Decimal | None:
    """Of the amounts in these elements; None when one of them is none."""
    total = ZERO
    elements = segment.elements
    for at in places:
        if at >= len(elements):
            break
        if elements[at]:
            amount = parse_amount(elements[at])
            if amount is None:
                return None
            total += amount
    return total


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
