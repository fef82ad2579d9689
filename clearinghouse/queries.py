"""Lists of files for people: what went out, what came in, what stands still."""

from django.db.models import QuerySet

from clearinghouse.models import Delivery, Mail
from clinic import clock
from clinic.web.work import ParkedRow, QueueState

MOST_SHOWN = 50
STUCK = (Delivery.Status.FAILED, Delivery.Status.UNCONFIRMED)


def deliveries(status: str = "") -> "QuerySet[Delivery]":
    """Outgoing files, the latest first; never their contents."""
    rows = Delivery.objects.select_related("transmission__partner").defer("transmission__payload")
    return (rows.filter(status=status) if status in Delivery.Status.values else rows).order_by("-id")


def mail(status: str = "") -> "QuerySet[Mail]":
    """Inbound files, the latest first; never their contents."""
    rows = Mail.objects.select_related("transmission__partner").defer("transmission__payload")
    return (rows.filter(status=status) if status in Mail.Status.values else rows).order_by("-id")


def unconfirmed_count() -> int:
    return Delivery.objects.filter(status=Delivery.Status.UNCONFIRMED).count()


def outbox_state() -> QueueState:
    """For the page Work: files that should be out, and those that need a person."""
    due = Delivery.objects.filter(status=Delivery.Status.QUEUED, due_at__lte=clock.now())
    stuck = deliveries().filter(status__in=STUCK)[:MOST_SHOWN]
    return QueueState(
        waiting_count=due.count(),
        oldest_due_at=due.order_by("due_at").values_list("due_at", flat=True).first(),
        parked=[
            ParkedRow(d.pk, f"{d.transmission.kind} {d.transmission.control_number}", _why(d), d.tries) for d in stuck
        ],
    )


def mail_state() -> QueueState:
    """For the page Work: mail that its office has not read, and mail that could not be read."""
    waiting = Mail.objects.filter(status=Mail.Status.UNREAD)
    parked = mail(Mail.Status.PARKED)[:MOST_SHOWN]
    return QueueState(
        waiting_count=waiting.count(),
        oldest_due_at=waiting.order_by("created_at").values_list("created_at", flat=True).first(),
        parked=[
            ParkedRow(m.pk, f"{m.transmission.kind} {m.transmission.control_number}", m.error, m.tries) for m in parked
        ],
    )


def _why(delivery: Delivery) -> str:
    if delivery.status == Delivery.Status.UNCONFIRMED:
        return "Sent, but nobody confirmed it. Ask the receiver before it goes again."
    return delivery.error or "Not sent."
