"""Prior authorizations: ask, record the payer's answer, see the units left."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit
from clinic.models import Coverage, Patient
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from insurance.forms import AuthorizationForm, DenialForm
from insurance.models import PriorAuthorization
from insurance.queries import authorizations_of
from insurance.services import prior_auth


@may("authorization.view")
def authorizations_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "prior authorizations")
    rows = authorizations_of(patient)[:20]
    return part(request, "insurance/_authorizations_panel.html", {"patient": patient, "authorizations": rows})


@may("authorization.edit")
@once_token
def authorization_add(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """With a number it is an approval, without one a request that waits for its answer."""
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "add authorization")
    form = form_for(request, AuthorizationForm, coverages=_coverages(patient))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        common = {"coverage": values["coverage"], "codes": values["codes"].split(), "units": values["units"],
                  "provider": values["provider"], "note": values["note"], "by": request.user}  # fmt: skip
        if values["number"]:
            prior_auth.record_authorization(
                number=values["number"], starts_on=values["starts_on"], ends_on=values["ends_on"], **common
            )
            return go_to(request, "clinic:patient", patient.pk, say="Authorization recorded.")
        prior_auth.request_authorization(**common)
        return go_to(
            request, "clinic:patient", patient.pk, say="Request noted. It stands on the worklist until answered."
        )
    return page(
        request, "insurance/authorization_form.html", {"form": form, "patient": patient, "verb": "Save authorization"}
    )


@may("authorization.edit")
@once_token
def authorization_answer(request: StaffRequest, authorization_id: uuid.UUID) -> HttpResponse:
    """The payer approved what we asked for."""
    row = _row(request, authorization_id)
    form = form_for(request, AuthorizationForm, coverages=_coverages(row.patient), asked=row)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        prior_auth.record_authorization(
            coverage=values["coverage"], codes=values["codes"].split(), units=values["units"], number=values["number"],
            starts_on=values["starts_on"], ends_on=values["ends_on"], provider=values["provider"], note=values["note"],
            request=row, by=request.user,
        )  # fmt: skip
        return go_to(request, "clinic:patient", row.patient_id, say="Approval recorded.")
    context = {"form": form, "patient": row.patient, "authorization": row, "verb": "Record approval"}
    return page(request, "insurance/authorization_form.html", context)


@may("authorization.edit")
def authorization_refused(request: StaffRequest, authorization_id: uuid.UUID) -> HttpResponse:
    row = _row(request, authorization_id)
    form = form_for(request, DenialForm)
    if request.method == "POST" and form.is_valid():
        prior_auth.record_denial(authorization=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "clinic:patient", row.patient_id, say="Refusal recorded.")
    context = {"form": form, "patient": row.patient, "authorization": row, "verb": "Record refusal"}
    return page(request, "insurance/authorization_form.html", context)


@may("authorization.edit")
@require_POST
def authorization_cancel(request: StaffRequest, authorization_id: uuid.UUID) -> HttpResponse:
    row = _row(request, authorization_id)
    prior_auth.cancel_authorization(authorization=row, reason="cancelled by hand", by=request.user)
    return go_to(request, "clinic:patient", row.patient_id, say="Authorization cancelled.")


def _row(request: StaffRequest, authorization_id: uuid.UUID) -> PriorAuthorization:
    row = get_object_or_404(
        PriorAuthorization.objects.select_related("patient", "coverage__payer"), pk=authorization_id
    )
    audit.viewed(request, [row.patient_id], "prior authorization")
    return row


def _coverages(patient: Patient) -> "object":
    return Coverage.objects.filter(patient=patient, is_active=True).select_related("payer")
