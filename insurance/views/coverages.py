"""Coverage on the patient's page, what the payer answered, and asking again."""

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from clinic import audit, clock
from clinic.errors import StaleVersion
from clinic.models import Coverage, Patient
from clinic.web.htmx import form_for, go_to, is_part, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may, poll
from clinic.web.requests import StaffRequest
from insurance.forms import CoverageForm, EndCoverageForm
from insurance.models import EligibilityCheck
from insurance.queries import CoverageVerdict, benefit_lines, expected_copay, verdict_on
from insurance.services import coverage as coverages
from insurance.services import eligibility as asking
from scheduling.models import Appointment

MOST_LOOKS = 20
SOON = timedelta(minutes=5)
ANSWERED = "coverage-answered"
"""What the browser hears when the payer's answer has come: the amounts due look again."""


@poll
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
    verdict = verdict_on(patient, today)
    context = {
        "patient": patient, "coverages": rows, "verdict": verdict, "today": today,
        **_look_again(request, verdict, reverse("insurance:patient_panel", args=[patient.pk])),
    }  # fmt: skip
    return part(request, "insurance/_patient_panel.html", context)


@poll
@may("coverage.view")
def appointment_panel(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Coverage and expected copay beside an appointment."""
    appointment = get_object_or_404(Appointment.objects.select_related("patient", "location"), pk=appointment_id)
    audit.viewed(request, [appointment.patient_id], "coverage of an appointment")
    day = clock.local(appointment.start, appointment.location).date()
    verdict = verdict_on(appointment.patient, day)
    context = {
        "patient": appointment.patient,
        "verdict": verdict,
        "copay": expected_copay(patient=appointment.patient, on=day),
        **_look_again(request, verdict, reverse("insurance:appointment_panel", args=[appointment.pk])),
    }
    return part(request, "insurance/_appointment_panel.html", context)


@poll
@may("coverage.view")
def check_in_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The verdict at the desk, with the lines behind the copay."""
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "coverage at check-in")
    today = clock.today()
    verdict = verdict_on(patient, today)
    again = _look_again(request, verdict, reverse("insurance:check_in_panel", args=[patient.pk]))
    context = {
        "patient": patient,
        "verdict": verdict,
        "copay": expected_copay(patient=patient, on=today),
        **again,
    }
    answer = part(request, "insurance/_check_in_panel.html", context)
    return trigger_client_event(answer, ANSWERED) if "looks" in request.GET and not again else answer


def _look_again(request: StaffRequest, verdict: CoverageVerdict, url: str) -> dict[str, Any]:
    """While the payer is being asked the panel asks for itself again: soon at first, not for ever."""
    said = request.GET.get("looks", "0")
    looks = int(said) if said.isdecimal() and len(said) < 4 else 0
    if looks >= MOST_LOOKS or verdict.coverage is None or not _is_being_asked(verdict.coverage):
        return {}
    return {"again": f"{url}?looks={looks + 1}", "again_after": 2 if looks < 5 else 15}


def _is_being_asked(coverage: Coverage) -> bool:
    """Also while an earlier answer still stands. A question older than that waits for the payer, not for a moment."""
    asked = EligibilityCheck.objects.filter(coverage=coverage, answer=EligibilityCheck.Answer.PENDING)
    return asked.filter(created_at__gt=clock.now() - SOON).exclude(tries=0, due_at__gt=clock.now()).exists()


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
    if is_part(request):  # what is typed on the page stays
        panel = check_in_panel if request.POST.get("panel") == "check_in" else patient_panel
        answer: HttpResponse = panel(request, coverage.patient_id)
        return answer
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
