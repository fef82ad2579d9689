"""The Celery app, and the one table of what runs by the clock and what a fact wakes.

A message is a wake, never the work: the row is the queue. So acks come early, wakes go stale after a minute,
results and retries do not exist. Upper apps are named here by string only.
"""

import os
import sys
import warnings
from dataclasses import dataclass
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

QUICK, LONG = "quick", "long"
WAKE_EXPIRES = 60


@dataclass(frozen=True)
class Tick:
    """`task` is woken every `seconds`. Long work has its own worker, so that it never keeps a desk waiting."""

    task: str
    seconds: int
    queue: str = QUICK


CLOCK: tuple[Tick, ...] = (
    Tick("clinic.deliver_messages", 30),
    Tick("clinic.seal_audit", 60),
    Tick("clinic.verify_audit", 3600, LONG),
    Tick("scheduling.send_reminders", 300),
    Tick("ledger.settle_charges", 60),
    Tick("ledger.verify_books", 3600, LONG),
    Tick("clearinghouse.deliver", 15),
    Tick("clearinghouse.collect", 20),
    Tick("insurance.verify_upcoming", 30, LONG),
    Tick("insurance.expire_authorizations", 3600, LONG),
    Tick("billing.make_claims", 30),
    Tick("billing.submit_ready", 30, LONG),
    Tick("billing.read_mail", 20, LONG),
    Tick("billing.post_remittances", 30, LONG),
    Tick("billing.correct_claims", 60, LONG),
    Tick("billing.watch_deadlines", 3600, LONG),
    Tick("collections.age_receivables", 600, LONG),
    Tick("collections.issue_statements", 600, LONG),
    Tick("collections.take_installments", 600, LONG),
    Tick("collections.read_lockbox", 120, LONG),
    Tick("collections.advance_cases", 3600, LONG),
)

# Event kind -> tasks to wake once the fact is committed. Each of them also stands in CLOCK.
WAKES: dict[str, tuple[str, ...]] = {
    "appointment.booked": ("insurance.verify_upcoming",),
    "appointment.moved": ("insurance.verify_upcoming",),
    "coverage.added": ("insurance.verify_upcoming",),
    "coverage.changed": ("insurance.verify_upcoming",),
    "visit.charges_closed": ("billing.make_claims",),
    "claim.ready": ("billing.submit_ready",),
    "transmission.posted": ("clearinghouse.deliver",),
    "transmission.received": ("billing.read_mail",),
    "remittance.imported": ("billing.post_remittances",),
    "denial.opened": ("billing.correct_claims",),
}


def queue_of(task: str) -> str:
    return next((tick.queue for tick in CLOCK if tick.task == task), QUICK)


# Celery warns root because of pickle, which accept_content refuses.
warnings.filterwarnings("ignore", message=r"\s*You're running the worker with superuser privileges")


class WorkersTask(Task):  # type: ignore[misc]
    """Whatever a task changes was done by the worker, also when it is called without a broker."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from clinic import audit  # the models are there when a task runs, not when this is imported

        with audit.acting(audit.MACHINE):
            return super().__call__(*args, **kwargs)


app = Celery("tandem", task_cls=WorkersTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=False,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    result_backend=None,
    task_default_queue=QUICK,
    task_routes={tick.task: {"queue": tick.queue} for tick in CLOCK},
    task_create_missing_queues=True,
    task_serializer="json",
    accept_content=["json"],
    enable_utc=True,
    timezone="UTC",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 2,  # a wake that a killed worker had taken comes back within seconds
        "unacked_restore_throttle": 1,
    },
    beat_schedule={
        tick.task: {
            "task": tick.task,
            "schedule": float(tick.seconds),
            "options": {"queue": tick.queue, "expires": min(WAKE_EXPIRES, tick.seconds)},
        }
        for tick in CLOCK
    },
    beat_max_loop_interval=5,
)
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def _refuse_unsafe(**kwargs: Any) -> None:
    from clinic.checks import (
        refuse_unsafe,
    )  # Django's settings are read when a worker starts, not when this is imported
    from clinic.embedded import CannotStart

    try:
        refuse_unsafe()
    except CannotStart as error:
        sys.exit(f"Tandem cannot start: {error}")
