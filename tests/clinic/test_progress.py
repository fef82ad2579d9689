"""While the demo month is being played, every page says how far it is instead of calling the clock late."""

from collections.abc import Iterator

import pytest
from django.test import Client

from clinic import progress
from clinic.models import User
from clinic.services.staff import ensure_demo_users

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_played() -> Iterator[None]:
    yield
    progress.finish()


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
