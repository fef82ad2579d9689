"""Weekly hours and closures, for the desk lead."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import audit, clock
from clinic.models import Provider
from clinic.web.htmx import form_for, go_to, page
from clinic.web.permissions import can, may
from clinic.web.requests import StaffRequest
from scheduling.forms import ClosureForm, HoursForm, our_providers
from scheduling.models import Closure, Schedule
from scheduling.services.hours import add_closure, add_hours, end_hours, remove_closure


@may("schedule.edit")
def hours(request: StaffRequest) -> HttpResponse:
    """Every provider's week, and what closes it."""
    today = clock.today()
    still = Q(ends_on=None) | Q(ends_on__gte=today)
    context = {
        "providers": list(our_providers()),
        "rows": list(
            Schedule.objects.filter(still, provider__is_active=True).select_related("provider", "location")
            .order_by("provider__last_name", "provider__first_name", "provider", "weekday", "opens_at")
        ),
        "closures": list(Closure.objects.filter(still).select_related("provider", "location").order_by("starts_on")),
        "closure_form": form_for(
            request, ClosureForm, action=reverse("scheduling:closure_add"), initial={"starts_on": today, "ends_on": today}
        ),
        "today": today,
    }  # fmt: skip
    return page(request, "scheduling/hours.html", context)


@may("schedule.edit")
def hours_add(request: StaffRequest, provider_id: uuid.UUID) -> HttpResponse:
    provider = get_object_or_404(Provider, pk=provider_id, is_ours=True)
    start = {"location": provider.location_id, "starts_on": clock.today(), "opens_at": "08:00", "closes_at": "17:00"}
    form = form_for(request, HoursForm, instance=Schedule(provider=provider), initial=start)
    if request.method == "POST" and form.is_valid():
        add_hours(hours=form.save(commit=False), by=request.user)
        return go_to(request, "scheduling:hours", say="Hours added.")
    return page(request, "scheduling/hours_add.html", {"provider": provider, "form": form})


@may("schedule.edit")
@require_POST
def hours_end(request: StaffRequest, schedule_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Schedule.objects.select_related("location"), pk=schedule_id)
    last_day = max(row.starts_on, clock.today(row.location) - timedelta(days=1))
    end_hours(hours=row, last_day=last_day, by=request.user)
    return go_to(request, "scheduling:hours", say="These hours have ended.")


@may("schedule.edit")
def closure_add(request: StaffRequest) -> HttpResponse:
    """Close time. Whoever is booked in it is shown afterwards: each is moved with the patient, none by itself."""
    form = form_for(request, ClosureForm)
    if request.method == "POST" and form.is_valid():
        standing = add_closure(closure=form.save(commit=False), by=request.user)
        if not standing:
            return go_to(request, "scheduling:hours", say="Closed. Nobody was booked in this time.")
        if not can(request.user, "appointment.view"):
            return go_to(
                request, "scheduling:hours", say=f"Closed. The desk must move {len(standing)} booked in this time."
            )
        audit.viewed(request, [a.patient_id for a in standing], "appointments in a closure")
        messages.warning(request, f"Closed. {len(standing)} booked in this time: move them.")
        return page(request, "scheduling/closure_done.html", {"standing": standing})
    return page(request, "scheduling/closure_add.html", {"closure_form": form})


@may("schedule.edit")
@require_POST
def closure_remove(request: StaffRequest, closure_id: uuid.UUID) -> HttpResponse:
    remove_closure(
        closure=get_object_or_404(Closure.objects.select_related("location"), pk=closure_id), by=request.user
    )
    return go_to(request, "scheduling:hours", say="Open again.")
