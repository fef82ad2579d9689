"""The session store: what is kept comes back, what was ended stays ended, the activity comes along."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import clock
from clinic.models import SessionActivity, User
from clinic.web.sessions import SessionStore

pytestmark = pytest.mark.django_db


def kept() -> SessionStore:
    store = SessionStore()
    store["drawer"] = "A"
    store.create()
    return store


def test_a_change_is_read_by_the_next_request() -> None:
    key = kept().session_key

    store = SessionStore(key)
    store["drawer"] = "B"
    store.save()

    assert SessionStore(key)["drawer"] == "B"
    assert Session.objects.get(pk=key).expire_date > clock.now()


def test_a_session_ended_elsewhere_is_not_brought_back_by_a_late_save() -> None:
    store = SessionStore(kept().session_key)
    store["drawer"] = "B"
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        store.save()

    assert not Session.objects.exists()


def test_the_activity_is_read_with_the_session(client: Client, fran: User) -> None:
    client.force_login(fran)
    client.get(reverse("clinic:home"))

    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("clinic:own_settings"))

    store = SessionStore(client.session.session_key)
    store.load()
    assert store.last_act_at == SessionActivity.objects.get(user=fran).last_act_at
    assert sum("clinic_sessionactivity" in q["sql"] for q in asked) == 1
