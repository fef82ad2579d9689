"""Test databases are clones: quick to make, and cleared without touching a guard."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)


def _keep(key: str) -> None:
    Session.objects.create(session_key=key, session_data="-", expire_date=timezone.now())


def test_first_transactional_test_leaves_a_row() -> None:
    _keep("left")

    assert Session.objects.count() == 1


def test_second_transactional_test_does_not_see_it() -> None:
    assert Session.objects.count() == 0


def test_guarded_rows_are_cleared_without_truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER guard BEFORE TRUNCATE OR DELETE ON django_session "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        )
    _keep("guarded")

    connection.creation.fresh_clone()

    assert Session.objects.count() == 0


def test_database_name_carries_the_process_number() -> None:
    import os

    assert connection.settings_dict["NAME"] == f"test_{os.getpid()}"
