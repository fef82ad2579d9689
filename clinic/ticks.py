"""Notes when the clock last ran each task, for the page Work, /readyz and the banner about a late clock."""

from typing import Any

from celery.signals import task_postrun
from celery.states import SUCCESS

from clinic import clock
from clinic.celery import CLOCK
from clinic.models import Tick

_BY_CLOCK = frozenset(tick.task for tick in CLOCK)


@task_postrun.connect
def note_tick(sender: Any = None, state: str = "", retval: Any = None, **kwargs: Any) -> None:
    """One row a task, overwritten. An error is noted by its kind alone: its words may hold a name."""
    if sender is None or sender.name not in _BY_CLOCK:
        return
    Tick.objects.bulk_create(
        [Tick(task=sender.name, ticked_at=clock.now(), error="" if state == SUCCESS else type(retval).__name__)],
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=["ticked_at", "error"],
    )
