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
from .rules import QUALIFIED_BY, UNLIMITED, Guide, LoopRule, SegmentRule, segments_in

LENIENT: Final = frozenset(
    {"order", "unexpected", "unknown_segment", "code", "not_used", "too_long", "too_many", "too_many_elements", "blank"}
)
"""What payers do out of habit: a warning in what they send us, where it touches no money."""

OTHER: Final = "\x00"
"""Stands for every qualifier that the table does not know: what is kept of steps must not grow with a file."""

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
    counts: dict[SegmentRule | LoopRule, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    """From one place to the next: the place, the loop that opens there, and what must have come before.

    `closed`: for each loop that closes, the innermost first, what it still needed; `skipped`: what the loop in which the
    next place stands needed in between.
    """

    place: _Place
    opened: LoopRule | None
    closed: tuple[tuple[SegmentRule | LoopRule, ...], ...]
    skipped: tuple[SegmentRule | LoopRule, ...]


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
        elements = segment.elements
        tag = elements[0]
        at = QUALIFIED_BY.get(tag)
        qualifier = elements[at] if at and at < len(elements) else ""
        if self._component in qualifier:
            qualifier = qualifier[: qualifier.index(self._component)]
        steps = self._map.steps
        key = (self._at, tag, qualifier if (tag, qualifier) in self._map.known else OTHER)
        try:
            step = steps[key]
        except KeyError:
            step = steps[key] = self._map.find(self._at, tag, qualifier)
        if step is None:
            self._stray(segment, tag, qualifier)
            return
        self._lost = False
        self._go(step, segment)
        self._judge(step.place.rule, segment)

    def end(self, last: Segment) -> None:
        """The SE: what is still missing. `last` is the segment at which it is told."""
        for depth in range(len(self._frames) - 1, -1, -1):
            frame = self._frames[depth]
            self._missing(frame, self._map.needed(frame.loop, self._at.slots[depth], None), last)

    def _go(self, step: _Step, segment: Segment) -> None:
        frames = self._frames
        for needed in step.closed:
            self._missing(frames.pop(), needed, segment)
        frame = frames[-1]
        if step.skipped:
            self._missing(frame, step.skipped, segment)
        opened = step.opened
        if opened is not None:
            self._count(frame, opened, opened.most, segment)
            frame = _Frame(opened)
            frames.append(frame)
        rule = step.place.rule
        self._count(frame, rule, rule.most, segment)
        self._at = step.place

    def _count(self, frame: _Frame, child: SegmentRule | LoopRule, most: int, segment: Segment) -> None:
        counts = frame.counts
        count = counts[child] = counts.get(child, 0) + 1
        if most != UNLIMITED and count == most + 1:
            what = child.tag if isinstance(child, SegmentRule) else f"loop {child.name}"
            self._say(segment, 0, "too_many", f"{what} stands here more than {_times(most)}.")

    def _missing(self, frame: _Frame, needed: tuple[SegmentRule | LoopRule, ...], segment: Segment) -> None:
        """What the loop needed up to here and never had."""
        for child in needed:
            if child not in frame.counts:
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
        self.known = {(rule.tag, code) for rule in segments_in(table.root) for code in rule.codes}
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
        slots = self._slots[id(loop)][slot:until]
        return tuple(child for children in slots for child in children if child.usage == "R")

    def find(self, at: _Place, tag: str, qualifier: str) -> _Step | None:
        """The nearest place ahead: in this loop, as its next round, then in the loops around it."""
        for depth in range(len(at.loops) - 1, -1, -1):
            for child in self._ahead(at, depth):
                around = at.loops[: depth + 1]
                opened = child if isinstance(child, LoopRule) else None
                rule = child if isinstance(child, SegmentRule) else child.opener
                if opened is not None:
                    around = (*around, opened)
                if rule.tag == tag and _fits(rule, qualifier):
                    return self._step(at, depth, self._places[around, rule], opened)
        return None

    def _step(self, at: _Place, depth: int, place: _Place, opened: LoopRule | None) -> _Step:
        inner = range(len(at.loops) - 1, depth, -1)
        closed = tuple(self.needed(at.loops[n], at.slots[n], None) for n in inner)
        return _Step(place, opened, closed, self.needed(at.loops[depth], at.slots[depth], place.slots[depth]))

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
