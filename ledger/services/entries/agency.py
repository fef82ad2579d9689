"""Bad debt, and what comes in after it: the agency's remittance, the patient at our desk, the agency's bill."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import ChargeItem, User
from clinic.money import ZERO, positive, split_by_weight
from ledger.accounts import Account, WriteOff
from ledger.models import JournalEntry
from ledger.queries.standing import open_balance, written_off
from ledger.services.allocations import Share
from ledger.services.journal import Kind, Leg, leg, lock_accounts, post, posted


@transaction.atomic
def to_bad_debt(
    *, charges: Sequence[ChargeItem], key: str, by: User, approved_by: User, memo: str = ""
) -> JournalEntry:
    """Give up all that is open of these lines at the agency or at the patient. Two people: one asks, one approves.

    The patient still owes it: the account shows it as written off.
    """
    lock_accounts(charge.guarantor_id for charge in charges)
    before = posted(key)
    if before is not None:
        return before
    if by.pk == approved_by.pk:
        raise ClinicError("Bad debt is approved by a second person.")
    debits: list[Leg] = []
    credits: list[Leg] = []
    for charge in charges:
        for account in (Account.AGCY, Account.PAT):
            owed = open_balance(account, charge)
            if owed > ZERO:
                debits.append(leg(Account.BAD, owed, charge=charge))
                credits.append(leg(account, owed, charge=charge))
    if not debits:
        raise ClinicError("Nothing is open on these lines.")
    return post(
        kind=Kind.BAD_DEBT,
        key=key,
        debits=debits,
        credits=credits,
        by=by,
        reason=WriteOff.BAD_DEBT,
        memo=memo or f"Approved by {approved_by.username}",
    )


def recovery_legs(charge: ChargeItem, collected: Decimal) -> tuple[list[Leg], list[Leg]]:
    """(debits, credits) that make `collected` stand open at the agency again, when it was written off before."""
    missing = collected - max(open_balance(Account.AGCY, charge), ZERO)
    reinstated = min(missing, written_off(charge))
    if reinstated <= ZERO:
        return [], []
    return [leg(Account.AGCY, reinstated, charge=charge)], [leg(Account.BREC, reinstated, charge=charge)]


@transaction.atomic
def agency_remitted(
    *, lines: Sequence[Share], fee: Decimal, key: str, by: User | None, reference: str = "", memo: str = ""
) -> JournalEntry:
    """The agency collected these gross amounts, kept `fee` and sent the rest.

    The patient is credited with the gross: Dr BANK, AFEE / Cr AGCY; what was written off stands again first
    (Dr AGCY / Cr BREC).
    """
    lock_accounts(charge.guarantor_id for charge, _amount in lines)
    before = posted(key)
    if before is not None:
        return before
    collected = sum((positive(amount) for _charge, amount in lines), ZERO)
    if fee < ZERO or fee > collected:
        raise ClinicError("The agency's fee cannot be more than it collected.")
    debits: list[Leg] = []
    credits: list[Leg] = []
    for charge, amount in lines:
        if amount > max(open_balance(Account.AGCY, charge), ZERO) + written_off(charge):
            raise ClinicError("The agency reports more than is owed on a line. Ask it before booking its remittance.")
    for (charge, amount), kept in zip(lines, split_by_weight(fee, [a for _c, a in lines]), strict=True):
        again = recovery_legs(charge, amount)
        debits += again[0]
        credits += again[1]
        debits.append(leg(Account.BANK, amount - kept, charge=charge, reference=reference))
        debits.append(leg(Account.AFEE, kept, charge=charge, reference=reference))
        credits.append(leg(Account.AGCY, amount, charge=charge))
    return post(kind=Kind.AGENCY_PAID, key=key, debits=debits, credits=credits, by=by, memo=memo)


def agency_billed(*, amount: Decimal, key: str, by: User | None, reference: str = "") -> JournalEntry:
    """The agency's fee for what patients paid at our own desk: Dr AFEE / Cr BANK."""
    return post(
        kind=Kind.BANK_FEE,
        key=key,
        debits=[leg(Account.AFEE, positive(amount), reference=reference)],
        credits=[leg(Account.BANK, amount, reference=reference)],
        by=by,
        memo="Agency's fee for direct payments",
    )
