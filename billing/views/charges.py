"""Charge entry for a visit: diagnoses and lines, with what the payer should allow; change, void, close."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.forms import ChargeEntryForm, ChargeForm, ReasonForm
from billing.queries.charges import visit_charges
from billing.services import charges as service
from billing.services.claims import create_claims
from billing.views.stale import differences
from clinic import audit
from clinic.models import ChargeItem, Visit
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from insurance.queries import authorizations_on


def visit_of(visit_id: uuid.UUID) -> Visit:
    return get_object_or_404(Visit.objects.select_related("patient", "guarantor", "provider", "location"), pk=visit_id)


def charge_of(charge_id: uuid.UUID) -> ChargeItem:
    rows = ChargeItem.objects.filter(kind=ChargeItem.Kind.SERVICE).select_related("visit__patient")
    return get_object_or_404(rows, pk=charge_id)


@may("charge.view")
def charges(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    return _charges(request, visit_of(visit_id))


@may("charge.edit")
@once_token
def enter(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    visit = visit_of(visit_id)
    if request.method != "POST":
        return _charges(request, visit)
    form = form_for(request, ChargeEntryForm)
    if not form.is_valid():
        return _charges(request, visit, form)
    made = service.capture_charges(
        visit=visit, diagnoses=form.cleaned_data["diagnoses"], by=request.user,
        lines=[service.ChargeLine(**line) for line in form.lines()], bill_patient=form.cleaned_data["bill_patient"],
    )  # fmt: skip
    said = f"{len(made)} charge{'' if len(made) == 1 else 's'} entered." if made else "Diagnoses saved."
    return go_to(request, "billing:charges", visit.pk, say=said)


def _charges(request: StaffRequest, visit: Visit, form: ChargeEntryForm | None = None) -> HttpResponse:
    audit.viewed(request, [visit.patient_id], "charges of a visit")
    shown = visit_charges(visit)
    action = reverse("billing:enter_charges", args=[visit.pk])
    form = form or form_for(request, ChargeEntryForm, action=action, initial={"diagnoses": " ".join(shown.diagnoses)})
    context = {
        "visit": visit, "patient": visit.patient, "shown": shown, "form": form, "action": action,
        "is_closed": visit.status == Visit.Status.CLOSED, "may_close": visit.status == Visit.Status.CHECKED_OUT,
        "authorizations": authorizations_on(visit.patient, visit.service_date),
        "waits_for_claim": any(not row.claim_number for row in shown.rows) and shown.coverage is not None,
    }  # fmt: skip
    return page(request, "billing/charges.html", context)


@may("charge.edit")
@once_token
def charge(request: StaffRequest, charge_id: uuid.UUID) -> HttpResponse:
    """Change one charge. Money that moved is reversed and posted again by the service."""
    row = charge_of(charge_id)
    audit.viewed(request, [row.patient_id], "change a charge")
    form = form_for(request, ChargeForm, charge=row)
    if request.method == "POST" and form.is_valid():
        service.change_charge(charge=row, changes=form.changes(), version=form.cleaned_data["version"], by=request.user)
        return go_to(request, "billing:charges", row.visit_id, say="Changed.")
    context = {
        "charge": row, "visit": row.visit, "patient": row.patient, "form": form,
        "differs": differences(request, form, row.version),
    }  # fmt: skip
    return page(request, "billing/charge.html", context)


@may("charge.edit")
@once_token
def void(request: StaffRequest, charge_id: uuid.UUID) -> HttpResponse:
    row = charge_of(charge_id)
    audit.viewed(request, [row.patient_id], "void a charge")
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        service.void_charge(charge=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:charges", row.visit_id, say="Voided: it is off the account.")
    context = {
        "verb": "Void this charge", "what": f"{row.code} of {row.service_date:%m/%d/%Y}", "patient": row.patient,
        "form": form, "back": "billing:charges", "back_id": row.visit_id,
    }  # fmt: skip
    return page(request, "billing/reason.html", context)


@may("charge.edit")
@require_POST
@once_token
def close(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    visit = visit_of(visit_id)
    service.finish_charges(visit=visit, by=request.user)
    return go_to(request, "billing:charges", visit.pk, say="Charges are closed. The claim follows by itself.")


@may("charge.edit")
@once_token
def reopen(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    visit = visit_of(visit_id)
    audit.viewed(request, [visit.patient_id], "reopen charges")
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        service.open_charges_again(visit=visit, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:charges", visit.pk, say="Charges are open again.")
    context = {
        "verb": "Open the charges again", "what": f"Visit of {visit.service_date:%m/%d/%Y}", "patient": visit.patient,
        "form": form, "back": "billing:charges", "back_id": visit.pk,
    }  # fmt: skip
    return page(request, "billing/reason.html", context)


@may("claim.edit")
@require_POST
@once_token
def make_claim(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    visit = visit_of(visit_id)
    made = create_claims(visit=visit, by=request.user)
    return go_to(request, "billing:claim", made[0].pk, say=f"Claim {', '.join(c.number for c in made)} made.")
