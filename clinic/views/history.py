"""Who saw or changed which patient's record."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from clinic import audit
from clinic.models import ApiClient, AuditEvent, Device, Patient, User
from clinic.web.htmx import page
from clinic.web.permissions import SignedIn, may

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


def _context(request: SignedIn, rows: Any) -> dict[str, Any]:
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    mrns = dict(Patient.objects.filter(pk__in={r.patient_id for r in shown if r.patient_id}).values_list("pk", "mrn"))
    names = _actors({r.actor_id for r in shown if r.actor_id})
    lines = [
        {"row": r, "who": names.get(r.actor_id, r.get_actor_kind_display()), "mrn": mrns.get(r.patient_id, "")}
        for r in shown
    ]
    return {"lines": lines, "shown": shown, "only_changes": bool(request.GET.get("changes"))}


def _actors(ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    for model in (User, ApiClient, Device):
        found |= {row.pk: str(row) for row in model.objects.filter(pk__in=ids - found.keys())}
    return found
