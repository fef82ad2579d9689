"""The same clinic in four zones (reliability.md R12), on the days on which the clocks change: what asks for the time
gets the time on that clinic's wall.

Phoenix and Honolulu change nothing; UTC is a practice in no zone of its own. Late evening in the west is tomorrow in
UTC: there a date taken from the wrong clock shows.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from billing.services.claims import create_claims
from billing.services.submission import submit_ready
from checkin.services.arrival import arrive
from clearinghouse.models import Transmission
from clinic import clock
from clinic.errors import Conflict
from clinic.models import Claim, JobRun, Location, Provider, User, Visit
from clinic.services.jobs import run_for_each_date
from collections_app import tasks as collections
from ledger.models import OpenItem
from ledger.queries.aging import age_total
from ledger.services.payments import receive_payment, void_payment
from scheduling.models import AppointmentType
from scheduling.queries import next_free_slots
from scheduling.services.booking import book_appointment
from tests.billing.desk import capture, make_fees, make_partner, make_route
from tests.billing.payer_desk import advice, answer, post, take
from tests.factories.clinic import CoverageFactory, LocationFactory, PatientFactory, ProviderFactory
from tests.factories.scheduling import AppointmentTypeFactory, ScheduleFactory

pytestmark = pytest.mark.django_db
ZONES = ("America/New_York", "America/Phoenix", "Pacific/Honolulu", "UTC")
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
CHANGES = (SPRING, AUTUMN)
QUARTER = timedelta(minutes=15)


@pytest.fixture(params=ZONES)
def place(request: pytest.FixtureRequest, settings: Any, db: None) -> Iterator[Location]:
    settings.PRACTICE_TIME_ZONE = request.param
    yield LocationFactory(timezone=request.param)


@pytest.fixture
def doctor(place: Location) -> Provider:
    provider = ProviderFactory(location=place)
    for weekday in range(7):
        ScheduleFactory(provider=provider, weekday=weekday, opens_at="00:00", closes_at="23:59")
    return provider


@pytest.fixture
def short(db: None) -> AppointmentType:
    return AppointmentTypeFactory(minutes=15)


def wall(instant: datetime, place: Location) -> str:
    return f"{clock.local(instant, place):%m-%d %H:%M}"


@pytest.mark.parametrize("day", CHANGES)
def test_slots_of_a_changing_day_are_real_times_of_that_day_once_each(
    place: Location, doctor: Provider, short: AppointmentType, day: date
) -> None:
    with clock.at(clock.at_local(day - timedelta(days=1), time(23, 50), place)):
        slots = next_free_slots(appointment_type=short, providers=[doctor], after=clock.now(), count=120)
    starts = [s.start for s in slots if clock.local(s.start, place).date() == day]
    changes = place.timezone == "America/New_York"
    hours = {(SPRING, True): 23, (AUTUMN, True): 25}.get((day, changes), 24)

    assert len(starts) == len(set(starts)) == hours * 4 - 1
    assert all(b - a == QUARTER for a, b in pairwise(starts))
    assert wall(starts[0], place).endswith("00:00")
    assert wall(starts[-1], place).endswith("23:30")
    assert not (changes and day == SPRING and any(" 02:" in wall(s, place) for s in starts))


@pytest.mark.parametrize("day", CHANGES)
def test_an_hour_that_comes_twice_is_booked_twice_and_no_instant_twice(
    place: Location, doctor: Provider, short: AppointmentType, fran: User, day: date
) -> None:
    first = clock.at_local(day, time(0, 30), place)
    with clock.at(first - timedelta(days=1)):
        for step in range(8):
            book_appointment(
                patient=PatientFactory(), provider=doctor, appointment_type=short, start=first + step * 2 * QUARTER,
                by=fran,
            )  # fmt: skip
        for step in range(8):
            with pytest.raises(Conflict):
                book_appointment(
                    patient=PatientFactory(), provider=doctor, appointment_type=short,
                    start=first + step * 2 * QUARTER, by=fran,
                )  # fmt: skip


@pytest.mark.parametrize("day", CHANGES)
def test_nine_o_clock_every_week_stays_nine_o_clock(
    place: Location, doctor: Provider, short: AppointmentType, fran: User, day: date
) -> None:
    with clock.at(clock.at_local(day - timedelta(days=15), time(8), place)):
        weekly = [
            book_appointment(
                patient=PatientFactory(), provider=doctor, appointment_type=short, by=fran,
                start=clock.at_local(day + timedelta(days=week), time(9), place),
            )
            for week in (-14, -7, 0, 7, 14)
        ]  # fmt: skip

    assert [wall(row.start, place)[-5:] for row in weekly] == ["09:00"] * 5
    assert [row.day for row in weekly] == [day + timedelta(days=week) for week in (-14, -7, 0, 7, 14)]


@pytest.mark.parametrize("day", CHANGES)
def test_nightly_work_runs_once_for_each_date_on_the_wall(place: Location, day: date) -> None:
    """Every twenty minutes over four days, in the hour that is missing and in the one that comes twice."""
    ran: list[tuple[date, date]] = []
    instant = clock.at_local(day - timedelta(days=2), time(12), place)
    end = clock.at_local(day + timedelta(days=2), time(12), place)

    while instant <= end:
        with clock.at(instant):
            run_for_each_date(job="proof", upto=clock.today(), work=lambda d: ran.append((d, clock.today())) or {})
        instant += timedelta(minutes=20)

    assert ran == [(d, d) for d in (day + timedelta(days=n) for n in range(-2, 3))]
    assert JobRun.objects.filter(job="proof", state=JobRun.State.DONE).count() == 5


@pytest.mark.parametrize("at", [time(0, 10), time(12, 0), time(23, 40)])
@pytest.mark.parametrize("day", CHANGES)
def test_one_evening_of_a_visit_stands_on_one_date_everywhere(
    place: Location, doctor: Provider, short: AppointmentType, fran: User, mona: User, day: date, at: time
) -> None:
    """Arrival, charge, claim, answer, payment: the date is the wall's, and nothing is younger than nought days."""
    coverage = CoverageFactory(patient=PatientFactory())
    partner = make_partner()
    make_route(coverage.payer, partner)
    make_fees()
    start = clock.at_local(day, at, place)
    with clock.at(start - timedelta(days=2)):
        booked = book_appointment(
            patient=coverage.patient, provider=doctor, appointment_type=short, start=clock.at_local(day, at, place), by=fran
        )  # fmt: skip

    with clock.at(start):
        visit = arrive(appointment=booked, by=fran)
        Visit.objects.filter(pk=visit.pk).update(status=Visit.Status.CHECKED_OUT)
        visit.refresh_from_db()
        capture(visit, "G0439")
        claim = create_claims(visit=visit, by=None)[0]
        assert claim.status == Claim.Status.READY, claim.findings
        submit_ready()
        claim.refresh_from_db()
        post(take(advice([answer(claim, ("100", "CO-45 30, PR-1 20"))], payer_id=coverage.payer.payer_id, paid_on=day)))
        payment = receive_payment(
            guarantor=visit.guarantor, amount=Decimal("5.00"), method="check", reference="1", kind="balance", key="p", by=fran, visit=visit
        )  # fmt: skip
        aged = [age_total(side="patient", anchor=a) for a in ("service", "first_bill", "responsibility")]
        void_payment(payment=payment, reason="a slip", by=mona)
    sent = bytes(Transmission.objects.get(kind="837P").payload).decode()

    assert (visit.service_date, claim.first_billed_on, payment.received_on) == (day, day, day)
    assert f"DTP*472*D8*{day:%Y%m%d}" in sent
    assert {row.responsible_since for row in OpenItem.objects.filter(account__in=("PAT", "INS"))} == {day}
    assert [(row.buckets["0-30"] > 0, row.buckets["0-30"] == row.total) for row in aged] == [(True, True)] * 3
    for later, bucket in ((30, "0-30"), (31, "31-60")):
        with clock.at(clock.at_local(day + timedelta(days=later), at, place)):
            row = age_total(side="patient", anchor="service")
            assert row.buckets[bucket] == row.total > 0


@pytest.mark.parametrize("day", CHANGES)
def test_aging_and_statements_run_through_the_change_by_the_local_date(place: Location, day: date) -> None:
    instant = clock.at_local(day - timedelta(days=1), time(0, 5), place)
    end = clock.at_local(day + timedelta(days=1), time(23, 50), place)

    while instant <= end:
        with clock.at(instant):
            collections.age_receivables()
            collections.issue_statements()
            collections.advance_cases()
        instant += timedelta(hours=2)

    wanted = [day + timedelta(days=n) for n in (-1, 0, 1)]
    for job, shift in (("age_receivables", 1), ("issue_statements", 0), ("advance_cases", 0)):
        done = JobRun.objects.filter(job=f"collections.{job}", state=JobRun.State.DONE).order_by("for_date")
        assert [run.for_date + timedelta(days=shift) for run in done] == wanted, job


def test_both_half_past_ones_are_told_apart(place: Location) -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)

    there = [clock.local(instant, place) for instant in (first, second)]

    assert [instant.astimezone(UTC) for instant in there] == [first, second]
    assert len({instant.isoformat() for instant in there}) == 2
