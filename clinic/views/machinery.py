"""What the machine does by itself: messages that went (or would have gone) out, queues, the clock, the broker."""

import uuid

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit, clock
from clinic.celery import CLOCK
from clinic.models import JobRun, Message, Tick
from clinic.nudge import broker_answers
from clinic.web.context import CLOCK_LATE_AFTER
from clinic.web.htmx import go_to, page
from clinic.web.permissions import may
from clinic.web.work import queues, retry_row

PER_PAGE = 50


@may("outbox.view")
def outbox(request: HttpRequest) -> HttpResponse:
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
def outbox_message(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    message = get_object_or_404(Message.objects.select_related("patient", "guarantor"), pk=message_id)
    if message.patient_id:
        audit.viewed(request, [message.patient_id], "message")
    return page(request, "clinic/outbox_message.html", {"message": message, "history": message.history()})


@may("work.view")
def work(request: HttpRequest) -> HttpResponse:
    """The oldest due row of each queue, what is parked and why, the last ticks, the broker."""
    now = clock.now()
    told = {tick.task: tick for tick in Tick.objects.all()}
    ticks = [{"task": t.task, "every": t.seconds, "last": told.get(t.task)} for t in CLOCK]
    for row in ticks:
        patience = max(CLOCK_LATE_AFTER.total_seconds(), 3 * row["every"])
        row["is_late"] = row["last"] is None or (now - row["last"].ticked_at).total_seconds() > patience
    lines = [{"queue": queue, "state": queue.query()} for queue in queues()]
    runs = JobRun.objects.order_by("-for_date", "job")[:20]
    context = {"lines": lines, "ticks": ticks, "runs": runs, "broker_answers": broker_answers(), "now": now}
    return page(request, "clinic/work.html", context)


@may("work.retry")
@require_POST
def work_retry(request: HttpRequest) -> HttpResponse:
    retry_row(request.POST.get("queue", ""), request.POST.get("row", ""), request.user)
    return go_to(request, "clinic:work", say="Back in the line.")
