"""A guarantor's account: what is owed, what is credit, and everything that happened."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from clinic import audit
from clinic.models import Guarantor, Patient
from clinic.web.htmx import page, part
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from ledger.accounts import PATIENT_OWES
from ledger.queries.activity import account_activity
from ledger.queries.balances import owed_by_insurance, patient_balance, patient_items


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
