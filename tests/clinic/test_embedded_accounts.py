"""The embedded PostgreSQL runs for root with and without user namespaces, and says so where it cannot."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clinic.embedded import CannotStart, account, state
from tests.clinic.installation import Installation

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can step down to another user")


def _said_by_child(act: Callable[[], object]) -> str:
    """What `act` refuses with, in a child process that may change its user."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()
            os.write(writer, b"nothing refused")
        except CannotStart as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return pipe.read()


@as_root
def test_user_without_a_name_is_one_sentence() -> None:
    def act() -> None:
        os.setuid(54_321)
        account.as_server_user()

    assert "user with number 54321 has no name in /etc/passwd" in _said_by_child(act)


@as_root
def test_root_without_user_namespaces_runs_the_server_as_nobody(tmp_path: Path) -> None:
    own = Installation(tmp_path)
    own.environment["TANDEM_NO_USER_NAMESPACE"] = "1"
    ask = """
from django.db import connection
from clinic.embedded.place import place
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_database WHERE datname = 'clinic'")
    print(cursor.fetchone()[0], place("pg").data)
"""
    first = own.python(ask)
    count, data = first.split(" ", 1)
    try:
        second = own.python(ask)

        assert count == "1"
        assert second == first
        assert Path(data).stat().st_uid != 0
    finally:
        shutil.rmtree(Path(data).parent)


def test_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"No disk space: .* MB free and needs"):
        state.require_space(tmp_path, megabytes=10**9)


def test_keys_are_made_once_and_are_their_owners_alone() -> None:
    first = state.kept_secret("test_key")
    second = state.kept_secret("test_key")
    file = state.STATE / "keys" / "test_key"

    assert first == second
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.unlink()


def test_socket_path_stays_short_however_deep_the_state_folder_lies(tmp_path: Path) -> None:
    own = Installation(tmp_path / ("deep" * 30))
    own.state.parent.mkdir(parents=True)

    said = own.python(
        "from clinic.embedded import postgres; from django.db import connection; "
        "connection.ensure_connection(); print(len(str(postgres.socket_path('pg'))))"
    )

    assert int(said) < 108
    assert (own.state / "pg.socket.json").exists()
