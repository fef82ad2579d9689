"""What the front desk shows on others' pages: the calendar's panel, the patient's page, home."""

import uuid
from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from checkin.queries import due_at_desk, flow_board, to_fix, visit_of
from checkin.queries.board import NEXT
from clinic import audit, clock
from clinic.models import Patient, Visit
from clinic.web.htmx import part
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from scheduling.models import Appointment
from scheduling.queries import day_sheet
from scheduling.views.days import addresses, get_place, here, sheet_of

_DAY = timedelta(hours=26)
STEPS = ("Arrived", "In room", "Provider", "Check-out")
STEP_OF = {
    "arrived": 1,
    "checked_in": 1,
    "in_room": 2,
    "with_provider": 3,
    "ready_for_checkout": 4,
    "checked_out": 4,
    "closed": 4,
}


@may("appointment.view")
def appointment_panel(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Where the visit stands, and what is due at check-in."""
    appointment = _appointment(appointment_id)
    audit.viewed(request, [appointment.patient_id], "appointment")
    visit = visit_of(appointment)
    context = {
        "appointment": appointment,
        "visit": visit,
        "steps": [appointment.get_status_display() if appointment.is_expected else "Expected", *STEPS],
        "step": STEP_OF.get(visit.status, 0) if visit else 0,
        "due": due_at_desk(
            patient=appointment.patient, on=appointment.day, visit=visit,
            service_type=appointment.appointment_type.service_type,
        ),
    }  # fmt: skip
    return part(request, "checkin/_appointment_panel.html", context)


@may("appointment.view")
def appointment_act(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The one step that comes next."""
    appointment = _appointment(appointment_id)
    audit.viewed(request, [appointment.patient_id], "appointment")
    visit = visit_of(appointment)
    context = {
        "appointment": appointment,
        "visit": visit,
        "is_today": appointment.day == clock.today(appointment.location),
        "next": NEXT.get(visit.status) if visit else None,
    }
    return part(request, "checkin/_appointment_act.html", context)


@may("appointment.view")
def day_panel(request: StaffRequest, location_id: uuid.UUID, day: str) -> HttpResponse:
    """Fix before the patient arrives: coverage inactive, missing or not verified."""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        raise Http404("no such day") from None
    sheet = sheet_of(request, get_place(request, location_id), asked)
    return part(request, "checkin/_day_panel.html", {"rows": to_fix(sheet), "sheet": sheet, **addresses(sheet)})


@may("appointment.view")
def patient_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Today's visit of this patient, with its next step (`c`)."""
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "today's visit")
    people = Patient.objects.same_person(patient)
    rows = Appointment.objects.for_display().filter(patient__in=people, status__in=Appointment.OCCUPYING)
    today = [a for a in rows.filter(start__gte=clock.now() - _DAY, start__lt=clock.now() + _DAY).order_by("start")
             if a.day == clock.today(a.location)]  # fmt: skip
    if not today:
        return HttpResponse(status=204)
    visits = {v.appointment_id: v for v in Visit.objects.filter(appointment_id__in=[a.pk for a in today])}
    return part(request, "checkin/_patient_panel.html", {"rows": [(a, visits.get(a.pk)) for a in today]})


@may("board.view")
def home_panel(request: StaffRequest) -> HttpResponse:
    """The desk in one look."""
    board = flow_board(here(request))
    audit.viewed(request, board.patient_ids, "the day at the desk")
    fix = len(to_fix(day_sheet(board.location, board.day)))  # a number only: nobody of them was seen
    return part(request, "checkin/_home_panel.html", {"board": board, "fix": fix})


def _appointment(appointment_id: uuid.UUID) -> Appointment:
    return get_object_or_404(Appointment.objects.for_display().select_related("patient__guarantor"), pk=appointment_id)
