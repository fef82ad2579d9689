"""The day as a grid and as a list, the week at a glance, and who has not come."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Location, Visit
from clinic.web.context import house
from clinic.web.htmx import page
from clinic.web.panels import APPOINTMENT, APPOINTMENT_ACT, DAY, draw
from clinic.web.permissions import can, may
from clinic.web.requests import StaffRequest
from scheduling.models import Appointment
from scheduling.queries import DaySheet, awaiting_no_show, day_sheet, week_sheet

NOBODY = uuid.UUID(int=0)
"""Stands in an address where each appointment's own id goes."""


@may("appointment.view")
def day(request: StaffRequest) -> HttpResponse:
    """The grid. `d` the day, `at` the location, `appt` the appointment in the panel, `move` the one to be moved."""
    location = here(request)
    sheet = sheet_of(request, location, day_asked(request, location))
    shown, moving = _asked(request, "appt"), _asked(request, "move")
    context = {
        **_frame(request, location, sheet.day), **addresses(sheet), "sheet": sheet, "shown": shown, "shown_pk": str(shown.pk) if shown else "", "moving": moving,
        "can_book": can(request.user, "appointment.book"),
    }  # fmt: skip
    if shown is not None:
        context |= panel_context(request, shown)
    else:
        context["panels"] = draw(request, DAY, location_id=location.pk, day=f"{sheet.day:%Y-%m-%d}")
    return page(request, "scheduling/day.html", context)


@may("appointment.view")
def day_list(request: StaffRequest) -> HttpResponse:
    """The same day as a table: for printing, and for those whom a grid does not serve."""
    location = here(request)
    sheet = sheet_of(request, location, day_asked(request, location))
    late = list(awaiting_no_show(location))
    audit.viewed(request, [a.patient_id for a in late], "did not come yet")
    context = {**_frame(request, location, sheet.day), **addresses(sheet), "sheet": sheet, "late": late}
    return page(request, "scheduling/day_list.html", context)


@may("appointment.view")
def week(request: StaffRequest) -> HttpResponse:
    location = here(request)
    today = day_asked(request, location)
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    context = {**_frame(request, location, today, step=7), "rows": week_sheet(location, monday), "days": days}
    return page(request, "scheduling/week.html", context)


def addresses(sheet: DaySheet) -> dict[str, Any]:
    """Where each appointment of this sheet opens, made once: on the page (`to_one` and its id), and in the panel."""
    before, after = reverse("scheduling:appointment", args=[NOBODY]).split(str(NOBODY))
    return {
        "to_one": f"{reverse('scheduling:day')}?{sheet.query}&appt=", "panel": {"before": before, "after": after},
    }  # fmt: skip


def panel_context(request: StaffRequest, appointment: Appointment) -> dict[str, Any]:
    """What the panel of one appointment needs; what upper offices know of it comes as their panels."""
    visit = Visit.objects.filter(appointment_id=appointment.pk).exclude(status=Visit.Status.UNDONE).first()
    return {
        "appointment": appointment,
        "stands": visit or appointment,
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
    asked = request.GET.get("at", "")
    if asked:
        return get_place(request, _uuid(asked))
    own = request.user.provider.location if request.user.provider else None
    place = own or next(iter(house(request).places), None)
    if place is None:
        raise ClinicError("No location is set up. The administrator adds one in the back office.")
    return place


def get_place(request: HttpRequest, pk: uuid.UUID | None) -> Location:
    """An open location of this practice, or 404."""
    place = house(request).place(pk)
    if place is None:
        raise Http404("no such location")
    return place


def sheet_of(request: HttpRequest, location: Location, day: date) -> DaySheet:
    """The day's sheet, read and audited once a request: the page and the panels on it look at the same one."""
    kept: dict[tuple[uuid.UUID, date], DaySheet] = request.__dict__.setdefault("day_sheets", {})
    if (location.pk, day) not in kept:
        kept[location.pk, day] = sheet = day_sheet(location, day)
        audit.viewed(request, [b.appointment.patient_id for b in sheet.blocks], "day sheet")
    request.audited = True  # type: ignore[attr-defined]
    return kept[location.pk, day]


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


def _frame(request: HttpRequest, location: Location, shown: date, step: int = 1) -> dict[str, Any]:
    return {
        "location": location,
        "locations": house(request).places,
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
