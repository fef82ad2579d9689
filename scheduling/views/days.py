"""The day as a grid and as a list, the week at a glance, and who has not come."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Location
from clinic.web.htmx import page
from clinic.web.panels import APPOINTMENT, APPOINTMENT_ACT, DAY, draw
from clinic.web.permissions import can, may
from clinic.web.requests import StaffRequest
from scheduling.models import Appointment
from scheduling.queries import awaiting_no_show, day_sheet, week_sheet


@may("appointment.view")
def day(request: StaffRequest) -> HttpResponse:
    """The grid. `d` the day, `at` the location, `appt` the appointment in the panel, `move` the one to be moved."""
    location = here(request)
    sheet = day_sheet(location, day_asked(request, location))
    audit.viewed(request, [b.appointment.patient_id for b in sheet.blocks], "day sheet")
    shown, moving = _asked(request, "appt"), _asked(request, "move")
    context = {**_frame(location, sheet.day), "sheet": sheet, "shown": shown, "moving": moving}
    if shown is not None:
        context |= panel_context(request, shown)
    else:
        context["panels"] = draw(request, DAY, location_id=location.pk, day=f"{sheet.day:%Y-%m-%d}")
    return page(request, "scheduling/day.html", context)


@may("appointment.view")
def day_list(request: StaffRequest) -> HttpResponse:
    """The same day as a table: for printing, and for those whom a grid does not serve."""
    location = here(request)
    sheet = day_sheet(location, day_asked(request, location))
    late = list(awaiting_no_show(location))
    audit.viewed(request, [a.patient_id for a in late] + [b.appointment.patient_id for b in sheet.blocks], "day list")
    return page(request, "scheduling/day_list.html", {**_frame(location, sheet.day), "sheet": sheet, "late": late})


@may("appointment.view")
def week(request: StaffRequest) -> HttpResponse:
    location = here(request)
    today = day_asked(request, location)
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    context = {**_frame(location, today, step=7), "rows": week_sheet(location, monday), "days": days}
    return page(request, "scheduling/week.html", context)


def panel_context(request: StaffRequest, appointment: Appointment) -> dict[str, Any]:
    """What the panel of one appointment needs; what upper offices know of it comes as their panels."""
    return {
        "appointment": appointment,
        "panels": draw(request, APPOINTMENT, appointment_id=appointment.pk),
        "acts": draw(request, APPOINTMENT_ACT, appointment_id=appointment.pk),
        "history": list(appointment.history().select_related("changed_by")),
        "can_change": appointment.is_expected and can(request.user, "appointment.move"),
        "can_miss": appointment.is_expected
        and appointment.start <= clock.now()
        and can(request.user, "appointment.no_show"),
        "can_correct": appointment.status == Appointment.Status.NO_SHOW and can(request.user, "appointment.no_show"),
        "can_confirm": appointment.status == Appointment.Status.BOOKED and can(request.user, "appointment.book"),
    }


def here(request: StaffRequest) -> Location:
    """The location asked for; else the person's own; else the first."""
    places = Location.objects.filter(is_active=True).order_by("name")
    asked = request.GET.get("at", "")
    if asked:
        return get_object_or_404(places, pk=_uuid(asked))
    own = request.user.provider.location if request.user.provider else None
    place = own or places.first()
    if place is None:
        raise ClinicError("No location is set up. The administrator adds one in the back office.")
    return place


def day_asked(request: StaffRequest, location: Location) -> date:
    try:
        return date.fromisoformat(request.GET.get("d", ""))
    except ValueError:
        return clock.today(location)


def _asked(request: StaffRequest, name: str) -> Appointment | None:
    value = request.GET.get(name, "")
    if not value:
        return None
    return get_object_or_404(Appointment.objects.for_display(), pk=_uuid(value))


def _frame(location: Location, shown: date, step: int = 1) -> dict[str, Any]:
    return {
        "location": location,
        "locations": list(Location.objects.filter(is_active=True).order_by("name")),
        "day": shown,
        "today": clock.today(location),
        "before": shown - timedelta(days=step),
        "after": shown + timedelta(days=step),
    }


def _uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
