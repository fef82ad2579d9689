"""Check-in on one page: confirm, coverage, money; one submit. And what can be taken back."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from checkin.forms import METHODS, CheckInForm, ReasonForm
from checkin.queries import DeskDue, due_at_desk, forms_needed, last_confirmed, visit_of
from checkin.queries.board import NEXT
from checkin.services.arrival import CheckIn, arrive, check_in, check_in_by_card_on_file, undo_arrival, undo_check_in
from checkin.services.copay import VISIT, Tender
from checkin.services.intake import Confirmed
from clinic import audit, clock
from clinic.models import Document, Patient, Visit
from clinic.money import ZERO, dollars
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.once import once_token
from clinic.web.panels import CHECK_IN, draw
from clinic.web.permissions import can, may
from clinic.web.requests import StaffRequest
from insurance.queries import verdict_on
from ledger.models import Payment
from scheduling.models import Appointment

METHOD_OF = {
    "card": Payment.Method.CARD_TERMINAL,
    "file": Payment.Method.CARD,
    "cash": Payment.Method.CASH,
    "check": Payment.Method.CHECK,
}
SAYS = {"card": "Charge", "file": "Charge card on file", "cash": "Record cash", "check": "Record check"}
SHOTS = (
    ("card_front", "Card front", Document.Kind.CARD_FRONT),
    ("card_back", "Card back", Document.Kind.CARD_BACK),
)


@may("visit.check_in")
@once_token(own_transactions=True)
def desk(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """`own_transactions`: a card on file is charged between two of them; everything else is one (services/arrival)."""
    appointment = _appointment(appointment_id)
    visit = visit_of(appointment)
    audit.viewed(request, [appointment.patient_id], "check-in")
    if visit is not None and visit.status != Visit.Status.ARRIVED and request.method == "GET":
        return go_to(request, "checkin:visit", visit.pk)
    form = form_for(request, CheckInForm, guarantor=(visit or appointment.patient).guarantor)
    if request.method == "POST" and form.is_valid():
        done = _carry_out(request, form.cleaned_data, appointment, visit)
        if done.payments:
            return go_to(request, "checkin:receipt", done.visit.pk)
        return go_to(
            request, "checkin:board", say=f"{appointment.patient.listed_name} is checked in, nothing collected."
        )
    return page(request, "checkin/desk.html", _desk_context(request, appointment, visit, form))


@may("visit.arrive")
@require_POST
@once_token
def arrival(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Here, but not checked in yet: the wait begins."""
    appointment = _appointment(appointment_id)
    arrive(appointment=appointment, by=request.user)
    return go_to(request, "checkin:board", say=f"{appointment.patient.listed_name} has arrived.")


@may("visit.view")
def visit(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    """One visit: where it stands, what was confirmed, what was taken, and the ways back."""
    row = _visit(visit_id)
    audit.viewed(request, [row.patient_id], "visit")
    context = {
        "visit": row,
        "patient": row.patient,
        "intake": getattr(row, "intake", None),
        "payments": list(_payments(row)),
        "history": list(row.history().select_related("changed_by")),
        "form": form_for(request, ReasonForm),
        **_ways_back(request, row),
    }
    return page(request, "checkin/visit.html", context)


@may("visit.undo")
@require_POST
@once_token
def undo(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    """One step back: the check-in, then the arrival."""
    row = _visit(visit_id)
    reason = request.POST.get("reason", "")
    if row.status == Visit.Status.CHECKED_IN:
        undo_check_in(visit=row, reason=reason, by=request.user)
        kept = sum((p.amount for p in _payments(row)), ZERO)
        money = (
            f" The {dollars(kept)} taken stay with the visit; whoever may void gives them back from the receipt."
            if kept
            else ""
        )
        return go_to(request, "checkin:visit", row.pk, say=f"The check-in is taken back.{money}")
    undo_arrival(visit=row, reason=reason, by=request.user)
    return go_to(request, "checkin:board", say="The arrival is taken back. The appointment is expected again.")


@may("ledger.receipt")
def receipt(request: StaffRequest, visit_id: uuid.UUID) -> HttpResponse:
    """What was taken at the desk for this visit, on one sheet; the copay and the balance have a receipt number each."""
    row = _visit(visit_id)
    audit.viewed(request, [row.patient_id], "desk receipt")
    payments = list(_payments(row))
    context = {
        "visit": row, "patient": row.patient, "payments": payments, "total": sum(p.amount for p in payments),
        "place": row.location, "printed_at": clock.now(),
    }  # fmt: skip
    return page(request, "checkin/receipt.html", context)


@may("visit.check_in")
def due_part(request: StaffRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """What is due, anew: asked when the payer's answer has come meanwhile."""
    appointment = _appointment(appointment_id)
    audit.viewed(request, [appointment.patient_id], "due at the desk")
    due, typed = _due(appointment, visit_of(appointment)), request.GET.get("amount", "")
    picks = _picks(due)
    context = {
        "due": due, "appointment": appointment, "patient": appointment.patient, "picks": picks,
        "picked": typed if typed in [value for value, _, _ in picks] else "other",
    }  # fmt: skip
    return part(request, "checkin/_collect.html", context)


def _carry_out(request: StaffRequest, said: dict[str, Any], appointment: Appointment, visit: Visit | None) -> CheckIn:
    confirmed, tender, key = _confirmed(said), _tender(said), request.once_key
    if tender is not None and tender.method == Payment.Method.CARD:
        return check_in_by_card_on_file(
            appointment=appointment, visit=visit, confirmed=confirmed, tender=tender, by=request.user, key=key
        )
    return check_in(appointment=appointment, visit=visit, confirmed=confirmed, tender=tender, by=request.user, key=key)


def _confirmed(said: dict[str, Any]) -> Confirmed:
    return Confirmed(
        photo_id_seen=said["photo_id_seen"],
        address_confirmed=said["address_confirmed"],
        phone_confirmed=said["phone_confirmed"],
        emergency_contact_confirmed=said["emergency_contact_confirmed"],
        coverage_confirmed=said["coverage_confirmed"],
        signed_forms=tuple(said["signed_forms"]),
        signed_name=said["signed_name"],
        agrees_self_pay=said["agrees_self_pay"],
        override_reason=said["override_reason"],
        card_front=said["card_front"].read() if said["card_front"] else b"",
        card_back=said["card_back"].read() if said["card_back"] else b"",
    )


def _tender(said: dict[str, Any]) -> Tender | None:
    if said["without_payment"]:
        return None
    return Tender(
        amount=said["amount"],
        method=METHOD_OF[said["method"]],
        reference=said["reference"],
        card=said["card"],
        toward=said["toward"] or VISIT,
    )


def _desk_context(
    request: StaffRequest, appointment: Appointment, visit: Visit | None, form: CheckInForm
) -> dict[str, Any]:
    patient = appointment.patient
    now = clock.now()
    people = Patient.objects.same_person(patient)
    kept = Document.objects.filter(patient__in=people, kind__in=(Document.Kind.CARD_FRONT, Document.Kind.CARD_BACK))
    forms = forms_needed(patient, now)
    due = _due(appointment, visit)
    has_cards = form.fields["card"].queryset.exists()  # type: ignore[attr-defined]
    return {
        "appointment": appointment, "visit": visit, "patient": patient, "form": form, "due": due,
        "verdict": verdict_on(patient, appointment.day), "panels": draw(request, CHECK_IN, patient_id=patient.pk),
        "forms": forms, "to_sign": sum(1 for _, at in forms if at is None), "confirmed_at": last_confirmed(patient),
        "cards_kept": set(kept.values_list("kind", flat=True)), "shots": SHOTS,
        "is_today": appointment.day == clock.today(appointment.location), "has_cards": has_cards,
        "methods": [m for m in METHODS if m[0] != "file" or has_cards], **_money_as_typed(form, due),
    }  # fmt: skip


def _picks(due: DeskDue) -> list[tuple[str, str, str]]:
    """(amount, what it is, what happens to the rest)."""
    picks = []
    if due.copay and due.previous:
        picks += [
            (f"{due.total:.2f}", "Copay and balance", ""),
            (f"{due.copay:.2f}", "Copay only", "Balance goes to the next statement"),
        ]
    elif due.total:
        picks.append((f"{due.total:.2f}", "Copay" if due.copay else "Previous balance", ""))
    picks.append(("other", "Other amount", "" if due.total else "Nothing is due"))
    return picks


def _money_as_typed(form: CheckInForm, due: DeskDue) -> dict[str, Any]:
    """The amounts to pick from, and what stands in the field: what was typed, else all that is due."""
    picks = _picks(due)
    typed = str(form["amount"].value() or "") if form.is_bound else ""
    amount = typed or (f"{due.total:.2f}" if due.total else "")
    method = str(form["method"].value() or "card") if form.is_bound else "card"
    picked = amount if amount in [value for value, _, _ in picks] else "other"
    return {"picks": picks, "picked": picked, "amount": amount, "method": method, "says": _says(form, method, amount)}


def _says(form: CheckInForm, method: str, amount: str) -> str:
    """The button: what will be taken, as static/js/app.js says it while somebody types."""
    if not amount:
        return "Check in"
    how = SAYS.get(method, SAYS["card"])
    try:
        value = form.fields["amount"].clean(amount)
    except ValidationError:
        return how
    return f"{how} {dollars(value)}"


BACK = {
    Visit.Status.IN_ROOM: [(Visit.Status.CHECKED_IN, "Back to the waiting room")],
    Visit.Status.WITH_PROVIDER: [(Visit.Status.IN_ROOM, "Back to “in room”")],
    Visit.Status.READY_FOR_CHECKOUT: [(Visit.Status.WITH_PROVIDER, "Back to the provider")],
}
UNDO = {
    Visit.Status.ARRIVED: ("checkin:undo", "Why the arrival is taken back"),
    Visit.Status.CHECKED_IN: ("checkin:undo", "Why the check-in is taken back"),
    Visit.Status.CHECKED_OUT: ("checkin:departure_undo", "Why the check-out is taken back"),
}


def _ways_back(request: StaffRequest, visit: Visit) -> dict[str, Any]:
    undo_url, label = UNDO.get(Visit.Status(visit.status), ("", ""))
    to, act = NEXT.get(visit.status, (None, ""))
    by_hand = to is not None and visit.status in (Visit.Status.CHECKED_IN, Visit.Status.IN_ROOM)
    return {
        "next": (to, act) if by_hand and can(request.user, "visit.stage") else None,
        "back": BACK.get(Visit.Status(visit.status), []) if can(request.user, "visit.stage") else [],
        "can_undo": bool(undo_url) and can(request.user, "visit.undo"),
        "undo_url": undo_url,
        "undo_label": label,
    }


def _due(appointment: Appointment, visit: Visit | None) -> DeskDue:
    return due_at_desk(
        patient=appointment.patient,
        on=appointment.day,
        visit=visit,
        service_type=appointment.appointment_type.service_type,
    )


def _appointment(appointment_id: uuid.UUID) -> Appointment:
    return get_object_or_404(Appointment.objects.for_display().select_related("patient__guarantor"), pk=appointment_id)


def _visit(visit_id: uuid.UUID) -> Visit:
    return get_object_or_404(Visit.objects.select_related("patient", "guarantor", "provider", "location"), pk=visit_id)


def _payments(visit: Visit) -> Any:
    rows = Payment.objects.filter(visit=visit, status=Payment.Status.POSTED, received_on=visit.service_date)
    return rows.select_related("taken_by").order_by("received_at", "number")
