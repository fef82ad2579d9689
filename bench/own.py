"""Databases of the benchmarks: one template a size, generated once and kept, and clones that are dropped after use."""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bench.harness import Size, tell
from clinic.embedded.backend.creation import is_alive, migrations_hash

RUN = re.compile(r"^benchrun_(\d+)_\w+$")
BUILD_LOCK = 7_201_927  # advisory lock number of whoever makes or drops templates of the benchmarks
GENERATOR = ("practice.py", "practice_rows.py", "practice_money.py")
"""The files whose change makes another practice."""


def generator_hash() -> str:
    digest = hashlib.sha256(migrations_hash().encode())
    for name in GENERATOR:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:12]


def template(size: Size) -> str:
    """The name of the generated practice of that size; generated when it is not there. Others of its size are dropped."""
    from bench.practice import Plan, generate

    plan = Plan.of(size)
    name = f"bench_{plan.claims}_{generator_hash()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BUILD_LOCK])
        for other in _databases(cursor):
            run = RUN.match(other)
            if (run and not is_alive(int(run[1]))) or (other.startswith(f"bench_{plan.claims}_") and other != name):
                drop(cursor, other)
        if name in _databases(cursor):
            cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
            tell(f"{cursor.fetchone()[0]}; kept")
            return name
        draft = f"{name}_draft"
        cursor.execute(f'CREATE DATABASE "{draft}"')
        begun = time.monotonic()
        with pointed_at(draft):
            call_command("migrate", verbosity=0, interactive=False)
            generate(plan, tell)
        cursor.execute("SELECT pg_size_pretty(pg_database_size(%s))", [draft])
        said = f"{plan} generated in {time.monotonic() - begun:.0f} s, {cursor.fetchone()[0]}"
        cursor.execute(f'COMMENT ON DATABASE "{draft}" IS %s', [said])
        cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
        tell(said)
    return name


@contextmanager
def clone(source: str, label: str) -> Iterator[str]:
    """A database of this process alone, as the template has it; the connection stays where it is."""
    name = f"benchrun_{os.getpid()}_{label}"
    with connection._nodb_cursor() as cursor:
        drop(cursor, name)
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    try:
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            drop(cursor, name)


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """This process's connection goes to that database meanwhile."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextmanager
def practice(size: Size, label: str) -> Iterator[str]:
    """A clone of the generated practice, and the connection pointed at it. Gives its name."""
    with clone(template(size), label) as name, pointed_at(name):
        yield name


def environment(database: str) -> dict[str, str]:
    """For a child process that works on that database."""
    return {**os.environ, "TANDEM_DATABASE_NAME": database, "TANDEM_MODE": settings.MODE}


def forget() -> int:
    """Drop every template and leftover of the benchmarks. How many there were."""
    with connection._nodb_cursor() as cursor:
        ours = [
            n for n in _databases(cursor) if n.startswith("bench_") or ((m := RUN.match(n)) and not is_alive(int(m[1])))
        ]
        for name in ours:
            drop(cursor, name)
    return len(ours)


def drop(cursor: Any, name: str) -> None:
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _databases(cursor: Any) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database")
    return [row[0] for row in cursor.fetchall()]
