"""Coming in: password, lockout, the demo's buttons, and what is not mounted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from clinic import clock
from clinic.models import AuditEvent, Patient, User
from clinic.services.staff import DEMO_USERS, ensure_demo_users

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def nora() -> User:
    return User.objects.create_user("nora", PASSWORD, first_name="Nora", last_name="Vale", role="biller")


def sign_in(client: Client, password: str) -> object:
    return client.post("/sign-in/", {"login": "nora", "password": password})


def test_the_right_password_comes_in(nora: User) -> None:
    client = Client()

    answer = sign_in(client, PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/", follow=True).status_code == 200


def test_a_wrong_password_is_told_and_stays_outside(nora: User) -> None:
    client = Client()

    answer = sign_in(client, "wrong")

    assert answer.status_code in (200, 422)
    assert b"not correct" in answer.content
    assert client.get("/").status_code == 302


def test_five_wrong_passwords_lock_even_the_right_one(nora: User) -> None:
    client = Client()
    for _ in range(5):
        answer = sign_in(client, "wrong")

    locked = sign_in(Client(), PASSWORD)

    assert answer.status_code == locked.status_code == 429
    assert b"locked for 15 minutes" in locked.content


def test_sign_in_goes_back_to_where_one_wanted_and_nowhere_else(nora: User) -> None:
    asked = Client().get("/patients/")
    inside = Client().post("/sign-in/", {"login": "nora", "password": PASSWORD, "next": "/patients/"})
    outside = Client().post("/sign-in/", {"login": "nora", "password": PASSWORD, "next": "https://evil.example/"})

    assert asked["Location"] == "/sign-in/?next=/patients/"
    assert inside["Location"] == "/patients/"
    assert outside["Location"] == "/"


def test_passwords_are_kept_by_argon2_outside_of_tests(settings: LazySettings, nora: User) -> None:
    settings.PASSWORD_HASHERS = [h for h in settings.PASSWORD_HASHERS if "MD5" not in h]

    nora.set_password(PASSWORD)

    assert nora.password.startswith("argon2$argon2id$")
    assert PBKDF2PasswordHasher.algorithm not in nora.password


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_reset_password", "account_reauthenticate"]
)
def test_nobody_signs_up_or_resets_here(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_one_click_comes_in_as_each_role() -> None:
    ensure_demo_users()
    for username, _first, _last, role in DEMO_USERS:
        client = Client()

        answer = client.post("/sign-in/demo/", {"username": username})

        assert answer.status_code == 303
        assert client.get("/settings/").context["user"].role == role
    assert AuditEvent.objects.filter(act="user.signed_in").count() == len(DEMO_USERS)


def test_demo_people_are_made_once_and_have_no_password() -> None:
    first = ensure_demo_users()
    second = ensure_demo_users()

    assert [u.pk for u in first] == [u.pk for u in second]
    assert not any(u.has_usable_password() for u in first)


def test_outside_of_a_demo_the_buttons_do_not_exist(settings: LazySettings) -> None:
    ensure_demo_users()
    settings.DEMO_SIGN_INS = False

    page = Client().get("/sign-in/")
    answer = Client().post("/sign-in/demo/", {"username": "fran"})

    assert b"Fran Ames" not in page.content
    assert answer.status_code == 404


def test_no_button_comes_in_as_a_person_who_is_no_demo(fran: User) -> None:
    assert Client().post("/sign-in/demo/", {"username": "fran"}).status_code == 404


def test_sign_out_ends_the_session(nora: User) -> None:
    client = Client()
    sign_in(client, PASSWORD)

    answer = client.post("/sign-out/")

    assert answer.status_code == 302
    assert client.get("/settings/").status_code == 302


def test_somebody_without_a_password_is_told_so_where_it_is_changed(fran: User) -> None:
    fran.set_unusable_password()
    fran.save()
    client = Client()
    client.force_login(fran)

    answer = client.get("/settings/password/")

    assert answer.status_code == 200
    assert "This account has no password" in answer.content.decode()


def test_changing_the_password_keeps_one_in(nora: User) -> None:
    client = Client()
    sign_in(client, PASSWORD)
    new = "another long sentence"

    answer = client.post(
        "/settings/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=True
    )

    nora.refresh_from_db()
    assert answer.status_code == 200
    assert nora.check_password(new)


# a form that comes after the session has ended


NINE = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LATER = NINE + timedelta(minutes=20)
TYPED = {"first_name": "Ida", "last_name": "Rosenberg", "birth_date": "04/11/1952", "sex": "F", "once_token": "one"}


@pytest.fixture
def demo(settings: LazySettings) -> Client:
    """At nine fran signed in by the demo's button and opened a form."""
    settings.DEMO_SIGN_INS = True
    ensure_demo_users()
    client = Client()
    with clock.at(NINE):
        client.post("/sign-in/demo/", {"username": "fran"})
        client.get("/patients/new/")
    return client


def test_what_was_typed_stands_there_again_after_the_sign_in_and_was_not_carried_out(demo: Client) -> None:
    with clock.at(LATER):
        out = demo.post("/patients/new/", TYPED)
        gate = demo.get(out["Location"])
        back = demo.post("/sign-in/demo/", {"username": "fran", "next": "/patients/new/"})
        page = demo.get(back["Location"]).content.decode()
        again = demo.get("/patients/new/").content.decode()

    assert out["Location"] == "/sign-in/?next=/patients/new/"
    assert b'name="next" value="/patients/new/"' in gate.content
    assert 'value="Rosenberg"' in page
    assert "You were signed out before this was saved. What you typed is still here: look it over" in page
    assert "Rosenberg" not in again
    assert not Patient.objects.exists()


def test_a_poll_of_another_tab_does_not_lose_the_form(demo: Client) -> None:
    with clock.at(LATER):
        polled = demo.get(
            "/check-in/board/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/check-in/"}
        )
        demo.post("/patients/new/", TYPED)
        demo.post("/sign-in/demo/", {"username": "fran"})
        page = demo.get("/patients/new/").content.decode()

    assert polled["HX-Redirect"] == "/sign-in/?next=/check-in/"
    assert 'value="Rosenberg"' in page


def test_nobody_else_gets_what_was_typed(demo: Client) -> None:
    with clock.at(LATER):
        demo.post("/patients/new/", TYPED)
        demo.post("/sign-in/demo/", {"username": "lena"})
        page = demo.get("/patients/new/").content.decode()

    assert "Rosenberg" not in page
    assert "kept_form" not in demo.session


def test_passwords_and_card_numbers_are_not_kept(demo: Client) -> None:
    with clock.at(LATER):
        demo.post("/patients/new/", {**TYPED, "phone": "4111 1111 1111 1111", "approver_password": "secret"})

    fields = demo.session["kept_form"]["fields"]
    assert fields["phone"] == []
    assert "approver_password" not in fields


def test_a_form_without_a_page_of_its_own_comes_back_where_it_stood(demo: Client) -> None:
    with clock.at(LATER):
        demo.post("/patients/find/", {"q": "jensen"}, headers={"Referer": "http://testserver/patients/?x=1"})
        demo.post("/sign-in/demo/", {"username": "fran"})
        moved = demo.get("/patients/find/")
        page = demo.get(moved["Location"])

    assert moved["Location"] == "/patients/?x=1"
    assert b"You were signed out before this was saved. Do it again from here." in page.content


def test_a_form_that_stood_open_over_a_new_sign_in_keeps_what_was_typed(settings: LazySettings) -> None:
    settings.DEMO_SIGN_INS = True
    ensure_demo_users()
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="fran"))

    ours = client.post("/patients/new/", TYPED, headers={"Origin": "http://testserver"})
    page = client.get(ours["Location"]).content.decode()
    forged = client.post("/patients/new/", TYPED, headers={"Origin": "https://evil.example"})

    assert (ours.status_code, ours["Location"]) == (303, "/patients/new/")
    assert 'value="Rosenberg"' in page
    assert "This page stood open while somebody signed in anew" in page
    assert forged.status_code == 403
    assert not Patient.objects.exists()
