"""A transaction set against its table: each segment finds its place, then its elements are judged.

Where a segment may stand depends only on the segment before it. Each such step is found once, by search, and kept: a file of
a hundred thousand segments costs a hundred thousand look-ups.

Segments of one tag that stand side by side in the table (REF after REF) may come in any order, as the standard has it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from ..elements import parse_date
from ..findings import Finding, Severity
from ..segment import Delimiters, Segment
from .element import SEPARATOR
from .rules import QUALIFIED_BY, UNLIMITED, Guide, LoopRule, SegmentRule

LENIENT: Final = frozenset(
    {"order", "unexpected", "unknown_segment", "code", "not_used", "too_long", "too_many", "too_many_elements", "blank"}
)
"""What payers do out of habit: a warning in what they send us, where it touches no money."""

MONEY: Final = frozenset({"AMT", "BPR", "CAS", "CLP", "PLB", "SVC"})


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One segment rule in its table: the loops around it, from the root, and the slot it has in each."""

    rule: SegmentRule
    loops: tuple[LoopRule, ...]
    slots: tuple[int, ...]


@dataclass(slots=True)
class _Frame:
    """One loop that is open: how often each of its children came."""

    loop: LoopRule
    counts: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    """From one place to the next: how many loops close, the place, whether a loop opens there."""

    closes: int
    place: _Place
    opens: bool


class Walk:
    """One transaction set on its way. `step` takes each segment between ST and SE, `end` what follows the last.

    Findings are handed to `tell` as they are found.
    """

    def __init__(self, table: Guide, delimiters: Delimiters, tell: Callable[[Finding], None]) -> None:
        self._table = table
        self._map = _map_of(table)
        self._component, self._repetition = delimiters.component, delimiters.repetition
        self._tell = tell
        self._at = self._map.start
        self._frames = [_Frame(table.root)]
        self._lost = False

    def step(self, segment: Segment) -> None:
        """The next segment."""
        tag = segment.elements[0]
        at = QUALIFIED_BY.get(tag)
        qualifier = segment[at] if at else ""
        if self._component in qualifier:
            qualifier = qualifier[: qualifier.index(self._component)]
        key = (self._at, tag, qualifier)
        try:
            step = self._map.steps[key]
        except KeyError:
            step = self._map.find(self._at, tag, qualifier)
            self._map.steps[key] = step
        if step is None:
            self._stray(segment, tag, qualifier)
            return
        self._lost = False
        self._go(step, segment)
        self._judge(step.place.rule, segment)

    def end(self, last: Segment) -> None:
        """The SE: what is still missing. `last` is the segment at which it is told."""
        for depth in range(len(self._frames) - 1, -1, -1):
            self._missing(self._frames[depth], self._at.slots[depth], None, last)

    def _go(self, step: _Step, segment: Segment) -> None:
        frames, place = self._frames, step.place
        for depth in range(len(frames) - 1, len(frames) - 1 - step.closes, -1):
            self._missing(frames[depth], self._at.slots[depth], None, segment)
        if step.closes:
            del frames[-step.closes :]
        depth = len(frames) - 1
        frame, slot = frames[depth], place.slots[depth]
        if slot != self._at.slots[depth]:
            self._missing(frame, self._at.slots[depth], slot, segment)
        if step.opens:
            inner = place.loops[depth + 1]
            self._count(frame, inner, inner.most, segment, f"loop {inner.name}")
            frame = _Frame(inner)
            frames.append(frame)
        self._count(frame, place.rule, place.rule.most, segment, segment.elements[0])
        self._at = place

    def _count(self, frame: _Frame, child: SegmentRule | LoopRule, most: int, segment: Segment, what: str) -> None:
        count = frame.counts[id(child)] = frame.counts.get(id(child), 0) + 1
        if most != UNLIMITED and count == most + 1:
            self._say(segment, 0, "too_many", f"{what} stands here more than {_times(most)}.")

    def _missing(self, frame: _Frame, slot: int, until: int | None, segment: Segment) -> None:
        """What the slots from the one we stand in up to `until` needed and never had."""
        for child in self._map.needed(frame.loop, slot, until):
            if id(child) not in frame.counts:
                self._say(segment, 0, "missing_segment", f"Before this segment {_named(child)} is missing.")

    def _stray(self, segment: Segment, tag: str, qualifier: str) -> None:
        """A segment that has no place from here on. The walk stays where it is."""
        if tag not in self._table.tags:
            self._say(segment, 0, "unknown_segment", f"This transaction set has no segment {tag}.")
            return
        rule = self._map.elsewhere(self._at, tag, qualifier)
        if rule is not None:
            self._say(segment, 0, "order", f"{tag} comes too late; it stands before the segments it follows here.")
            self._judge(rule, segment)
            return
        at = QUALIFIED_BY.get(tag, 0)
        codes = self._map.qualifiers(self._at, tag)
        if codes:
            told = f"{qualifier!r} is not a {tag}{at:02d} for this place ({', '.join(sorted(codes)[:12])})."
            self._say(segment, at, "code", told)
        elif not self._lost:
            self._say(segment, 0, "unexpected", f"{tag} does not belong here.")
            self._lost = True

    def _judge(self, rule: SegmentRule, segment: Segment) -> None:
        elements = segment.elements
        if not rule.pattern(self._component, self._repetition).fullmatch(SEPARATOR.join(elements)):
            for index, each in enumerate(rule.elements, 1):
                text = elements[index] if index < len(elements) else ""
                for name, said, part in each.faults(text, self._component, self._repetition):
                    self._say(segment, index, name, said, part)
            if any(elements[len(rule.elements) + 1 :]):
                most = len(rule.elements)
                self._say(segment, most + 1, "too_many_elements", f"{rule.tag} has {most} elements at most.")
        else:
            for index in rule.dates:
                if index < len(elements) and elements[index] and parse_date(elements[index]) is None:
                    self._say(segment, index, "date", f"{elements[index]!r} is not a date (CCYYMMDD).")
        for pair in rule.pairs:
            there = [index for index in pair if segment[index]]
            if there and len(there) < len(pair):
                gap = next(index for index in pair if index not in there)
                self._say(
                    segment, gap, "pair", f"Given together with {rule.tag}{there[0]:02d}; one of them is missing."
                )

    def _say(self, segment: Segment, element: int, rule: str, message: str, component: int = 0) -> None:
        tag = segment.elements[0]
        mild = self._table.sent_to_us and rule in LENIENT and tag not in MONEY
        severity = Severity.WARNING if mild else Severity.ERROR
        self._tell(Finding(segment.position, tag, element, rule, severity, message, component))


class _Map:
    """A table made ready: slots, places, and the steps that were taken so far."""

    def __init__(self, table: Guide) -> None:
        self.steps: dict[tuple[_Place, str, str], _Step | None] = {}
        self._slots: dict[int, list[list[SegmentRule | LoopRule]]] = {}
        self._places: dict[tuple[tuple[LoopRule, ...], SegmentRule], _Place] = {}
        self._needed: dict[tuple[int, int, int | None], tuple[SegmentRule | LoopRule, ...]] = {}
        self._add(table.root, (), ())
        self.start = _Place(table.root.opener, (table.root,), (0,))

    def _add(self, loop: LoopRule, loops: tuple[LoopRule, ...], slots: tuple[int, ...]) -> None:
        around, own = (*loops, loop), _slots_of(loop)
        self._slots[id(loop)] = own
        for number, children in enumerate(own):
            for child in children:
                if isinstance(child, SegmentRule):
                    self._places[around, child] = _Place(child, around, (*slots, number))
                else:
                    self._add(child, around, (*slots, number))

    def needed(self, loop: LoopRule, slot: int, until: int | None) -> tuple[SegmentRule | LoopRule, ...]:
        """The required children of the slots from `slot` up to, not including, `until`."""
        key = (id(loop), slot, until)
        if key not in self._needed:
            slots = self._slots[id(loop)][slot:until]
            self._needed[key] = tuple(child for children in slots for child in children if child.usage == "R")
        return self._needed[key]

    def find(self, at: _Place, tag: str, qualifier: str) -> _Step | None:
        """The nearest place ahead: in this loop, as its next round, then in the loops around it."""
        for depth in range(len(at.loops) - 1, -1, -1):
            for child in self._ahead(at, depth):
                around = at.loops[: depth + 1]
                if isinstance(child, LoopRule):
                    rule, around, opens = child.opener, (*around, child), True
                else:
                    rule, opens = child, False
                if rule.tag == tag and _fits(rule, qualifier):
                    return _Step(len(at.loops) - 1 - depth, self._places[around, rule], opens)
        return None

    def _ahead(self, at: _Place, depth: int) -> Iterator[SegmentRule | LoopRule]:
        loop, slot = at.loops[depth], at.slots[depth]
        opener = loop.opener if loop.name else None
        for children in self._slots[id(loop)][slot:]:
            yield from (child for child in children if child is not opener)

    def elsewhere(self, at: _Place, tag: str, qualifier: str) -> SegmentRule | None:
        """The place that was passed by already in this loop or one around it."""
        for loop, slot in zip(reversed(at.loops), reversed(at.slots), strict=True):
            for children in self._slots[id(loop)][:slot]:
                for child in children:
                    if isinstance(child, SegmentRule) and child.tag == tag and _fits(child, qualifier):
                        return child
        return None

    def qualifiers(self, at: _Place, tag: str) -> frozenset[str]:
        """What would have been fitting qualifiers of `tag` from here on in this loop and those around it."""
        found: set[str] = set()
        for depth in range(len(at.loops)):
            for child in self._ahead(at, depth):
                rule = child if isinstance(child, SegmentRule) else child.opener
                if rule.tag == tag:
                    found |= rule.codes
        return frozenset(found)


@cache
def _map_of(table: Guide) -> _Map:
    return _Map(table)


def _slots_of(loop: LoopRule) -> list[list[SegmentRule | LoopRule]]:
    """The children, those of one tag that stand side by side together; the opener alone."""
    slots: list[list[SegmentRule | LoopRule]] = []
    for number, child in enumerate(loop.children):
        if number > 1 and _opens_with(child) == _opens_with(slots[-1][0]):
            slots[-1].append(child)
        else:
            slots.append([child])
    return slots


def _opens_with(child: SegmentRule | LoopRule) -> tuple[str, bool]:
    return (child.tag, True) if isinstance(child, SegmentRule) else (child.opener.tag, False)


def _fits(rule: SegmentRule, qualifier: str) -> bool:
    codes = rule.codes
    return not codes or qualifier in codes


def _times(most: int) -> str:
    return "once" if most == 1 else f"{most} times"


def _named(child: SegmentRule | LoopRule) -> str:
    if isinstance(child, LoopRule):
        return f"loop {child.name} ({_shortly(child.opener)})"
    return _shortly(child)


def _shortly(rule: SegmentRule) -> str:
    codes: Sequence[str] = sorted(rule.codes)
    at = QUALIFIED_BY.get(rule.tag, 0)
    return f"{rule.tag}{'*' * at}{codes[0]}" if len(codes) == 1 else rule.tag
