"""What waits for the worker in collections, for the page Work."""

from datetime import date, datetime, time

from django.db.models import Q
from django.db.models.functions import Coalesce

from clinic import clock
from clinic.web.work import QueueState
from collections_app.models import Installment, LockboxFile, PaymentPlan


def charges_state() -> QueueState:
    """Installments to charge by now: due with a card, or left half-way by a crash."""
    today = clock.today()
    rows = Installment.objects.filter(plan__status__in=PaymentPlan.OPEN).annotate(
        when=Coalesce("next_try_on", "due_on")
    )
    due = rows.filter(
        Q(status=Installment.Status.SCHEDULED, when__lte=today, plan__card_token__isnull=False) | ~Q(charging_key="")
    )
    oldest = due.order_by("when").values_list("when", flat=True).first()
    return QueueState(due.count(), _start_of(oldest))


def lockbox_state() -> QueueState:
    rows = LockboxFile.objects.filter(status=LockboxFile.Status.RECEIVED)
    return QueueState(rows.count(), rows.order_by("received_at").values_list("received_at", flat=True).first())


def _start_of(day: date | None) -> datetime | None:
    return clock.at_local(day, time(0)) if day else None
