"""PLB: what the payer keeps (positive) or adds (negative) outside any claim, each to its own account.

WO and FB are the payer's recoupment account, L6 is interest, CT capitation; 72 with its WO answers our own refund
and is a memo. Everything else goes to suspense and onto a list, never refused (X12 RFI 758, 1374).
"""

from django.db import transaction

from billing.models import ProviderAdjustment, Remittance
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Payer, User
from clinic.money import ZERO
from ledger.services import entries

RECOUPMENT = ("WO", "FB")
INTEREST = ("L6",)
CAPITATION = ("CT",)
RETURN = "72"
Treatment = ProviderAdjustment.Treatment


@transaction.atomic
def post_provider_adjustments(*, remittance: Remittance, by: User | None) -> int:
    """Post what waits. Safe to repeat: each row is posted once under its key."""
    payer = remittance.payer
    waiting = list(remittance.provider_adjustments.select_for_update().filter(treatment=Treatment.WAITING))
    if not waiting:
        return 0
    if payer is None:
        raise ClinicError("The payer of this check is not known; choose it before posting what the payer kept.")
    pairs = _memo_pairs(waiting)
    for row in waiting:
        if row.pk in pairs or not row.amount:
            row.treatment = Treatment.MEMO
        else:
            _post(row, remittance, payer, by)
        row.save()
    return len(waiting)


def _memo_pairs(rows: list[ProviderAdjustment]) -> set[object]:
    """A 72 and its WO of the same reference and opposite amount: the payer acknowledges our refund check."""
    found: set[object] = set()
    for row in rows:
        if row.code != RETURN:
            continue
        partner = next(
            (w for w in rows if w.code == "WO" and w.amount == -row.amount and w.reference == row.reference
             and w.pk not in found),
            None,
        )  # fmt: skip
        if partner is not None:
            found |= {row.pk, partner.pk}
    return found


def _post(row: ProviderAdjustment, remittance: Remittance, payer: Payer, by: User | None) -> None:
    key = f"835plb:{row.pk}"
    reference, on = remittance.reference, remittance.paid_on or clock.today()
    row.treatment = Treatment.POSTED
    if row.code in RECOUPMENT:
        act = entries.recoup_taken if row.amount > 0 else entries.recoup_announced
        row.entry = act(
            payer=payer, reference=reference, amount=abs(row.amount), key=key, by=by, effective_on=on,
            recoupment=row.reference,
        )  # fmt: skip
    elif row.code in INTEREST:
        row.entry = entries.interest(
            payer=payer, reference=reference, amount=-row.amount, key=key, by=by, effective_on=on
        )
    elif row.code in CAPITATION and row.amount < ZERO:
        row.entry = entries.capitation(
            payer=payer, reference=reference, amount=-row.amount, key=key, by=by, effective_on=on
        )
    else:
        row.entry = entries.payer_other(
            payer=payer, reference=reference, amount=row.amount, key=key, by=by, code=row.code, effective_on=on
        )
        row.treatment = Treatment.SUSPENSE


@transaction.atomic
def settle(*, adjustment: ProviderAdjustment, by: User) -> ProviderAdjustment:
    """A person has found out what an adjustment in suspense was for."""
    if adjustment.treatment != Treatment.SUSPENSE:
        raise ClinicError("Only an adjustment in suspense needs to be settled.")
    row = ProviderAdjustment.objects.select_for_update().get(pk=adjustment.pk)
    if row.resolved_at is not None:
        raise ClinicError("Somebody has settled this adjustment already.")
    row.resolved_at = clock.now()
    row.save(update_fields=["resolved_at", "updated_at"])
    audit.record(act="remittance.adjustment_settled", by=by, row=row)
    return row
