"""What the desk should know of a patient: plan facts, forms to sign, what to fix before the visit."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from checkin.models import Form, Intake
from clinic import clock
from clinic.models import Patient, Visit
from clinic.money import ZERO, dollars
from insurance.queries import first_answer
from ledger.queries.balances import owes
from scheduling.models import Appointment
from scheduling.queries import Block, DaySheet, Flag

FINANCIAL_POLICY_LASTS = timedelta(days=365)
COVERAGE_FLAGS = {
    "inactive": Flag("alert", "Coverage inactive", "bad", "Inactive", to_fix="Inactive"),
    "unknown": Flag("shield", "Coverage not verified", "warn", "Verify", to_fix="Not verified"),
    "none": Flag("shield", "No coverage on file", "warn", "Coverage", to_fix="No coverage"),
}
"""What the desk settles before the patient comes, by the answer of the first coverage."""


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


@lru_cache(maxsize=256)
def _coverage_flag(answer: str, about: str) -> Flag:
    return replace(COVERAGE_FLAGS[answer], about=about)


def to_fix(sheet: DaySheet) -> list[tuple[Block, Flag]]:
    """Expected visits whose coverage is inactive, missing or not verified: worth a call before they come."""
    since = clock.now() - timedelta(hours=1)
    return [
        (block, flag)
        for block in sheet.blocks
        if block.appointment.is_expected and block.appointment.start >= since
        for flag in block.flags
        if flag.to_fix
    ]


def flags_of(patient_ids: Sequence[uuid.UUID], day: date) -> Mapping[uuid.UUID, Sequence[Flag]]:
    """The glyphs on the calendar and the board: coverage not active, previous balance. One query for any number."""
    rows = Patient.objects.filter(pk__in=set(patient_ids)).annotate(
        owed=owes("guarantor_id"), told=first_answer("pk", day)
    )
    flags: dict[uuid.UUID, Sequence[Flag]] = {}
    for patient_id, is_self_pay, owed, told in rows.values_list("pk", "is_self_pay", "owed", "told"):
        found = []
        answer = told["answer"] if told else "" if is_self_pay else "none"
        if answer in COVERAGE_FLAGS:
            found.append(_coverage_flag(answer, told["payer"] if told else "No coverage on file"))
        if owed is not None and owed > ZERO:
            found.append(Flag("dollar", f"Previous balance {dollars(owed)}"))
        flags[patient_id] = found
    return flags
