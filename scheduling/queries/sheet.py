"""The day sheet: one column a provider, with hours, closures, bookings and what is still free, in constant queries."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from clinic import clock
from clinic.models import Location, Provider, Visit
from scheduling.availability import STEP, Span, closure_on, hours_on, merge, starts_in, whole_day, without
from scheduling.models import Appointment, Closure, Schedule
from scheduling.queries.layout import Block, Closed, Column, DaySheet, Flag, Opening
from scheduling.queries.slots import slot_value

ROW = timedelta(minutes=5)
"""One row of the grid."""
USUAL = (time(8), time(17))
"""What the grid shows at least."""
SMALLEST_SLOT = timedelta(minutes=15)


FlagSource = Callable[[Sequence[uuid.UUID], date], Mapping[uuid.UUID, Sequence[Flag]]]
_flag_sources: list[FlagSource] = []


def register_flags(source: FlagSource) -> None:
    """An upper office says what it knows of the day's patients (coverage, balance), in constant queries."""
    if source not in _flag_sources:
        _flag_sources.append(source)


def day_sheet(location: Location, day: date, *, now: datetime | None = None) -> DaySheet:
    """Everything of one location's day. Queries: hours, closures, appointments, visits, and one per flag source."""
    now = now or clock.now()
    span = whole_day(day, location)
    hours: dict[Any, list[Schedule]] = defaultdict(list)
    providers: dict[Any, Provider] = {}
    for row in _hours_of(location, day):
        hours[row.provider_id].append(row)
        providers[row.provider_id] = row.provider
    closures = list(
        Closure.objects.filter(location=location, starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))
    )
    appointments = list(
        Appointment.objects.for_display()
        .filter(location=location, start__gte=span.start, start__lt=span.end)
        .exclude(status=Appointment.Status.CANCELLED)
        .order_by("start", "lane")
    )
    providers.update({a.provider_id: a.provider for a in appointments})
    open_on = {pk: hours_on(day, rows, location) for pk, rows in hours.items()}
    top, count = _frame(location, day, [s for spans in open_on.values() for s in spans], appointments)
    scale = _Scale(location, top, count)
    blocks = _blocks(appointments, scale, day, now)
    columns = [
        _column(
            p,
            day,
            open_on.get(p.pk, []),
            closures,
            [b for b in blocks if b.appointment.provider_id == p.pk],
            scale,
            now,
        )
        for p in sorted(providers.values(), key=lambda p: (p.last_name, p.first_name))
    ]
    now_row = scale.row(now) if span.start <= now < span.end else None
    return DaySheet(location, day, top, count, columns, now, now_row, blocks)


@dataclass(frozen=True, slots=True)
class _Scale:
    location: Location
    top: datetime
    hours: int

    def row(self, instant: datetime) -> int:
        """By the wall clock, so that the rows of a day with 23 hours keep their hours."""
        wall, top = clock.local(instant, self.location), clock.local(self.top, self.location)
        minutes = (wall.date() - top.date()).days * 1440 + (wall.hour - top.hour) * 60 + wall.minute - top.minute
        return max(0, min(minutes // 5, self.hours * 12))

    def place(self, span: Span) -> tuple[int, int]:
        first = self.row(span.start)
        return first, max(1, self.row(span.end) - first)


def _hours_of(location: Location, day: date) -> Iterable[Schedule]:
    return (
        Schedule.objects.filter(location=location, weekday=day.weekday(), starts_on__lte=day, provider__is_active=True)
        .filter(Q(ends_on=None) | Q(ends_on__gte=day))
        .select_related("provider")
    )


def _frame(location: Location, day: date, spans: list[Span], rows: list[Appointment]) -> tuple[datetime, int]:
    """From which hour the sheet runs, and for how many hours."""
    walls = [
        clock.local(i, location) for s in [*spans, *(Span(a.start, a.end) for a in rows)] for i in (s.start, s.end)
    ]
    today = [w for w in walls if w.date() == day]
    first = min([USUAL[0].hour, *(w.hour for w in today)])
    last = max([USUAL[1].hour, *(w.hour + (1 if w.minute else 0) for w in today)])
    if any(w.date() > day for w in walls):
        last = 24
    return clock.at_local(day, time(first), location), last - first


def _blocks(rows: list[Appointment], scale: _Scale, day: date, now: datetime) -> list[Block]:
    visits = {v.appointment_id: v for v in Visit.objects.filter(appointment_id__in=[a.pk for a in rows])}
    flags: dict[uuid.UUID, list[Flag]] = defaultdict(list)
    patient_ids = list({a.patient_id for a in rows})
    for source in _flag_sources if patient_ids else ():
        for patient_id, found in source(patient_ids, day).items():
            flags[patient_id] += found
    upcoming = next((a.pk for a in rows if a.is_expected and a.start >= now), None)
    of_provider: dict[uuid.UUID, list[Appointment]] = defaultdict(list)
    for a in rows:
        of_provider[a.provider_id].append(a)
    blocks: list[Block] = []
    for a in rows:
        row, count = scale.place(Span(a.start, a.end))
        beside = any(o is not a and o.start < a.end and a.start < o.end for o in of_provider[a.provider_id])
        side = "" if not beside else "b" if a.lane else "a"
        blocks.append(Block(a, visits.get(a.pk), row, count, side, flags[a.patient_id], a.pk == upcoming))
    return blocks


def _column(
    provider: Provider,
    day: date,
    open_on: list[Span],
    closures: list[Closure],
    blocks: list[Block],
    scale: _Scale,
    now: datetime,
) -> Column:
    place = scale.location
    own = [c for c in closures if c.provider_id in (None, provider.pk)]
    shut = [(c, s) for c in own if (s := closure_on(day, c, place))]
    day_open = without(open_on, [s for _, s in shut])
    taken = [
        Span(b.appointment.start, b.appointment.end) for b in blocks if b.appointment.status in Appointment.OCCUPYING
    ]
    starts = starts_in(without(day_open, taken), SMALLEST_SLOT, after=now, step=STEP)
    bounds = Span(scale.top, scale.top + timedelta(hours=scale.hours))
    closed = [Closed(str(c), *scale.place(Span(max(s.start, bounds.start), min(s.end, bounds.end)))) for c, s in shut]
    closed += [Closed("", *scale.place(s)) for s in without([bounds], [*open_on, *(s for _, s in shut)])]
    return Column(
        provider, blocks, closed, [Opening(start, scale.row(start), slot_value(provider.pk, place.pk, start)) for start in starts],
        _minutes(day_open), _minutes(s for s in merge(taken) if any(s.overlaps(o) for o in day_open)),
    )  # fmt: skip


def _minutes(spans: Iterable[Span]) -> int:
    return int(sum((s.length for s in spans), timedelta()).total_seconds() // 60)
