"""Who saw or changed which patient's record, and what was changed in it."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from clinic import audit
from clinic.models import AuditEvent, Patient
from clinic.queries import names_of, patient_changes
from clinic.web.htmx import page
from clinic.web.permissions import SignedIn, can, may

PER_PAGE = 100


@may("audit.view")
def audit_log(request: SignedIn) -> HttpResponse:
    """Everything, the latest first. Patients stand here by their MRN only."""
    rows = AuditEvent.objects.order_by("-id")
    if request.GET.get("changes"):
        rows = rows.filter(is_change=True)
    return page(request, "clinic/audit.html", _context(request, rows))


@may("audit.view")
def patient_history(request: SignedIn, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "audit of the patient")
    rows = AuditEvent.objects.filter(patient_id=patient.pk).order_by("-id")
    return page(request, "clinic/audit.html", {**_context(request, rows), "patient": patient})


@may("patient.view")
def patient_changes_page(request: SignedIn, patient_id: uuid.UUID) -> HttpResponse:
    """What was changed, field by field. Policies for whom may see them; member ids whole for whom may edit them."""
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "what was changed of the patient")
    found = patient_changes(
        patient,
        with_coverage=can(request.user, "coverage.view"),
        opened=can(request.user, "coverage.edit"),
    )
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return page(request, "clinic/changes.html", {"patient": patient, "shown": shown, "subject": "person and coverage"})


def _context(request: SignedIn, rows: Any) -> dict[str, Any]:
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    mrns = dict(Patient.objects.filter(pk__in={r.patient_id for r in shown if r.patient_id}).values_list("pk", "mrn"))
    names = names_of({r.actor_id for r in shown if r.actor_id})
    lines = [
        {"row": r, "who": names.get(r.actor_id, r.get_actor_kind_display()), "mrn": mrns.get(r.patient_id, "")}
        for r in shown
    ]
    return {"lines": lines, "shown": shown, "only_changes": bool(request.GET.get("changes"))}
