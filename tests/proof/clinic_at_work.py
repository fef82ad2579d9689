"""A whole clinic under `manage.py up`, with its own cluster (every commit kept), broker, payers and clock; and its killer.

The database is asked with plain SQL from outside, the payers' book is opened directly: what a proof counts does not
pass through the code under proof.
"""

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2

from clearinghouse.simulator.book import Book
from clinic.embedded.postgres import PORT, SUPERUSER
from tests.clinic.installation import ROOT, Installation, Running

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=ZoneInfo("America/Chicago"))
MARKS = {
    "web": "gunicorn",
    "quick": "--queues quick",
    "long": "--queues long",
    "clock": " beat ",
    "broker": "valkey-server",
}


class AtWork(Installation):
    """`folder` becomes its state; time starts on Monday at eight."""

    def __init__(self, folder: Path, visits: int) -> None:
        super().__init__(folder)
        self.shift = folder / "clock_shift"
        self.move_to(MONDAY)
        self.environment |= {
            "PROOF_CLOCK_SHIFT": str(self.shift),
            "PYTHONPATH": f"{ROOT / 'tests/proof/moved'}:{ROOT}",
            "TANDEM_LOG_LEVEL": "ERROR",
        }
        self.running = Running(self)
        self.planted: dict[str, Any] = json.loads(self.python(f"from tests.proof.plant import plant; plant({visits})"))
        self.visits: list[dict[str, str]] = self.planted["visits"]

    # The clock

    def move_to(self, instant: datetime) -> None:
        draft = self.shift.with_suffix(".new")
        draft.write_text(str((instant - datetime.now(UTC)).total_seconds()))
        draft.replace(self.shift)

    def jump(self, **span: float) -> None:
        draft = self.shift.with_suffix(".new")
        draft.write_text(str(float(self.shift.read_text()) + timedelta(**span).total_seconds()))
        draft.replace(self.shift)

    # The database and the book, from outside

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        folder = json.loads((self.state / "pg.socket.json").read_text())["folder"]
        line = psycopg2.connect(host=folder, port=PORT, user=SUPERUSER, dbname="clinic", connect_timeout=5)
        try:
            with line.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            line.close()

    def count(self, sql: str) -> int:
        return int(self.ask(sql)[0][0])

    def wait_until(self, what: str, reached: Callable[[], bool], seconds: float) -> float:
        """How long it took. A database that is away just now is asked again."""
        started = time.monotonic()
        while True:
            with contextlib.suppress(psycopg2.OperationalError):
                if reached():
                    return time.monotonic() - started
            if time.monotonic() - started > seconds:
                raise AssertionError(f"not within {seconds} s: {what}\n{self.told()}")
            time.sleep(0.3)

    def told(self) -> str:
        """The end of what `up` and its children said, and where the rows stand."""
        rows = []
        with contextlib.suppress(psycopg2.Error):
            for table in ("clinic_claim", "clearinghouse_delivery", "clearinghouse_mail", "billing_remittance"):
                rows += [(table, *row) for row in self.ask(f"SELECT status, count(*) FROM {table} GROUP BY 1")]
            rows += self.ask(
                "SELECT held_reason, count(*) FROM billing_claimresponse WHERE held_reason <> '' GROUP BY 1"
            )
            rows += self.ask("SELECT treatment, count(*) FROM billing_provideradjustment GROUP BY 1")
        return f"{rows}\n{self.running.log.read_text()[-3000:]}"

    @contextlib.contextmanager
    def book(self) -> Iterator[Book]:
        with Book(self.state / "simulator.sqlite3") as book:
            yield book

    # Death

    def pids_of(self, part: str) -> list[int]:
        """Oldest first: the first of `web` is gunicorn's master."""
        if part == "postgres":
            with contextlib.suppress(OSError, ValueError):
                return [int((self.state / "pg/postmaster.pid").read_text().split()[0])]
            return []
        return sorted(pid for pid, command in self.processes() if MARKS[part] in command)

    def kill(self, part: str, dice: random.Random) -> bool:
        pids = self.pids_of(part)
        if not pids:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(dice.choice(pids), signal.SIGKILL)
            return True
        return False

    def all_up(self) -> bool:
        parts = ("web", "quick", "long", "clock")
        return all(self.pids_of(p) for p in parts) and self.count("SELECT 1") == 1 and self.running.answers()

    def stop(self) -> list[tuple[int, str]]:
        """Whoever is left after it was told to stop."""
        self.running.stop()
        left = self.processes()
        for pid, _ in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return left
