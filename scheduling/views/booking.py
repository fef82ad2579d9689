"""Book and move: the patient, the kind of visit, a free slot. A pressed slot of the grid comes along in the address."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic import audit, clock
from clinic.bulk import by_keys
from clinic.errors import StaleVersion
from clinic.models import Location, Patient, Provider
from clinic.queries import find_patients
from clinic.web.htmx import form_for, go_to, is_part, page, part
from clinic.web.once import once_token
from clinic.web.permissions import can, may
from clinic.web.requests import StaffRequest
from scheduling.forms import BookingForm, MoveForm, SlotSearchForm, our_providers
from scheduling.models import Appointment, AppointmentType
from scheduling.queries import Slot, next_free_slots, of_patient, read_slot
from scheduling.services.booking import book_appointment, move_appointment
from scheduling.services.room import OWN, beside
from scheduling.views.appointments import back_to_day, one

SHOWN = 12
A_DAY = 60
"""Enough slots to hold a day of them, to choose the nearest from."""


@may("appointment.book")
@once_token
def book(request: StaffRequest) -> HttpResponse:
    patient_id = _patient_id(request)
    if patient_id is None:
        return page(request, "scheduling/book_find.html", {"slot": request.GET.get("slot", ""), "found": None})
    form = form_for(request, BookingForm, patient_id=patient_id)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        _ask_right_to_overbook(request, said)
        row = book_appointment(
            patient=said["patient"], provider=said["provider"], location=said["location"], start=said["start"],
            appointment_type=said["appointment_type"], reason=said["reason"],
            overbook_reason=said["overbook_reason"], by=request.user,
        )  # fmt: skip
        return go_to(request, back_to_day(row), say=f"Booked: {_when(row)}.")
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient_id], "book an appointment")
    others = list(of_patient(patient).upcoming()[:OWN])
    context = {"patient": patient, "form": form, "others": others[:5], **_times(request, others=others)}
    return page(request, "scheduling/book.html", context)


@may("patient.search")
@require_POST
def book_find(request: StaffRequest) -> HttpResponse:
    """Whom to book: names are posted, never in the address."""
    text = request.POST.get("q", "").strip()
    found = list(find_patients(text)) if text else []
    if found:
        audit.viewed(request, [p.pk for p in found], "patient search")
    context = {"found": found, "q": text, "slot": request.POST.get("slot", "")}
    if is_part(request):
        return part(request, "scheduling/_found.html", context)
    return page(request, "scheduling/book_find.html", context)


@may("appointment.book")
def times(request: StaffRequest) -> HttpResponse:
    """The next free slots for what stands in the form: asked again when it changes."""
    return part(request, "scheduling/_times.html", _times(request))


@may("appointment.move")
@once_token
def move(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    row = one(appointment_id)
    audit.viewed(request, [row.patient_id], "move an appointment")
    form = form_for(request, MoveForm, initial={"version": row.version})
    if isinstance(getattr(request, "refusal", None), StaleVersion):
        form.data = {**form.data.dict(), "version": row.version}  # type: ignore[attr-defined]  # shown as it is now: sent again, it is meant
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        _ask_right_to_overbook(request, said)
        row = move_appointment(
            appointment=row, start=said["start"], provider=said["provider"], location=said["location"],
            reason=said["reason"], overbook_reason=said["overbook_reason"], version=said["version"], by=request.user,
        )  # fmt: skip
        return go_to(request, back_to_day(row), say=f"Moved to {_when(row)}.")
    return page(request, "scheduling/move.html", {"appointment": row, "form": form, **_times(request, row)})


def _times(
    request: StaffRequest, moving: Appointment | None = None, *, others: Sequence[Appointment] = ()
) -> dict[str, Any]:
    """The search as it stands, the slot that was pressed, and the next free ones: when the chosen one was refused,
    of the same provider, on the same day and nearest to it. What is moved is not offered where it stands, nor a time
    that the patient has given to somebody else (`others`).
    """
    sent: QueryDict = getattr(request, "kept", None) or request.POST
    refused = _slot(sent)
    pressed = None if refused else _slot(request.GET)
    wanted = refused or pressed
    kind = moving.appointment_type if moving else _kind(sent)
    initial = {
        "appointment_type": kind and kind.pk,
        "provider": wanted.provider.pk if wanted else moving and moving.provider_id,
        "after": wanted.day if wanted else None,
    }
    asked = SlotSearchForm({k: (not refused and request.GET.get(k)) or v or "" for k, v in initial.items()})
    slots: list[Slot] = []
    if asked.is_valid():
        kind = moving.appointment_type if moving else asked.cleaned_data["appointment_type"]
        providers = [asked.cleaned_data["provider"]] if asked.cleaned_data["provider"] else list(our_providers())
        slots = next_free_slots(
            appointment_type=kind, providers=providers, after=_after(asked.cleaned_data["after"], providers),
            count=A_DAY if refused else SHOWN + 1 + 4 * len(others), besides=moving.pk if moving else None,
        )  # fmt: skip
    slots = beside(slots, others)
    if moving:
        slots = [s for s in slots if (s.provider.pk, s.start) != (moving.provider_id, moving.start)]
    nearest = _nearest(slots, refused) if refused else slots[:SHOWN]
    chosen = pressed or next(iter(nearest), None)
    return {
        "search": asked, "slots": sorted(nearest, key=lambda s: s.start), "pressed": pressed, "kind": kind,
        "may_overbook": can(request.user, "appointment.overbook"), "chosen": chosen.value if chosen else "",
    }  # fmt: skip


def _nearest(slots: list[Slot], to: Slot) -> list[Slot]:
    return sorted(slots, key=lambda s: (abs(s.start - to.start), s.start))[:SHOWN]


def _after(day: Any, providers: list[Provider]) -> datetime:
    place = providers[0].location if providers else None
    return max(clock.now(), clock.at_local(day, time(0), place)) if day else clock.now()


def _slot(said: QueryDict) -> Slot | None:
    try:
        provider_id, location_id, start = read_slot(said.get("slot", ""))
    except ValueError:
        return None
    provider, location = by_keys((Provider, provider_id), (Location, location_id))
    if provider is None or location is None:
        raise Http404
    return Slot(provider, location, start, start)


def _kind(said: QueryDict) -> AppointmentType | None:
    """The kind of visit that was sent, when it is offered; else the first one."""
    try:
        (kind,) = by_keys((AppointmentType, uuid.UUID(said.get("appointment_type", ""))))
    except ValueError:
        kind = None
    return kind if kind is not None and kind.is_active else AppointmentType.objects.filter(is_active=True).first()


def _patient_id(request: StaffRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET.get("patient", ""))
    except ValueError:
        return None


def _ask_right_to_overbook(request: StaffRequest, said: dict[str, Any]) -> None:
    if said["overbook_reason"] and not can(request.user, "appointment.overbook"):
        raise PermissionDenied("appointment.overbook")


def _when(row: Appointment) -> str:
    return f"{clock.local(row.start, row.location):%a %-m/%-d, %-I:%M %p} with {row.provider}"
