"""One appointment: its panel, and what is done to it."""

import uuid

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import audit, clock
from clinic.models import Patient
from clinic.queries import changes_of
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from scheduling.forms import CancelForm, ReasonForm
from scheduling.models import Appointment
from scheduling.queries import of_patient
from scheduling.services.booking import cancel_appointment, confirm_appointment, correct_no_show, mark_no_show
from scheduling.views.days import panel_context


def one(appointment_id: uuid.UUID) -> Appointment:
    return get_object_or_404(Appointment.objects.for_display(), pk=appointment_id)


def back_to_day(appointment: Appointment, *, opened: bool = True) -> str:
    """The grid on the appointment's day, with its panel open."""
    day = clock.local(appointment.start, appointment.location).date()
    shown = f"&appt={appointment.pk}" if opened else ""
    return f"{reverse('scheduling:day')}?d={day:%Y-%m-%d}&at={appointment.location_id}{shown}"


@may("appointment.view")
def appointment(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    row = one(appointment_id)
    audit.viewed(request, [row.patient_id], "appointment")
    return part(request, "scheduling/_appointment.html", panel_context(request, row))


@may("appointment.view")
def appointment_changes(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """What was changed of it, field by field."""
    row = one(appointment_id)
    audit.viewed(request, [row.patient_id], "what was changed of an appointment")
    when = clock.local(row.start, row.location)
    context = {
        "patient": row.patient, "subject": f"appointment of {when:%m/%d/%Y, %-I:%M %p}", "back": back_to_day(row),
        "back_label": "Back to the day", "shown": Paginator(changes_of(row), 100).get_page(request.GET.get("page")),
    }  # fmt: skip
    return page(request, "clinic/changes.html", context)


@may("appointment.book")
@require_POST
@once_token
def confirm(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    row = confirm_appointment(appointment=one(appointment_id), by=request.user)
    return go_to(request, back_to_day(row), say="Confirmed.")


@may("appointment.cancel")
@once_token
def cancel(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    row = one(appointment_id)
    audit.viewed(request, [row.patient_id], "cancel an appointment")
    form = form_for(request, CancelForm)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        cancel_appointment(appointment=row, by_whom=said["by_whom"], reason=said["reason"], by=request.user)
        return go_to(request, back_to_day(row, opened=False), say="Cancelled. The time is free again.")
    return part(request, "scheduling/_cancel.html", {"appointment": row, "form": form})


@may("appointment.no_show")
@once_token
def no_show(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    row = one(appointment_id)
    audit.viewed(request, [row.patient_id], "mark a no-show")
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        mark_no_show(appointment=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, back_to_day(row), say="Marked as a no-show.")
    return part(request, "scheduling/_no_show.html", {"appointment": row, "form": form})


@may("appointment.no_show")
@once_token
def correct(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    row = one(appointment_id)
    audit.viewed(request, [row.patient_id], "correct a no-show")
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        row = correct_no_show(appointment=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, back_to_day(row), say="Back on the calendar.")
    return part(request, "scheduling/_correct.html", {"appointment": row, "form": form})


@may("appointment.view")
def patient_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """On the patient's page: what is ahead, and the last visits."""
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "appointments")
    rows = list(of_patient(patient)[:12])
    now = clock.now()
    context = {
        "patient": patient,
        "ahead": [r for r in reversed(rows) if r.end >= now and r.is_expected],
        "past": [r for r in rows if r.end < now or not r.is_expected][:5],
    }
    return part(request, "scheduling/_patient_panel.html", context)
