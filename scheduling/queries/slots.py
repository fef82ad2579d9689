"""Where there is still room: free time per provider, and the next free slots over many providers."""

import heapq
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Q

from clinic import clock
from clinic.models import Location, Provider
from scheduling.availability import Span, closure_on, days_between, hours_on, starts_in, whole_day, without
from scheduling.models import Appointment, AppointmentType, Closure, Schedule

WINDOWS = (timedelta(days=2), timedelta(days=10), timedelta(days=40), timedelta(days=180))
"""The search widens only when it has to: nearly every answer lies in the first days."""


OPEN_OR_CLOSED = """
SELECT id, true, '', '', weekday, opens_at, closes_at, starts_on, ends_on FROM scheduling_schedule
 WHERE provider_id = %s AND location_id = %s AND weekday = %s
UNION ALL
SELECT id, false, kind, title, weekday, opens_at, closes_at, starts_on, ends_on FROM scheduling_closure
 WHERE location_id = %s AND (provider_id IS NULL OR provider_id = %s)
   AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s)
"""


class _Stretch(NamedTuple):
    """A row of weekly hours, or of a closure."""

    id: uuid.UUID
    is_hours: bool
    kind: str
    title: str
    weekday: Any
    opens_at: Any
    closes_at: Any
    starts_on: date
    ends_on: date | None


def slot_value(provider_id: uuid.UUID, location_id: uuid.UUID, start: datetime) -> str:
    """What a form or link carries for a slot: provider, location and instant. Nothing personal."""
    return f"{provider_id}.{location_id}.{start.astimezone(UTC):%Y%m%dT%H%MZ}"


def read_slot(value: str) -> tuple[uuid.UUID, uuid.UUID, datetime]:
    """(provider id, location id, start) of `slot_value`; ValueError for anything else."""
    provider_id, location_id, instant = value.split(".")
    start = datetime.strptime(instant, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    return uuid.UUID(provider_id), uuid.UUID(location_id), start


@dataclass(frozen=True, slots=True)
class Slot:
    provider: Provider
    location: Location
    start: datetime
    end: datetime

    @property
    def value(self) -> str:
        return slot_value(self.provider.pk, self.location.pk, self.start)

    def as_detail(self) -> dict[str, str]:
        return {
            "provider": str(self.provider.pk),
            "provider_name": str(self.provider),
            "location": str(self.location.pk),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
        }

    @property
    def day(self) -> date:
        return clock.local(self.start, self.location).date()

    @property
    def said(self) -> str:
        """`Mon 11/23 10:45 AM`"""
        return f"{clock.local(self.start, self.location):%a %-m/%-d %-I:%M %p}"


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A provider's open stretches at one location."""

    provider: Provider
    location: Location
    spans: tuple[Span, ...]


def free_time(
    *,
    providers: Iterable[Provider],
    first: date,
    last: date,
    location: Location | None = None,
    besides: uuid.UUID | None = None,
) -> list[FreeTime]:
    """Open stretches of these providers from `first` to `last`, in three queries, and one for the locations when none
    is given. `besides` frees one appointment.
    """
    people = {p.pk: p for p in providers if p.is_active}
    ids = list(people)
    open_places = [location] if location else Location.objects.filter(is_active=True)
    places = {place.pk: place for place in open_places if place.is_active}
    hours = _hours(ids, places)
    if not hours:
        return []
    closures = list(
        Closure.objects.filter(location__in=places, starts_on__lte=last)
        .filter(Q(ends_on=None) | Q(ends_on__gte=first))
        .filter(Q(provider=None) | Q(provider__in=ids))
    )
    taken = _taken(ids, places.values(), first, last, besides)
    found = []
    for (provider_id, place_id), rows in hours.items():
        place = places[place_id]
        own = [c for c in closures if c.location_id == place_id and c.provider_id in (None, provider_id)]
        spans: list[Span] = []
        for day in days_between(first, last):
            open_on = hours_on(day, rows, place)
            if not open_on:
                continue
            around = Span(open_on[0].start, open_on[-1].end)
            closed = [s for c in own if (s := closure_on(day, c, place))]
            spans += without(open_on, [*closed, *(t for t in taken[provider_id] if t.overlaps(around))])
        found.append(FreeTime(people[provider_id], place, tuple(spans)))
    return found


def next_free_slots(
    *,
    appointment_type: AppointmentType,
    providers: Sequence[Provider],
    after: datetime,
    count: int = 8,
    location: Location | None = None,
    besides: uuid.UUID | None = None,
) -> list[Slot]:
    """The first `count` slots of that length over all these providers, soonest first, never in the past."""
    after = max(after, clock.now())
    length = timedelta(minutes=appointment_type.minutes)
    slots: list[Slot] = []
    for window in WINDOWS:
        first, last = (after - timedelta(days=1)).date(), (after + window).date()
        free = free_time(providers=providers, first=first, last=last, location=location, besides=besides)
        slots = list(islice(heapq.merge(*(_slots(f, length, after) for f in free), key=_soonest), count))
        if len(slots) == count or not free:
            break
    return slots


def open_or_closed(*, provider: Provider, location: Location, start: datetime) -> tuple[str, list[Any]]:
    """The question (SQL, values) whose rows `why_not_open` reads: a booking asks it together with its locks."""
    day = clock.local(start, location).date()
    hours_of = [provider.pk, location.pk, day.weekday()]
    return OPEN_OR_CLOSED, [*hours_of, location.pk, provider.pk, day, day]


def why_not_open(
    answer: Iterable[Sequence[Any]], *, provider: Provider, location: Location, span: Span
) -> tuple[str, str]:
    """("", "") when the provider works then and nothing closes it; else what stands in the way: hours, closure; and its name.

    `answer`: the rows of `open_or_closed` for that start.
    """
    day = clock.local(span.start, location).date()
    rows = [_Stretch(*row) for row in answer]
    hours = hours_on(day, (row for row in rows if row.is_hours), location)
    if not (provider.is_active and location.is_active) or not any(s.holds(span) for s in hours):
        return "hours", ""
    for row in sorted(rows, key=lambda row: (row.starts_on, row.id)):
        closed = None if row.is_hours else closure_on(day, row, location)
        if closed and closed.overlaps(span):
            return "closure", str(Closure(kind=row.kind, title=row.title))
    return "", ""


def _hours(ids: Sequence[Any], places: Iterable[Any]) -> dict[tuple[Any, Any], list[Schedule]]:
    """By provider and location. Neither is read along: a row for each would make a big practice's search slow."""
    found: dict[tuple[Any, Any], list[Schedule]] = defaultdict(list)
    for row in Schedule.objects.filter(provider__in=ids, location__in=list(places)):
        found[row.provider_id, row.location_id].append(row)
    return found


def _taken(
    ids: Sequence[Any], places: Iterable[Location], first: date, last: date, besides: uuid.UUID | None
) -> dict[Any, list[Span]]:
    """A provider cannot be in two places: bookings at every location count."""
    spans = [whole_day(day, place) for place in places for day in (first, last)]
    rows = Appointment.objects.occupying().filter(provider__in=ids)
    rows = rows.between(min(s.start for s in spans), max(s.end for s in spans))
    if besides is not None:
        rows = rows.exclude(pk=besides)
    taken: dict[Any, list[Span]] = defaultdict(list)
    for provider_id, start, end in rows.order_by("start").values_list("provider_id", "start", "end"):
        taken[provider_id].append(Span(start, end))
    return taken


def _slots(free: FreeTime, length: timedelta, after: datetime) -> Iterator[Slot]:
    for start in starts_in(free.spans, length, after=after):
        yield Slot(free.provider, free.location, start, start + length)


def _soonest(slot: Slot) -> tuple[datetime, str, Any]:
    return slot.start, slot.provider.last_name, slot.provider.pk
