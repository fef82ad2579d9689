"""The shapes of a guide table: segments in loops in a guide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from .element import ElementRule, Notation, element_rule, segment_pattern

UNLIMITED: Final = 0

QUALIFIED_BY: Final = {
    "AMT": 1, "CRC": 1, "DTM": 1, "DTP": 1, "HL": 3, "LQ": 1, "N1": 1, "NM1": 1, "NTE": 1, "PER": 1, "PRV": 1, "QTY": 1, "REF": 1,
    "HI": 1,
}  # fmt: skip
"""Which element says what a segment is about. Of a composite it is the first component."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentRule:
    """One segment at one place. `most` 0: as often as needed. `pairs`: elements that stand together or not at all."""

    tag: str
    usage: str
    most: int
    elements: tuple[ElementRule, ...]
    pairs: tuple[tuple[int, ...], ...] = ()
    dates: tuple[int, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """The qualifiers by which this place is known; none: any."""
        at = QUALIFIED_BY.get(self.tag)
        if at is None or at > len(self.elements):
            return frozenset()
        rule = self.elements[at - 1]
        return rule.parts[0].codes if rule.parts else rule.codes

    @lru_cache(maxsize=4096)  # noqa: B019 (the tables live as long as the program)
    def pattern(self, component: str, repetition: str) -> re.Pattern[str]:
        """One pattern for the whole segment."""
        return segment_pattern(self.tag, self.elements, component, repetition)


@dataclass(frozen=True, slots=True, eq=False)
class LoopRule:
    """Segments and loops in their order; the first segment opens it."""

    name: str
    usage: str
    most: int
    children: tuple["SegmentRule | LoopRule", ...]

    @property
    def opener(self) -> SegmentRule:
        first = self.children[0]
        if not isinstance(first, SegmentRule):
            raise TypeError(f"loop {self.name} opens with no segment")
        return first


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """The table of one transaction set between ST and SE. `sent_to_us`: written by payers, whose habits are only
    warned of where no money is touched.
    """

    version: str
    root: LoopRule
    sent_to_us: bool = False
    tags: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", frozenset(rule.tag for rule in segments_in(self.root)))


def segments_in(loop: LoopRule) -> Iterator[SegmentRule]:
    """Every segment rule of a loop and the loops in it."""
    for child in loop.children:
        if isinstance(child, SegmentRule):
            yield child
        else:
            yield from segments_in(child)


def seg(tag: str, usage: str, most: int, *elements: Notation, pairs: tuple[tuple[int, ...], ...] = ()) -> SegmentRule:
    """A segment's line of a table: tag, R or S, how often at most (0: no limit), its elements (`x12.guide.element`)."""
    rules = tuple(element_rule(each) for each in elements)
    dates = tuple(n for n, rule in enumerate(rules, 1) if rule.kind == "DT")
    return SegmentRule(tag, usage, most, rules, pairs, dates)


def loop(name: str, usage: str, most: int, *children: SegmentRule | LoopRule) -> LoopRule:
    """A loop's lines of a table."""
    return LoopRule(name, usage, most, children)


def guide(version: str, *children: SegmentRule | LoopRule, sent_to_us: bool = False) -> Guide:
    """A table. The first segment after ST opens it."""
    return Guide(version, LoopRule("", "R", 1, children), sent_to_us)
