"""Wake a worker after commit, by task name. The row is the queue: a lost wake costs a tick of the clock, no work.

A broker that is away or silent may cost the desk 50 ms once in ten seconds, never more, and never an error.
"""

import logging
import os
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import redis
from celery.signals import task_prerun
from django.conf import settings
from django.db import transaction
from kombu import Connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from clinic import clock
from clinic.celery import WAKE_EXPIRES, WAKES, app, queue_of

log = logging.getLogger(__name__)

PATIENCE = 0.05  # seconds for the broker to answer
REST = 10.0  # seconds without another try after it did not


class _Breaker:
    """Closed until a try fails, then open for REST seconds."""

    def __init__(self) -> None:
        self._open_until = 0.0

    def lets_through(self) -> bool:
        return time.monotonic() >= self._open_until

    def trip(self) -> None:
        self._open_until = time.monotonic() + REST

    def reset(self) -> None:
        self._open_until = 0.0


breaker = _Breaker()
_line = threading.local()


def nudge(task: str) -> None:
    """Once this transaction is committed, wake a worker for `task`. At most one wake a task is queued at a time.

    Under a moved clock nobody is woken: a played month runs its own tasks, and a worker lives in the real time.
    """
    if clock.is_moved():
        return
    transaction.on_commit(lambda: _wake(task), robust=True)


def nudge_for(kind: str) -> None:
    """Wake whatever the fact `kind` concerns, as the table in clinic.celery says."""
    for task in WAKES.get(kind, ()):
        nudge(task)


def broker_answers() -> bool:
    """For /readyz and the page Work: asks now, breaker or not, within PATIENCE."""
    try:
        return bool(_marks().ping())
    except (redis.RedisError, OSError):
        return False


def _mark(task: str) -> str:
    return f"tandem:wake:{task}"


def _wake(task: str) -> None:
    if not breaker.lets_through():
        return
    try:
        if _marks().set(_mark(task), os.getpid(), nx=True, ex=WAKE_EXPIRES):
            app.send_task(task, connection=_connection(), queue=queue_of(task), expires=WAKE_EXPIRES, retry=False)
    except Exception as error:  # whatever a broker library raises: the clock comes anyway
        breaker.trip()
        _hang_up()
        log.warning("broker did not take the wake for %s: %s", task, type(error).__name__)


def _marks() -> redis.Redis:
    """The marks of queued wakes. One line per thread and process: a forked worker must not share its parent's."""
    if getattr(_line, "owner", None) != os.getpid():
        _line.owner = os.getpid()
        _line.marks = redis.Redis.from_url(
            _redis_url(settings.CELERY_BROKER_URL),
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        _line.connection = None
    return _line.marks  # type: ignore[no-any-return]


def _connection() -> Connection:
    if _line.connection is None:
        _line.connection = Connection(
            settings.CELERY_BROKER_URL,
            transport_options={
                "socket_timeout": PATIENCE,
                "socket_connect_timeout": PATIENCE,
                "retry_on_timeout": False,
                "max_retries": 0,
            },
        )
    return _line.connection


def _hang_up() -> None:
    """A line that failed half-way may hold half an answer: throw it away."""
    for name in ("connection", "marks"):
        line: Any = getattr(_line, name, None)
        try:
            if line is not None:
                (line.release if isinstance(line, Connection) else line.close)()
        except Exception:  # it is being thrown away
            log.debug("closing %s failed", name)
    _line.owner = None


def _redis_url(url: str) -> str:
    """Celery's spelling of a unix socket to redis's."""
    parts = urlsplit(url)
    return f"unix://{parts.path}" if parts.scheme == "redis+socket" else url


@task_prerun.connect
def _wake_arrived(sender: Any = None, **kwargs: Any) -> None:
    """The worker has the wake in hand; what is written from now on deserves another."""
    if not breaker.lets_through():
        return
    try:
        _marks().delete(_mark(sender.name))
    except (redis.RedisError, OSError):
        breaker.trip()
        _hang_up()
