"""The long booking race (reliability.md R1): 20 slots, 50 racers each, over HTTP against gunicorn.

20 bookings, 980 refusals with the next free slots, no server error, no deadlock. It prints how long the racers waited;
the bar of one second for 99 of 100 holds on a machine that does nothing else.
"""

import pytest

from scheduling.models import Appointment
from tests.racing import deadlocks, overlaps, web_server
from tests.scheduling.race_course import Course, lost_well, won

pytestmark = pytest.mark.proof

SLOTS, RACERS = 20, 50


def test_twenty_slots_with_fifty_racers_each(fresh_database: str, process_env: dict[str, str]):
    course = Course()
    before = deadlocks()
    heats = []
    with web_server(process_env) as port:
        for n in range(SLOTS):
            start = course.slot(n)
            entries = [course.booking(start, length=course.long if k % 5 == 0 else None) for k in range(RACERS - 10)]
            entries += [course.move(start, n * 10 + k) for k in range(10)]
            heats.append(course.run(port, entries, f"slot-{n}"))

    answers = [a for heat in heats for a in heat]
    waits = sorted(a.seconds for a in answers)
    print(f"\n{len(answers)} racers, p50 {waits[len(waits) // 2]:.3f} s, p99 {waits[int(len(waits) * 0.99)]:.3f} s")

    assert [a.status for a in answers if a.status >= 500] == []
    assert [won(heat) for heat in heats] == [1] * SLOTS
    assert sum(lost_well(heat) for heat in heats) == SLOTS * (RACERS - 1)
    assert Appointment.objects.filter(start__in=[course.slot(n) for n in range(SLOTS)]).count() == SLOTS
    assert (overlaps(), deadlocks() - before) == (0, 0)
