"""A clinic's month, played through the services and the real worker code under the app's clock, to its end.

The clock is moved day by day: what came in by morning, the day's patients, the back office, the night's work. After
the month it runs on without new visits until every visit is at zero, written off or at an agency.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from django.db import transaction

from clearinghouse.simulator.book import Book
from clinic import clock
from clinic.models import Practice, Visit
from clinic.money import ZERO
from demo import machine
from demo.backoffice import BackOffice
from demo.desk import ASKED_BEFORE, Desk
from demo.leftovers import Leftovers
from demo.patients import pay_what_they_pay
from demo.people import People, Person
from demo.plan import CERTIFICATE_DAY, PlannedVisit, plan_month, working_days
from demo.scorecard import scorecard, settled
from demo.world import World, build_world
from ledger.models import OpenItem
from scheduling.models import Appointment

LONGEST = 400
EARLY = timedelta(minutes=15)
UNTIMELY_CLOSE = timedelta(days=97)
CAREFUL_CLOSE = timedelta(days=2)
Tell = Callable[[int, int, str], None]


def _silent(done: int, of: int, sentence: str) -> None:
    """Nobody watches."""


@dataclass
class Month:
    """Plays one. `begins` is its first day.

    `until` stops the play at that instant and leaves open what is open (the demo): the day's later patients are
    still expected, `days` may reach beyond it, and from `office_until` on most of the back office's lists are left to others (demo.leftovers).
    """

    visits: int
    seed: int
    denial_rate: float
    begins: date
    prevention: bool = True
    until: datetime | None = None
    days: list[date] | None = None
    office_until: date | None = None
    tell: Tell = _silent
    book_path: Path | None = None
    _appointments: dict[int, Appointment] = field(default_factory=dict)
    _persons: dict[int, Person] = field(default_factory=dict)
    _seen: dict[int, Visit] = field(default_factory=dict)

    def play(self) -> dict[str, object]:
        dice = Random(self.seed)
        plan = plan_month(
            visits=self.visits, denial_rate=self.denial_rate, begins=self.begins, dice=dice, days=self.days
        )
        first = self.begins - timedelta(days=14)
        with Book(self.book_path) as book, clock.at(self._at(first, time(6))):
            world = self._build(book, first)
            desk = Desk(world, book, careful=self.prevention)
            office = BackOffice(world, book, desk, {})
            self._register(plan, People(world, book, dice, self.begins), office)
            self._days(plan, world, desk, office, first)
            if self.until is None:
                clock.set_to(self._at(self._today, time(23)))
            rows = list(Visit.objects.filter(pk__in=[v.pk for v in self._seen.values()]).order_by("number"))
            return scorecard(visits=rows, ar_at_month_end=self._ar)

    def _build(self, book: Book, first: date) -> World:
        with transaction.atomic():
            world = build_world(book, since=first - timedelta(days=400))
            Practice.objects.update(edits_stop_claims=self.prevention)
        return world

    def _register(self, plan: list[PlannedVisit], people: People, office: BackOffice) -> None:
        """Who comes is known to the clinic before; a walk-in registers on the day, but that changes nothing here."""
        for visit in plan:
            if visit.same_person_as is None:
                person = (
                    people.with_cause(visit.planted, visit.day) if visit.planted else people.healthy(visit.payer_id)
                )
                self._persons[visit.nth] = person
                office.persons[person.patient.pk] = person
        for visit in plan:
            if visit.same_person_as is not None:
                self._persons[visit.nth] = self._persons[visit.same_person_as]

    def _days(self, plan: list[PlannedVisit], world: World, desk: Desk, office: BackOffice, first: date) -> None:
        last_visit = max(v.day for v in plan)
        certificate_on = working_days(self.begins)[CERTIFICATE_DAY]
        day, self._ar = first, ZERO
        longest = first + timedelta(days=LONGEST)
        in_all = len([v for v in plan if self.until is None or v.day <= clock.local(self.until).date()])
        while day <= longest:
            self._today = day
            self._one_day(day, plan, world, desk, office)
            if day == certificate_on:
                office.put_certificate_on_file()
            if day == last_visit:
                self._ar = self._receivable()
            done = len(self._seen)
            self.tell(min(done, in_all), in_all, f"{day:%b %-d}: {done} visits seen")
            if self.until is not None and day >= clock.local(self.until).date():
                return
            if day > last_visit and day.weekday() == 4 and all(settled(v) for v in self._fresh()):
                return
            day += timedelta(days=1)

    def _one_day(self, day: date, plan: list[PlannedVisit], world: World, desk: Desk, office: BackOffice) -> None:
        if not self._reaches(self._at(day, time(7))):
            return
        machine.morning(asks=self.prevention)
        self._book(day, plan, desk)
        today = sorted((v for v in plan if v.day == day), key=lambda v: self._appointments[v.nth].start)
        for visit in today:
            appointment = self._appointments[visit.nth]
            if visit.nth not in self._seen and self._reaches(appointment.start - EARLY):
                with desk.signed_in():
                    self._seen[visit.nth] = desk.see(visit, self._persons[visit.nth], appointment, self.until)
        if not self._reaches(self._at(day, time(17, 30))):
            return
        self._close_late(day, plan, desk)
        if clock.is_business_day(day):
            is_behind = self.office_until is not None and day >= self.office_until
            if not is_behind:
                office.work()
            if self.until is not None:
                Leftovers(office).tend(is_behind=is_behind)
        pay_what_they_pay(world)
        if self._reaches(self._at(day, time(21))):
            machine.evening()

    def _reaches(self, instant: datetime) -> bool:
        """Moves the clock there, unless the play stops before."""
        if self.until is not None and instant > self.until:
            return False
        clock.set_to(instant)
        return True

    def _book(self, day: date, plan: list[PlannedVisit], desk: Desk) -> None:
        """Whoever books today; then what the payer must be asked about five days ahead. The questions follow at once."""
        new = [
            v
            for v in plan
            if v.nth not in self._appointments and v.day - timedelta(days=v.booked_before) <= day <= v.day
        ]
        for visit in sorted(new, key=lambda v: (v.day, v.nth)):
            with desk.signed_in():
                self._appointments[visit.nth] = desk.book_visit(visit, self._persons[visit.nth])
        for visit in plan:
            if (
                visit.cause.startswith("authorization")
                and max(visit.day - timedelta(days=ASKED_BEFORE), self.begins) == day
            ):
                desk.ask_authorization(visit, self._persons[visit.nth])

    def _close_late(self, day: date, plan: list[PlannedVisit], desk: Desk) -> None:
        wait = CAREFUL_CLOSE if self.prevention else UNTIMELY_CLOSE
        for visit in plan:
            if visit.cause == "untimely" and visit.nth in self._seen and day >= visit.day + wait:
                desk.finish_late(self._seen[visit.nth])

    def _fresh(self) -> list[Visit]:
        return list(Visit.objects.filter(pk__in=[v.pk for v in self._seen.values()]))

    def _receivable(self) -> Decimal:
        rows = OpenItem.objects.filter(account__in=("INS", "PAT", "PLAN", "AGCY"), balance__gt=0)
        return sum(rows.values_list("balance", flat=True), ZERO)

    def _at(self, day: date, at: time) -> datetime:
        return clock.at_local(day, at)
