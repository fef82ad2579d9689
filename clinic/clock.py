"""The time: the only module that asks for it.

Everybody else calls `now()` or `today(...)`. Demo and tests move the clock with `set_to()`; production
refuses to start with a moved clock (clinic.checks).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings


class HasZone(Protocol):
    @property
    def timezone(self) -> str: ...


class _Clock(threading.local):
    frozen_at: datetime | None = None


_clock = _Clock()


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _clock.frozen_at or datetime.now(UTC)


def is_moved() -> bool:
    return _clock.frozen_at is not None


def set_to(instant: datetime | None) -> None:
    """Stop the clock of this thread at `instant` (None lets it run again). Demo month and tests only."""
    if instant is not None and instant.tzinfo is None:
        raise ValueError("the clock is set to aware instants only")
    _clock.frozen_at = instant.astimezone(UTC) if instant else None


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    before = _clock.frozen_at
    set_to(instant)
    try:
        yield
    finally:
        _clock.frozen_at = before


def zone(place: HasZone | None = None) -> ZoneInfo:
    """The zone of a location; without one, the practice's own (settings)."""
    return _zone(place.timezone if place is not None else settings.PRACTICE_TIME_ZONE)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def today(place: HasZone | None = None) -> date:
    """The calendar date on the wall of that location."""
    return now().astimezone(zone(place)).date()


def local(instant: datetime, place: HasZone | None = None) -> datetime:
    return instant.astimezone(zone(place))


def at_local(day: date, at: time, place: HasZone | None = None) -> datetime:
    """The instant of a wall-clock time. On the day with 23 hours a time that does not exist moves on an hour."""
    wall = datetime.combine(day, at, tzinfo=zone(place))
    return wall.astimezone(UTC)


@lru_cache(maxsize=1)
def _federal() -> holidays.HolidayBase:
    return holidays.country_holidays("US")


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _federal()


def add_business_days(day: date, count: int) -> date:
    """`count` business days (no weekends, no federal holidays) after `day`; before it when negative."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        if is_business_day(day):
            left -= 1
    return day
