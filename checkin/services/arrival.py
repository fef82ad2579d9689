"""The patient is at the desk: arrive, check in, and take either back."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from checkin.models import Intake
from checkin.queries import DeskDue, due_at_desk
from checkin.services.copay import Tender, charge_on_file, collect
from checkin.services.intake import Confirmed, complete_intake
from clinic import clock
from clinic.errors import ClinicError, Conflict
from clinic.models import User, Visit
from clinic.money import ZERO
from clinic.services.visits import move_visit, open_visit
from insurance.queries import OFFICE_VISIT, CoverageVerdict, verdict_on
from ledger.models import Payment
from ledger.queries.balances import credit_of
from scheduling.models import Appointment
from scheduling.services import booking

Status = Visit.Status


@dataclass(frozen=True)
class CheckIn:
    """What one submit of the check-in page did."""

    visit: Visit
    intake: Intake
    payments: list[Payment] = field(default_factory=list)

    @property
    def collected(self) -> Decimal:
        return sum((p.amount for p in self.payments), ZERO)


@transaction.atomic
def arrive(*, appointment: Appointment, by: User | None) -> Visit:
    """The patient has come: the appointment arrives and its Visit opens, in one transaction."""
    today = clock.today(appointment.location)
    if appointment.day != today:
        raise ClinicError(
            f"This appointment is on {appointment.day:%a %-m/%-d}, not today. Move it to today to check the patient in."
        )
    booking.mark_arrived(appointment=appointment, by=by)
    return open_visit(
        patient=appointment.patient,
        provider=appointment.provider,
        location=appointment.location,
        service_date=today,
        appointment_id=appointment.pk,
        reason=appointment.reason,
        by=by,
    )


@transaction.atomic
def check_in(
    *,
    appointment: Appointment | None = None,
    visit: Visit | None = None,
    confirmed: Confirmed,
    by: User | None,
    key: str,
    tender: Tender | None = None,
) -> CheckIn:
    """One submit, one transaction: arrival if it was not noted yet, what was confirmed and signed, the money, the stage.

    Only *inactive* coverage asks for self-pay or a reason; what the payer could not tell never stops a check-in.
    `key` makes a second try of the money harmless.
    """
    visit = visit or _arrived(appointment, by)
    _refuse_checked_in(visit)
    verdict = refuse_inactive(visit, confirmed)
    is_self_pay = visit.is_self_pay or confirmed.agrees_self_pay
    due = _due(visit, appointment, is_self_pay)
    intake = complete_intake(visit=visit, confirmed=confirmed, verdict=verdict, copay=due.expected.amount, by=by)
    payments = collect(visit=visit, due=due, tender=tender, is_self_pay=is_self_pay, key=key, by=by) if tender else []
    move_visit(
        visit=visit, to=Status.CHECKED_IN, by=by, reason=confirmed.override_reason,
        is_self_pay=is_self_pay,
    )  # fmt: skip
    return CheckIn(visit, intake, payments)


def check_in_by_card_on_file(
    *,
    appointment: Appointment | None = None,
    visit: Visit | None = None,
    confirmed: Confirmed,
    by: User,
    key: str,
    tender: Tender,
) -> CheckIn:
    """The same with a card on file: the charge is a call outside, so it stands between two transactions.

    The check-in comes first, so that two desks cannot both charge; a declined card takes it back and leaves the
    patient arrived. Without an answer the patient stays checked in and the ledger looks the charge up.
    """
    visit = visit or _arrived(appointment, by)
    is_self_pay = visit.is_self_pay or confirmed.agrees_self_pay
    due = _due(visit, appointment, is_self_pay)
    done = check_in(visit=visit, confirmed=confirmed, by=by, key=key)
    try:
        payments = charge_on_file(visit=visit, due=due, tender=tender, is_self_pay=is_self_pay, key=key, by=by)
    except Conflict:
        raise
    except ClinicError as error:
        undo_check_in(visit=visit, reason=f"card not charged: {error.sentence}", by=by)
        raise
    return CheckIn(done.visit, done.intake, payments)


@transaction.atomic
def undo_check_in(*, visit: Visit, reason: str, by: User | None) -> Visit:
    """Back to arrived: something was confirmed wrongly. Money stays taken; it is voided on its own receipt."""
    if visit.status != Status.CHECKED_IN:
        raise ClinicError("Only a visit that is checked in and not yet in a room can be taken back.")
    return move_visit(visit=visit, to=Status.ARRIVED, by=by, reason=_reason(reason))


@transaction.atomic
def undo_arrival(*, visit: Visit, reason: str, by: User | None) -> Visit:
    """The wrong patient was marked. The visit is undone and the appointment expected again."""
    why = _reason(reason)
    if visit.status != Status.ARRIVED:
        raise ClinicError("Take the check-in back first.")
    if credit_of(visit.guarantor, visit) > ZERO:
        raise ClinicError("Money was taken for this visit. Void the receipt first, then undo the arrival.")
    appointment = (
        Appointment.objects.for_display().filter(pk=visit.appointment_id).first() if visit.appointment_id else None
    )
    if appointment is not None:
        booking.undo_arrival(appointment=appointment, reason=why, by=by)
    return move_visit(visit=visit, to=Status.UNDONE, by=by, reason=why)


def refuse_inactive(visit: Visit, confirmed: Confirmed) -> CoverageVerdict:
    verdict = verdict_on(visit.patient, visit.service_date)
    stands = visit.is_self_pay or confirmed.agrees_self_pay or confirmed.override_reason.strip()
    if verdict.is_inactive and not stands:
        raise ClinicError(
            "The payer says that this coverage is not active. Ask for other insurance, agree on self-pay, or give the"
            " reason why the patient is seen all the same.",
            field="override_reason",
        )
    return verdict


def _arrived(appointment: Appointment | None, by: User | None) -> Visit:
    if appointment is None:
        raise TypeError("name an appointment or a visit")
    visit = Visit.objects.filter(appointment_id=appointment.pk).first()
    return visit or arrive(appointment=appointment, by=by)


def _refuse_checked_in(visit: Visit) -> None:
    if visit.status != Status.ARRIVED:
        raise ClinicError(f"This visit is already in the stage “{visit.get_status_display()}”. Look at the flow board.")


def _due(visit: Visit, appointment: Appointment | None, is_self_pay: bool) -> DeskDue:
    if appointment is None and visit.appointment_id is not None:
        appointment = Appointment.objects.filter(pk=visit.appointment_id).select_related("appointment_type").first()
    kind = appointment.appointment_type.service_type if appointment else OFFICE_VISIT
    return due_at_desk(
        patient=visit.patient, on=visit.service_date, visit=visit, service_type=kind, is_self_pay=is_self_pay
    )


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise ClinicError("Say why it is taken back.", field="reason")
    return said[:200]
