"""Take a payment, show its receipt, void it the same day."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Guarantor
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from ledger.forms import CardPaymentForm, PaymentForm, RefundForm, ReturnedForm, VoidForm
from ledger.models import Payment
from ledger.queries.balances import patient_balance, patient_items
from ledger.queries.payments import lies_as_credit, payment_for_receipt, receipt_lines
from ledger.services.cards import charge_card
from ledger.services.payments import receive_payment, returned_check, void_payment
from ledger.views.accounts import one


def one_payment(payment_id: uuid.UUID) -> Payment:
    payment = payment_for_receipt(payment_id)
    if payment is None:
        raise Http404
    return payment


def _pay_page(request: StaffRequest, guarantor: Guarantor, form: Any, card_form: Any) -> HttpResponse:
    audit.viewed(request, list(guarantor.patients.values_list("pk", flat=True)), "take a payment")
    context = {
        "guarantor": guarantor,
        "balance": patient_balance(guarantor=guarantor),
        "items": patient_items(guarantor),
        "form": form,
        "card_form": card_form if guarantor.cards.filter(is_active=True).exists() else None,
    }
    return page(request, "ledger/payment_take.html", context)


def _forms(request: StaffRequest, guarantor: Guarantor) -> tuple[Any, Any]:
    start = {"amount": max(patient_balance(guarantor=guarantor).due, 0) or None}
    pay, card = reverse("ledger:pay", args=[guarantor.pk]), reverse("ledger:pay_card", args=[guarantor.pk])
    return (
        form_for(request, PaymentForm, action=pay, initial=start),
        form_for(request, CardPaymentForm, action=card, initial=start, guarantor=guarantor),
    )


@may("payment.take")
@once_token
def pay(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    guarantor = one(guarantor_id)
    form, card_form = _forms(request, guarantor)
    if request.method == "POST" and form.is_valid():
        payment = receive_payment(guarantor=guarantor, key=request.once_key, by=request.user, **form.cleaned_data)
        return go_to(request, "ledger:receipt", payment.pk, say="Payment taken.")
    return _pay_page(request, guarantor, form, card_form)


@may("payment.take")
@once_token(own_transactions=True)
def pay_card(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    guarantor = one(guarantor_id)
    form, card_form = _forms(request, guarantor)
    if request.method == "POST" and card_form.is_valid():
        said = card_form.cleaned_data
        payment = charge_card(
            guarantor=guarantor, token=said["card"], amount=said["amount"], kind=said["kind"], key=request.once_key,
            by=request.user,
        )  # fmt: skip
        return go_to(request, "ledger:receipt", payment.pk, say="Card charged.")
    return _pay_page(request, guarantor, form, card_form)


@may("ledger.receipt")
def receipt(request: StaffRequest, payment_id: uuid.UUID) -> HttpResponse:
    payment = one_payment(payment_id)
    audit.viewed(request, [payment.patient_id] if payment.patient_id else [], "receipt")
    if payment.number is None:
        return page(request, "ledger/payment_unposted.html", {"payment": payment})
    place = payment.visit.location if payment.visit else None
    standing = payment.status == Payment.Status.POSTED
    context = {
        "payment": payment,
        "place": place,
        "lines": receipt_lines(payment),
        "balance": patient_balance(guarantor=payment.guarantor),
        "credit_left": lies_as_credit(payment),
        "can_void": standing and payment.received_on == clock.today(place) and not payment.processor_reference,
        "can_refund": standing and lies_as_credit(payment) > 0,
        "can_return": standing and payment.method in (Payment.Method.CHECK, Payment.Method.LOCKBOX),
        "returned_form": form_for(
            request,
            ReturnedForm,
            action=reverse("ledger:check_returned", args=[payment.pk]),
            initial={"bank_fee": "0.00", "policy_fee": "0.00"},
        ),
        "void_form": form_for(request, VoidForm, action=reverse("ledger:void", args=[payment.pk])),
        "refund_form": form_for(request, RefundForm, action=reverse("ledger:refund_request", args=[payment.pk])),
    }
    return page(request, "ledger/receipt.html", context)


@may("payment.void")
@require_POST
@once_token
def void(request: StaffRequest, payment_id: uuid.UUID) -> HttpResponse:
    payment = get_object_or_404(Payment, pk=payment_id)
    form = form_for(request, VoidForm)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    void_payment(payment=payment, reason=reason, by=request.user)
    return go_to(request, "ledger:receipt", payment.pk, say="Voided. Give the money back.")


@may("payment.void")
@require_POST
@once_token
def check_returned(request: StaffRequest, payment_id: uuid.UUID) -> HttpResponse:
    payment = get_object_or_404(Payment, pk=payment_id)
    form = form_for(request, ReturnedForm)
    if not form.is_valid():
        raise ClinicError("Enter both fees in dollars and cents, 0.00 when there is none.")
    returned_check(payment=payment, key=f"returned:{payment.pk}", by=request.user, **form.cleaned_data)
    return go_to(request, "ledger:receipt", payment.pk, say="Noted. The lines are owed again.")
