"""The only writer of Coverage: add, change, end, reorder."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from clinic import audit, clock
from clinic.errors import ClinicError, Conflict, StaleVersion
from clinic.fields import fingerprint
from clinic.models import Coverage, Patient, Payer, User
from clinic.queries import who_changed_since
from clinic.services.events import emit
from clinic.services.patients import refuse_merged
from clinic.validators import MEMBER_ID

MAY_CHANGE = (
    "group_number", "plan_name", "relationship", "subscriber_first_name", "subscriber_last_name",
    "subscriber_birth_date", "subscriber_sex", "medicare_secondary_type", "starts_on", "ends_on",
)  # fmt: skip


@transaction.atomic
def add_coverage(
    *,
    patient: Patient,
    payer: Payer,
    member_id: str,
    starts_on: date,
    by: User | None,
    order: int = 1,
    ends_on: date | None = None,
    **more: Any,
) -> Coverage:
    """A policy on file. Two policies may not stand on the same place at the same time."""
    refuse_merged(patient)
    if not payer.is_active:
        raise ClinicError(f"{payer.name} is no longer in use. Choose another payer.", field="payer")
    if ends_on is not None and ends_on < starts_on:
        raise ClinicError("The coverage ends before it begins.", field="ends_on")
    clean = _clean_member_id(member_id)
    values = {k: v for k, v in more.items() if k in MAY_CHANGE}
    _check_subscriber(values.get("relationship", "18"), values)
    coverage = Coverage(
        patient=patient, payer=payer, order=order, member_id=clean, member_id_fingerprint=fingerprint(clean),
        member_id_last4=clean[-4:], starts_on=starts_on, ends_on=ends_on, **values,
    )  # fmt: skip
    _save(coverage)
    audit.record(act="coverage.added", by=by, patient=patient, row=coverage)
    emit(kind="coverage.added", record=coverage, patient=patient, payload={"order": order}, by=by)
    return coverage


@transaction.atomic
def change_coverage(*, coverage: Coverage, fields: dict[str, Any], version: int, by: User | None) -> Coverage:
    row = _locked(coverage, version)
    values = {k: v for k, v in fields.items() if k in MAY_CHANGE}
    _check_subscriber(values.get("relationship", row.relationship), {**row.__dict__, **values})
    for name, value in values.items():
        setattr(row, name, value)
    if row.ends_on is not None and row.ends_on < row.starts_on:
        raise ClinicError("The coverage ends before it begins.", field="ends_on")
    return _changed(row, sorted(values), by)


@transaction.atomic
def change_member_id(*, coverage: Coverage, member_id: str, by: User | None, why: str = "") -> Coverage:
    """The id on the card was typed wrong, or the payer's own answer names another one."""
    row = Coverage.objects.select_for_update().get(pk=coverage.pk)
    clean = _clean_member_id(member_id)
    if fingerprint(clean) == row.member_id_fingerprint:
        return row
    row.member_id, row.member_id_fingerprint, row.member_id_last4 = clean, fingerprint(clean), clean[-4:]
    return _changed(row, ["member_id"], by, why)


@transaction.atomic
def end_coverage(*, coverage: Coverage, ends_on: date, reason: str, by: User | None) -> Coverage:
    """The last day of cover. A claim for a later day goes to another payer."""
    row = Coverage.objects.select_for_update().get(pk=coverage.pk)
    if ends_on < row.starts_on:
        raise ClinicError("The coverage ends before it begins.", field="ends_on")
    row.ends_on, row.ended_reason = ends_on, reason[:120]
    row.version += 1
    row.save()
    audit.record(act="coverage.ended", by=by, patient=row.patient, row=row, why=reason)
    emit(kind="coverage.ended", record=row, patient=row.patient, by=by)
    return row


@transaction.atomic
def withdraw_coverage(*, coverage: Coverage, reason: str, by: User | None) -> Coverage:
    """It never was in force: a payer's hint that the other payer did not confirm. Nobody is billed by it."""
    row = Coverage.objects.select_for_update().get(pk=coverage.pk)
    row.is_active, row.ended_reason = False, reason[:120]
    row.version += 1
    row.save()
    audit.record(act="coverage.withdrawn", by=by, patient=row.patient, row=row, why=reason)
    emit(kind="coverage.ended", record=row, patient=row.patient, by=by)
    return row


@transaction.atomic
def reorder_coverages(*, patient: Patient, in_order: list[Coverage], by: User | None, why: str = "") -> list[Coverage]:
    """Set who pays first, second, third. Receivables hang on the coverage row, so nothing is posted."""
    rows = {
        c.pk: c for c in Coverage.objects.select_for_update().filter(patient=patient, pk__in=[c.pk for c in in_order])
    }
    if len(rows) != len(in_order):
        raise ClinicError("These coverages do not all belong to this patient.")
    for place, wanted in enumerate(in_order, start=1):
        row = rows[wanted.pk]
        if row.order != place:
            Coverage.objects.filter(pk=row.pk).update(order=place, version=row.version + 1, updated_at=clock.now())
            row.order = place
            row.version += 1
    _check_places()
    audit.record(act="coverage.reordered", by=by, patient=patient, why=why)
    for row in rows.values():
        emit(kind="coverage.changed", record=row, patient=patient, payload={"order": row.order}, by=by)
    return [rows[c.pk] for c in in_order]


@transaction.atomic
def put_before(*, coverage: Coverage, by: User | None, why: str = "") -> list[Coverage]:
    """Make this one pay first, the others after it: coordination of benefits was corrected."""
    today = clock.today()
    others = Coverage.objects.filter(patient=coverage.patient, is_active=True).exclude(pk=coverage.pk).order_by("order")
    current = [c for c in others if c.ends_on is None or c.ends_on >= min(today, coverage.starts_on)]
    return reorder_coverages(patient=coverage.patient, in_order=[coverage, *current], by=by, why=why)


def day_before(day: date) -> date:
    return day - timedelta(days=1)


def _locked(coverage: Coverage, version: int) -> Coverage:
    row = Coverage.objects.select_for_update().select_related("patient").get(pk=coverage.pk)
    if row.version != version:
        who = who_changed_since(row, version)
        raise StaleVersion(f"{who} changed this coverage while you were typing. Compare and save again.")
    return row


def _changed(row: Coverage, names: list[str], by: User | None, why: str = "") -> Coverage:
    row.version += 1
    _save(row)
    audit.record(act="coverage.changed", by=by, patient=row.patient, row=row, detail={"fields": names}, why=why)
    emit(kind="coverage.changed", record=row, patient=row.patient, payload={"fields": names}, by=by)
    return row


def _save(row: Coverage) -> None:
    try:
        with transaction.atomic():
            row.save()
            _check_places()
    except IntegrityError as error:
        if "coverage_one_per_order" in str(error):
            raise Conflict(
                f"Another {row.get_order_word()} coverage is on file for these dates. End it first, or choose another order."
            ) from error
        raise


def _check_places() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS coverage_one_per_order IMMEDIATE")
        cursor.execute("SET CONSTRAINTS coverage_one_per_order DEFERRED")


def _clean_member_id(member_id: str) -> str:
    clean = "".join(member_id.split()).upper()
    if not MEMBER_ID.match(clean):
        raise ClinicError(
            "A member id has 2 to 30 letters, digits or hyphens. Copy it from the card.", field="member_id"
        )
    return clean


def _check_subscriber(relationship: str, values: dict[str, Any]) -> None:
    if relationship == "18":
        return
    if not (
        values.get("subscriber_first_name")
        and values.get("subscriber_last_name")
        and values.get("subscriber_birth_date")
    ):
        raise ClinicError(
            "The patient is covered through somebody else: enter that person's name and birth date.",
            field="subscriber_last_name",
        )
