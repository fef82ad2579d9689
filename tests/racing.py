"""A real web server on the test's database, and racers who all let go at the same moment."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bench.http import wait_for


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    seconds: float


@contextmanager
def web_server(process_env: dict[str, str]) -> Iterator[int]:
    """gunicorn as `make run` starts it; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "clinic.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "8",
        "--bind", f"127.0.0.1:{port}", "--log-level", "warning",
    ]  # fmt: skip
    server = subprocess.Popen(command, env=process_env)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def race(
    port: int, token: str, entries: Sequence[tuple[str, dict[str, Any]]], key: Callable[[int], str]
) -> list[Answer]:
    """POST all entries (path, body) at the same moment, each on its own open connection."""
    answers: list[Answer | None] = [None] * len(entries)
    line = threading.Barrier(len(entries))

    def run(n: int) -> None:
        path, body = entries[n]
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key(n),
        }
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        link.connect()
        line.wait()
        start = time.monotonic()
        link.request("POST", path, json.dumps(body), headers)
        answer = link.getresponse()
        raw = answer.read()
        seconds = time.monotonic() - start
        answers[n] = Answer(answer.status, json.loads(raw) if raw[:1] in b"{[" else raw, seconds)
        link.close()

    racers = [threading.Thread(target=run, args=(n,)) for n in range(len(entries))]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return [a for a in answers if a is not None]


def deadlocks() -> int:
    """Deadlocks that PostgreSQL has counted in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def overlaps() -> int:
    """Pairs of occupying appointments of one provider and lane, or of one patient, that overlap: must be none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM scheduling_appointment a JOIN scheduling_appointment b
               ON a.id < b.id AND tstzrange(a.start, a."end") && tstzrange(b.start, b."end")
               AND ((a.provider_id = b.provider_id AND a.lane = b.lane) OR a.patient_id = b.patient_id)
               WHERE a.status NOT IN ('cancelled', 'no_show') AND b.status NOT IN ('cancelled', 'no_show')"""
        )
        return int(cursor.fetchone()[0])
