"""The only writer of Patient and Guarantor: register, update, merge."""

from datetime import date
from typing import Any

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError, StaleVersion
from clinic.models import Guarantor, Patient, PatientChange, User, next_number
from clinic.queries import who_changed_since
from clinic.services.events import emit
from x12.codes.coverage import RELATIONSHIPS

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
OF_AGE = 18
"""Years. Whoever is younger can sign for no bill."""
SELF = "18"
"""The relationship of who answers for their own bill (the code list of SBR02)."""


def digits(phone: str) -> str:
    """The ten digits of a US number, for look-up."""
    found = "".join(c for c in phone if c.isdigit())
    return found[1:] if len(found) == 11 and found.startswith("1") else found


@transaction.atomic
def register_patient(
    *,
    fields: dict[str, Any],
    guarantor: Guarantor | None = None,
    new_guarantor: dict[str, Any] | None = None,
    by: User | None,
) -> Patient:
    """A new patient with a new MRN. Without a guarantor, on file or new, a grown patient answers for itself."""
    values = _known(fields, PATIENT_FIELDS)
    _check_person(values)
    guarantor = _named(guarantor, new_guarantor, by)
    values["guarantor_relationship"] = values.get("guarantor_relationship") or SELF
    _check_guarantor(values, guarantor)
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
def update_patient(
    *,
    patient: Patient,
    fields: dict[str, Any],
    version: int,
    by: User | None,
    guarantor: Guarantor | None = None,
    new_guarantor: dict[str, Any] | None = None,
) -> Patient:
    """Change demographics. `version` is the one the form was filled from; a stale one is refused with the diff.

    A guarantor named here answers for visits that begin from now on: what is billed stays with whom it was billed to.
    """
    row = Patient.objects.select_for_update().get(pk=patient.pk)
    if row.merged_into_id:
        raise ClinicError("This record was merged into another. Change the one that stays.")
    values = _known(fields, PATIENT_FIELDS)
    if row.version != version:
        changed = {k: str(getattr(row, k)) for k, v in values.items() if getattr(row, k) != v}
        who = who_changed_since(row, version)
        raise StaleVersion(f"{who} changed this patient while you were typing. Compare and save again.", detail=changed)
    before = {k: getattr(row, k) for k in (*PATIENT_FIELDS, "guarantor_id")}
    whole = {**before, **values}
    _check_person(whole)
    named = _named(guarantor, new_guarantor, by)
    stays = SELF not in (before["guarantor_relationship"], whole["guarantor_relationship"])
    _check_guarantor(whole, named or (row.guarantor if stays else None))
    for name, value in values.items():
        setattr(row, name, value)
    row.phone_digits = digits(row.phone)
    if row.guarantor_relationship != SELF:
        row.guarantor = named or row.guarantor
    elif before["guarantor_relationship"] != SELF:
        row.guarantor = _own_guarantor(row, by)
    row.version += 1
    row.save()
    changes = sorted(k for k in before if before[k] != getattr(row, k))
    _follow_own_guarantor(row, before)
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


def is_minor(born: date | None) -> bool:
    """Under 18 today; nobody whose birth date is not known."""
    if born is None:
        return False
    today = clock.today()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < OF_AGE


def _named(guarantor: Guarantor | None, new: dict[str, Any] | None, by: User | None) -> Guarantor | None:
    """The guarantor on file, or a new one, who can be written to and called."""
    if new is None:
        return guarantor
    for name, words in (
        ("first_name", "first name"), ("last_name", "last name"), ("line1", "street"), ("city", "city"), ("state", "state"),
        ("zip_code", "ZIP code"), ("phone", "phone number"),
    ):  # fmt: skip
        if not str(new.get(name) or "").strip():
            raise ClinicError(
                f"Enter the guarantor's {words}: statements and calls go there.", field=f"guarantor_{name}"
            )
    return add_guarantor(fields=new, by=by)


def _check_guarantor(values: dict[str, Any], guarantor: Guarantor | None) -> None:
    """Who answers for the bill is of age, and it is said what the patient is to that person."""
    relationship = values["guarantor_relationship"]
    if relationship == SELF:
        if guarantor is not None:
            raise ClinicError(
                "Say what the patient is to the guarantor, for example child.", field="guarantor_relationship"
            )
        if is_minor(values["birth_date"]):
            raise ClinicError(
                "A patient under 18 needs a guarantor. Name the parent or other adult who answers for the bill.",
                field="guarantor",
            )
    elif relationship not in RELATIONSHIPS:
        raise ClinicError("There is no such relationship. Choose one of the list.", field="guarantor_relationship")
    elif guarantor is None:
        raise ClinicError("Name the guarantor, or say that the patient answers for the bill.", field="guarantor")
    elif is_minor(guarantor.birth_date):
        raise ClinicError(f"{guarantor.full_name} is under 18. Name an adult as guarantor.", field="guarantor")
    elif guarantor.is_deceased:
        raise ClinicError(f"{guarantor.full_name} has died. Name another guarantor.", field="guarantor")


def _own_guarantor(patient: Patient, by: User | None) -> Guarantor:
    """The account that this patient answered for before somebody else did; a new one when there was none."""
    was = PatientChange.objects.filter(pgh_obj=patient.pk, guarantor_relationship=SELF).order_by("-pgh_id").first()
    own = {name: getattr(patient, name) for name in GUARANTOR_FIELDS}
    if was is None:
        return add_guarantor(fields=own, by=by)
    Guarantor.objects.filter(pk=was.guarantor_id).update(
        **own, phone_digits=patient.phone_digits, updated_at=clock.now()
    )
    return Guarantor.objects.get(pk=was.guarantor_id)


def _follow_own_guarantor(patient: Patient, before: dict[str, Any]) -> None:
    """A patient who answers for itself has one address, not two."""
    if patient.guarantor_relationship != SELF:
        return
    own = {k: getattr(patient, k) for k in GUARANTOR_FIELDS if before[k] != getattr(patient, k)}
    if own:
        own["phone_digits"] = patient.phone_digits
        Guarantor.objects.filter(pk=patient.guarantor_id).update(**own, updated_at=clock.now())
