"""Open time = weekly hours - closures - bookings. Pure: rows and instants in, spans and slots out.

Hours and closures are wall-clock times of a location; each is turned into an instant on its own day, so a day of
23 or 25 hours comes out right. Spans are half-open: [start, end).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from clinic import clock

STEP = timedelta(minutes=15)
"""Slots begin on the quarter of an hour."""


class Weekly(Protocol):
    @property
    def weekday(self) -> int: ...

    @property
    def opens_at(self) -> time: ...

    @property
    def closes_at(self) -> time: ...

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date | None: ...


class Closing(Protocol):
    @property
    def weekday(self) -> int | None: ...

    @property
    def opens_at(self) -> time | None: ...

    @property
    def closes_at(self) -> time | None: ...

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True, order=True)
class Span:
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


def days_between(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def hours_on(day: date, hours: Iterable[Weekly], place: clock.HasZone) -> list[Span]:
    """The stretches in which somebody with these weekly hours works on that day."""
    return merge(
        Span(clock.at_local(day, row.opens_at, place), clock.at_local(day, row.closes_at, place))
        for row in hours
        if row.weekday == day.weekday() and row.starts_on <= day and (row.ends_on is None or day <= row.ends_on)
    )


def closure_on(day: date, closure: Closing, place: clock.HasZone) -> Span | None:
    """What this closure takes of that day, or None."""
    if closure.starts_on > day or (closure.ends_on is not None and closure.ends_on < day):
        return None
    if closure.weekday is not None and closure.weekday != day.weekday():
        return None
    if closure.opens_at is None or closure.closes_at is None:
        return whole_day(day, place)
    return Span(clock.at_local(day, closure.opens_at, place), clock.at_local(day, closure.closes_at, place))


def whole_day(day: date, place: clock.HasZone) -> Span:
    return Span(clock.at_local(day, time(0), place), clock.at_local(day + timedelta(days=1), time(0), place))


def merge(spans: Iterable[Span]) -> list[Span]:
    """Sorted, without overlaps; touching ones become one. Empty ones fall away."""
    merged: list[Span] = []
    for span in sorted(s for s in spans if s.start < s.end):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of `spans` when `taken` is cut out."""
    holes = merge(taken)
    left: list[Span] = []
    for span in merge(spans):
        start = span.start
        for hole in holes:
            if hole.end <= start or hole.start >= span.end:
                continue
            if hole.start > start:
                left.append(Span(start, hole.start))
            start = max(start, hole.end)
        if start < span.end:
            left.append(Span(start, span.end))
    return left


def starts_in(
    free: Iterable[Span], length: timedelta, *, after: datetime, step: timedelta = STEP
) -> Iterator[datetime]:
    """Every instant on the step at which `length` fits, not before `after`."""
    for span in free:
        start = _on_step(max(span.start, after), step)
        while start + length <= span.end:
            yield start
            start += step


def _on_step(instant: datetime, step: timedelta) -> datetime:
    past_hour = timedelta(minutes=instant.minute, seconds=instant.second, microseconds=instant.microsecond)
    over = past_hour % step
    return instant + (step - over) if over else instant
