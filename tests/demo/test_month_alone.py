"""Two months on one server: the second waits for the first instead of dropping its database."""

import threading

import pytest
from django.db import connection

from demo.management.commands.play_month import _alone

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_second_month_says_that_it_waits_and_begins_when_the_first_is_over() -> None:
    said: list[str] = []
    first_is_over, order = threading.Event(), []

    def second() -> None:
        with _alone("clinic_month", said.append):
            order.append("second" if first_is_over.is_set() else "too early")
        connection.close()

    with _alone("clinic_month", said.append):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=1)
        still_waits = waiting.is_alive()
        first_is_over.set()
    waiting.join(timeout=10)

    assert still_waits
    assert order == ["second"]
    assert said == ["Another month is being played in clinic_month. This one begins when that is over."]
