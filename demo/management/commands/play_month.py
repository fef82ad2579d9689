"""manage.py play_month: a month in a database of its own, to its end; prints the scorecard and drops the database."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from demo.month import Month

BEGINS = date(2026, 3, 2)
"""The month's first day, the same for everybody: the same seed gives the same figures on every machine and day."""


class Command(BaseCommand):
    help = "Play a clinic-month of visits to zero balance and print the scorecard."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--visits", type=int, default=300)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--denial-rate", type=float, default=0.12)
        parser.add_argument("--no-prevention", action="store_true", help="no eligibility checks, no claim edits")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--keep", action="store_true", help="keep the month's database to look into it")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("A month is played in the demo only.")
        if not 1 <= options["visits"] <= 5000:
            raise CommandError("A month has 1 to 5000 visits.")
        if not 0 <= options["denial_rate"] <= 0.5:
            raise CommandError("The denial rate lies between 0 and 0.5.")
        begun = time.monotonic()
        with own_database(keep=options["keep"], waiting=self.stderr.write) as folder:
            month = Month(
                visits=options["visits"], seed=options["seed"], denial_rate=options["denial_rate"], begins=BEGINS,
                prevention=not options["no_prevention"], tell=self._tell, book_path=folder / "payers.sqlite3",
            )  # fmt: skip
            card = month.play()
            call_command("verify_ledger", stdout=sys.stderr)
        self.stderr.write(f"\rPlayed in {time.monotonic() - begun:.0f} s.{' ' * 40}")
        self.stdout.write(json.dumps(card, indent=None if options["json"] else 2))

    def _tell(self, done: int, of: int, sentence: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{sentence} ({done} of {of})    ", ending="")


@contextmanager
def own_database(*, keep: bool = False, waiting: Callable[[str], object] = print) -> Iterator[Path]:
    """The connection moves to `<name>_month`, migrated; card and payer books to a folder of their own. All dropped after.

    One month at a time: a second one says so by `waiting`, and begins when the first is over.
    """
    name = str(connection.settings_dict["NAME"])
    month = f"{name}_month"
    with _alone(month, waiting):
        folder = Path(tempfile.mkdtemp(prefix="tandem-month-"))
        before = {k: getattr(settings, k) for k in ("SIMULATOR_BOOK", "STATE_DIR")}
        _recreate(month)
        connection.close()
        connection.settings_dict["NAME"] = month
        settings.SIMULATOR_BOOK = folder / "payers.sqlite3"
        settings.STATE_DIR = folder
        try:
            call_command("migrate", verbosity=0)
            yield folder
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name
            for key, value in before.items():
                setattr(settings, key, value)
            if not keep:
                _drop(month)
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(database: str, waiting: Callable[[str], object]) -> Iterator[None]:
    """The server's lock of that name, on a line of its own: whoever dies gives it back."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [database])
        if not cursor.fetchone()[0]:
            waiting(f"Another month is being played in {database}. This one begins when that is over.")
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [database])
        yield


def _recreate(database: str) -> None:
    _drop(database)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{database}"')
        cursor.execute(f'ALTER DATABASE "{database}" SET synchronous_commit = off')  # it is thrown away


def _drop(database: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
