"""A wake reaches a worker after commit; a broker that is away or silent costs the desk next to nothing."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import transaction

from clinic import clock
from clinic import nudge as nudging
from clinic.celery import CLOCK, WAKES, queue_of
from clinic.embedded import valkey
from clinic.nudge import nudge, nudge_for

pytestmark = pytest.mark.django_db(transaction=True)

TASK = "billing.submit_ready"


@pytest.fixture(autouse=True)
def _closed_breaker() -> Iterator[None]:
    nudging.breaker.reset()
    yield
    nudging.breaker.reset()
    nudging._hang_up()


@pytest.fixture
def line(broker: str) -> redis.Redis:
    client = redis.Redis(unix_socket_path=str(valkey.socket_path(settings.EMBEDDED_BROKER)))
    client.flushall()
    return client


def test_wake_is_queued_after_commit_and_not_before(line: redis.Redis) -> None:
    queue = queue_of(TASK)

    with transaction.atomic():
        nudge(TASK)
        before = line.llen(queue)

    assert before == 0
    assert line.llen(queue) == 1
    message = json.loads(line.lindex(queue, 0))
    assert message["headers"]["task"] == TASK
    assert message["headers"]["expires"] is not None


def test_wake_of_a_rolled_back_act_is_never_queued(line: redis.Redis) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        nudge(TASK)
        raise ZeroDivisionError

    assert line.llen(queue_of(TASK)) == 0


def test_played_month_wakes_no_worker_of_the_real_time(line: redis.Redis) -> None:
    with clock.at(clock.now()):
        nudge(TASK)

    assert line.llen(queue_of(TASK)) == 0


def test_hundred_wakes_queue_one_message(line: redis.Redis) -> None:
    for _ in range(100):
        nudge(TASK)

    assert line.llen(queue_of(TASK)) == 1


def test_next_wake_is_queued_once_the_worker_has_taken_the_first(line: redis.Redis) -> None:
    nudge(TASK)
    line.delete(queue_of(TASK))

    nudging._wake_arrived(sender=type("Task", (), {"name": TASK}))
    nudge(TASK)

    assert line.llen(queue_of(TASK)) == 1


def test_fact_wakes_what_the_table_says(line: redis.Redis) -> None:
    kind, tasks = next(iter(WAKES.items()))

    nudge_for(kind)

    queued = {json.loads(m)["headers"]["task"] for q in ("quick", "long") for m in line.lrange(q, 0, -1)}
    assert queued == set(tasks)


def test_absent_broker_costs_nothing_and_raises_nothing(settings: object, tmp_path: Path) -> None:
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nobody.sock"  # type: ignore[attr-defined]
    nudging._hang_up()

    started = time.perf_counter()
    for _ in range(1000):
        nudge(TASK)
    spent = time.perf_counter() - started

    assert spent < 0.5
    assert not nudging.breaker.lets_through()


def test_silent_broker_costs_fifty_milliseconds_once(line: redis.Redis) -> None:
    number = valkey.pid(settings.EMBEDDED_BROKER)
    assert number is not None
    os.kill(number, signal.SIGSTOP)
    try:
        started = time.perf_counter()
        nudge(TASK)
        first = time.perf_counter() - started
        started = time.perf_counter()
        for _ in range(100):
            nudge(TASK)
        later = time.perf_counter() - started
    finally:
        os.kill(number, signal.SIGCONT)

    assert 0.04 < first < 0.15  # the promise is 50 ms of waiting; the rest is a busy machine
    assert later < 0.05


def test_broker_is_asked_again_after_its_rest(line: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    nudging.breaker.trip()
    nudge(TASK)
    skipped = line.llen(queue_of(TASK))
    monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + nudging.REST + 1)

    nudge(TASK)

    assert skipped == 0
    assert line.llen(queue_of(TASK)) == 1


def test_every_woken_task_also_runs_by_the_clock() -> None:
    by_clock = {tick.task for tick in CLOCK}

    woken = {task for tasks in WAKES.values() for task in tasks}

    assert woken <= by_clock


def test_clock_makes_up_for_a_lost_wake_within_a_minute() -> None:
    slowest = {tick.task: tick.seconds for tick in CLOCK}

    late = {task: slowest[task] for tasks in WAKES.values() for task in tasks if slowest[task] > 60}

    assert late == {}
