"""Test databases cloned from a migrated template.

Migrating takes seconds, cloning a fraction of one. The template's name carries a hash of every migration, so it
is made again when one changes. Clearing after a transactional test is a fresh clone as well: the ledger's
triggers refuse TRUNCATE, and tests may not weaken them.
"""

import contextlib
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db.backends.postgresql import creation

TEMPLATES_KEPT = 4
BUILD_LOCK = 7_201_926  # advisory lock number of whoever makes, clones or drops templates
TEST_NAME = re.compile(r"^test_(\d+)(_\w+)?$")


def migrations_hash() -> str:
    """Of all migrations of all installed apps, by content: ours change by the minute, the packages' with the lock."""
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda c: c.name):
        for file in sorted((Path(config.path) / "migrations").glob("*.py")):
            digest.update(f"{config.name}/{file.name}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class DatabaseCreation(creation.DatabaseCreation):
    def create_test_db(
        self, verbosity: int = 1, autoclobber: bool = False, serialize: bool | None = None, keepdb: bool = False
    ) -> str:
        name = self._get_test_db_name()
        with self.connection._nodb_cursor() as cursor, self._lock(cursor):
            self._drop_leftovers(cursor)
        self.clone_template(name)
        self._point_at(name)
        return name

    def _get_test_db_name(self) -> str:
        return f"test_{os.getpid()}"

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        with self.connection._nodb_cursor() as cursor:
            self._drop(cursor, test_database_name)

    def fresh_clone(self) -> None:
        """Give the test database back as the template has it."""
        self.connection.close()
        self.clone_template(self.connection.settings_dict["NAME"])

    def clone_template(self, name: str) -> None:
        with self.connection._nodb_cursor() as cursor, self._lock(cursor):
            template = self._ensure_template(cursor)
            self._drop(cursor, name)
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def drop_database(self, name: str) -> None:
        with self.connection._nodb_cursor() as cursor:
            self._drop(cursor, name)

    def _ensure_template(self, cursor: Any) -> str:
        template = f"template_{migrations_hash()}"
        if template not in self._existing(cursor):
            draft = f"{template}_draft"
            self._drop(cursor, draft)
            cursor.execute(f'CREATE DATABASE "{draft}"')
            self._migrate(draft)
            cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')
        return template

    def _migrate(self, name: str) -> None:
        before = self.connection.settings_dict["NAME"]
        print("Migrating the template of the test databases ...", file=sys.stderr, flush=True)
        try:
            self._point_at(name)
            call_command("migrate", database=self.connection.alias, verbosity=0, interactive=False)
        finally:
            self._point_at(before)

    def _point_at(self, name: str) -> None:
        self.connection.close()
        self.connection.settings_dict["NAME"] = name

    @staticmethod
    def _existing(cursor: Any) -> list[str]:
        cursor.execute("SELECT datname FROM pg_database ORDER BY oid")
        return [row[0] for row in cursor.fetchall()]

    def _drop_leftovers(self, cursor: Any) -> None:
        """Databases of test runs that were killed, unfinished templates, and all templates but the newest few."""
        existing = self._existing(cursor)
        templates = [n for n in existing if n.startswith("template_")]
        stale = [n for n in templates if n.endswith("_draft")]
        stale += [n for n in templates if not n.endswith("_draft")][:-TEMPLATES_KEPT]
        for name in existing:
            match = TEST_NAME.match(name)
            if match and not is_alive(int(match[1])):
                stale.append(name)
        for name in stale:
            self._drop(cursor, name)

    @staticmethod
    def _drop(cursor: Any, name: str) -> None:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @staticmethod
    @contextlib.contextmanager
    def _lock(cursor: Any) -> Iterator[None]:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BUILD_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [BUILD_LOCK])
