"""Nightly work, once per local date: catches up after days off, in order, and never runs a date twice."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from clinic import clock
from clinic.bulk import insert_or_none
from clinic.models import JobRun

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=30)
TRIES = 5
FURTHEST_BACK = 60
"""Days that a job catches up at most: a practice that was closed for two months starts anew."""


def run_for_each_date(*, job: str, upto: date, work: Callable[[date], dict[str, Any] | None]) -> int:
    """Run `work(day)` for every date since the last one done. A date that fails stops the ones after it."""
    last = JobRun.objects.filter(job=job, state=JobRun.State.DONE).order_by("-for_date").first()
    day = max(last.for_date + timedelta(days=1), upto - timedelta(days=FURTHEST_BACK)) if last else upto
    done = 0
    while day <= upto:
        if not _run_one(job, day, work):
            break
        done += 1
        day += timedelta(days=1)
    return done


def _run_one(job: str, day: date, work: Callable[[date], dict[str, Any] | None]) -> bool:
    run = _claim(job, day)
    if run is None:
        return False
    try:
        result = work(day)
    except Exception as error:
        log.exception("job failed", extra={"job": job, "for_date": str(day)})
        JobRun.objects.filter(pk=run.pk).update(
            state=JobRun.State.FAILED, error=str(error)[:500], claimed_until=None, updated_at=clock.now()
        )
        return False
    JobRun.objects.filter(pk=run.pk).update(
        state=JobRun.State.DONE, finished_at=clock.now(), result=result or {}, error="", updated_at=clock.now()
    )
    return True


def _claim(job: str, day: date) -> JobRun | None:
    """The run of that date, if nobody else holds it. A lease that ran out is taken over; five failures park it."""
    until = clock.now() + LEASE
    fresh = insert_or_none(JobRun(job=job, for_date=day, claimed_until=until))
    if fresh is not None:
        return fresh
    kept = JobRun.objects.get(job=job, for_date=day)
    if kept.state == JobRun.State.DONE or kept.tries >= TRIES:
        return None
    if kept.claimed_until is not None and kept.claimed_until > clock.now():
        return None
    taken = JobRun.objects.filter(pk=kept.pk, tries=kept.tries, state=kept.state).update(
        state=JobRun.State.RUNNING, tries=kept.tries + 1, claimed_until=until, updated_at=clock.now()
    )
    return kept if taken else None
