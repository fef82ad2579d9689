"""The clock's last run of each task is a row, written by the worker that ran it."""

from datetime import UTC, datetime

import pytest

from clinic import clock
from clinic.celery import CLOCK
from clinic.models import Tick
from clinic.ticks import note_tick

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
TASK = CLOCK[0].task


def _ran(name: str, state: str = "SUCCESS", retval: object = None) -> None:
    note_tick(sender=type("Task", (), {"name": name}), state=state, retval=retval)


def test_later_run_overwrites_the_earlier() -> None:
    with clock.at(NINE):
        _ran(TASK)
    with clock.at(TEN):
        _ran(TASK)

    assert [(tick.task, tick.ticked_at, tick.error) for tick in Tick.objects.all()] == [(TASK, TEN, "")]


def test_failed_run_is_noted_by_the_kind_of_its_error_alone() -> None:
    _ran(TASK, state="FAILURE", retval=ValueError("Jane Doe, born 1980-01-01"))

    assert Tick.objects.get().error == "ValueError"


def test_task_outside_the_clock_leaves_no_tick() -> None:
    _ran("nobody.told_the_clock")

    assert not Tick.objects.exists()
