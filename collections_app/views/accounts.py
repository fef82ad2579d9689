"""One guarantor's account in collections: what is owed where, statements, plans, the case; and issuing a statement."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import audit
from clinic.models import Guarantor, Patient, Practice
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from collections_app.forms import CardForm
from collections_app.models import CollectionCase, PaymentPlan, Statement
from collections_app.queries.billable import billable_items, holds_on
from collections_app.services.statements import issue_statement
from ledger.queries.balances import patient_balance
from ledger.services.cards import keep_card


def one_account(guarantor_id: uuid.UUID) -> Guarantor:
    return get_object_or_404(Guarantor, pk=guarantor_id)


def saw(request: HttpRequest, guarantors: Iterable[Guarantor | uuid.UUID], why: str) -> None:
    """A read of these accounts is a read of their patients."""
    audit.viewed(request, Patient.objects.filter(guarantor__in=list(guarantors)).values_list("pk", flat=True), why)


@may("statement.view")
def account(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    guarantor = one_account(guarantor_id)
    saw(request, [guarantor], "patient account")
    billable = list(billable_items(guarantor))
    context: dict[str, Any] = {
        "guarantor": guarantor,
        "patients": guarantor.patients.filter(merged_into=None),
        "balance": patient_balance(guarantor=guarantor),
        "billable": billable,
        "billable_total": sum(i.balance for i in billable),
        "holds": holds_on(guarantor),
        "statements": guarantor.statements.order_by("-issued_on")[:12],
        "plans": PaymentPlan.objects.filter(guarantor=guarantor).order_by("-opened_on", "-id")[:12],
        "cases": CollectionCase.objects.filter(guarantor=guarantor).order_by("-opened_on", "-id")[:12],
        "cards": guarantor.cards.filter(is_active=True),
        "card_form": form_for(request, CardForm, action=reverse("collections:card_add", args=[guarantor.pk])),
    }
    return page(request, "collections/account_detail.html", context)


@may("statement.issue")
@require_POST
@once_token
def issue(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    statement = issue_statement(guarantor=one_account(guarantor_id), by=request.user)
    return go_to(request, "collections:statement", statement.pk, say=f"Statement {statement.number} is on its way.")


@may("payment.take")
@require_POST
@once_token(own_transactions=True)
def card_add(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    guarantor = one_account(guarantor_id)
    form = form_for(request, CardForm)
    if not form.is_valid():
        return page(request, "collections/card_add.html", {"form": form, "guarantor": guarantor})
    said = form.cleaned_data
    card = keep_card(guarantor=guarantor, number=said["number"], expires_on=said["expires"], by=request.user)
    return go_to(request, "collections:account", guarantor.pk, say=f"Kept: {card}.")


def _statement(statement_id: uuid.UUID) -> Statement:
    rows = Statement.objects.select_related("guarantor", "pay_link", "issued_by").prefetch_related("lines__visit")
    return get_object_or_404(rows, pk=statement_id)


@may("statement.view")
def statement(request: StaffRequest, statement_id: uuid.UUID) -> HttpResponse:
    row = _statement(statement_id)
    saw(request, [row.guarantor], "statement")
    balance = patient_balance(guarantor=row.guarantor)
    return page(request, "collections/statement_detail.html", {"statement": row, "balance": balance})


@may("statement.view")
def statement_print(request: StaffRequest, statement_id: uuid.UUID) -> HttpResponse:
    row = _statement(statement_id)
    saw(request, [row.guarantor], "statement on paper")
    return page(request, "collections/statement_print.html", {"statement": row, "practice": Practice.objects.get()})
