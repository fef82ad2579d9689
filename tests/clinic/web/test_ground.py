"""The web ground: a rule's no on the page, once-tokens, sessions, the content policy."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from clinic import clock
from clinic.models import OnceToken, SessionActivity, User
from tests.clinic.web import sample_urls
from tests.clinic.web.sample_urls import written

pytestmark = [pytest.mark.django_db, pytest.mark.urls(sample_urls.__name__)]

HTMX = {"HX-Request": "true"}
NINE = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def client(fran: User) -> Client:
    client = Client()
    client.force_login(fran)
    return client


# a rule's no


def test_a_rules_no_redraws_the_page_with_the_input_kept(client: Client) -> None:
    answer = client.post("/sample/note/", {"note": "no", "amount": "7"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert page.count("A rule says no. Write something else.") == 2  # above the page and beside the field
    assert 'value="no"' in page
    assert 'value="7"' in page


def test_a_conflict_is_409(client: Client) -> None:
    answer = client.post("/sample/note/", {"note": "taken"})

    assert answer.status_code == 409
    assert "Somebody was first." in answer.content.decode()


def test_a_form_that_posts_elsewhere_comes_back_on_the_page_it_came_from(client: Client) -> None:
    answer = client.post(
        "/sample/other/write/", {"note": "no", "amount": "7"}, headers={"Referer": "http://testserver/sample/other/"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'action="/sample/other/write/"' in page
    assert 'value="7"' in page


def test_another_sites_page_is_never_drawn_again(client: Client) -> None:
    answer = client.post(
        "/sample/other/write/", {"note": "no"}, headers={"Referer": "http://elsewhere.example/sample/other/"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This cannot be done" in page
    assert 'action="/sample/other/write/"' not in page


def test_htmx_gets_the_notice_alone_and_its_page_stays(client: Client) -> None:
    answer = client.post("/sample/note/", {"note": "no"}, headers=HTMX)

    assert answer.status_code == 422
    assert answer["HX-Reswap"] == "none"
    assert answer.content.decode().startswith('<div id="notice" hx-swap-oob="true"')
    assert "A rule says no." in answer.content.decode()


def test_a_part_stands_alone_for_htmx_and_in_the_frame_without_it(client: Client) -> None:
    alone = client.post("/sample/other/write/", {"note": "yes"}, headers=HTMX).content.decode()
    framed = client.post("/sample/other/write/", {"note": "yes"}).content.decode()

    assert "<html" not in alone
    assert "Written." in alone
    assert "<html" in framed
    assert "Written." in framed


def test_a_wrong_shape_is_422(client: Client) -> None:
    assert client.post("/sample/other/write/", {}, headers=HTMX).status_code == 422


def test_done_moves_on_with_and_without_htmx(client: Client) -> None:
    plain = client.post("/sample/note/", {"note": "yes"})
    by_htmx = client.post("/sample/note/", {"note": "yes"}, headers=HTMX)

    assert (plain.status_code, plain["Location"]) == (303, "/sample/note/")
    assert (by_htmx.status_code, by_htmx["HX-Redirect"]) == (200, "/sample/note/")


# once-tokens


@pytest.mark.parametrize("path", ["/sample/once/", "/sample/apart/"])
def test_a_double_click_has_one_effect_and_one_answer(client: Client, path: str) -> None:
    first = client.post(path, {"note": "yes", "once_token": "t1"})
    second = client.post(path, {"note": "yes", "once_token": "t1"})

    assert written() == 1
    assert (second.status_code, second.content, second.get("Location")) == (
        first.status_code,
        first.content,
        first.get("Location"),
    )


@pytest.mark.parametrize("path", ["/sample/once/", "/sample/apart/"])
def test_the_same_token_with_other_values_is_refused(client: Client, path: str) -> None:
    client.post(path, {"note": "yes", "once_token": "t1"})

    answer = client.post(path, {"note": "other", "once_token": "t1"})

    assert answer.status_code == 422
    assert "sent before with other values" in answer.content.decode()
    assert written() == 1


@pytest.mark.parametrize("path", ["/sample/once/", "/sample/apart/"])
def test_after_a_no_the_same_token_may_be_sent_corrected(client: Client, path: str) -> None:
    refused = client.post(path, {"note": "no", "once_token": "t1"})

    answer = client.post(path, {"note": "yes", "once_token": "t1"})

    assert refused.status_code == 422
    assert answer.status_code < 400
    assert written() == 1


def test_a_form_without_its_token_is_refused(client: Client) -> None:
    answer = client.post("/sample/once/", {"note": "yes"})

    assert answer.status_code == 422
    assert written() == 0


def test_two_people_may_have_the_same_token(client: Client, lena: User) -> None:
    other = Client()
    other.force_login(lena)
    client.post("/sample/once/", {"note": "yes", "once_token": "t1"})

    other.post("/sample/once/", {"note": "yes", "once_token": "t1"})

    assert written() == 2


def test_an_unfinished_act_may_be_tried_again_after_two_minutes(client: Client) -> None:
    with clock.at(NINE):
        client.post("/sample/apart/", {"note": "yes", "once_token": "t1"})
        OnceToken.objects.update(status_code=None, reply=None, updated_at=NINE)
    with clock.at(NINE + timedelta(seconds=30)):
        soon = client.post("/sample/apart/", {"note": "yes", "once_token": "t1"})
    with clock.at(NINE + timedelta(minutes=3)):
        later = client.post("/sample/apart/", {"note": "yes", "once_token": "t1"})

    assert (soon.status_code, later.status_code) == (409, 200)
    assert written() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_have_one_effect(client: Client) -> None:
    cookies = client.cookies
    answers: list[int] = []

    def click() -> None:
        each = Client()
        each.cookies = cookies
        answers.append(each.post("/sample/once/", {"note": "yes", "once_token": "t1"}).status_code)
        connection.close()

    client.get("/sample/note/")
    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303] * 8
    assert written() == 1


# sessions


def test_fifteen_idle_minutes_end_the_session(client: Client) -> None:
    with clock.at(NINE):
        client.get("/sample/note/")
    with clock.at(NINE + timedelta(minutes=14)):
        inside = client.get("/sample/note/")
    with clock.at(NINE + timedelta(minutes=30)):
        outside = client.get("/sample/note/")

    assert (inside.status_code, outside.status_code) == (200, 302)
    assert outside["Location"].startswith("/sign-in/")


def test_polls_do_not_keep_a_session_alive(client: Client) -> None:
    with clock.at(NINE):
        client.get("/sample/note/")
    for minutes in (5, 10, 14):
        with clock.at(NINE + timedelta(minutes=minutes)):
            assert client.get("/sample/poll/").status_code == 200

    with clock.at(NINE + timedelta(minutes=16)):
        answer = client.get("/sample/poll/", headers=HTMX)

    assert answer["HX-Redirect"] == "/sign-in/"


def test_twelve_hours_end_the_session_however_busy(client: Client) -> None:
    at = NINE
    while at <= NINE + timedelta(hours=12):
        with clock.at(at):
            assert client.get("/sample/note/").status_code == 200
        at += timedelta(minutes=10)

    with clock.at(NINE + timedelta(hours=12, minutes=1)):
        assert client.get("/sample/note/").status_code == 302


def test_work_is_noted_at_most_once_a_minute(client: Client) -> None:
    with clock.at(NINE):
        client.get("/sample/note/")
    with clock.at(NINE + timedelta(seconds=59)):
        client.get("/sample/note/")
    assert SessionActivity.objects.get().last_act_at == NINE

    with clock.at(NINE + timedelta(seconds=60)):
        client.get("/sample/note/")

    assert SessionActivity.objects.get().last_act_at == NINE + timedelta(seconds=60)


def test_a_deactivated_person_is_out_with_the_next_request(client: Client, fran: User) -> None:
    assert client.get("/sample/note/").status_code == 200

    User.objects.filter(pk=fran.pk).update(is_active=False)

    assert client.get("/sample/note/").status_code == 302


# headers


def test_every_page_carries_the_content_policy_and_is_not_kept(client: Client) -> None:
    answer = client.get("/sample/note/")

    policy = {d.split()[0]: d.split()[1:] for d in answer["Content-Security-Policy"].split("; ")}
    assert policy == {
        "default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"],
        "font-src": ["'self'"], "connect-src": ["'self'"], "form-action": ["'self'"], "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }  # fmt: skip
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"


def test_a_forged_form_is_told_to_reload() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "fran", "password": "x"})

    assert answer.status_code == 403
    assert "too old to be sent" in answer.content.decode()
