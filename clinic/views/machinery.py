"""What the machine does by itself: messages that went (or would have gone) out, queues, the clock, the broker."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit, clock
from clinic.celery import CLOCK
from clinic.models import JobRun, Message, Tick
from clinic.nudge import broker_answers
from clinic.web.context import CLOCK_LATE_AFTER
from clinic.web.htmx import go_to, page
from clinic.web.permissions import SignedIn, may
from clinic.web.work import queues, retry_row

PER_PAGE = 50


@may("outbox.view")
def outbox(request: SignedIn) -> HttpResponse:
    """Messages to patients, the latest first; the demo sends none and shows what would have been sent."""
    rows = Message.objects.select_related("patient", "guarantor").order_by("-due_at", "-id")
    wanted = request.GET.get("status", "")
    if wanted in Message.Status.values:
        rows = rows.filter(status=wanted)
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    seen = [m.patient_id for m in shown if m.patient_id]
    if seen:
        audit.viewed(request, seen, "outbox")
    keeps_only = settings.MESSAGE_TRANSPORT == "clinic.messages.keep_only"
    context = {"shown": shown, "wanted": wanted, "statuses": Message.Status.choices, "keeps_only": keeps_only}
    return page(request, "clinic/outbox.html", context)


@may("outbox.view")
def outbox_message(request: SignedIn, message_id: uuid.UUID) -> HttpResponse:
    message = get_object_or_404(Message.objects.select_related("patient", "guarantor"), pk=message_id)
    if message.patient_id:
        audit.viewed(request, [message.patient_id], "message")
    return page(request, "clinic/outbox_message.html", {"message": message, "history": message.history()})


@may("work.view")
def work(request: SignedIn) -> HttpResponse:
    """The oldest due row of each queue, what is parked and why, the last ticks, the broker."""
    told = {tick.task: tick for tick in Tick.objects.all()}
    ticks = [
        {"task": t.task, "every": t.seconds, "last": told.get(t.task), "is_late": is_late(told.get(t.task), t.seconds)}
        for t in CLOCK
    ]
    lines = [{"queue": queue, "state": queue.query()} for queue in queues()]
    runs = JobRun.objects.order_by("-for_date", "job")[:20]
    context = {"lines": lines, "ticks": ticks, "runs": runs, "broker_answers": broker_answers()}
    return page(request, "clinic/work.html", context)


def is_late(last: Tick | None, every: int) -> bool:
    """Three ticks missed, and two minutes at least."""
    return last is None or clock.now() - last.ticked_at > max(CLOCK_LATE_AFTER, timedelta(seconds=3 * every))


@may("work.retry")
@require_POST
def work_retry(request: SignedIn) -> HttpResponse:
    retry_row(request.POST.get("queue", ""), request.POST.get("row", ""), request.user)
    return go_to(request, "clinic:work", say="Back in the line.")
