"""Remittance remark codes (RARC): our words, and the one claim element a remark points at.

Only a remark that names exactly one element carries it, because a machine may then correct the
claim from a value on file. The rows of the table stand in `remark_table.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .remark_table import ALERTS, DECISIONS, DOCUMENTS, ELEMENT_WORDS, ELEMENTS


class RemarkKind(StrEnum):
    """What a remark is about."""

    ELEMENT = "one element of the claim is missing or wrong"
    DOCUMENT = "a document is missing"
    DECISION = "why the payer decided so"
    ALERT = "for information"


@dataclass(frozen=True, slots=True)
class Remark:
    """One RARC. `element` is a key of ELEMENT_WORDS when the remark points at exactly one element."""

    code: str
    words: str
    kind: RemarkKind
    element: str = ""


def _remarks() -> dict[str, Remark]:
    found = {
        code: Remark(code, f"Missing or wrong: {ELEMENT_WORDS[element]}", RemarkKind.ELEMENT, element)
        for code, element in ELEMENTS.items()
    }
    for kind, table in (
        (RemarkKind.DOCUMENT, DOCUMENTS),
        (RemarkKind.DECISION, DECISIONS),
        (RemarkKind.ALERT, ALERTS),
    ):
        found.update({code: Remark(code, words, kind) for code, words in table.items()})
    return found


REMARKS: Final = _remarks()

UNPROCESSABLE: Final = "MA130"
"""The claim was never adjudicated: a new claim (frequency 1), no appeal."""

CROSSOVER: Final = frozenset({"MA18", "MA07", "N89"})
"""This payer has sent the claim on by itself: do not bill the next payer, wait."""

QMB: Final = frozenset({"N781", "N782", "N783"})
"""Qualified Medicare Beneficiary: deductible, coinsurance, copay may not be collected."""


def is_unprocessable(codes: Iterable[str]) -> bool:
    """MA130 is among the remarks."""
    return UNPROCESSABLE in codes


def is_crossover(codes: Iterable[str]) -> bool:
    """The payer forwarded the claim to another payer."""
    return not CROSSOVER.isdisjoint(codes)


def element_of(code: str) -> str:
    """The one claim element that a remark points at, "" when it is none or several."""
    known = REMARKS.get(code)
    return known.element if known else ""


def named_elements(codes: Iterable[str]) -> tuple[str, ...]:
    """The claim elements that the remarks name, each once, in their order."""
    return tuple(dict.fromkeys(element for code in codes if (element := element_of(code))))


def words(code: str) -> str:
    """Our short words for a remark; the bare code when it is not in the table."""
    known = REMARKS.get(code)
    return known.words if known else f"Remark {code}"
