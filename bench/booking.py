"""Booking over HTTP from the desk's own form, signed in, on eight connections; and fifty who want one slot.

The floor is a GET with the same session, act and an audit row that shows nothing (`bench.server_urls.bare`). What the
smallest page costs is told beside it. Server, database and whoever asks share one machine.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import count, cycle
from math import ceil

from django.urls import reverse

from bench.harness import Result, Size, in_turn, slower, tell
from bench.http import Answer, Asked, Person, at_once, web_server
from bench.own import practice
from bench.practice import next_working_day
from clinic import clock
from clinic.models import Location, Patient, Provider, User
from scheduling.models import Appointment, AppointmentType
from scheduling.queries import slot_value

CONNECTIONS, RACERS = 8, 50
A_SECOND, TIMES, P99_SECONDS = 60.0, 2.5, 1.0
QUARTERS = (*range(16), *range(20, 36))
"""A provider's quarters of an hour from eight on, without lunch."""


class Desk:
    """Free slots and patients to book, each given out once; patients to look at."""

    def __init__(self) -> None:
        self.place = Location.objects.get()
        self.kind = AppointmentType.objects.get(minutes=15)
        self.providers = list(Provider.objects.order_by("npi"))
        self.patients = Patient.objects.order_by("pk").values_list("pk", flat=True).iterator()
        self.seen = cycle(Patient.objects.order_by("-pk").values_list("pk", flat=True)[:500])
        self.free = self._free()
        self.keys = count()
        self.user = User.objects.get(username="fran")

    def _free(self) -> Iterator[tuple[Provider, datetime]]:
        day = next_working_day()
        while True:
            if day.weekday() < 5:
                eight = clock.at_local(day, time(8), self.place)
                for quarter in QUARTERS:
                    yield from ((provider, eight + timedelta(minutes=15 * quarter)) for provider in self.providers)
            day += timedelta(days=1)

    def booking(self, provider: Provider, start: datetime) -> Asked:
        slot = slot_value(provider.pk, self.place.pk, start)
        fields = {
            "slot": slot, "appointment_type": str(self.kind.pk), "reason": "Follow-up", "once_token": f"bench-{next(self.keys)}",
        }  # fmt: skip
        return Asked(f"{reverse('scheduling:book')}?patient={next(self.patients)}", fields)

    def bookings(self, many: int) -> list[list[Asked]]:
        return [[self.booking(*next(self.free)) for _ in range(many)] for _ in range(CONNECTIONS)]

    def looks(self, many: int, page: str = "floor") -> list[list[Asked]]:
        return [[Asked(f"/bench/{page}/?patient={next(self.seen)}") for _ in range(many)] for _ in range(CONNECTIONS)]

    def race(self) -> list[list[Asked]]:
        provider, start = next(self.free)
        return [[self.booking(provider, start)] for _ in range(RACERS)]


def run(size: Size) -> Iterator[Result]:
    many = size.of(10, least=3)
    with practice(size, "booking"), web_server() as port:
        desk = Desk()
        _each(_all_at_once(port, desk, desk.looks(2)), 200)
        _each(_all_at_once(port, desk, desk.bookings(2)), 303)  # every worker has its code and connections

        def looks() -> float:
            return _rate(port, desk, lambda: desk.looks(2 * many, "bare"), 200)

        def books() -> float:
            return _rate(port, desk, lambda: desk.bookings(many), 303)

        floor, rate = in_turn(looks, books, size.rounds)
        ratio = slower(1 / floor, 1 / rate)
        page = _rate(port, desk, lambda: desk.looks(2 * many), 200)
        tell(f"  the smallest page of the house: {page:.0f}/s; a booking costs {page / rate:.1f} times as much")
        yield Result(
            "booking", round(rate, 1), "bookings/s", round(floor, 1), ratio,
            f">= {A_SECOND:g}/s and each <= {TIMES:g} x a GET with session, act and audit row", rate >= A_SECOND and ratio <= TIMES,
        )  # fmt: skip
        yield _race(desk, port, size.rounds)


def _rate(port: int, desk: Desk, lots: Callable[[], list[list[Asked]]], status: int) -> float:
    """Answers a second, over four stretches: each by people who sign in anew, for who books looks at the day in between
    (a session that is not looked at grows by a line with each booking).
    """
    asked, taken = 0, 0.0
    for _ in range(4):
        told = _all_at_once(port, desk, lots())
        asked, taken = asked + len(told[0]), taken + _each(told, status)
    return asked / taken


def _all_at_once(port: int, desk: Desk, lots: list[list[Asked]]) -> tuple[list[Answer], float]:
    """Freshly signed in each time: nobody loads the page that would show (and so drop) what a booking said."""
    people = [Person(port, desk.user) for _ in lots]
    _each(at_once(people, [[Asked(f"/bench/floor/?patient={next(desk.seen)}")] for _ in people]), 200)
    told = at_once(people, lots)
    for person in people:
        person.close()
    return told


def _race(desk: Desk, port: int, rounds: int) -> Result:
    racers = [Person(port, desk.user) for _ in range(RACERS)]
    _each(at_once(racers, [[Asked(f"/bench/floor/?patient={next(desk.seen)}")] for _ in racers]), 200)
    at_once(racers, desk.race())  # a refused booking, too, is drawn once before it is measured
    before = Appointment.objects.count()
    waits, winners = [], []
    for _ in range(rounds):
        answers, _taken = at_once(racers, desk.race())
        waits += [a.seconds for a in answers]
        winners.append(sum(a.status == 303 for a in answers))
        strange = sorted({a.status for a in answers} - {303, 409})
        if strange:
            raise SystemExit(f"racers were answered {strange}")
    for racer in racers:
        racer.close()
    one_each = winners == [1] * rounds and Appointment.objects.count() == before + rounds
    waits.sort()
    p99 = waits[ceil(0.99 * len(waits)) - 1]
    tell(
        f"  {rounds} times {RACERS} racers waited {statistics.median(waits):.2f} s in the middle, {waits[-1]:.2f} s at most"
    )
    goal = f"one winner, p99 <= {P99_SECONDS:g} s"
    return Result("booking_race", round(p99, 2), "s", None, None, goal, one_each and p99 <= P99_SECONDS)


def _each(told: tuple[Sequence[Answer], float], status: int) -> float:
    """The seconds, when every answer is the wanted one."""
    answers, taken = told
    strange = {a.status for a in answers} - {status}
    if strange:
        raise SystemExit(f"answers {sorted(strange)} instead of {status}")
    return taken
