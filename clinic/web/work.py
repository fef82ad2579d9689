"""The queues that run by the clock, for the page Work. Each office registers its own in its AppConfig.ready.

    register_queue("Claims to send", query=lambda: ..., retry=retry_claim)

`query()` answers what stands there now; `retry(pk, by)` puts one parked row back into the line.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import slugify

from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Message, User


@dataclass(frozen=True)
class ParkedRow:
    """A row that failed five times. `label` is a number or kind, never a name."""

    pk: uuid.UUID
    label: str
    error: str
    tries: int
    url: str = ""


@dataclass(frozen=True)
class QueueState:
    """`oldest_due_at` is when the oldest row that should have been done by now fell due."""

    waiting_count: int
    oldest_due_at: datetime | None
    parked: Sequence[ParkedRow] = ()


@dataclass(frozen=True)
class Queue:
    name: str
    query: Callable[[], QueueState]
    retry: Callable[[uuid.UUID, User], None] | None = None

    @property
    def slug(self) -> str:
        return slugify(self.name)


_queues: dict[str, Queue] = {}


def register_queue(
    name: str, query: Callable[[], QueueState], retry: Callable[[uuid.UUID, User], None] | None = None
) -> None:
    """Safe to call again with the same name: the later one stands."""
    queue = Queue(name, query, retry)
    _queues[queue.slug] = queue


def queues() -> list[Queue]:
    return [_queues[slug] for slug in sorted(_queues)]


def retry_row(slug: str, pk: str, by: User) -> None:
    """Put one parked row back into its line; its queue says whether that may be."""
    queue = _queues.get(slug)
    try:
        row_id = uuid.UUID(pk)
    except ValueError:
        row_id = None
    if queue is None or queue.retry is None or row_id is None:
        raise ClinicError("There is no such row to try again. Look at the page anew.")
    queue.retry(row_id, by)


def _messages() -> QueueState:
    now = clock.now()
    due = Message.objects.filter(status=Message.Status.QUEUED, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    stuck = Message.objects.filter(status__in=(Message.Status.FAILED, Message.Status.UNCONFIRMED)).order_by("due_at")
    parked = [
        ParkedRow(m.pk, f"{m.get_channel_display()}: {m.kind}", m.error or "not confirmed", m.tries) for m in stuck[:50]
    ]
    return QueueState(due.count(), oldest, parked)


def _retry_message(pk: uuid.UUID, by: User) -> None:
    message = Message.objects.filter(pk=pk).first()
    if message is None:
        raise ClinicError("This message is gone.")
    message.move_to(Message.Status.QUEUED, by=by, reason="sent again by hand", due_at=clock.now(), tries=0, error="")


register_queue("Messages to patients", _messages, _retry_message)
