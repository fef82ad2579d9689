"""A week at a glance: how full each provider's days are. Four queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic import clock
from clinic.models import Location, Provider
from scheduling.availability import days_between, starts_in, whole_day
from scheduling.models import Appointment
from scheduling.queries.sheet import SMALLEST_SLOT
from scheduling.queries.slots import free_time


@dataclass(frozen=True, slots=True)
class Cell:
    day: date
    booked: int
    open_slots: int


@dataclass(frozen=True, slots=True)
class Row:
    provider: Provider
    cells: Sequence[Cell]


def week_sheet(location: Location, monday: date) -> list[Row]:
    """Booked visits and open quarters of an hour per provider and day, Monday to Sunday."""
    days = list(days_between(monday, monday + timedelta(days=6)))
    span = (whole_day(days[0], location).start, whole_day(days[-1], location).end)
    booked: Counter[tuple[object, date]] = Counter()
    rows = Appointment.objects.occupying().filter(location=location, start__gte=span[0], start__lt=span[1])
    for provider_id, start in rows.values_list("provider_id", "start"):
        booked[provider_id, clock.local(start, location).date()] += 1
    providers = Provider.objects.filter(hours__location=location, is_active=True).distinct()
    free = {f.provider.pk: f for f in free_time(providers=providers, first=days[0], last=days[-1], location=location)}
    now, found = clock.now(), []
    for provider in sorted({f.provider for f in free.values()}, key=lambda p: (p.last_name, p.first_name)):
        starts = Counter(
            clock.local(start, location).date()
            for start in starts_in(free[provider.pk].spans, SMALLEST_SLOT, after=now)
        )
        found.append(Row(provider, [Cell(d, booked[provider.pk, d], starts[d]) for d in days]))
    return found
