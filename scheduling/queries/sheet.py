"""The day sheet: one column a provider, with hours, closures, bookings and what is still free, in constant queries."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast

from clinic import clock
from clinic.models import Location, Provider, Visit
from scheduling.availability import STEP, Span, closure_on, hours_on, merge, starts_in, whole_day, without
from scheduling.models import Appointment, Closure, Schedule
from scheduling.queries.layout import Block, Closed, Column, DaySheet, Entry, Flag, Opening
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
    """Everything of one location's day. Queries: hours, closures, appointments, and one per flag source."""
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
    booked = _booked(location, span)
    without_hours = {e.provider_id for e, _ in booked} - set(providers)
    if without_hours:
        providers |= Provider.objects.in_bulk(without_hours)
    open_on = {pk: hours_on(day, rows, location) for pk, rows in hours.items()}
    top, count = _frame(
        location, day, [*(s for spans in open_on.values() for s in spans), *(Span(e.start, e.end) for e, _ in booked)]
    )
    scale = _Scale(clock.zone(location), clock.local(top, location), count)
    blocks = _blocks(booked, providers, scale, day, now)
    of_provider: dict[Any, list[Block]] = defaultdict(list)
    for block in blocks:
        of_provider[block.appointment.provider_id].append(block)
    columns = [
        _column(p, day, open_on.get(p.pk, []), closures, of_provider[p.pk], scale, location, top, now)
        for p in sorted(providers.values(), key=lambda p: (p.last_name, p.first_name))
    ]
    now_row = scale.row(now) if span.start <= now < span.end else None
    return DaySheet(location, day, top, count, columns, now, now_row, blocks)


def _booked(location: Location, span: Span) -> list[tuple[Entry, str | None]]:
    """The day's appointments with the stage of the visit, where one was opened: one query."""
    stage = Visit.objects.filter(appointment_id=OuterRef("pk")).values("status")[:1]
    rows = (
        Appointment.objects.filter(location=location, start__gte=span.start, start__lt=span.end)
        .exclude(status=Appointment.Status.CANCELLED)
        .order_by("start", "lane")
        .values_list(
            Cast("pk", TextField()), "start", "end", "lane", "status", "reason", "patient_id", "patient__last_name", "patient__first_name",
            "provider_id", "appointment_type__name", "appointment_type__colour", Subquery(stage),
        )
    )  # fmt: skip
    return [
        (
            Entry(pk, start, end, lane, status, reason, patient, f"{last}, {first}", provider, kind, colour),
            stage_of_visit,
        )
        for pk, start, end, lane, status, reason, patient, last, first, provider, kind, colour, stage_of_visit in rows
    ]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From instants to rows of the grid. `top` is the sheet's first hour on the wall."""

    zone: tzinfo
    top: datetime
    hours: int

    def row(self, instant: datetime) -> int:
        """By the wall clock, so that the rows of a day with 23 hours keep their hours."""
        wall, top = instant.astimezone(self.zone), self.top
        minutes = (wall.toordinal() - top.toordinal()) * 1440 + (wall.hour - top.hour) * 60 + wall.minute - top.minute
        return max(0, min(minutes // 5, self.hours * 12))

    def wall(self, instant: datetime) -> tuple[str, str]:
        """(`1:45`, `PM`)"""
        hour, minute = (wall := instant.astimezone(self.zone)).hour, wall.minute
        return f"{hour % 12 or 12}:{minute:02}", "PM" if hour >= 12 else "AM"

    def place(self, span: Span) -> tuple[int, int]:
        first = self.row(span.start)
        return first, max(1, self.row(span.end) - first)


def _hours_of(location: Location, day: date) -> Iterable[Schedule]:
    return (
        Schedule.objects.filter(location=location, weekday=day.weekday(), starts_on__lte=day, provider__is_active=True)
        .filter(Q(ends_on=None) | Q(ends_on__gte=day))
        .select_related("provider")
    )


def _frame(location: Location, day: date, spans: Iterable[Span]) -> tuple[datetime, int]:
    """From which hour the sheet runs, and for how many hours."""
    walls = [clock.local(instant, location) for instant in {i for s in spans for i in (s.start, s.end)}]
    today = [w for w in walls if w.date() == day]
    first = min([USUAL[0].hour, *(w.hour for w in today)])
    last = max([USUAL[1].hour, *(w.hour + (1 if w.minute else 0) for w in today)])
    if any(w.date() > day for w in walls):
        last = 24
    return clock.at_local(day, time(first), location), last - first


def _blocks(
    booked: list[tuple[Entry, str | None]], providers: Mapping[Any, Provider], scale: _Scale, day: date, now: datetime
) -> list[Block]:
    flags: dict[uuid.UUID, list[Flag]] = defaultdict(list)
    patient_ids = list({e.patient_id for e, _ in booked})
    for source in _flag_sources if patient_ids else ():
        for patient_id, found in source(patient_ids, day).items():
            flags[patient_id] += found
    upcoming = next((e.pk for e, _ in booked if e.is_expected and e.start >= now), None)
    of_provider: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    for e, _ in booked:
        of_provider[e.provider_id].append(e)
    blocks: list[Block] = []
    for e, stage in booked:
        row, count = scale.place(Span(e.start, e.end))
        beside = any(o is not e and o.start < e.end and e.start < o.end for o in of_provider[e.provider_id])
        side = "" if not beside else "b" if e.lane else "a"
        wall, _ = scale.wall(e.start)
        blocks.append(
            Block(
                e,
                providers[e.provider_id],
                stage or e.status,
                row,
                count,
                side,
                wall,
                flags[e.patient_id],
                e.pk == upcoming,
            )
        )
    return blocks


def _column(
    provider: Provider,
    day: date,
    open_on: list[Span],
    closures: list[Closure],
    blocks: list[Block],
    scale: _Scale,
    place: Location,
    top: datetime,
    now: datetime,
) -> Column:
    own = [c for c in closures if c.provider_id in (None, provider.pk)]
    shut = [(c, s) for c in own if (s := closure_on(day, c, place))]
    day_open = without(open_on, [s for _, s in shut])
    taken = [
        Span(b.appointment.start, b.appointment.end) for b in blocks if b.appointment.status in Appointment.OCCUPYING
    ]
    starts = starts_in(without(day_open, taken), SMALLEST_SLOT, after=now, step=STEP)
    bounds = Span(top, top + timedelta(hours=scale.hours))
    closed = [Closed(str(c), *scale.place(Span(max(s.start, bounds.start), min(s.end, bounds.end)))) for c, s in shut]
    closed += [Closed("", *scale.place(s)) for s in without([bounds], [*open_on, *(s for _, s in shut)])]
    openings = [
        Opening(start, scale.row(start), slot_value(provider.pk, place.pk, start), " ".join(scale.wall(start)))
        for start in starts
    ]
    return Column(
        provider, blocks, closed, openings, _minutes(day_open),
        _minutes(s for s in merge(taken) if any(s.overlaps(o) for o in day_open)),
    )  # fmt: skip


def _minutes(spans: Iterable[Span]) -> int:
    return int(sum((s.length for s in spans), timedelta()).total_seconds() // 60)
