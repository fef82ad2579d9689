"""Test databases are clones: quick to make, and cleared without touching a guard."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from clinic import clock
from tests.clinic.installation import Installation

pytestmark = pytest.mark.django_db(transaction=True)


def _keep(key: str) -> None:
    Session.objects.create(session_key=key, session_data="-", expire_date=clock.now())


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
    assert connection.settings_dict["NAME"] == f"test_{os.getpid()}"


def _databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {row[0] for row in cursor.fetchall()}


def test_leftover_of_a_dead_run_is_dropped_and_of_a_living_one_kept() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    alive = f"test_{os.getppid()}_kept"
    for name in (f"test_{dead.pid}", alive):
        connection.creation.clone_template(name)

    with connection._nodb_cursor() as cursor:
        connection.creation._drop_leftovers(cursor)

    assert f"test_{dead.pid}" not in _databases()
    assert alive in _databases()
    connection.creation.drop_database(alive)


def test_test_cluster_that_a_crash_broke_is_made_anew(tmp_path: Path) -> None:
    own = Installation(tmp_path)
    own.environment["TANDEM_CLUSTER"] = "pgtest"
    ask = "from django.db import connection; connection.ensure_connection(); print('answers')"
    assert own.python(ask) == "answers"
    (own.state / "pgtest" / "global" / "pg_control").unlink()

    said = own.manage("shell", "--no-imports", "--command", ask, TANDEM_PG_START_SECONDS="1")

    assert said.stdout.strip() == "answers"
