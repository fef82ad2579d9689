"""Through the clinic and out: the next stage, check-out, and who leaves without being seen."""

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import User, Visit
from clinic.services.visits import move_visit
from scheduling.models import Appointment
from scheduling.services import booking

Status = Visit.Status

BY_HAND = (Status.IN_ROOM, Status.WITH_PROVIDER, Status.READY_FOR_CHECKOUT, Status.CHECKED_IN)
"""The stages that the board moves to; arriving, checking in and out have their own acts."""


@transaction.atomic
def move_on(*, visit: Visit, to: str, by: User | None) -> Visit:
    """The next stage on the board, or back where the table allows it."""
    if to not in BY_HAND or (visit.status == Status.ARRIVED and to == Status.CHECKED_IN):
        raise ClinicError("The board does not move a visit there. Open the visit for check-in or check-out.")
    return move_visit(visit=visit, to=to, by=by)


@transaction.atomic
def check_out(*, visit: Visit, by: User | None) -> Visit:
    """The patient leaves. `checked_out_at` starts the clock of charges that are still missing."""
    if not visit.is_open or visit.status in (Status.ARRIVED, Status.IN_ROOM):
        raise ClinicError("This visit is not ready for check-out. Move it to check-out on the flow board first.")
    move_visit(visit=visit, to=Status.CHECKED_OUT, by=by)
    appointment = _appointment(visit)
    if appointment is not None and appointment.status == Appointment.Status.ARRIVED:
        booking.mark_fulfilled(appointment=appointment, by=by)
    return visit


@transaction.atomic
def undo_check_out(*, visit: Visit, reason: str, by: User | None) -> Visit:
    """The patient is still here. Only before the charges are closed."""
    if visit.status != Status.CHECKED_OUT:
        raise ClinicError("Only a checked-out visit whose charges are open can be taken back.")
    if not reason.strip():
        raise ClinicError("Say why the check-out is taken back.", field="reason")
    move_visit(visit=visit, to=Status.READY_FOR_CHECKOUT, by=by, reason=reason)
    appointment = _appointment(visit)
    if appointment is not None and appointment.status == Appointment.Status.FULFILLED:
        booking.undo_fulfilled(appointment=appointment, by=by)
    return visit


@transaction.atomic
def leave_unseen(*, visit: Visit, reason: str, by: User | None) -> Visit:
    """Went away before the provider came. A copay stays credit of the account until somebody decides on it."""
    if not reason.strip():
        raise ClinicError("Say what is known: waited too long, felt better …", field="reason")
    move_visit(visit=visit, to=Status.LEFT, by=by, reason=reason)
    appointment = _appointment(visit)
    if appointment is not None and appointment.status == Appointment.Status.ARRIVED:
        booking.cancel_appointment(
            appointment=appointment, by_whom=Appointment.CancelledBy.PATIENT, reason=f"Left without being seen: {reason}",
            by=by,
        )  # fmt: skip
    return visit


def _appointment(visit: Visit) -> Appointment | None:
    return Appointment.objects.for_display().filter(pk=visit.appointment_id).first() if visit.appointment_id else None
