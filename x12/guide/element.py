"""What one element may hold, in a short notation, as a pattern, and as a sentence when it does not.

    R AN 1-50       required text of 1 to 50 characters
    S ID C D        one of these codes, when the situation asks for it
    S ID 2-3        a code of an outside list: its length only
    R M             money: a number with two decimals at most
    R R 1-10        any other number, of ten digits at most
    R N 1-6         a whole number
    R DT            a date CCYYMMDD that the calendar has
    S TM            HHMM, HHMMSS or HHMMSSDD
    N               not used
    S*99 ...        may be repeated, 99 times at most

A composite is a tuple: its usage, then the notation of each component.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ..elements import parse_date

Notation = str | tuple[str, ...]
Fault = tuple[str, str, int]
"""(rule, what is wrong, component)"""

SEPARATOR: Final = "\x1d"
"""Stands between the elements of a segment that is judged: no data can hold it."""

_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[0-9]{1,2})?)?")
_WHOLE: Final = re.compile(r"-?[0-9]+")
_LONGEST_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class ElementRule:
    """`kind` is AN, ID, M, R, N, DT, TM or C (composite); empty for an element that is not used."""

    usage: str
    kind: str
    shortest: int = 1
    longest: int = 0
    codes: frozenset[str] = frozenset()
    parts: tuple["ElementRule", ...] = ()
    repeats: int = 1

    def pattern(self, component: str, repetition: str) -> str:
        """A regular expression for the element where it is there; dates are judged further by `faults`."""
        one = self._one(component, repetition)
        if self.repeats == 1 or not repetition:
            return one
        return f"{one}(?:{re.escape(repetition)}{one}){{0,{self.repeats - 1}}}"

    def _one(self, component: str, repetition: str) -> str:
        match self.kind:
            case "":
                return ""
            case "C":
                return _joined(self.parts, component, repetition)
            case "ID" if self.codes:
                return "(?:" + "|".join(re.escape(code) for code in sorted(self.codes)) + ")"
            case "M":
                return r"-?(?:[0-9]{1,%d}(?:\.[0-9]{0,2})?|\.[0-9]{1,2})" % self.longest  # noqa: UP031 (braces)
            case "R":
                return r"-?(?:[0-9]{1,%d}(?:\.[0-9]{0,8})?|\.[0-9]{1,8})" % self.longest  # noqa: UP031 (braces)
            case "N":
                return f"-?[0-9]{{{self.shortest},{self.longest}}}"
            case "DT":
                return "[0-9]{8}"
            case "TM":
                return _TIME.pattern
            case _:
                barred = "".join(re.escape(c) for c in (SEPARATOR, component, repetition) if c)
                return f"(?=[^ ])[^{barred}]{{{self.shortest},{self.longest}}}"

    def faults(self, text: str, component: str, repetition: str) -> Iterator[Fault]:
        """What is wrong with an element of that text."""
        if not text.strip():
            if self.usage == "R":
                yield "missing", "This element must not be empty.", 0
            elif text:
                yield "blank", "This element holds only blanks.", 0
            return
        if self.usage == "N":
            yield "not_used", f"The guide does not use this element; it holds {_shown(text)}.", 0
            return
        repeats = text.split(repetition) if repetition else [text]
        if len(repeats) > self.repeats:
            yield "repeats", f"Given {len(repeats)} times; {self.repeats} is the most.", 0
        for each in repeats:
            yield from self._faults_of_one(each, component, repetition)

    def _faults_of_one(self, text: str, component: str, repetition: str) -> Iterator[Fault]:
        if self.kind == "C":
            parts = text.split(component)
            if len(parts) > len(self.parts):
                yield "components", f"{len(parts)} components; {len(self.parts)} is the most.", len(self.parts) + 1
            for number, rule in enumerate(self.parts, 1):
                own = parts[number - 1] if number <= len(parts) else ""
                yield from ((name, said, number) for name, said, _part in rule.faults(own, component, repetition))
            return
        for fault in self._faults_of_value(text, component):
            yield (*fault, 0)

    def _faults_of_value(self, text: str, component: str) -> Iterator[tuple[str, str]]:
        length = len(text)
        match self.kind:
            case "ID" if self.codes:
                if text not in self.codes:
                    yield "code", f"{_shown(text)} is not a code for this place ({_listed(self.codes)})."
                return
            case "R" | "M":
                if not _NUMBER.fullmatch(text):
                    yield "number", f"{_shown(text)} is not a number."
                    return
                if self.kind == "M" and len(text.partition(".")[2]) > 2:
                    yield "decimals", f"{_shown(text)} has part of a cent."
                    return
                length = sum(c.isdigit() for c in text)
            case "N":
                if not _WHOLE.fullmatch(text):
                    yield "number", f"{_shown(text)} is not a whole number."
                    return
                length = len(text.lstrip("-"))
            case "DT":
                if parse_date(text) is None:
                    yield "date", f"{_shown(text)} is not a date (CCYYMMDD)."
                return
            case "TM":
                if not _TIME.fullmatch(text):
                    yield "time", f"{_shown(text)} is not a time (HHMM)."
                return
            case _:
                if component in text:
                    yield "components", f"{_shown(text)} has components; this element has none."
                    return
        if length > self.longest:
            yield "too_long", f"{_shown(text)} has {length} characters; {self.longest} is the most."
        elif length < self.shortest:
            yield "too_short", f"{_shown(text)} has {length} characters; {self.shortest} is the least."
        elif text[0] == " ":
            yield "blank", f"{_shown(text)} begins with a blank."


@lru_cache(maxsize=4096)
def element_rule(notation: Notation) -> ElementRule:
    """The rule that a notation writes; ValueError for one that nobody can read."""
    if isinstance(notation, tuple):
        usage, repeats = _usage(notation[0])
        return ElementRule(usage, "C", parts=tuple(element_rule(part) for part in notation[1:]), repeats=repeats)
    head, *rest = notation.split()
    usage, repeats = _usage(head)
    if usage == "N":
        return ElementRule("N", "")
    kind, *said = rest
    if kind not in ("AN", "ID", "M", "R", "N", "DT", "TM"):
        raise ValueError(f"unknown kind in {notation!r}")
    bounds = re.fullmatch(r"([0-9]+)-([0-9]+)", said[0]) if said else None
    if bounds:
        return ElementRule(usage, kind, int(bounds[1]), int(bounds[2]), repeats=repeats)
    longest = {"M": _LONGEST_NUMBER, "R": _LONGEST_NUMBER, "N": 9, "DT": 8, "TM": 8}.get(kind, 0)
    if not said and not longest:
        raise ValueError(f"{notation!r} has neither length nor codes")
    return ElementRule(usage, kind, 1, longest, frozenset(said), repeats=repeats)


def segment_pattern(tag: str, rules: tuple[ElementRule, ...], component: str, repetition: str) -> re.Pattern[str]:
    """Matches `tag` and its elements joined by SEPARATOR, when none of them is at fault; dates apart."""
    return re.compile(re.escape(tag) + _tail(rules, SEPARATOR, component, repetition))


def _joined(rules: tuple[ElementRule, ...], component: str, repetition: str) -> str:
    first, rest = rules[0], rules[1:]
    own = first.pattern(component, repetition)
    return f"(?:{own})" + ("" if first.usage == "R" else "?") + _tail(rest, component, component, repetition)


def _tail(rules: tuple[ElementRule, ...], separator: str, component: str, repetition: str) -> str:
    tail, needed = "", False
    for rule in reversed(rules):
        own = rule.pattern(component, repetition)
        own = own and (f"(?:{own})" if rule.usage == "R" else f"(?:{own})?")
        needed = needed or rule.usage == "R"
        tail = f"{re.escape(separator)}{own}{tail}"
        if not needed:
            tail = f"(?:{tail})?"
    return tail


def _usage(text: str) -> tuple[str, int]:
    usage, _, most = text.partition("*")
    if usage not in ("R", "S", "N"):
        raise ValueError(f"unknown usage {text!r}")
    return usage, int(most or 1)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:27] + "...")


def _listed(codes: frozenset[str]) -> str:
    named = sorted(codes)
    return ", ".join(named) if len(named) <= 12 else f"{', '.join(named[:10])} and {len(named) - 10} more"
