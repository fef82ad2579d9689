"""Racers for the same time over real HTTP: one wins, everybody else is told what is free, nobody meets an error.

The long form, 20 slots with 50 racers each, is tests/proof/test_booking_race.py.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from scheduling.models import Appointment
from scheduling.queries import slot_value
from scheduling.services import locks
from scheduling.services.booking import NotFree, book_appointment
from scheduling.services.hours import add_closure
from scheduling.services.locks import lock
from tests.factories.clinic import PatientFactory, UserFactory
from tests.factories.scheduling import ClosureFactory
from tests.racing import deadlocks, overlaps, web_server
from tests.scheduling.race_course import Course, lost_well, won

SLOTS, RACERS = 4, 12


def test_of_racers_for_one_slot_exactly_one_wins(fresh_database: str, process_env: dict[str, str]):
    course = Course()
    before = deadlocks()
    answers = []

    with web_server(process_env) as port:
        for n in range(SLOTS):
            start = course.slot(n)
            entries = [course.booking(start, length=course.long if k % 4 == 0 else None) for k in range(RACERS - 3)]
            entries += [course.move(start, n * 3 + k) for k in range(3)]
            answers.append(course.run(port, entries, f"slot-{n}"))

    assert [won(heat) for heat in answers] == [1] * SLOTS
    assert [lost_well(heat) for heat in answers] == [RACERS - 1] * SLOTS
    assert Appointment.objects.filter(start__in=[course.slot(n) for n in range(SLOTS)]).count() == SLOTS
    assert (overlaps(), deadlocks() - before) == (0, 0)


def test_a_patient_wanted_by_many_providers_at_once_is_booked_with_one(
    fresh_database: str, process_env: dict[str, str]
):
    course = Course()
    providers = [course.another_provider() for _ in range(RACERS)]
    path, said = course.booking(course.slot(0))
    entries = [(path, {**said, "provider": str(p.pk)}) for p in providers]

    with web_server(process_env) as port:
        answers = course.run(port, entries, "patient")

    assert (won(answers), lost_well(answers)) == (1, RACERS - 1)
    assert (overlaps(), Appointment.objects.count()) == (0, 1)


def test_two_who_swap_their_times_end_without_a_deadlock(fresh_database: str, process_env: dict[str, str]):
    course = Course()
    other = course.another_provider()
    first, second = course.slot(0), course.slot(1)
    before = deadlocks()

    with web_server(process_env) as port:
        for n in range(6):
            there, back = course.move(first, 2 * n), course.move(second, 2 * n + 1)
            course.run(
                port,
                [there, back, (there[0], {**there[1], "provider": str(other.pk)}), (back[0], {**back[1], "start": first.isoformat()})],
                f"swap-{n}",
            )  # fmt: skip

    assert (overlaps(), deadlocks() - before) == (0, 0)


def test_a_closure_made_while_a_booking_waits_for_the_lock_closes_its_time(fresh_database: str):
    course = Course()
    start, patient = course.slot(0), PatientFactory()
    holiday = ClosureFactory.build(
        provider=course.provider, location=course.provider.location, starts_on=start.date(), title="Founder's Day",
        opens_at=None, closes_at=None, weekday=None,
    )  # fmt: skip

    def book() -> Appointment:
        try:
            return book_appointment(
                patient=patient, provider=course.provider, appointment_type=course.short, start=start, by=None
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock(course.provider.pk)
            booking = pool.submit(book)
            until_somebody_waits_for_the_lock()
            add_closure(closure=holiday, by=None)
        with pytest.raises(NotFree, match="Founder's Day"):
            booking.result()

    assert not Appointment.objects.exists()


def until_somebody_waits_for_the_lock() -> None:
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("""SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                               WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted""")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_who_waits_too_long_for_the_lock_is_told_so_with_other_times_and_nothing_is_left(
    headers: dict[str, str], fresh_database: str, client: Client, monkeypatch: pytest.MonkeyPatch
):
    course, patient = Course(), PatientFactory()
    start = course.slot(0)
    monkeypatch.setattr(locks, "WAIT", "100ms")
    client.force_login(UserFactory())
    said = {
        "slot": slot_value(course.provider.pk, course.provider.location.pk, start), "appointment_type": course.short.pk,
        "once_token": "a-form",
    }  # fmt: skip
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock(course.provider.pk)
                held.set()
                let_go.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        assert held.wait(20)
        url = f"{reverse('scheduling:book')}?patient={patient.pk}"
        refused = client.post(url, said, headers=headers)
        let_go.set()
        holder.result()
    again = client.post(url, said, headers=headers)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Somebody else is booking the same person at this moment." in page
    assert "Next free: " in page
    assert Appointment.objects.get().start == start
    assert again.status_code in (200, 303)
