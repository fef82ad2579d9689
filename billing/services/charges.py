"""Charges of a visit: capture, change, void. Each stands in the ledger on whoever owes it; a change is reversed and
posted again, never edited in place."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from billing.queries.fees import pick, prices_of
from billing.services.charge_lines import ChargeLine, checked, merged
from billing.services.claims import editable_claims_of, first_coverage, refresh_claim
from billing.services.diagnoses import set_diagnoses
from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Claim, Coverage, User, Visit
from clinic.money import exact
from clinic.services.visits import close_charges, reopen_charges
from insurance.models import PriorAuthorization
from insurance.services.prior_auth import release_units, use_units
from ledger.services import entries

NEVER_HAPPENED = (Visit.Status.UNDONE, Visit.Status.LEFT)


@transaction.atomic
def capture_charges(
    *,
    visit: Visit,
    lines: Sequence[ChargeLine],
    by: User | None,
    diagnoses: Sequence[str] | None = None,
    bill_patient: bool = False,
) -> list[ChargeItem]:
    """Write down what was done; whole or not at all. The first coverage on that day owes it, else the patient.

    `diagnoses` is the visit's whole list in order (None leaves it as it is); pointers count in it, and a line
    without any points to the first. `bill_patient`: no policy was in force and the patient is to pay.
    """
    visit = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("patient", "guarantor", "provider")
        .get(pk=visit.pk)
    )
    refuse_closed(visit)
    coverage = who_owes(visit, bill_patient=bill_patient)
    if diagnoses is not None:
        set_diagnoses(visit=visit, codes=diagnoses, by=by)
    if not lines:
        return []
    known = visit.diagnoses.count()
    prices = prices_of(codes=[line.code.strip().upper() for line in lines], on=visit.service_date)
    charges = []
    for number, line in enumerate(lines, start=1):
        said = checked(line, known, f"Line {number}")
        amount = said.pop("amount")
        if amount is None:
            price = pick(prices, said["code"], said["modifiers"])
            if price is None:
                raise ClinicError(f"Line {number}: no fee is set for {said['code']}. Enter the charge, or add the fee.")
            amount = exact(price.amount * said["units"])
        charge = ChargeItem.objects.create(
            visit=visit, patient=visit.patient, guarantor=visit.guarantor, service_date=visit.service_date, amount=amount,
            **{**said, "rendering_provider": said["rendering_provider"] or visit.provider},
        )  # fmt: skip
        _take_units(charge, coverage, by)
        entries.charge(charge=charge, coverage=coverage, key=f"charge:{charge.pk}:1", by=by)
        charges.append(charge)
    audit.record(act="charge.captured", by=by, patient=visit.patient, row=visit, detail={"count": len(charges)})
    return charges


def refuse_closed(visit: Visit) -> None:
    if visit.status in NEVER_HAPPENED:
        raise ClinicError("This visit was undone or the patient left unseen. Nothing can be charged for it.")
    if visit.status == Visit.Status.CLOSED:
        raise ClinicError("The charges of this visit are closed. Reopen them first, and say why.")
    if visit.patient.merged_into_id is not None:
        raise ClinicError("This record was merged into another. Enter the charges under the record that stays.")


def who_owes(visit: Visit, *, bill_patient: bool = False) -> Coverage | None:
    """The policy that is asked first, None for the patient: self-pay, or a restriction under 45 CFR 164.522."""
    if visit.is_self_pay or visit.patient.restricts_disclosure:
        return None
    coverage = first_coverage(visit)
    if coverage is None and not (bill_patient or visit.patient.is_self_pay):
        raise ClinicError(
            f"No coverage was in force on {visit.service_date:%m/%d/%Y}. Add it to the patient, or let the patient pay."
        )
    return coverage


@transaction.atomic
def change_charge(
    *,
    charge: ChargeItem,
    changes: dict[str, Any],
    by: User | None,
    correcting: bool = False,
    version: int | None = None,
) -> ChargeItem:
    """Change a charge; what touches money is taken back and posted anew on whoever owes it now.

    Claims not yet with the payer are rewritten and scrubbed. `correcting`: the caller makes the corrected claim.
    """
    row = (
        ChargeItem.objects.select_for_update(of=("self",)).select_related("visit__patient", "patient").get(pk=charge.pk)
    )
    if row.is_void or row.visit is None:
        raise ClinicError("This charge was voided, or is a fee. It cannot be changed.")
    if version is not None and version != row.version:
        raise Conflict("Somebody else has changed this charge since you opened it. Look at it again.")
    claims = [] if correcting else editable_claims_of(row)
    said = checked(merged(row, changes), row.visit.diagnoses.count(), row.code)
    if said["amount"] is None:
        price = pick(prices_of(codes=[said["code"]], on=row.service_date), said["code"], said["modifiers"])
        if price is None:
            raise ClinicError(f"No fee is set for {said['code']}. Enter the charge, or add the fee.", field="amount")
        said["amount"] = exact(price.amount * said["units"])
    said["rendering_provider"] = said["rendering_provider"] or row.rendering_provider
    moves_money = any(getattr(row, name) != said[name] for name in ("amount", "code", "units"))
    owed_by = ledger_coverage(row) if moves_money else None
    if moves_money:
        entries.undo_charge(charge=row, key=f"charge:{row.pk}:{row.version}:undo", by=by)
    before = {name: getattr(row, name) for name in said}
    for name, value in said.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    release_units(charge=row, by=by)
    _take_units(row, owed_by or first_coverage(row.visit), by)
    if moves_money:
        entries.charge(charge=row, coverage=owed_by, key=f"charge:{row.pk}:{row.version}", by=by)
    audit.record(
        act="charge.changed", by=by, patient=row.patient, row=row,
        detail={name: [str(before[name]), str(value)] for name, value in said.items() if before[name] != value},
    )  # fmt: skip
    for claim in claims:
        refresh_claim(claim=claim, by=by)
    charge.refresh_from_db()
    return charge


@transaction.atomic
def void_charge(*, charge: ChargeItem, reason: str, by: User | None) -> ChargeItem:
    """It was not done, or was another patient's: out of the ledger, off its claims. The row stays. Safe to repeat."""
    if not reason.strip():
        raise ClinicError("Say why the charge is voided.", field="reason")
    row = ChargeItem.objects.select_for_update(of=("self",)).select_related("patient").get(pk=charge.pk)
    if row.is_void:
        return row
    claims = editable_claims_of(row)
    entries.undo_charge(charge=row, key=f"charge:{row.pk}:{row.version}:undo", by=by)
    release_units(charge=row, by=by)
    row.voided_at, row.void_reason = clock.now(), reason.strip()[:200]
    row.save(update_fields=["voided_at", "void_reason", "updated_at"])
    audit.record(act="charge.voided", by=by, patient=row.patient, row=row, why=reason)
    for claim in claims:
        refresh_claim(claim=claim, by=by)
    charge.refresh_from_db()
    return charge


@transaction.atomic
def finish_charges(*, visit: Visit, by: User | None) -> Visit:
    """Everything is written down. The claim follows by itself (event visit.charges_closed)."""
    return close_charges(visit=visit, by=by)


@transaction.atomic
def open_charges_again(*, visit: Visit, reason: str, by: User | None) -> Visit:
    return reopen_charges(visit=visit, reason=reason, by=by)


def ledger_coverage(charge: ChargeItem) -> Coverage | None:
    """Who owes the charge as the ledger has it: the policy it was first posted on, or the one billed since."""
    claim = (
        Claim.objects.filter(lines__charge=charge, after=None)
        .exclude(status=Claim.Status.VOIDED)
        .select_related("coverage__payer")
        .order_by("-created_at")
        .first()
    )
    if claim is not None:
        return claim.coverage
    return who_owes(charge.visit, bill_patient=True) if charge.visit else None


def _take_units(charge: ChargeItem, coverage: Coverage | None, by: User | None) -> None:
    """Units of the authorization it names, under that row's lock. A number we do not know is sent as entered."""
    if coverage is None or not charge.prior_authorization_number:
        return
    row = PriorAuthorization.objects.filter(
        patient_id=charge.patient_id, coverage__payer_id=coverage.payer_id, number=charge.prior_authorization_number
    ).first()
    if row is not None:
        use_units(authorization=row, charge=charge, by=by)


__all__ = [
    "ChargeLine", "capture_charges", "change_charge", "finish_charges", "ledger_coverage", "open_charges_again",
    "set_diagnoses", "void_charge", "who_owes",
]  # fmt: skip
