"""The only writer of Appointment: book, move, cancel, and what becomes of it on the day."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from clinic import audit, clock
from clinic.bulk import insert_or_none, together
from clinic.errors import ClinicError, Conflict, StaleVersion
from clinic.models import Location, Patient, Provider, User, record_status
from clinic.queries import who_changed_since
from clinic.services.events import emit
from clinic.services.patients import refuse_merged
from clinic.transactions import act
from scheduling.models import Appointment, AppointmentType
from scheduling.queries import open_or_closed
from scheduling.services.locks import lock
from scheduling.services.room import (
    NotFree,
    check_open,
    check_time,
    ends_at,
    free_lane,
    in_the_way,
    offering_other_slots,
    overlapping,
    wall,
)

__all__ = [
    "NotFree", "book_appointment", "cancel_appointment", "confirm_appointment", "correct_no_show", "mark_arrived",
    "mark_fulfilled", "mark_no_show", "move_appointment", "undo_arrival", "undo_fulfilled",
]  # fmt: skip

Status = Appointment.Status


def book_appointment(
    *,
    patient: Patient,
    provider: Provider,
    appointment_type: AppointmentType,
    start: datetime,
    by: User | None,
    location: Location | None = None,
    reason: str = "",
    overbook_reason: str = "",
) -> Appointment:
    """Book a stretch of the provider's time; of racers for one slot exactly one wins, the others get a Conflict
    whose detail names the next free slots. `overbook_reason` books on top of others or outside the hours: the view
    asks for the right to do so.
    """
    place = _place(provider, location)
    row = Appointment(
        patient=patient, provider=provider, location=place, appointment_type=appointment_type, start=start,
        end=ends_at(start, timedelta(minutes=appointment_type.minutes)), reason=reason.strip(),
        overbook_reason=overbook_reason.strip(), booked_by=by,
    )  # fmt: skip
    with offering_other_slots(row), act():
        refuse_merged(patient)
        check_time(row)
        answer = lock(provider.pk, patient.pk, asking=_whether_open(row))
        check_open(row, answer)
        if row.overbook_reason:
            row.lane = free_lane(row)
        if insert_or_none(row) is None:
            raise in_the_way(row)
        with together():
            _note(row, "appointment.booked", by=by, why=row.overbook_reason)
            record_status(row, from_status="", to_status=row.status, by=by, reason=row.overbook_reason)
    return row


def move_appointment(
    *,
    appointment: Appointment,
    start: datetime,
    by: User | None,
    provider: Provider | None = None,
    location: Location | None = None,
    reason: str = "",
    overbook_reason: str = "",
    version: int | None = None,
) -> Appointment:
    """Another time, or another provider; the row stays. A confirmed one must be confirmed anew.

    `version` is the one the form was made from: a stale one is refused.
    """
    to = provider or appointment.provider
    place = location or (appointment.location if to.pk == appointment.provider_id else _place(to, None))
    wanted = Appointment(
        pk=appointment.pk, patient=appointment.patient, provider=to, location=place,
        appointment_type=appointment.appointment_type, start=start,
        end=ends_at(start, appointment.end - appointment.start), overbook_reason=overbook_reason.strip(),
    )  # fmt: skip
    with offering_other_slots(wanted), transaction.atomic():
        check_time(wanted)  # first: what lies outside the calendar has no hours to ask for
        answer = lock(appointment.provider_id, to.pk, appointment.patient_id, asking=_whether_open(wanted))
        row = _fresh(appointment)
        if version is not None and row.version != version:
            who = who_changed_since(row, version)
            raise StaleVersion(f"{who} changed this appointment in the meantime. Look at it again.")
        if row.status not in Appointment.EXPECTED:
            raise ClinicError(f"This appointment is {row.get_status_display().lower()} and cannot be moved.")
        check_open(wanted, answer)
        wanted.lane = free_lane(wanted) if wanted.overbook_reason else 0
        old, seen = {"start": row.start.isoformat(), "provider": str(row.provider_id)}, row.status
        _put(
            row, wanted, provider=to, location=place, start=wanted.start, end=wanted.end, lane=wanted.lane,
            overbook_reason=wanted.overbook_reason, status=Status.BOOKED, confirmed_at=None,
        )  # fmt: skip
        detail = {"from": old, "to": {"start": start.isoformat(), "provider": str(to.pk)}}
        record_status(row, from_status=seen, to_status=row.status, by=by, reason=reason, detail=detail)
        _note(row, "appointment.moved", by=by, why=reason or overbook_reason, detail=detail)
    return row


@transaction.atomic
def confirm_appointment(*, appointment: Appointment, by: User | None) -> Appointment:
    """The patient said that it stands."""
    appointment.move_to(Status.CONFIRMED, by=by, confirmed_at=clock.now(), version=appointment.version + 1)
    _note(appointment, "appointment.confirmed", by=by)
    return appointment


@transaction.atomic
def cancel_appointment(*, appointment: Appointment, by_whom: str, reason: str, by: User | None) -> Appointment:
    """Give the time back. The row stays, with who cancelled and why; late notice is seen from its instants."""
    if by_whom not in Appointment.CancelledBy.values:
        raise ClinicError("Say who cancels: the patient or the clinic.", field="by_whom")
    why = _reason(reason, "Say why the appointment is cancelled.")
    appointment.move_to(
        Status.CANCELLED, by=by, reason=why, cancelled_at=clock.now(), cancelled_by=by_whom, closing_reason=why,
        version=appointment.version + 1,
    )  # fmt: skip
    _note(appointment, "appointment.cancelled", by=by, why=why, detail={"by_whom": by_whom})
    return appointment


@transaction.atomic
def mark_no_show(*, appointment: Appointment, reason: str, by: User | None) -> Appointment:
    """The patient did not come. A person's act, never the clock's."""
    if clock.now() < appointment.start:
        raise ClinicError("This appointment is still to come. Cancel or move it instead.")
    why = _reason(reason, "Note what is known: no call, could not be reached …")
    appointment.move_to(Status.NO_SHOW, by=by, reason=why, closing_reason=why, version=appointment.version + 1)
    _note(appointment, "appointment.no_show", by=by, why=why)
    return appointment


@transaction.atomic
def correct_no_show(*, appointment: Appointment, reason: str, by: User | None) -> Appointment:
    """It was no no-show. Back to the calendar, beside whoever was booked into the time meanwhile."""
    why = _reason(reason, "Say why this was no no-show.")
    lock(appointment.provider_id, appointment.patient_id)
    row = _fresh(appointment)
    if row.status != Status.NO_SHOW:
        raise ClinicError("This appointment is not marked as a no-show.")
    other = overlapping(row).filter(patient=row.patient_id).first()
    if other is not None:
        raise Conflict(f"This patient has another appointment at {wall(other)} by now. Cancel that one first.")
    row.move_to(
        Status.CONFIRMED if row.confirmed_at else Status.BOOKED, by=by, reason=why, closing_reason="",
        lane=free_lane(row), version=row.version + 1,
    )  # fmt: skip
    _note(row, "appointment.no_show_corrected", by=by, why=why)
    return row


@transaction.atomic
def mark_arrived(*, appointment: Appointment, by: User | None) -> Appointment:
    """The patient stands at the desk. checkin.services.arrival opens the visit in the same transaction."""
    appointment.move_to(Status.ARRIVED, by=by, version=appointment.version + 1)
    _note(appointment, "appointment.arrived", by=by)
    return appointment


@transaction.atomic
def undo_arrival(*, appointment: Appointment, reason: str = "", by: User | None) -> Appointment:
    back = Status.CONFIRMED if appointment.confirmed_at else Status.BOOKED
    appointment.move_to(back, by=by, reason=reason, version=appointment.version + 1)
    _note(appointment, "appointment.arrival_undone", by=by, why=reason)
    return appointment


@transaction.atomic
def mark_fulfilled(*, appointment: Appointment, by: User | None) -> Appointment:
    """The visit is over and checked out."""
    appointment.move_to(Status.FULFILLED, by=by, version=appointment.version + 1)
    _note(appointment, "appointment.fulfilled", by=by)
    return appointment


@transaction.atomic
def undo_fulfilled(*, appointment: Appointment, by: User | None) -> Appointment:
    """The check-out was taken back: the patient is still here."""
    appointment.move_to(Status.ARRIVED, by=by, version=appointment.version + 1)
    _note(appointment, "appointment.fulfilled_undone", by=by)
    return appointment


def _whether_open(row: Appointment) -> tuple[str, list[Any]]:
    return open_or_closed(provider=row.provider, location=row.location, start=row.start)


def _place(provider: Provider, location: Location | None) -> Location:
    place = location or provider.location
    if place is None:
        raise ClinicError(f"{provider} works at no location. Choose one.", field="location")
    return place


def _put(row: Appointment, wanted: Appointment, **values: Any) -> None:
    """Under the locks nothing can come between this look and the update; the constraints are the second belt."""
    others = overlapping(wanted)
    if (
        others.filter(patient=wanted.patient).exists()
        or others.filter(provider=wanted.provider, lane=wanted.lane).exists()
    ):
        raise in_the_way(wanted)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    try:
        with transaction.atomic():
            row.save(update_fields=[*values, "version", "updated_at"])
    except IntegrityError:
        raise in_the_way(wanted) from None


def _fresh(appointment: Appointment) -> Appointment:
    return Appointment.objects.select_for_update(of=("self",)).for_display().get(pk=appointment.pk)


def _reason(reason: str, sentence: str) -> str:
    said = reason.strip()
    if not said:
        raise ClinicError(sentence, field="reason")
    return said[:200]


def _note(row: Appointment, kind: str, *, by: User | None, why: str = "", detail: dict[str, Any] | None = None) -> None:
    audit.record(act=kind, by=by, patient=row.patient, row=row, why=why, detail=detail)
    emit(kind=kind, record=row, patient=row.patient, payload={"provider": str(row.provider_id)}, by=by)
