"""What payers refuse in an 837P although its table is kept, asked segment by segment, each fault at its place.

The same questions are asked of a claim before we write it (`x12.claim_837p.check`); here of a file, where whoever wrote it.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from ..elements import parse_amount, parse_quantity
from ..findings import Finding, Severity
from ..segment import Segment

Tell = Callable[[Finding], None]

ZERO: Final = Decimal("0.00")
FREQUENCIES: Final = ("1", "7", "8")
MOST_DIAGNOSES: Final = 12
_AMOUNTS_IN_CAS: Final = (3, 6, 9, 12, 15, 18)
_ICD10: Final = re.compile(r"[A-Z][0-9][0-9AB][0-9A-Z]{0,4}")
_HCPCS: Final = re.compile(r"[A-Z0-9]{5}")
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_TAXONOMY: Final = re.compile(r"[A-Z0-9]{10}")
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")


class ClaimRules:
    """One 837P on its way: `see` each segment between ST and SE whose tag is one of TAGS, then `end`."""

    TAGS: Final = frozenset({"CAS", "CLM", "HI", "HL", "LX", "N4", "NM1", "PRV", "REF", "SBR", "SV1", "SVD"})

    def __init__(self, tell: Tell) -> None:
        self.claims = 0
        self.charge: Decimal = ZERO
        self.balanced = True
        self._tell = tell
        self._claim: Segment | None = None
        self._has_payer_number = False
        self._in_other_payer = False
        self._diagnoses = 0
        self._lines: Decimal | None = ZERO
        self._line: Segment | None = None
        self._decision: Segment | None = None
        self._decided: Decimal | None = ZERO
        self._is_billing_provider = False
        self._numbers: set[str] = set()

    def see(self, segment: Segment) -> None:
        """The next segment."""
        _SEEN[segment.elements[0]](self, segment)

    def end(self) -> None:
        """The SE."""
        self._close_claim()

    def _level(self, segment: Segment) -> None:
        self._close_claim()

    def _name(self, segment: Segment) -> None:
        self._is_billing_provider = segment[1] == "85" and self._claim is None
        if segment[1] == "PR" and self._claim is not None:
            self._in_other_payer = True

    def _city(self, segment: Segment) -> None:
        if self._is_billing_provider and segment[4] in ("", "US") and not _NINE_DIGITS.fullmatch(segment[3]):
            self._say(segment, 3, "zip", "The billing provider's ZIP must have nine digits.")

    def _taxonomy(self, segment: Segment) -> None:
        if segment[3] and not _TAXONOMY.fullmatch(segment[3]):
            self._say(segment, 3, "taxonomy", f"{segment[3]!r} is no taxonomy code: ten letters and digits.")

    def _open_claim(self, segment: Segment) -> None:
        self._close_claim()
        self.claims += 1
        self._claim, self._lines, self._diagnoses = segment, ZERO, 0
        self._has_payer_number = self._in_other_payer = False
        self.charge += parse_amount(segment[2]) or ZERO
        frequency = segment.component(5, 3)
        if frequency and frequency not in FREQUENCIES:
            said = f"Frequency {frequency!r} is none of 1 (original), 7 (replacement), 8 (void)."
            self._say(segment, 5, "frequency", said)
        if segment[1] and segment[1] in self._numbers:
            self._say(segment, 1, "claim_number", f"The claim number {segment[1]!r} stands twice in this set.")
        self._numbers.add(segment[1])

    def _reference(self, segment: Segment) -> None:
        if segment[1] == "F8" and self._claim is not None and not self._in_other_payer and self._line is None:
            self._has_payer_number = True

    def _diagnosis(self, segment: Segment) -> None:
        if segment.component(1, 1) not in ("ABK", "BK"):
            return
        for at in range(1, min(len(segment), MOST_DIAGNOSES) + 1):
            kind, code = segment.component(at, 1), segment.component(at, 2)
            if not code:
                continue
            self._diagnoses += 1
            if "." in code:
                self._say(segment, at, "diagnosis", f"{code} must be written without its dot.")
            elif kind in ("ABK", "ABF") and not _ICD10.fullmatch(code):
                self._say(segment, at, "diagnosis", f"{code!r} is not shaped like an ICD-10-CM code.")

    def _other_subscriber(self, segment: Segment) -> None:
        self._close_line()

    def _open_line(self, segment: Segment) -> None:
        self._close_line()

    def _service(self, segment: Segment) -> None:
        self._line = segment
        self._lines = _plus(self._lines, parse_amount(segment[2]))
        kind, code, *rest = [*segment.components(1), "", ""]
        if kind == "HC" and code and not _HCPCS.fullmatch(code):
            self._say(segment, 1, "procedure", f"{code!r} is not shaped like a procedure code.")
        for modifier in rest[:4]:
            if modifier and not _MODIFIER.fullmatch(modifier):
                self._say(segment, 1, "modifier", f"{modifier!r} is no modifier: two letters or digits.")
        units = parse_quantity(segment[4])
        if units is not None and units <= 0:
            self._say(segment, 4, "quantity", "The units must be more than 0.")
        pointers = [text for text in segment.components(7) if text]
        for pointer in pointers:
            if pointer.isascii() and pointer.isdigit() and not 1 <= int(pointer) <= self._diagnoses:
                self._say(segment, 7, "pointer", f"Pointer {pointer} points to no diagnosis of this claim.")
        if len(set(pointers)) != len(pointers):
            self._say(segment, 7, "pointer", "A diagnosis is pointed at twice.")

    def _open_decision(self, segment: Segment) -> None:
        self._close_decision()
        self._decision, self._decided = segment, parse_amount(segment[2])

    def _adjustment(self, segment: Segment) -> None:
        if self._decision is not None:
            for at in _AMOUNTS_IN_CAS:
                if segment[at]:
                    self._decided = _plus(self._decided, parse_amount(segment[at]))

    def _close_decision(self) -> None:
        decision, self._decision = self._decision, None
        if decision is None or self._line is None:
            return
        charge = parse_amount(self._line[2])
        if charge is not None and self._decided is not None and charge != self._decided:
            said = f"The line charges {charge}; the other payer's payment and adjustments add up to {self._decided}."
            self._say(decision, 2, "balance_line", said)
            self.balanced = False

    def _close_line(self) -> None:
        self._close_decision()
        self._line = None

    def _close_claim(self) -> None:
        self._close_line()
        claim, self._claim = self._claim, None
        if claim is None:
            return
        if claim.component(5, 3) in ("7", "8") and not self._has_payer_number:
            said = "A replacement or void needs the payer's claim number from the remittance (REF*F8)."
            self._say(claim, 5, "payer_claim_number", said)
        charge = parse_amount(claim[2])
        if charge is not None and self._lines is not None and charge != self._lines:
            self._say(claim, 2, "sum", f"Claim {claim[1]} charges {charge}; its lines add up to {self._lines}.")
            self.balanced = False

    def _say(self, segment: Segment, element: int, rule: str, message: str) -> None:
        self._tell(Finding(segment.position, segment.elements[0], element, rule, Severity.ERROR, message))


_SEEN: Final[dict[str, Callable[[ClaimRules, Segment], None]]] = {
    "CAS": ClaimRules._adjustment, "CLM": ClaimRules._open_claim, "HI": ClaimRules._diagnosis, "HL": ClaimRules._level,
    "LX": ClaimRules._open_line, "N4": ClaimRules._city, "NM1": ClaimRules._name, "PRV": ClaimRules._taxonomy,
    "REF": ClaimRules._reference, "SBR": ClaimRules._other_subscriber, "SV1": ClaimRules._service,
    "SVD": ClaimRules._open_decision,
}  # fmt: skip


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
