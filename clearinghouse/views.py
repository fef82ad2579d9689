"""Files: what went to payers and what came from them, and the few acts that need a person."""

import uuid

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from clearinghouse import queries
from clearinghouse.forms import ConfirmForm
from clearinghouse.models import Delivery, Mail
from clearinghouse.services import exchange
from clinic.web.htmx import go_to, page
from clinic.web.permissions import SignedIn, may

PER_PAGE = 50


@may("work.view")
@require_GET
def files(request: SignedIn) -> HttpResponse:
    wanted = request.GET.get("status", "")
    shown = Paginator(queries.deliveries(wanted), PER_PAGE).get_page(request.GET.get("page"))
    context = {"shown": shown, "wanted": wanted, "statuses": Delivery.Status.choices, "confirm_form": ConfirmForm()}
    return page(request, "clearinghouse/files.html", context)


@may("work.view")
@require_GET
def received(request: SignedIn) -> HttpResponse:
    wanted = request.GET.get("status", "")
    shown = Paginator(queries.mail(wanted), PER_PAGE).get_page(request.GET.get("page"))
    context = {"shown": shown, "wanted": wanted, "statuses": Mail.Status.choices}
    return page(request, "clearinghouse/received.html", context)


@may("work.retry")
@require_POST
def ask(request: SignedIn, delivery_id: uuid.UUID) -> HttpResponse:
    """Ask the other side whether it has the file; its answer decides what happens."""
    delivery = exchange.ask_receiver(delivery=get_object_or_404(Delivery, pk=delivery_id), by=request.user)
    return go_to(request, "clearinghouse:files", say=f"Their answer: {delivery.get_status_display().lower()}.")


@may("work.retry")
@require_POST
def confirm(request: SignedIn, delivery_id: uuid.UUID) -> HttpResponse:
    """Somebody was told on the telephone or the portal that the file is there."""
    form = ConfirmForm(request.POST)
    delivery = get_object_or_404(Delivery, pk=delivery_id)
    exchange.confirm_sent(delivery=delivery, by=request.user, reason=form.reason_given())
    return go_to(request, "clearinghouse:files", say="Noted: the other side has the file.")


@may("work.retry")
@require_POST
def send_again(request: SignedIn, delivery_id: uuid.UUID) -> HttpResponse:
    """A file that never left goes back into the outbox."""
    exchange.try_again(delivery_id, request.user)
    return go_to(request, "clearinghouse:files", say="The file is back in the outbox.")


@may("work.retry")
@require_POST
def read_again(request: SignedIn, mail_id: uuid.UUID) -> HttpResponse:
    exchange.read_again_by_id(mail_id, request.user)
    return go_to(request, "clearinghouse:received", say="The file is back with its office.")
