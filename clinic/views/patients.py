"""Patients: find, register, look at, change."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit
from clinic.errors import ClinicError, StaleVersion
from clinic.forms import MergeForm, PatientForm, SearchForm
from clinic.models import Patient
from clinic.queries import find_patients
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


@may("patient.edit")
@once_token
def patient_register(request: SignedIn) -> HttpResponse:
    form = form_for(request, PatientForm)
    if request.method == "POST" and form.is_valid():
        twins = form.twins()
        if twins and not form.cleaned_data["is_new_person"]:
            audit.viewed(request, [p.pk for p in twins], "possible duplicate at registration")
            return page(request, "clinic/patient_register.html", {"form": form, "twins": twins}, status=409)
        patient = register_patient(fields=form.fields_for_service(), guarantor=None, by=request.user)
        return go_to(request, "clinic:patient", patient.pk, say=f"Registered. The MRN is {patient.mrn}.")
    return page(request, "clinic/patient_register.html", {"form": form})


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
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "edit demographics")
    form = form_for(request, PatientForm, instance=patient)
    if request.method == "POST" and form.is_valid():
        try:
            update_patient(patient=patient, fields=form.fields_for_service(), version=form.version(), by=request.user)
        except StaleVersion as conflict:
            fresh = Patient.objects.get(pk=patient.pk)
            context = {"form": form.on_top_of(fresh), "patient": fresh, "diff": form.diff(fresh), "conflict": conflict}
            return page(request, "clinic/patient_edit.html", context, status=409)
        return go_to(request, "clinic:patient", patient.pk, say="Saved.")
    return page(request, "clinic/patient_edit.html", {"form": form, "patient": patient})


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
