"""The day sheet, the week and the next free slots: also where and when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from clinic import clock
from clinic.models import Location, Provider, Visit
from scheduling.models import AppointmentType
from scheduling.queries import awaiting_no_show, day_sheet, next_free_slots, week_sheet
from scheduling.services.booking import book_appointment
from scheduling.services.hours import add_closure, end_hours, remove_closure
from tests.factories.clinic import LocationFactory, PatientFactory, ProviderFactory, VisitFactory
from tests.factories.scheduling import (
    AppointmentFactory,
    AppointmentTypeFactory,
    ClosureFactory,
    ScheduleFactory,
    works_all_week,
)

DAY = date(2026, 3, 2)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
pytestmark = pytest.mark.django_db


def local(hour: int, minute: int = 0, day: date = DAY, place: Location | None = None) -> datetime:
    return clock.at_local(day, time(hour, minute), place)


def night_shift(zone: str) -> Provider:
    """Works on Sundays from midnight to six."""
    provider = ProviderFactory(location=LocationFactory(timezone=zone))
    ScheduleFactory(provider=provider, weekday=6, opens_at=time(0), closes_at=time(6))
    return provider


def test_sheet_places_each_visit_by_five_minute_rows(working: Provider, location: Location, monday: datetime):
    physical = AppointmentTypeFactory(minutes=30)
    AppointmentFactory(provider=working, start=local(8), appointment_type=physical)
    AppointmentFactory(provider=working, start=local(10, 5))

    sheet = day_sheet(location, DAY)

    assert [(b.row, b.rows, b.size) for b in sheet.columns[0].blocks] == [(0, 6, "m"), (25, 3, "s")]
    assert [(c.title, c.row, c.rows) for c in sheet.columns[0].closed] == [("Lunch", 48, 12)]
    assert (sheet.hours, sheet.now_row, sheet.now_label, sheet.hour_marks[0]) == (9, 0, "7:30", (0, "8 am"))


def test_sheet_grows_with_early_and_late_hours(location: Location, monday: datetime):
    provider = ProviderFactory(location=location)
    ScheduleFactory(provider=provider, opens_at=time(6, 30), closes_at=time(19, 15))

    sheet = day_sheet(location, DAY)

    assert (sheet.hour_marks[0], sheet.hours) == ((0, "6 am"), 14)


def test_sheet_puts_an_overbooked_visit_beside_the_other(working: Provider, location: Location, monday: datetime):
    AppointmentFactory(provider=working, start=local(10))
    AppointmentFactory(provider=working, start=local(10), lane=1)

    assert [b.side for b in day_sheet(location, DAY).columns[0].blocks] == ["a", "b"]


def test_sheet_shows_the_visits_stage_once_there_is_one(working: Provider, location: Location, monday: datetime):
    row = AppointmentFactory(provider=working, start=local(8), status="arrived")
    VisitFactory(patient=row.patient, provider=working, appointment_id=row.pk, status=Visit.Status.IN_ROOM)

    sheet = day_sheet(location, DAY)

    assert (sheet.blocks[0].status, sheet.blocks[0].look, sheet.here) == ("in_room", "roomed", 1)


def test_sheet_offers_free_quarters_that_have_not_passed(working: Provider, location: Location, monday: datetime):
    AppointmentFactory(provider=working, start=local(16, 30))

    with clock.at(local(16, 10)):
        openings = day_sheet(location, DAY).columns[0].openings

    assert [clock.local(o.start, location).strftime("%H:%M") for o in openings] == ["16:15", "16:45"]


def test_sheet_counts_how_full_a_provider_is(working: Provider, location: Location, monday: datetime):
    for hour in (8, 9):
        AppointmentFactory(provider=working, start=local(hour), appointment_type=AppointmentTypeFactory(minutes=60))

    assert day_sheet(location, DAY).columns[0].full == 25


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("America/Chicago", SPRING, 20),
        ("America/New_York", SPRING, 20),
        ("America/Phoenix", SPRING, 24),
        ("Pacific/Honolulu", SPRING, 24),
        ("UTC", SPRING, 24),
        ("America/Chicago", AUTUMN, 28),
        ("America/New_York", AUTUMN, 28),
        ("America/Phoenix", AUTUMN, 24),
    ],
)
def test_a_night_has_as_many_quarters_as_it_lasts(zone: str, day: date, count: int, follow_up: AppointmentType):
    provider = night_shift(zone)
    assert provider.location is not None

    with clock.at(datetime(2026, 3, 1, 12, tzinfo=UTC) if day == SPRING else datetime(2026, 10, 30, 12, tzinfo=UTC)):
        slots = next_free_slots(
            appointment_type=follow_up, providers=[provider], after=local(0, 0, day, provider.location), count=count + 1
        )

    tonight = [s for s in slots if s.day == day]
    assert len(tonight) == count
    assert len({s.start for s in tonight}) == count


def test_both_half_past_ones_of_autumn_can_be_booked(follow_up: AppointmentType):
    provider = night_shift("America/Chicago")
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

    with clock.at(datetime(2026, 10, 30, 12, tzinfo=UTC)):
        rows = [
            book_appointment(
                patient=PatientFactory(),
                provider=provider,
                appointment_type=follow_up,
                start=first + timedelta(hours=n),
                by=None,
            )
            for n in (0, 1)
        ]

    assert [f"{clock.local(r.start, r.location):%H:%M}" for r in rows] == ["01:30", "01:30"]


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_the_sheet_of_a_day_on_which_the_clocks_change_keeps_the_wall_clock(day: date, follow_up: AppointmentType):
    provider = night_shift("America/Chicago")
    place = provider.location
    assert place is not None
    AppointmentFactory(provider=provider, appointment_type=follow_up, start=local(4, 0, day, place))

    with clock.at(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        sheet = day_sheet(place, day)

    assert sheet.hour_marks[0] == (0, "12 am")
    assert sheet.blocks[0].row == 48


def test_next_free_slots_run_over_providers_and_days_soonest_first(
    working: Provider, location: Location, follow_up: AppointmentType, monday: datetime
):
    other = works_all_week(ProviderFactory(location=location, last_name="Adams"))
    for quarter in range(16):
        AppointmentFactory(
            provider=working, appointment_type=follow_up, start=local(8) + timedelta(minutes=15 * quarter)
        )

    slots = next_free_slots(appointment_type=follow_up, providers=[working, other], after=local(11, 45), count=4)

    assert [(s.said, s.provider.last_name) for s in slots] == [
        ("Mon 3/2 11:45 AM", "Adams"),
        ("Mon 3/2 1:00 PM", "Adams"),
        ("Mon 3/2 1:00 PM", "Okafor"),
        ("Mon 3/2 1:15 PM", "Adams"),
    ]


def test_next_free_slots_look_further_only_when_they_must(
    working: Provider, follow_up: AppointmentType, monday: datetime
):
    ClosureFactory(provider=working, location=working.location, kind="away", starts_on=DAY, ends_on=date(2026, 5, 1), opens_at=None, closes_at=None)  # fmt: skip

    slots = next_free_slots(appointment_type=follow_up, providers=[working], after=monday, count=1)

    assert [s.said for s in slots] == ["Mon 5/4 8:00 AM"]


def test_nobody_with_hours_means_no_slots(provider: Provider, follow_up: AppointmentType, monday: datetime):
    assert next_free_slots(appointment_type=follow_up, providers=[provider], after=monday, count=3) == []


def test_a_provider_at_two_locations_is_not_booked_at_both_at_once(
    working: Provider, follow_up: AppointmentType, monday: datetime
):
    annex = LocationFactory(name="Annex")
    ScheduleFactory(provider=working, location=annex, opens_at=time(8), closes_at=time(9))
    AppointmentFactory(provider=working, location=annex, appointment_type=follow_up, start=local(8))

    slots = next_free_slots(appointment_type=follow_up, providers=[working], after=monday, count=20)

    assert local(8) not in {s.start for s in slots}


def test_the_week_counts_booked_and_open(working: Provider, location: Location, monday: datetime):
    AppointmentFactory(provider=working, start=local(8))

    (row,) = week_sheet(location, DAY)

    assert [(c.booked, c.open_slots) for c in row.cells] == [(1, 31), *[(0, 32)] * 4, (0, 0), (0, 0)]


def test_the_grace_is_over_before_anybody_is_asked(working: Provider, monday: datetime):
    row = AppointmentFactory(provider=working, start=local(8))

    with clock.at(local(8, 29)):
        early = list(awaiting_no_show())
    with clock.at(local(8, 31)):
        late = list(awaiting_no_show())

    assert (early, late) == ([], [row])
    row.refresh_from_db()
    assert row.status == "booked"


def test_a_closure_names_who_is_booked_in_it_and_moves_nobody(working: Provider, monday: datetime):
    inside = AppointmentFactory(provider=working, start=local(10))
    AppointmentFactory(provider=working, start=local(14))
    closure = ClosureFactory.build(
        provider=working, location=working.location, starts_on=DAY, ends_on=DAY, opens_at=time(9), closes_at=time(11)
    )

    standing = add_closure(closure=closure, by=None)

    inside.refresh_from_db()
    assert standing == [inside]
    assert inside.status == "booked"


def test_a_running_closure_ends_yesterday_and_a_future_one_goes(working: Provider, monday: datetime):
    running = ClosureFactory(provider=working, location=working.location, starts_on=date(2026, 2, 1))
    future = ClosureFactory(provider=working, location=working.location, starts_on=date(2026, 4, 1))

    remove_closure(closure=running, by=None)
    remove_closure(closure=future, by=None)

    running.refresh_from_db()
    assert running.ends_on == date(2026, 3, 1)
    assert not type(future).objects.filter(starts_on=date(2026, 4, 1)).exists()


def test_hours_that_end_leave_no_slots_behind_them(working: Provider, follow_up: AppointmentType, monday: datetime):
    for row in working.hours.all():
        end_hours(hours=row, last_day=date(2026, 3, 6), by=None)

    slots = next_free_slots(
        appointment_type=follow_up, providers=[working], after=local(16, 45, date(2026, 3, 6)), count=5
    )

    assert [s.said for s in slots] == ["Fri 3/6 4:45 PM"]
