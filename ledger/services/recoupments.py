"""A payer took money from a check and named no claim of ours that we knew: a person finds it, and accepts the taking."""

from django.db import transaction
from django.db.models import Q

from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Claim, User
from clinic.money import ZERO, dollars
from ledger.models import OpenItem
from ledger.queries.balances import owed_by_coverage
from ledger.services.entries import recoup_accepted
from ledger.services.journal import lock_accounts


@transaction.atomic
def accept_recoupment(*, item: OpenItem, claim_number: str, key: str, by: User | None) -> Claim:
    """All that this payer took under this reference was for that claim: Dr INS / Cr RECOUP, overpaid lines first.

    What the lines were not overpaid by is owed by the payer again, and stands on its row of the aging.
    """
    claim = _claim(claim_number)
    lock_accounts([claim.visit.guarantor_id])
    item = OpenItem.objects.select_for_update(of=("self",)).select_related("payer").get(pk=item.pk)
    if item.balance <= ZERO or item.payer is None:
        raise ClinicError("Nothing of this taking is unexplained any more.")
    if claim.payer_id != item.payer_id:
        raise ClinicError(f"Claim {claim.number} asks {claim.payer}, and {item.payer} took the money.", field="number")
    lines = [line.charge for line in claim.lines.select_related("charge") if not line.charge.is_void]
    if not lines:
        raise ClinicError(f"Claim {claim.number} has no line any more.", field="number")
    rest = item.balance
    overpaid = {charge: max(-owed_by_coverage(charge=charge, coverage=claim.coverage), ZERO) for charge in lines}
    parts = dict.fromkeys(lines, ZERO)
    for charge in lines:
        parts[charge] = min(rest, overpaid[charge])
        rest -= parts[charge]
    parts[lines[0]] += rest
    for charge, part in parts.items():
        if part > ZERO:
            recoup_accepted(
                charge=charge, coverage=claim.coverage, amount=part, key=f"{key}:{charge.pk}", by=by,
                recoupment=item.reference,
            )  # fmt: skip
    said = f"{dollars(item.balance)} taken under {item.reference or 'no reference'}"
    audit.record(act="recoupment.accepted", by=by, patient=claim.patient, row=claim, why=said)
    return claim


def _claim(number: str) -> Claim:
    asked = Q(number__iexact=number.strip()) | Q(control_number__iexact=number.strip())
    rows = Claim.objects.filter(asked).select_related("visit", "coverage", "payer", "patient")
    claim = rows.order_by("-sequence").first()
    if claim is None:
        raise ClinicError(f"No claim has the number {number.strip()}.", field="number")
    return claim
