"""Refunds: asked for on the receipt, approved by a second person, sent."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit
from clinic.errors import ClinicError
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from ledger.forms import RefundForm
from ledger.models import Payment, Refund
from ledger.queries.payments import waiting_refunds
from ledger.services.refunds import approve_refund, refuse_refund, request_refund, send_refund


@may("refund.request")
@require_POST
@once_token
def refund_request(request: StaffRequest, payment_id: uuid.UUID) -> HttpResponse:
    payment = get_object_or_404(Payment, pk=payment_id)
    form = form_for(request, RefundForm)
    if not form.is_valid():
        raise ClinicError("Enter an amount in dollars and cents, and why the money goes back.")
    request_refund(payment=payment, key=request.once_key, by=request.user, **form.cleaned_data)
    return go_to(request, "ledger:receipt", payment.pk, say="Refund asked for. A second person approves it.")


@may("refund.request")
def refunds(request: StaffRequest) -> HttpResponse:
    rows = list(waiting_refunds())
    audit.viewed(request, [r.payment.patient_id for r in rows if r.payment.patient_id], "refunds")
    return page(request, "ledger/refunds.html", {"rows": rows})


@may("refund.approve")
@require_POST
@once_token
def refund_approve(request: StaffRequest, refund_id: uuid.UUID) -> HttpResponse:
    approve_refund(refund=get_object_or_404(Refund, pk=refund_id), by=request.user)
    return go_to(request, "ledger:refunds", say="Approved. Send it now.")


@may("refund.approve")
@require_POST
@once_token
def refund_refuse(request: StaffRequest, refund_id: uuid.UUID) -> HttpResponse:
    refuse_refund(refund=get_object_or_404(Refund, pk=refund_id), reason="Refused on the list", by=request.user)
    return go_to(request, "ledger:refunds", say="Refused. The credit stays on the account.")


@may("refund.approve")
@require_POST
@once_token(own_transactions=True)
def refund_send(request: StaffRequest, refund_id: uuid.UUID) -> HttpResponse:
    send_refund(refund=get_object_or_404(Refund, pk=refund_id), by=request.user)
    return go_to(request, "ledger:refunds", say="Sent.")
