"""While the demo month is being played, every page says how far it is instead of calling the clock late."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from clinic import clock, progress
from clinic.embedded.state import STATE
from clinic.models import User
from clinic.services.staff import ensure_demo_users

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_played() -> Iterator[None]:
    yield
    progress.finish()
    (STATE / f"{progress._note(progress._CLOCK)}.json").unlink()


@pytest.fixture
def signed_in(client: Client) -> Client:
    ensure_demo_users()
    client.force_login(User.objects.get(username="fran"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_nothing_is_said_when_nothing_is_played(signed_in: Client) -> None:
    assert progress.current() is None
    assert "demo month" not in signed_in.get("/settings/", follow=True).content.decode()


def test_page_says_how_far_the_month_is_and_nothing_of_a_late_clock(signed_in: Client) -> None:
    progress.report(12, 48, "day 12 of 48")

    said = signed_in.get("/settings/", follow=True).content.decode()

    assert "day 12 of 48 (25 %)" in said
    assert "The clock is late" not in said


def test_sign_in_page_says_it_too(client: Client) -> None:
    progress.report(12, 48, "day 12 of 48")

    assert "day 12 of 48 (25 %)" in client.get("/sign-in/", follow=True).content.decode()


def test_percent_of_an_unknown_length_is_zero_and_never_above_hundred() -> None:
    assert progress.Progress(3, 0, "").percent == 0
    assert progress.Progress(9, 8, "").percent == 100


def test_when_the_month_has_ended_the_clock_has_its_two_minutes_before_it_is_late(signed_in: Client) -> None:
    progress.report(47, 48, "day 47 of 48")
    ended = clock.now()
    with clock.at(ended):
        progress.finish()

    with clock.at(ended + timedelta(seconds=119)):
        waiting = signed_in.get("/settings/", follow=True).content.decode()
    with clock.at(ended + timedelta(seconds=121)):
        late = signed_in.get("/settings/", follow=True).content.decode()

    assert "The clock is late" not in waiting
    assert "The clock is late" in late
