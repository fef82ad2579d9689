"""The flow board: asked again every fifteen seconds, changed by one button a card; and check-out."""

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from checkin.forms import ReasonForm
from checkin.queries import Board, due_at_desk, flow_board
from checkin.services.departure import check_out, leave_unseen, move_on, undo_check_out
from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Location, Visit
from clinic.web.htmx import form_for, go_to, is_part, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may, poll
from clinic.web.requests import StaffRequest
from ledger.models import Payment
from scheduling.views.days import here


@may("board.view")
def board(request: StaffRequest) -> HttpResponse:
    """The whole page; on a paired wall board initials only, its own location, and nothing to press."""
    shown = _board(request)
    audit.viewed(request, shown.patient_ids, "flow board")
    return page(request, "checkin/wall.html" if _is_wall(request) else "checkin/board.html", _context(request, shown))


@poll
@may("board.view")
def board_part(request: StaffRequest) -> HttpResponse:
    """The board alone. `seen` (or If-None-Match) names the version on the screen: unchanged, nothing is sent or noted."""
    shown = _board(request)
    if shown.version in (request.GET.get("seen", ""), request.headers.get("If-None-Match", "").strip('"')):
        return HttpResponse(status=204) if is_part(request) else HttpResponseNotModified()
    audit.viewed(request, shown.patient_ids, "flow board")
    answer = part(
        request, "checkin/_wall.html" if _is_wall(request) else "checkin/_board.html", _context(request, shown)
    )
    answer["ETag"] = f'"{shown.version}"'
    return answer


@may("visit.stage")
@require_POST
def stage(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    """The next stage. A second click finds the visit moved and changes nothing more."""
    row = _visit(visit_id)
    if row.status == request.POST.get("from", row.status):
        move_on(visit=row, to=request.POST.get("to", ""), by=request.user)
    if not is_part(request):
        return go_to(request, "checkin:board")
    shown = _board(request)
    audit.viewed(request, shown.patient_ids, "flow board")
    said = f"{row.patient.listed_name}: {row.get_status_display().lower()}."
    return part(request, "checkin/_board.html", _context(request, shown), say=said)


@may("visit.check_out")
@once_token
def departure(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    """Before the patient leaves: what is still due, the next appointment, then out."""
    row = _visit(visit_id)
    audit.viewed(request, [row.patient_id], "check-out")
    if request.method == "POST":
        check_out(visit=row, by=request.user)
        return go_to(request, "checkin:board", say=f"{row.patient.listed_name} is checked out. Charges are expected.")
    taken = Payment.objects.filter(visit=row, status=Payment.Status.POSTED).order_by("received_at")
    context = {
        "visit": row, "patient": row.patient, "payments": list(taken),
        "due": due_at_desk(patient=row.patient, on=row.service_date, visit=row),
    }  # fmt: skip
    return page(request, "checkin/departure.html", context)


@may("visit.undo")
@require_POST
@once_token
def departure_undo(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    row = _visit(visit_id)
    undo_check_out(visit=row, reason=request.POST.get("reason", ""), by=request.user)
    return go_to(request, "checkin:visit", row.pk, say="The check-out is taken back.")


@may("visit.check_out")
@once_token
def left(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    row = _visit(visit_id)
    audit.viewed(request, [row.patient_id], "left without being seen")
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        leave_unseen(visit=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "checkin:board", say="Noted: left without being seen.")
    return page(request, "checkin/left.html", {"visit": row, "patient": row.patient, "form": form})


def _board(request: StaffRequest) -> Board:
    device = getattr(request, "device", None)
    return flow_board(device.location if device is not None else _place(request), provider_id=_provider(request))


def _place(request: StaffRequest) -> Location:
    return here(request)


def _provider(request: StaffRequest) -> uuid.UUID | None:
    value = request.POST.get("p") or request.GET.get("p") or ""
    try:
        return uuid.UUID(value) if value else None
    except ValueError:
        raise ClinicError("This filter names no provider. Open the board again.") from None


def _is_wall(request: StaffRequest) -> bool:
    return getattr(request, "device", None) is not None


def _context(request: StaffRequest, shown: Board) -> dict[str, Any]:
    return {"board": shown, "location": shown.location}


def _visit(visit_id: uuid.UUID) -> Visit:
    return get_object_or_404(Visit.objects.select_related("patient", "guarantor", "provider", "location"), pk=visit_id)
