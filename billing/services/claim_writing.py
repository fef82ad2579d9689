"""A claim's row and lines, written from the charges; and the receivable brought to the policy that is billed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from billing.services.claim_facts import needs_referring
from clinic import audit, clock
from clinic.models import (
    ChargeItem,
    Claim,
    ClaimLine,
    Coverage,
    Payer,
    Provider,
    User,
    Visit,
    next_number,
    record_status,
)
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import OpenItem
from ledger.services.entries import transfer


def first_coverage(visit: Visit) -> Coverage | None:
    return Coverage.objects.on(visit.service_date).filter(patient_id=visit.patient_id).select_related("payer").first()


def new_claim(
    *,
    visit: Visit,
    coverage: Coverage,
    order: int,
    charges: Sequence[ChargeItem],
    place_of_service: str,
    rendering: Provider,
    by: User | None,
    after: Claim | None = None,
    file_by: date | None = None,
    status: str = Claim.Status.DRAFT,
) -> Claim:
    """A first member of a new lineage with its lines; the receivable of its charges stands on `coverage`.

    `after` is the claim to the payer before; what that payer left open has been moved by its posting.
    """
    payer = coverage.payer
    referring = visit.referring_provider or (rendering if needs_referring(payer, [c.code for c in charges]) else None)
    number = f"C{next_number('claim', first=26001)}"
    claim = Claim.objects.create(
        number=number, control_number=number, visit=visit, patient=visit.patient, coverage=coverage, payer=payer,
        order=order, after=after, rendering_provider=rendering, referring_provider=referring,
        place_of_service=place_of_service, clia_number=visit.location.clia_number,
        prior_authorization_number=_one_authorization(charges) if after is None else "",
        file_by=file_by or filing_deadline(payer, charges), total=ZERO, status=status,
    )  # fmt: skip
    write_lines(claim, charges)
    for charge in charges:
        bring_receivable(charge=charge, coverage=coverage, by=by, only_from_patient=after is not None)
    record_status(claim, from_status="", to_status=claim.status, by=by)
    audit.record(act="claim.created", by=by, patient=visit.patient, row=claim)
    return claim


def write_lines(claim: Claim, charges: Sequence[ChargeItem]) -> None:
    """(Re)write the lines from the charges, the diagnoses from the visit, and the total from the lines.

    A charge that stays keeps its line and its number (REF*6R): answers already given match it.
    """
    kept = {line.charge_id: line for line in claim.lines.all()}
    gone = [line.pk for charge_id, line in kept.items() if charge_id not in {c.pk for c in charges}]
    claim.lines.filter(pk__in=gone).delete()
    for shift, line in enumerate(kept.values(), start=1):  # positions are unique: make room first
        ClaimLine.objects.filter(pk=line.pk).update(position=10_000 + shift)
    used = {line.control_number for line in kept.values()}
    for position, charge in enumerate(charges, start=1):
        said: dict[str, Any] = {
            "position": position, "service_date": charge.service_date, "code": charge.code, "units": charge.units,
            "modifiers": charge.modifiers, "amount": charge.amount, "pointers": charge.pointers, "ndc": charge.ndc,
        }  # fmt: skip
        if charge.pk in kept:
            ClaimLine.objects.filter(pk=kept[charge.pk].pk).update(**said, updated_at=clock.now())
        else:
            number = next(n for n in (f"{claim.number}-{k}" for k in range(position, 10_000)) if n not in used)
            used.add(number)
            ClaimLine.objects.create(claim=claim, charge=charge, control_number=number, **said)
    if claim.replaces_id is None:  # a corrected claim has its own diagnoses
        claim.diagnosis_codes = list(claim.visit.diagnoses.values_list("code", flat=True))
    claim.total = sum((charge.amount for charge in charges), ZERO)
    claim.member_id_fingerprint = claim.coverage.member_id_fingerprint
    claim.save(update_fields=["diagnosis_codes", "total", "member_id_fingerprint", "updated_at"])


def bring_receivable(
    *, charge: ChargeItem, coverage: Coverage, by: User | None, only_from_patient: bool = False
) -> None:
    """Cover found or reordered after the charge was entered: what is open elsewhere moves to the policy billed now."""
    accounts = (Account.PAT,) if only_from_patient else (Account.INS, Account.PAT)
    rows = OpenItem.objects.filter(charge=charge, account__in=accounts, balance__gt=ZERO).select_related("coverage")
    for item in rows:
        if item.account == Account.INS and item.coverage_id == coverage.pk:
            continue
        source = item.coverage if item.account == Account.INS else None
        key = f"claim-to:{charge.pk}:{charge.version}:{source.pk if source else 'patient'}:{coverage.pk}"
        transfer(charge=charge, from_coverage=source, to_coverage=coverage, amount=item.balance, key=key, by=by)


def to_patient(*, charge: ChargeItem, coverage: Coverage, by: User | None) -> None:
    """What is still open at this policy is the patient's from now on."""
    row = OpenItem.objects.filter(charge=charge, account=Account.INS, coverage=coverage, balance__gt=ZERO).first()
    if row is not None:
        key = f"claim-to:{charge.pk}:{charge.version}:{coverage.pk}:patient"
        transfer(charge=charge, from_coverage=coverage, to_coverage=None, amount=row.balance, key=key, by=by)


def filing_deadline(payer: Payer, charges: Sequence[ChargeItem]) -> date:
    """From the first date of service, as the payer counts (42 CFR 424.44 for Medicare: the line's From date)."""
    return min(charge.service_date for charge in charges) + timedelta(days=payer.filing_days)


def _one_authorization(charges: Sequence[ChargeItem]) -> str:
    numbers = {charge.prior_authorization_number for charge in charges if charge.prior_authorization_number}
    return numbers.pop() if len(numbers) == 1 else ""
