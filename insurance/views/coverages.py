"""Coverage on the patient's page, what the payer answered, and asking again."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit, clock
from clinic.errors import StaleVersion
from clinic.models import Coverage, Patient
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from insurance.forms import CoverageForm, EndCoverageForm
from insurance.models import EligibilityCheck
from insurance.queries import benefit_lines, expected_copay, verdict_on
from insurance.services import coverage as coverages
from insurance.services import eligibility as asking
from scheduling.models import Appointment


@may("coverage.view")
def patient_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "coverage")
    today = clock.today()
    rows = (
        Coverage.objects.filter(patient__in=Patient.objects.same_person(patient), is_active=True)
        .select_related("payer")
        .order_by("order", "-starts_on")
    )
    context = {"patient": patient, "coverages": rows, "verdict": verdict_on(patient, today), "today": today}
    return part(request, "insurance/_patient_panel.html", context)


@may("coverage.view")
def appointment_panel(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Coverage and expected copay beside an appointment."""
    appointment = get_object_or_404(Appointment.objects.select_related("patient", "location"), pk=appointment_id)
    audit.viewed(request, [appointment.patient_id], "coverage of an appointment")
    day = clock.local(appointment.start, appointment.location).date()
    context = {
        "patient": appointment.patient,
        "verdict": verdict_on(appointment.patient, day),
        "copay": expected_copay(patient=appointment.patient, on=day),
    }
    return part(request, "insurance/_appointment_panel.html", context)


@may("coverage.view")
def check_in_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The verdict at the desk, with the lines behind the copay."""
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "coverage at check-in")
    today = clock.today()
    context = {
        "patient": patient,
        "verdict": verdict_on(patient, today),
        "copay": expected_copay(patient=patient, on=today),
    }
    return part(request, "insurance/_check_in_panel.html", context)


@may("coverage.edit")
@once_token
def coverage_add(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "add coverage")
    form = form_for(request, CoverageForm)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        coverages.add_coverage(
            patient=patient, payer=values["payer"], member_id=values["member_id"], order=values["order"],
            by=request.user, **form.details(),
        )  # fmt: skip
        return go_to(request, "clinic:patient", patient.pk, say="Coverage added. The payer is being asked.")
    return page(request, "insurance/coverage_form.html", {"form": form, "patient": patient, "verb": "Add coverage"})


@may("coverage.edit")
def coverage_edit(request: StaffRequest, coverage_id: uuid.UUID) -> HttpResponse:
    """Whoever is second sees what the first one changed, and decides again (409)."""
    coverage = get_object_or_404(Coverage.objects.select_related("patient", "payer"), pk=coverage_id)
    audit.viewed(request, [coverage.patient_id], "edit coverage")
    form = form_for(request, CoverageForm, coverage=coverage)
    if request.method == "POST" and form.is_valid():
        try:
            changed = coverages.change_coverage(
                coverage=coverage, fields=form.details(), version=form.cleaned_data["version"] or 0, by=request.user
            )
        except StaleVersion as conflict:
            fresh = Coverage.objects.select_related("patient", "payer").get(pk=coverage.pk)
            context = {
                "form": form.on_top_of(fresh), "patient": fresh.patient, "coverage": fresh, "verb": "Save coverage",
                "diff": form.diff(fresh), "conflict": conflict,
            }  # fmt: skip
            return page(request, "insurance/coverage_form.html", context, status=409)
        coverages.change_member_id(coverage=changed, member_id=form.cleaned_data["member_id"], by=request.user)
        return go_to(request, "clinic:patient", coverage.patient_id, say="Coverage saved.")
    context = {"form": form, "patient": coverage.patient, "coverage": coverage, "verb": "Save coverage"}
    return page(request, "insurance/coverage_form.html", context)


@may("coverage.edit")
def coverage_end(request: StaffRequest, coverage_id: uuid.UUID) -> HttpResponse:
    coverage = get_object_or_404(Coverage.objects.select_related("patient", "payer"), pk=coverage_id)
    audit.viewed(request, [coverage.patient_id], "end coverage")
    form = form_for(request, EndCoverageForm)
    if request.method == "POST" and form.is_valid():
        coverages.end_coverage(coverage=coverage, by=request.user, **form.cleaned_data)
        return go_to(request, "clinic:patient", coverage.patient_id, say="Coverage ended.")
    context = {"form": form, "patient": coverage.patient, "coverage": coverage, "verb": "End coverage"}
    return page(request, "insurance/coverage_form.html", context)


@may("coverage.edit")
@require_POST
def coverage_first(request: StaffRequest, coverage_id: uuid.UUID) -> HttpResponse:
    """Coordination of benefits was corrected: this one pays first."""
    coverage = get_object_or_404(Coverage.objects.select_related("patient"), pk=coverage_id)
    audit.viewed(request, [coverage.patient_id], "order of benefits")
    coverages.put_before(coverage=coverage, by=request.user, why="set by hand")
    return go_to(request, "clinic:patient", coverage.patient_id, say="This coverage now pays first.")


@may("eligibility.verify")
@require_POST
def verify_now(request: StaffRequest, coverage_id: uuid.UUID) -> HttpResponse:
    """Ask in the background: the desk goes on, the answer shows when it is there."""
    coverage = get_object_or_404(Coverage.objects.select_related("patient"), pk=coverage_id)
    audit.viewed(request, [coverage.patient_id], "verify coverage")
    asking.ask_in_background(coverage=coverage, on=clock.today(), by=request.user)
    return go_to(
        request, request.META.get("HTTP_REFERER") or "/", say="Asking the payer. The answer shows here in a moment."
    )


@may("coverage.view")
def eligibility(request: StaffRequest, check_id: uuid.UUID) -> HttpResponse:
    """One answer of a payer, line by line."""
    check = get_object_or_404(
        EligibilityCheck.objects.select_related("patient", "coverage__payer").prefetch_related("benefits"), pk=check_id
    )
    audit.viewed(request, [check.patient_id], "eligibility answer")
    context = {"check": check, "patient": check.patient, "lines": benefit_lines(check)}
    return page(request, "insurance/eligibility_detail.html", context)
