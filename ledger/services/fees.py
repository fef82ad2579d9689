"""A fee: its charge item and its entry in one act. Never on a claim, never at a payer."""

import uuid
from datetime import date
from decimal import Decimal

from django.db import transaction

from clinic import audit, clock
from clinic.models import ChargeItem, Patient, User
from clinic.money import positive
from ledger.services.entries.charges import fee
from ledger.services.journal import lock_accounts, posted


@transaction.atomic
def charge_fee(
    *,
    patient: Patient,
    code: str,
    amount: Decimal,
    key: str,
    by: User | None,
    on: date | None = None,
    appointment_id: uuid.UUID | None = None,
    payment_id: uuid.UUID | None = None,
) -> ChargeItem:
    """A no-show (`NOSHO`), returned-check (`NSF`) or form (`FORM`) fee: Dr PAT / Cr FEE. Same key, same fee."""
    lock_accounts([patient.guarantor_id])
    before = posted(key)
    if before is not None:
        return before.postings.exclude(charge=None).select_related("charge")[0].charge  # type: ignore[return-value]
    charge = ChargeItem.objects.create(
        kind=ChargeItem.Kind.FEE,
        patient=patient,
        guarantor=patient.guarantor,
        service_date=on or clock.today(),
        code=code,
        amount=positive(amount, "The fee"),
        for_appointment_id=appointment_id,
        for_payment_id=payment_id,
    )
    fee(charge=charge, key=key, by=by)
    audit.record(act="fee.charged", by=by, patient=patient, row=charge, detail={"code": code})
    return charge
