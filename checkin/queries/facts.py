"""What the desk should know of a patient: plan facts, forms to sign, what to fix before the visit."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from checkin.models import Form, Intake
from clinic import clock
from clinic.models import Location, Patient, Visit
from clinic.money import ZERO, dollars
from insurance.queries import CoverageVerdict, verdicts_on
from ledger.queries.balances import patient_balances
from scheduling.availability import whole_day
from scheduling.models import Appointment
from scheduling.queries import Flag

FINANCIAL_POLICY_LASTS = timedelta(days=365)
TO_FIX = ("unknown", "inactive", "none")
WORDS = {
    "unknown": "Not verified",
    "inactive": "Inactive",
    "none": "No coverage",
    "pending": "Asking",
    "active": "Active",
}


def visit_of(appointment: Appointment) -> Visit | None:
    return Visit.objects.filter(appointment_id=appointment.pk).select_related("guarantor", "location").first()


def forms_needed(patient: Patient, now: datetime) -> list[tuple[Form, datetime | None]]:
    """(form, signed when) for every form; None when it must be signed today."""
    people = Patient.objects.same_person(patient)
    signed: dict[str, datetime] = {}
    rows = Intake.objects.filter(visit__patient__in=people, signed_at__isnull=False).order_by("signed_at")
    for forms, signed_at in rows.values_list("signed_forms", "signed_at"):
        if signed_at is not None:
            signed.update(dict.fromkeys(forms, signed_at))
    found = []
    for form in Form:
        at: datetime | None = signed.get(form)
        if form == Form.FINANCIAL_POLICY and at is not None and now - at > FINANCIAL_POLICY_LASTS:
            at = None
        found.append((form, at))
    return found


def last_confirmed(patient: Patient) -> datetime | None:
    rows = Intake.objects.filter(
        visit__patient__in=Patient.objects.same_person(patient), address_confirmed=True, completed_at__isnull=False
    )
    return rows.order_by("-completed_at").values_list("completed_at", flat=True).first()


def to_fix(location: Location, day: date) -> list[tuple[Appointment, CoverageVerdict, str]]:
    """Expected visits whose coverage is inactive, missing or not verified: worth a call before they come."""
    span = whole_day(day, location)
    rows = list(
        Appointment.objects.upcoming()
        .for_display()
        .filter(location=location, start__gte=max(span.start, clock.now() - timedelta(hours=1)), start__lt=span.end)
        .order_by("start")
    )
    verdicts = verdicts_on([a.patient_id for a in rows], day)
    nothing = CoverageVerdict("none", "No coverage on file.")
    found = []
    for row in rows:
        verdict = verdicts.get(row.patient_id, nothing)
        if verdict.answer in TO_FIX and not (verdict.answer == "none" and row.patient.is_self_pay):
            found.append((row, verdict, WORDS[verdict.answer]))
    return found


def flags_of(patient_ids: Sequence[uuid.UUID], day: date) -> Mapping[uuid.UUID, Sequence[Flag]]:
    """The glyphs on the calendar and the board: coverage not active, previous balance. Four queries for any number."""
    guarantors = dict(Patient.objects.filter(pk__in=patient_ids).values_list("pk", "guarantor_id"))
    owed = patient_balances(list(set(guarantors.values())))
    verdicts = verdicts_on(patient_ids, day)
    flags: dict[uuid.UUID, list[Flag]] = {}
    for patient_id, guarantor_id in guarantors.items():
        found = []
        verdict = verdicts.get(patient_id)
        if verdict is not None and verdict.answer == "inactive":
            found.append(Flag("alert", "Coverage inactive", "bad", "Inactive"))
        elif verdict is not None and verdict.answer == "unknown":
            found.append(Flag("shield", "Coverage not verified", "warn", "Verify"))
        balance = owed.get(guarantor_id, ZERO)
        if balance > ZERO:
            found.append(Flag("dollar", f"Previous balance {dollars(balance)}"))
        flags[patient_id] = found
    return flags
