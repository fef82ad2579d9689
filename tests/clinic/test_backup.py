"""Backup, reset, restore: equal rows, guards still up, and nothing lost when the file is not what it seems."""

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.clinic.installation import Installation

WRITE = """
import sqlite3
from clinic.models import AuditEvent, User
from django.conf import settings
from pathlib import Path
User.objects.create_user("mona", "a long pass phrase")
for number in range(3):
    AuditEvent.objects.create(act=f"test.{number}")
Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
(Path(settings.MEDIA_ROOT) / "card.png").write_bytes(b"scan")
with sqlite3.connect(settings.SIMULATOR_BOOK) as book:
    book.execute("CREATE TABLE plan (name)")
    book.execute("INSERT INTO plan VALUES ('silver')")
"""
ROWS = """
import hashlib, json
from django.apps import apps
from django.db import connection
found = {}
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names()):
        cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
        found[table] = cursor.fetchone()[0]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    own = Installation(tmp_path_factory.mktemp("backup"))
    done = own.manage("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    own.python(WRITE)
    return own


@pytest.fixture(scope="module")
def backup(installation: Installation) -> Path:
    file = installation.state.parent / "one.tar"
    done = installation.manage("backup", str(file))
    assert done.returncode == 0, done.stderr
    return file


def _rows(installation: Installation) -> dict[str, str]:
    return dict(json.loads(installation.python(ROWS)))


def test_restore_after_reset_gives_back_equal_rows_and_documents(installation: Installation, backup: Path) -> None:
    before = _rows(installation)
    document = installation.state / "documents" / "card.png"
    book = installation.state / "simulator.sqlite3"

    reset = installation.manage("reset")
    emptied = _rows(installation), document.exists(), book.exists()
    restored = installation.manage("restore", str(backup))

    assert reset.returncode == 0, reset.stderr
    assert emptied == ({}, False, False)
    assert restored.returncode == 0, restored.stderr
    assert _rows(installation) == before
    assert before["clinic_auditevent"] is not None
    assert document.read_bytes() == b"scan"
    with sqlite3.connect(book) as restored_book:
        assert restored_book.execute("SELECT name FROM plan").fetchall() == [("silver",)]


def test_restored_guards_still_refuse(installation: Installation, backup: Path) -> None:
    assert installation.manage("restore", str(backup)).returncode == 0

    said = installation.python(
        """
from django.db import DatabaseError, connection
try:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM clinic_auditevent")
    print("deleted")
except DatabaseError as error:
    print("refused")
"""
    )

    assert said == "refused"


def test_backup_is_readable_by_its_owner_alone(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_restore_of_a_damaged_file_is_one_sentence_and_changes_nothing(
    installation: Installation, backup: Path, tmp_path: Path
) -> None:
    before = _rows(installation)
    cut = tmp_path / "cut.tar"
    cut.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    other = tmp_path / "other.tar"
    other.write_text("a letter")

    for file in (cut, other, tmp_path / "absent.tar"):
        done = installation.manage("restore", str(file))

        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert str(file) in done.stderr
    assert _rows(installation) == before


def test_restore_under_another_field_key_is_refused(installation: Installation, backup: Path, tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    done = installation.manage("restore", str(backup), TANDEM_FIELD_KEYS=Fernet.generate_key().decode())

    assert done.returncode == 1
    assert "sealed with another field key" in done.stderr


def test_reset_of_a_named_database_wants_a_yes(installation: Installation) -> None:
    done = installation.manage("reset", DATABASE_URL="postgresql://clinic@127.0.0.1:1/clinic")

    assert done.returncode == 1
    assert "--yes" in done.stderr
