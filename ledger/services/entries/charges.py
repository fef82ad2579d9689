"""What is charged and taken back: services and fees."""

from collections import defaultdict
from decimal import Decimal

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import ChargeItem, Coverage, Payer, User
from clinic.money import ZERO
from ledger.accounts import PATIENT_PAID, PAYER_PAID, Account
from ledger.models import JournalEntry, Posting
from ledger.queries.standing import open_balance, parts_on_charge, posted_on
from ledger.services.allocations import release_credit
from ledger.services.journal import Kind, Leg, leg, lock_accounts, post, posted


@transaction.atomic
def charge(*, charge: ChargeItem, coverage: Coverage | None, key: str, by: User | None) -> JournalEntry | None:
    """A service was done: the payer owes it, or the patient when there is no coverage. None for a $0.00 line."""
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None or not charge.amount:
        return before
    if charge.kind != ChargeItem.Kind.SERVICE:
        raise ClinicError("A fee is not charged to a payer. Post it as a fee.")
    if posted_on(charge, (Account.REV,)):
        raise ClinicError("This charge is on the account already. Take it back before posting it again.")
    if coverage is not None and coverage.patient_id != charge.patient_id:
        raise ClinicError("This coverage belongs to another patient.")
    owed = (
        leg(Account.INS, charge.amount, charge=charge, coverage=coverage)
        if coverage
        else leg(Account.PAT, charge.amount, charge=charge)
    )
    return post(
        kind=Kind.CHARGE,
        key=key,
        debits=[owed],
        credits=[leg(Account.REV, charge.amount, charge=charge, coverage=coverage)],
        by=by,
        effective_on=charge.service_date,
    )


@transaction.atomic
def undo_charge(*, charge: ChargeItem, key: str, by: User | None) -> JournalEntry | None:
    """Take a charge back with its discounts, write-offs and transfers. Payments on it become credit.

    Refused while a payer's money lies on the line: the payer's own reversal must come first. None when nothing
    of it is on the account.
    """
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None:
        return before
    if posted_on(charge, PAYER_PAID):
        raise ClinicError("The payer has paid on this line. Post the payer's reversal first.")
    free_payments(charge=charge, key=f"{key}:free", by=by)
    legs = _standing_legs(charge)
    if not legs:
        return None
    if sum((each.amount for each in legs), ZERO):
        raise ClinicError("An agency or a refund has moved money on this line. It cannot be taken back.")
    return post(kind=Kind.CHARGE_UNDONE, key=key, debits=[], credits=legs, by=by)


@transaction.atomic
def free_payments(*, charge: ChargeItem, key: str, by: User | None) -> JournalEntry | None:
    """All that patients paid on the line back to credit on its visit."""
    lying = sum((part.amount for part in parts_on_charge(charge)), ZERO)
    return release_credit(charge=charge, amount=lying, key=key, by=by) if lying else posted(key)


def _standing_legs(charge: ChargeItem) -> list[Leg]:
    """The line's sums by account and coverage, without the money that came in for it."""
    sums: dict[tuple[str, Coverage | None, Payer | None], Decimal] = defaultdict(lambda: ZERO)
    rows = Posting.objects.filter(charge=charge).exclude(account__in=[*PATIENT_PAID, *PAYER_PAID, Account.REFP])
    rows = rows.select_related("coverage", "payer")
    for row in rows.order_by("id"):
        sums[(row.account, row.coverage, row.payer)] += row.debit - row.credit
    return [
        leg(Account(account), amount, charge=charge, coverage=coverage, payer=payer)
        for (account, coverage, payer), amount in sums.items()
        if amount
    ]


@transaction.atomic
def fee(*, charge: ChargeItem, key: str, by: User | None) -> JournalEntry:
    """A no-show, returned-check or form fee: the patient's alone, outside days in AR and net collection."""
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None:
        return before
    if charge.kind != ChargeItem.Kind.FEE:
        raise ClinicError("This is a service, not a fee.")
    if posted_on(charge, (Account.FEE,)):
        raise ClinicError("This fee is on the account already.")
    return post(
        kind=Kind.FEE,
        key=key,
        debits=[leg(Account.PAT, charge.amount, charge=charge)],
        credits=[leg(Account.FEE, charge.amount, charge=charge)],
        by=by,
    )


@transaction.atomic
def waive_fee(*, charge: ChargeItem, key: str, by: User | None) -> JournalEntry:
    """Give up what is still open of a fee."""
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None:
        return before
    owed = open_balance(Account.PAT, charge)
    if charge.kind != ChargeItem.Kind.FEE or owed <= ZERO:
        raise ClinicError("Nothing of this fee is open.")
    return post(
        kind=Kind.FEE_WAIVED,
        key=key,
        debits=[leg(Account.FEE, owed, charge=charge)],
        credits=[leg(Account.PAT, owed, charge=charge)],
        by=by,
    )
