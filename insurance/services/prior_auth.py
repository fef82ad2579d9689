"""The only writer of PriorAuthorization: ask, record the answer, use units at charge, give them back, expire."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import ChargeItem, Coverage, Location, Provider, User, record_status
from clinic.services.events import emit
from insurance.models import AuthorizationUse, PriorAuthorization

Status = PriorAuthorization.Status
ANSWER_DAYS = 7
"""Calendar days a payer has for a standard request since 2026 (CMS-0057-F); an expedited one has 72 hours."""


@transaction.atomic
def request_authorization(
    *,
    coverage: Coverage,
    codes: list[str],
    units: int,
    by: User | None,
    provider: Provider | None = None,
    note: str = "",
) -> PriorAuthorization:
    """Note that the payer was asked today; its answer is due in seven days."""
    codes = _codes(codes)
    if units < 1:
        raise ClinicError("Ask for at least one unit.", field="units")
    row = PriorAuthorization.objects.create(
        coverage=coverage, patient=coverage.patient, codes=codes, units=units, provider=provider, note=note,
        status=Status.SUBMITTED, requested_on=clock.today(), answer_due_on=clock.today() + timedelta(days=ANSWER_DAYS),
    )  # fmt: skip
    record_status(row, from_status="", to_status=row.status, by=by)
    audit.record(act="authorization.requested", by=by, patient=coverage.patient, row=row)
    emit(kind="authorization.requested", record=row, patient=coverage.patient, by=by)
    return row


@transaction.atomic
def record_authorization(
    *,
    coverage: Coverage,
    number: str,
    codes: list[str],
    units: int,
    starts_on: date,
    ends_on: date,
    by: User | None,
    provider: Provider | None = None,
    location: Location | None = None,
    request: PriorAuthorization | None = None,
    partial: bool = False,
    note: str = "",
) -> PriorAuthorization:
    """The payer's approval, with or without a request of ours before it."""
    number = number.strip().upper()
    if not number:
        raise ClinicError("Enter the authorization number that the payer gave.", field="number")
    if units < 1:
        raise ClinicError("An authorization is for at least one unit.", field="units")
    if ends_on < starts_on:
        raise ClinicError("The authorization ends before it begins.", field="ends_on")
    codes = _codes(codes)
    twin = PriorAuthorization.objects.filter(coverage=coverage, number=number, status__in=PriorAuthorization.USABLE)
    if request is not None:
        twin = twin.exclude(pk=request.pk)
    if twin.exists():
        raise ClinicError(f"Authorization {number} is on file already.", field="number")
    to = Status.PARTIAL if partial else Status.APPROVED
    facts: dict[str, Any] = {
        "number": number, "codes": codes, "units": units, "starts_on": starts_on, "ends_on": ends_on,
        "provider": provider, "location": location, "recorded_at": clock.now(), "recorded_by": by, "note": note,
    }  # fmt: skip
    if request is None:
        row = PriorAuthorization.objects.create(coverage=coverage, patient=coverage.patient, status=to, **facts)
        record_status(row, from_status="", to_status=to, by=by)
    else:
        row = request.move_to(to, by=by, **facts)
    audit.record(act="authorization.approved", by=by, patient=row.patient, row=row)
    emit(kind="authorization.approved", record=row, patient=row.patient, by=by)
    return row


@transaction.atomic
def record_denial(*, authorization: PriorAuthorization, reason: str, by: User | None) -> PriorAuthorization:
    if not reason.strip():
        raise ClinicError("Say why the payer refused.", field="reason")
    authorization.move_to(Status.DENIED, by=by, reason=reason, note=reason[:300])
    audit.record(act="authorization.denied", by=by, patient=authorization.patient, row=authorization, why=reason)
    emit(kind="authorization.denied", record=authorization, patient=authorization.patient, by=by)
    return authorization


@transaction.atomic
def cancel_authorization(*, authorization: PriorAuthorization, reason: str, by: User | None) -> PriorAuthorization:
    authorization.move_to(Status.CANCELLED, by=by, reason=reason)
    audit.record(act="authorization.cancelled", by=by, patient=authorization.patient, row=authorization, why=reason)
    return authorization


@transaction.atomic
def use_units(*, authorization: PriorAuthorization, charge: ChargeItem, by: User | None) -> AuthorizationUse:
    """Take a charge's units under a row lock. The same charge twice takes them once; too few left is refused."""
    row = PriorAuthorization.objects.select_for_update().get(pk=authorization.pk)
    same = AuthorizationUse.objects.filter(charge=charge, released_at=None).first()
    if same is not None:
        if same.authorization_id == row.pk and same.units == charge.units:
            return same
        same.released_at = clock.now()
        same.save(update_fields=["released_at", "updated_at"])
    if not row.covers(charge.code, charge.service_date):
        raise ClinicError(f"Authorization {row.number} does not cover {charge.code} on {charge.service_date:%m/%d/%Y}.")
    if charge.units > row.units_left:
        raise ClinicError(
            f"Authorization {row.number} has {row.units_left} of {row.units} units left; this charge needs {charge.units}."
            " Ask the payer for more before you bill it."
        )
    return AuthorizationUse.objects.create(authorization=row, charge=charge, units=charge.units)


@transaction.atomic
def release_units(*, charge: ChargeItem, by: User | None) -> int:
    """Give back what a voided or changed charge had taken."""
    return AuthorizationUse.objects.filter(charge=charge, released_at=None).update(
        released_at=clock.now(), updated_at=clock.now()
    )


def expire_authorizations(upto: date) -> int:
    """By the clock: what ended before `upto` is expired. Safe to repeat."""
    expired = 0
    for row in PriorAuthorization.objects.filter(status__in=PriorAuthorization.USABLE, ends_on__lt=upto):
        row.move_to(Status.EXPIRED, by=None, reason="its last day has passed")
        expired += 1
    return expired


def _codes(codes: list[str]) -> list[str]:
    clean = list(dict.fromkeys(c.strip().upper() for c in codes if c.strip()))
    if not clean:
        raise ClinicError("Name at least one procedure code.", field="codes")
    return clean
