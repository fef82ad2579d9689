"""A guarantor's account: what is owed, what is credit, and everything that happened."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Guarantor, Patient
from clinic.money import dollars
from clinic.web.htmx import go_to, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from ledger.accounts import PATIENT_OWES
from ledger.queries.activity import account_activity
from ledger.queries.balances import owed_by_insurance, patient_balance, patient_items
from ledger.services.allocations import use_idle_credit


def one(guarantor_id: uuid.UUID) -> Guarantor:
    return get_object_or_404(Guarantor, pk=guarantor_id)


@may("ledger.view")
def account(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    guarantor = one(guarantor_id)
    patients = list(guarantor.patients.order_by("mrn"))
    audit.viewed(request, [p.pk for p in patients], "account activity")
    context = {
        "guarantor": guarantor,
        "patients": patients,
        "balance": patient_balance(guarantor=guarantor),
        "at_insurance": owed_by_insurance(guarantor=guarantor),
        "items": patient_items(guarantor, accounts=PATIENT_OWES),
        "rows": account_activity(guarantor),
    }
    return page(request, "ledger/account_detail.html", context)


@may("payment.take")
@require_POST
@once_token
def use_credit(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    """What we hold of the guarantor's money pays what is due."""
    guarantor = one(guarantor_id)
    used = use_idle_credit(guarantor=guarantor, by=request.user, key=f"use-credit:{request.once_key}")
    if not used:
        raise ClinicError("No credit can be used now: nothing is due, or its visit still waits for a payer.")
    return go_to(request, "ledger:account", guarantor.pk, say=f"{dollars(used)} of credit used.")


@may("ledger.balance")
def patient_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What this patient's account owes, on the patient's page."""
    patient = get_object_or_404(Patient.objects.select_related("guarantor"), pk=patient_id)
    audit.viewed(request, [patient.pk], "balance")
    context = {
        "patient": patient,
        "guarantor": patient.guarantor,
        "balance": patient_balance(guarantor=patient.guarantor),
        "at_insurance": owed_by_insurance(guarantor=patient.guarantor),
    }
    return part(request, "ledger/_patient_panel.html", context)
