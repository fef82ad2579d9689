"""The close of the day: open a drawer, count it blind, sign it, take it to the bank."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.errors import ClinicError
from clinic.models import Location
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from ledger.forms import CloseForm, CountAgainForm, CountForm, DepositForm, OpenDrawerForm
from ledger.models import Deposit, Drawer
from ledger.queries.payments import counted_drawers, drawer_of
from ledger.services import day_close as service


def here(request: StaffRequest) -> Location:
    """The location in the address, else the first one that is open for patients."""
    places = Location.objects.filter(is_active=True).order_by("name")
    asked = request.GET.get("at", "")
    chosen = next((p for p in places if str(p.pk) == asked), None) or places.first()
    if chosen is None:
        raise ClinicError("There is no location yet. An administrator adds one in the back office.")
    return chosen


def _drawer_context(request: StaffRequest, drawer: Drawer) -> dict[str, Any]:
    return {
        "drawer": drawer,
        "takings": service.takings(drawer),
        "difference": service.over_short(drawer),
        "close_form": form_for(request, CloseForm, action=reverse("ledger:drawer_close", args=[drawer.pk])),
        "again_form": form_for(request, CountAgainForm, action=reverse("ledger:drawer_again", args=[drawer.pk])),
    }


@may("day.close")
def day_close(request: StaffRequest) -> HttpResponse:
    place = here(request)
    own = drawer_of(request.user)
    _drawers, payments, waiting = service.to_deposit(place)
    context = {
        "place": place,
        "places": Location.objects.filter(is_active=True).order_by("name"),
        "own": own,
        "open_form": form_for(request, OpenDrawerForm, action=reverse("ledger:drawer_open", args=[place.pk])),
        "count_form": form_for(request, CountForm, action=reverse("ledger:drawer_count", args=[own.pk]))
        if own
        else None,
        "counted": [_drawer_context(request, drawer) for drawer in counted_drawers(place)],
        "waiting": waiting,
        "waiting_count": payments.count(),
        "deposit_form": form_for(request, DepositForm, action=reverse("ledger:deposit", args=[place.pk])),
        "deposits": Deposit.objects.filter(location=place)
        .select_related("made_by")
        .order_by("-made_on", "-number")[:10],
    }
    return page(request, "ledger/day_close.html", context)


def _back(request: StaffRequest, place_id: uuid.UUID, say: str) -> HttpResponse:
    return go_to(request, f"{reverse('ledger:day_close')}?at={place_id}", say=say)


def _said(form: Any) -> dict[str, Any]:
    """What was typed; a wrong shape is refused in one sentence, because several forms stand on the page."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise ClinicError(str(errors[0]), field=str(name))
    return dict(form.cleaned_data)


@may("day.close")
@require_POST
@once_token
def drawer_open(request: StaffRequest, location_id: uuid.UUID) -> HttpResponse:
    place = get_object_or_404(Location, pk=location_id)
    service.open_drawer(location=place, by=request.user, **_said(form_for(request, OpenDrawerForm)))
    return _back(request, place.pk, "Drawer opened.")


@may("day.close")
@require_POST
@once_token
def drawer_count(request: StaffRequest, drawer_id: uuid.UUID) -> HttpResponse:
    drawer = get_object_or_404(Drawer, pk=drawer_id)
    service.count_drawer(drawer=drawer, by=request.user, **_said(form_for(request, CountForm)))
    return _back(request, drawer.location_id, "Counted.")


@may("day.close")
@require_POST
@once_token
def drawer_again(request: StaffRequest, drawer_id: uuid.UUID) -> HttpResponse:
    drawer = get_object_or_404(Drawer, pk=drawer_id)
    service.count_again(drawer=drawer, by=request.user, **_said(form_for(request, CountAgainForm)))
    return _back(request, drawer.location_id, "Open again. Count it anew.")


@may("day.close")
@require_POST
@once_token
def drawer_close(request: StaffRequest, drawer_id: uuid.UUID) -> HttpResponse:
    drawer = get_object_or_404(Drawer, pk=drawer_id)
    service.close_drawer(drawer=drawer, by=request.user, **_said(form_for(request, CloseForm)))
    return _back(request, drawer.location_id, "Drawer closed.")


@may("day.close")
@require_POST
@once_token
def deposit(request: StaffRequest, location_id: uuid.UUID) -> HttpResponse:
    place = get_object_or_404(Location, pk=location_id)
    made = service.make_deposit(
        location=place, by=request.user, key=f"deposit:{request.once_key}", **_said(form_for(request, DepositForm))
    )
    return _back(request, place.pk, f"Deposit {made.number} noted.")
