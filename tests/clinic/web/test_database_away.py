"""While the database is away, pages and API say so and come back by themselves."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.clinic.installation import ROOT

SCRIPT = """
import json, sys
import django
django.setup()
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
client = Client(raise_request_exception=False)

def start():
    client.cookies["sessionid"] = "x" * 32  # an answer to an unknown one takes it away
    return client.get("/")

def ask():
    page = start()
    api = client.get("/api/v1/clinic/payers/", headers={"authorization": "Bearer nobody"})
    said.append([page.status_code, page.headers.get("Retry-After"), page.content.decode(), api.status_code, api.content.decode()])

said = []
ask()
if sys.argv[1] == "gone":
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [mine])
    page = start()
    said.append([page.status_code, page.headers.get("Retry-After"), page.content.decode()])
    close_old_connections()
    ask()
print(json.dumps(said))
"""


def said_by(way: str, env: dict[str, str]) -> list[list[Any]]:
    child = subprocess.run(
        [sys.executable, "-c", SCRIPT, way], env={**env, "DJANGO_SETTINGS_MODULE": "clinic.settings"}, cwd=ROOT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    answers: list[list[Any]] = json.loads(child.stdout.splitlines()[-1])
    return answers


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_not_there_is_said_with_a_503(process_env: dict[str, str]) -> None:
    process_env["TANDEM_TEST_DATABASE_URL"] = "postgres://clinic:x@127.0.0.1:9/nothing"

    ((page, retry, text, api, told),) = said_by("never there", process_env)

    assert (page, retry, api) == (503, "10", 503)
    assert "cannot be reached at the moment" in text
    assert "nothing was saved" not in text
    assert json.loads(told)["error"].startswith("The records cannot be reached")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_cut_is_a_503_and_the_next_request_is_served(process_env: dict[str, str]) -> None:
    before, cut, after = said_by("gone", process_env)

    assert before[0] in (200, 302)
    assert cut[:2] == [503, "10"]
    assert after[0] == before[0]
    assert (before[3], after[3]) == (401, 401)
