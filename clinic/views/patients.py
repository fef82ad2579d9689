"""Patients: find, register, look at, change."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit
from clinic.errors import ClinicError, StaleVersion
from clinic.forms import GuarantorForm, MergeForm, PatientForm, SearchForm
from clinic.models import Guarantor, Patient
from clinic.queries import find_guarantors, find_patients, has_visits_on
from clinic.services.patients import merge_patients, register_patient, update_patient
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.navigation import links_for
from clinic.web.once import once_token
from clinic.web.panels import PATIENT, draw
from clinic.web.permissions import SignedIn, may
from clinic.web.second_person import second_person


@may("patient.search")
def patient_search(request: SignedIn) -> HttpResponse:
    """Names never stand in the address: the search is posted."""
    form = form_for(request, SearchForm)
    text = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    found = list(find_patients(text)) if text else []
    if found:
        audit.viewed(request, [p.pk for p in found], "patient search")
    return page(request, "clinic/patient_search.html", {"form": form, "found": found, "asked": bool(text), "q": text})


@may("patient.search")
@require_POST
def patient_find(request: SignedIn) -> HttpResponse:
    """The palette's hits: patients first, then the pages whose name fits."""
    text = request.POST.get("q", "").strip()
    found = list(find_patients(text, limit=8))
    if found:
        audit.viewed(request, [p.pk for p in found], "patient search")
    pages = [link for link in links_for(request.user, "") if text.lower() in link.label.lower()]
    return part(request, "clinic/_patient_hits.html", {"found": found, "pages": pages, "q": text})


@may("patient.search")
@require_POST
def guarantor_find(request: SignedIn) -> HttpResponse:
    """Who may be meant as guarantor, while the name is typed."""
    text = request.POST.get("guarantor_search", "").strip()
    found = list(find_guarantors(text, limit=10))
    _saw(request, found)
    return part(request, "clinic/_guarantor_hits.html", {"found": found, "q": text})


@may("patient.edit")
@once_token
def patient_register(request: SignedIn) -> HttpResponse:
    form, payer = form_for(request, PatientForm), form_for(request, GuarantorForm)
    context = {"form": form, "guarantor_form": payer}
    if request.method == "POST" and form.is_valid() & payer.is_valid():
        twins = form.twins()
        if twins and not form.cleaned_data["is_new_person"]:
            audit.viewed(request, [p.pk for p in twins], "possible duplicate at registration")
            return page(request, "clinic/patient_register.html", {**context, "twins": twins}, status=409)
        fields = {**form.fields_for_service(), **payer.relationship()}
        patient = register_patient(fields=fields, **payer.for_service(), by=request.user)
        return go_to(request, "clinic:patient", patient.pk, say=f"Registered. The MRN is {patient.mrn}.")
    _saw(request, payer.candidates)
    return page(request, "clinic/patient_register.html", context)


@may("patient.view")
def patient(request: SignedIn, patient_id: uuid.UUID) -> HttpResponse:
    """The patient's page is made of panels: each office draws its own."""
    patient = get_object_or_404(Patient.objects.select_related("guarantor", "merged_into"), pk=patient_id)
    audit.viewed(request, [patient.pk], "patient page")
    context = {"patient": patient, "panels": draw(request, PATIENT, patient_id=patient.pk)}
    return page(request, "clinic/patient_detail.html", context)


@may("patient.edit")
def patient_edit(request: SignedIn, patient_id: uuid.UUID) -> HttpResponse:
    """Change demographics. Whoever is second sees what the first one changed, and decides again (409)."""
    patient = get_object_or_404(Patient.objects.select_related("guarantor"), pk=patient_id)
    audit.viewed(request, [patient.pk], "edit demographics")
    form = form_for(request, PatientForm, instance=patient)
    unchanged = Patient.objects.select_related("guarantor").get(
        pk=patient.pk
    )  # the other form writes into its instance
    payer = form_for(request, GuarantorForm, patient=unchanged)
    context = {"form": form, "guarantor_form": payer, "patient": patient}
    if request.method == "POST" and form.is_valid() & payer.is_valid():
        fields = {**form.fields_for_service(), **payer.relationship()}
        try:
            changed = update_patient(
                patient=patient, fields=fields, version=form.version(), by=request.user, **payer.for_service()
            )
        except StaleVersion as conflict:
            fresh = Patient.objects.get(pk=patient.pk)
            context |= {"form": form.on_top_of(fresh), "patient": fresh, "diff": form.diff(fresh), "conflict": conflict}
            return page(request, "clinic/patient_edit.html", context, status=409)
        return go_to(request, "clinic:patient", patient.pk, say=_saved(changed, patient.guarantor))
    _saw(request, payer.candidates)
    return page(request, "clinic/patient_edit.html", context)


def _saved(patient: Patient, before: Guarantor) -> str:
    """Earlier visits are not billed to somebody else afterwards: the desk should know."""
    if patient.guarantor_id == before.pk or not has_visits_on(patient, before):
        return "Saved."
    return f"Saved. Visits that have begun stay on account {before.number} of {before.full_name}."


def _saw(request: SignedIn, guarantors: list[Guarantor]) -> None:
    """A guarantor's name leads to the patients: noted for each of them."""
    seen = [p.pk for g in guarantors for p in g.patients.all()]
    if seen:
        audit.viewed(request, seen, "guarantor search")


@may("patient.merge")
def patient_merge(request: SignedIn, patient_id: uuid.UUID) -> HttpResponse:
    """Link this duplicate to the record that stays; a second person signs on the same page."""
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "merge")
    form = form_for(request, MergeForm)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        into = Patient.objects.filter(mrn=said["into_mrn"]).first()
        if into is None:
            raise ClinicError("There is no record with this MRN.", field="into_mrn")
        approver = second_person(
            request, username=said["approver"], password=said["approver_password"], act="patient.merge"
        )
        stays = merge_patients(patient=patient, into=into, by=request.user, approved_by=approver, reason=said["reason"])
        return go_to(request, "clinic:patient", stays.pk, say=f"MRN {patient.mrn} now belongs to MRN {stays.mrn}.")
    return page(request, "clinic/patient_merge.html", {"form": form, "patient": patient})
