"""An 835 of 10,000 claims with three lines each: read, matched and posted in a database with a million claims.

The floor is COPY of exactly the rows that the product has written, into the same tables of a second clone, with all
triggers and constraints, in one transaction. Rows that the product changes (claims, open items) are left out of the floor.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from bench.answers import remittance_text
from bench.harness import Result, Size, seconds, slower, tell
from bench.own import clone, environment, pointed_at, template
from bench.practice import Plan
from clinic.models import new_id

TIMES, MEGABYTES = 8.0, 300.0
ENTRIES_FIRST = "ledger_journalentry"  # the trigger of postings looks for them


@dataclass(frozen=True)
class Written:
    """The rows of one table, as COPY text."""

    table: str
    rows: int
    file: Path


def run(size: Size) -> Iterator[Result]:
    plan = Plan.of(size)
    source = template(size)
    floors, products, peaks = [], [], []
    with clone(source, "product") as posted, clone(source, "floor") as copied, tempfile.TemporaryDirectory() as folder:
        for batch in range(size.rounds):
            with pointed_at(posted):
                before = _marks()
            said = _product(posted, batch, plan, Path(folder))
            with pointed_at(posted):
                written = list(_written(before, Path(folder)))
            with pointed_at(copied):
                floors.append(seconds(lambda rows=written: _copy(rows)))  # type: ignore[misc]
            products.append(said["seconds"])
            peaks.append(said["peak_mb"])
            tell(
                f"  {said['claims']} claims in {said['seconds']:.1f} s (import {said['import_seconds']:.1f} s), "
                f"{sum(w.rows for w in written)} rows written in {len(written)} tables, COPY {floors[-1]:.2f} s"
            )
    floor, product, peak = statistics.median(floors), statistics.median(products), max(peaks)
    ratio = slower(floor, product)
    yield Result(
        "remittance", round(product, 2), "s", round(floor, 2), ratio, f"<= {TIMES:g} x COPY of the rows it writes", ratio <= TIMES
    )  # fmt: skip
    yield Result("remittance_memory", round(peak, 1), "MB", None, None, f"<= {MEGABYTES:g} MB", peak <= MEGABYTES)


def _product(database: str, batch: int, plan: Plan, folder: Path) -> dict[str, Any]:
    text = folder / f"{batch}.835"
    text.write_text(remittance_text(plan, batch))
    child = subprocess.run(
        [sys.executable, "-m", "bench.remittance_run", str(batch), str(text)],
        env=environment(database), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(child.stdout)
    return said


@dataclass(frozen=True)
class Marks:
    """Where each table stood. New rows have greater ids: numbers by their sequence, UUIDv7 by the time."""

    last: dict[str, Any]
    inserted: dict[str, int]


def _marks() -> Marks:
    last: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table, key, is_number in _tables():
            if is_number:
                cursor.execute(f"SELECT coalesce(max({key}), 0) FROM {table}")
                last[table] = cursor.fetchone()[0]
            else:
                last[table] = new_id()
    return Marks(last, _inserted())


def _tables() -> list[tuple[str, str, bool]]:
    """(table, its key, whether that is a number) of every model that numbers its rows, journal entries first."""
    keys = [m._meta.pk for m in apps.get_models() if m._meta.managed and m._meta.pk is not None]
    found = [
        (k.model._meta.db_table, k.column, k.get_internal_type() != "UUIDField")
        for k in keys
        if k.column in ("id", "pgh_id")
    ]
    return sorted(found, key=lambda t: (t[0] != ENTRIES_FIRST, t[0]))


def _inserted() -> dict[str, int]:
    """How many rows each table has been given, by the server's own count."""
    time.sleep(0.1)  # a backend that has just ended reports its counts then
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins FROM pg_stat_user_tables WHERE schemaname = 'public'")
        return dict(cursor.fetchall())


def _written(before: Marks, folder: Path) -> Iterator[Written]:
    """Every row made since, by table, into files. Compared with the server's count: nothing may be missed."""
    now = _inserted()
    for table, key, _ in _tables():
        count = now[table] - before.inserted[table]
        if not count:
            continue
        file = folder / f"{table}.copy"
        with connection.cursor() as cursor, file.open("wb") as out:
            marked = cursor.mogrify("%s", [before.last[table]]).decode()
            cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE {key} > {marked}) TO STDOUT", out)
            if cursor.rowcount != count:
                sys.exit(f"{table}: {count} rows were written, {cursor.rowcount} are found again")
        yield Written(table, count, file)
    strange = [t for t in now if now[t] != before.inserted.get(t, 0) and t not in {table for table, *_ in _tables()}]
    if strange:
        sys.exit(f"rows were written to {', '.join(strange)}, which the floor would not copy")


def _copy(written: list[Written]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for each in written:
            with each.file.open("rb") as rows:
                cursor.copy_expert(f"COPY {each.table} FROM STDIN", rows)
