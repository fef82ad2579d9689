"""The only writer of Visit: opened at arrival, moved through its stages, closed for charges."""

import uuid
from datetime import date
from typing import Any

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Location, Patient, Provider, User, Visit, next_number, record_status
from clinic.services.events import emit
from clinic.services.patients import refuse_merged

INSTANT_OF = {
    Visit.Status.CHECKED_IN: "checked_in_at",
    Visit.Status.CHECKED_OUT: "checked_out_at",
    Visit.Status.CLOSED: "charges_closed_at",
}
EVENT_OF = {
    Visit.Status.CHECKED_IN: "visit.checked_in",
    Visit.Status.CHECKED_OUT: "visit.checked_out",
    Visit.Status.CLOSED: "visit.charges_closed",
    Visit.Status.LEFT: "visit.left",
    Visit.Status.UNDONE: "visit.undone",
}


@transaction.atomic
def open_visit(
    *,
    patient: Patient,
    provider: Provider,
    location: Location,
    service_date: date,
    by: User | None,
    appointment_id: uuid.UUID | None = None,
    reason: str = "",
    is_self_pay: bool = False,
    referring_provider: Provider | None = None,
) -> Visit:
    """The patient is here. The Visit starts in *arrived*."""
    refuse_merged(patient)
    visit = Visit.objects.create(
        number=f"V{next_number('visit', first=20001)}",
        patient=patient,
        guarantor=patient.guarantor,
        provider=provider,
        referring_provider=referring_provider,
        location=location,
        appointment_id=appointment_id,
        service_date=service_date,
        reason=reason,
        is_self_pay=is_self_pay or patient.is_self_pay,
        arrived_at=clock.now(),
    )
    record_status(visit, from_status="", to_status=visit.status, by=by)
    audit.record(act="visit.arrived", by=by, patient=patient, row=visit)
    emit(kind="visit.arrived", record=visit, patient=patient, by=by)
    return visit


@transaction.atomic
def move_visit(*, visit: Visit, to: str, by: User | None, reason: str = "", **also: Any) -> Visit:
    """One stage on (or back, where the table allows it), with its instant, history, audit and event."""
    instant = INSTANT_OF.get(Visit.Status(to))
    if instant:
        also[instant] = clock.now()
    if to == Visit.Status.UNDONE:
        also["appointment_id"] = None
    visit.move_to(to, by=by, reason=reason, **also)
    kind = EVENT_OF.get(Visit.Status(to), "visit.moved")
    audit.record(act=kind, by=by, patient=visit.patient, row=visit, why=reason, detail={"to": str(to)})
    emit(kind=kind, record=visit, patient=visit.patient, payload={"to": str(to)}, by=by)
    if to == Visit.Status.CHECKED_OUT and visit.charges_complete_at is not None:
        close_charges(visit=visit, by=by)
    return visit


@transaction.atomic
def close_charges(*, visit: Visit, by: User | None) -> Visit:
    """Every service of the visit is written down; the claim may be made.

    Before check-out this only notes that the clinician is done: the check-out then closes the charges by itself.
    """
    if not visit.charges.filter(voided_at=None).exists():
        raise ClinicError("This visit has no charges. Enter them, or note that nothing was done.")
    if visit.is_open:
        Visit.objects.filter(pk=visit.pk).update(charges_complete_at=clock.now(), updated_at=clock.now())
        visit.charges_complete_at = clock.now()
        audit.record(act="visit.charges_complete", by=by, patient=visit.patient, row=visit)
        return visit
    if visit.status != Visit.Status.CHECKED_OUT:
        raise ClinicError(f"The charges of a visit that is {visit.get_status_display().lower()} cannot be closed.")
    return move_visit(visit=visit, to=Visit.Status.CLOSED, by=by)


@transaction.atomic
def reopen_charges(*, visit: Visit, reason: str, by: User | None) -> Visit:
    if not reason.strip():
        raise ClinicError("Say why the charges are opened again.", field="reason")
    return move_visit(visit=visit, to=Visit.Status.CHECKED_OUT, by=by, reason=reason, charges_complete_at=None)


@transaction.atomic
def pays_without_insurance(*, visit: Visit, reason: str, by: User | None) -> Visit:
    """No payer covered this visit after all, or the patient chose to pay: no claim is made for it from now on."""
    if not reason.strip():
        raise ClinicError("Say how you know that nobody covers this visit.", field="reason")
    changed = Visit.objects.filter(pk=visit.pk, is_self_pay=False).update(is_self_pay=True, updated_at=clock.now())
    visit.is_self_pay = True
    if changed:
        audit.record(act="visit.self_pay", by=by, patient=visit.patient, row=visit, why=reason)
    return visit
