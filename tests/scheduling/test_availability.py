"""Open time is hours without closures and bookings, also on the days on which the clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduling.availability import Span, closure_on, hours_on, merge, starts_in, whole_day, without


@dataclass(frozen=True)
class Place:
    timezone: str


@dataclass(frozen=True)
class Row:
    weekday: int | None
    opens_at: time | None
    closes_at: time | None
    starts_on: date = date(2024, 1, 1)
    ends_on: date | None = None


CHICAGO, PHOENIX, HONOLULU = Place("America/Chicago"), Place("America/Phoenix"), Place("Pacific/Honolulu")
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def test_slots_leave_out_lunch_and_what_is_booked():
    open_on = [Span(at(14), at(17))]

    free = without(open_on, [Span(at(15), at(16)), Span(at(14), at(14, 30))])

    assert list(starts_in(free, timedelta(minutes=30), after=LONG_AGO)) == [at(14, 30), at(16), at(16, 15), at(16, 30)]


def test_a_slot_begins_on_the_quarter_of_an_hour():
    free = [Span(at(14, 5), at(15))]

    assert list(starts_in(free, timedelta(minutes=15), after=LONG_AGO)) == [at(14, 15), at(14, 30), at(14, 45)]


def test_no_slot_begins_before_now():
    free = [Span(at(14), at(15))]

    assert list(starts_in(free, timedelta(minutes=15), after=at(14, 31))) == [at(14, 45)]


def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change():
    hours = [Row(n, time(9), time(10)) for n in range(7)]

    before, after = date(2026, 3, 7), date(2026, 3, 8)

    assert [s.start.hour for s in hours_on(before, hours, CHICAGO)] == [15]
    assert [s.start.hour for s in hours_on(after, hours, CHICAGO)] == [14]


def test_hours_over_the_missing_hour_are_an_hour_shorter():
    night = [Row(6, time(1), time(4))]

    spans = hours_on(date(2026, 3, 8), night, CHICAGO)

    assert [s.length for s in spans] == [timedelta(hours=2)]


def test_hours_over_the_repeated_hour_are_an_hour_longer():
    night = [Row(6, time(0), time(4))]

    spans = hours_on(date(2026, 11, 1), night, CHICAGO)

    assert [s.length for s in spans] == [timedelta(hours=5)]


def test_a_day_lasts_as_long_as_it_does_there():
    lengths = [whole_day(date(2026, 3, 8), place).length for place in (CHICAGO, PHOENIX, HONOLULU)]

    assert lengths == [timedelta(hours=23), timedelta(hours=24), timedelta(hours=24)]


def test_hours_hold_only_in_their_period():
    hours = [Row(0, time(9), time(10), date(2026, 3, 1), date(2026, 3, 2))]

    assert hours_on(date(2026, 3, 2), hours, CHICAGO)
    assert not hours_on(date(2026, 3, 9), hours, CHICAGO)


def test_a_closure_without_times_takes_the_whole_day():
    holiday = Row(None, None, None, date(2026, 7, 3), date(2026, 7, 3))

    assert closure_on(date(2026, 7, 3), holiday, CHICAGO) == whole_day(date(2026, 7, 3), CHICAGO)
    assert closure_on(date(2026, 7, 6), holiday, CHICAGO) is None


def test_a_weekly_closure_takes_its_weekday_only():
    huddle = Row(0, time(8), time(8, 30))

    assert closure_on(date(2026, 3, 2), huddle, CHICAGO) == Span(at(14), at(14, 30))
    assert closure_on(date(2026, 3, 3), huddle, CHICAGO) is None


spans = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 90)).map(
        lambda t: Span(NOON + timedelta(minutes=t[0]), NOON + timedelta(minutes=t[0] + t[1]))
    ),
    max_size=12,
)


@given(spans, spans)
def test_what_is_left_never_touches_what_is_taken_and_nothing_is_lost(hours: list[Span], taken: list[Span]):
    left = without(hours, taken)

    minutes = {m for s in merge(hours) for m in _minutes(s)} - {m for s in merge(taken) for m in _minutes(s)}
    assert {m for s in left for m in _minutes(s)} == minutes
    assert all(a.end <= b.start for a, b in pairwise(left))


def _minutes(span: Span) -> set[int]:
    first = int((span.start - NOON).total_seconds() // 60)
    return set(range(first, first + int(span.length.total_seconds() // 60)))
