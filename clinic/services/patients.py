"""The only writer of Patient and Guarantor: register, update, merge."""

from typing import Any

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError, StaleVersion
from clinic.models import Guarantor, Patient, User, next_number
from clinic.queries import who_changed_since
from clinic.services.events import emit

GUARANTOR_FIELDS = (
    "first_name", "middle_name", "last_name", "birth_date", "phone", "email", "line1", "line2", "city", "state",
    "zip_code",
)  # fmt: skip
PATIENT_FIELDS = (
    *GUARANTOR_FIELDS, "sex", "guarantor_relationship", "text_consent", "email_consent", "emergency_contact", "is_self_pay",
    "restricts_disclosure", "is_qmb", "is_deceased",
)  # fmt: skip


OLDEST = 125
"""Years. Nobody on record has been older: such a birth date is a slip of the keyboard."""


def digits(phone: str) -> str:
    """The ten digits of a US number, for look-up."""
    found = "".join(c for c in phone if c.isdigit())
    return found[1:] if len(found) == 11 and found.startswith("1") else found


@transaction.atomic
def register_patient(*, fields: dict[str, Any], guarantor: Guarantor | None = None, by: User | None) -> Patient:
    """A new patient with a new MRN; without a guarantor the patient answers for itself."""
    values = _known(fields, PATIENT_FIELDS)
    _check_person(values)
    if guarantor is None:
        guarantor = add_guarantor(fields=_known(values, GUARANTOR_FIELDS), by=by)
    patient = Patient.objects.create(
        **values,
        guarantor=guarantor,
        mrn=f"{next_number('mrn', first=10001)}",
        phone_digits=digits(values.get("phone", "")),
    )
    audit.record(act="patient.registered", by=by, patient=patient, row=patient)
    emit(kind="patient.registered", record=patient, patient=patient, by=by)
    return patient


@transaction.atomic
def add_guarantor(*, fields: dict[str, Any], by: User | None) -> Guarantor:
    values = _known(fields, GUARANTOR_FIELDS)
    guarantor = Guarantor.objects.create(
        **values, number=f"G{next_number('guarantor', first=1001)}", phone_digits=digits(values.get("phone", ""))
    )
    audit.record(act="guarantor.added", by=by, row=guarantor)
    return guarantor


@transaction.atomic
def update_patient(*, patient: Patient, fields: dict[str, Any], version: int, by: User | None) -> Patient:
    """Change demographics. `version` is the one the form was filled from; a stale one is refused with the diff."""
    row = Patient.objects.select_for_update().get(pk=patient.pk)
    if row.merged_into_id:
        raise ClinicError("This record was merged into another. Change the one that stays.")
    values = _known(fields, PATIENT_FIELDS)
    if row.version != version:
        changed = {k: str(getattr(row, k)) for k, v in values.items() if getattr(row, k) != v}
        who = who_changed_since(row, version)
        raise StaleVersion(f"{who} changed this patient while you were typing. Compare and save again.", detail=changed)
    _check_person({**{k: getattr(row, k) for k in PATIENT_FIELDS}, **values})
    before = {k: getattr(row, k) for k in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.phone_digits = digits(row.phone)
    row.version += 1
    row.save()
    changes = sorted(k for k, v in values.items() if before[k] != v)
    _follow_own_guarantor(row, before, values)
    audit.record(act="patient.updated", by=by, patient=row, row=row, detail={"fields": changes})
    emit(kind="patient.updated", record=row, patient=row, payload={"fields": changes}, by=by)
    return row


@transaction.atomic
def merge_patients(*, patient: Patient, into: Patient, by: User, approved_by: User, reason: str) -> Patient:
    """Link a duplicate to the record that stays. Two people; history is not rewritten, so it can be undone."""
    if by.pk == approved_by.pk:
        raise ClinicError("A merge needs a second person to approve it.")
    first, second = sorted((patient.pk, into.pk))
    locked = {p.pk: p for p in Patient.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk")}
    gone, stays = locked[patient.pk], locked[into.pk]
    if gone.pk == stays.pk:
        raise ClinicError("These are the same record already.")
    if gone.merged_into_id or stays.merged_into_id:
        raise ClinicError("One of these records was merged before. Choose the one that stays.")
    Patient.objects.filter(merged_into=gone).update(merged_into=stays, updated_at=clock.now())
    gone.merged_into = stays
    gone.version += 1
    gone.save()
    audit.record(
        act="patient.merged", by=by, patient=stays, row=gone, why=reason, detail={"approved_by": str(approved_by.pk)}
    )
    emit(kind="patient.merged", record=gone, patient=stays, payload={"into": str(stays.pk)}, by=by)
    return stays


def refuse_merged(patient: Patient) -> None:
    """Writers call this first: new facts belong on the record that stays."""
    if patient.merged_into_id:
        raise ClinicError("This record was merged into another. Open the one that stays.")


def _known(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if k in names}


def _check_person(values: dict[str, Any]) -> None:
    for name, word in (("first_name", "first name"), ("last_name", "last name")):
        if not str(values.get(name) or "").strip():
            raise ClinicError(f"A patient needs a {word}.", field=name)
    born = values.get("birth_date")
    if born is None:
        raise ClinicError("A patient needs a birth date.", field="birth_date")
    if born > clock.today():
        raise ClinicError("The birth date lies in the future.", field="birth_date")
    if born.year < clock.today().year - OLDEST:
        raise ClinicError(f"The birth date lies more than {OLDEST} years back. Check the year.", field="birth_date")


def _follow_own_guarantor(patient: Patient, before: dict[str, Any], values: dict[str, Any]) -> None:
    """A patient who answers for itself has one address, not two."""
    if patient.guarantor_relationship != "18":
        return
    own = {k: v for k, v in values.items() if k in GUARANTOR_FIELDS and before[k] != v}
    if own:
        own["phone_digits"] = patient.phone_digits
        Guarantor.objects.filter(pk=patient.guarantor_id).update(**own, updated_at=clock.now())
