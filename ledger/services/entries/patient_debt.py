"""A patient's debt on its way: moved, discounted, put on a plan, placed with an agency, given up, recovered.

The clock of a debt (`responsible_since`, first statement) goes with it into every account.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import ChargeItem, Coverage, User
from clinic.money import ZERO, dollars, positive
from ledger.accounts import WRITE_OFF_ACCOUNT, Account, WriteOff
from ledger.models import JournalEntry
from ledger.queries.standing import clock_of, open_balance
from ledger.services.allocations import Share
from ledger.services.journal import Kind, Leg, leg, lock_accounts, post, posted


def _moved(account: Account, source: Account, charge: ChargeItem, amount: Decimal) -> Leg:
    since, first_statement_on = clock_of(source, charge)
    return leg(account, amount, charge=charge, since=since, first_statement_on=first_statement_on)


@transaction.atomic
def transfer(
    *,
    charge: ChargeItem,
    from_coverage: Coverage | None,
    to_coverage: Coverage | None,
    amount: Decimal,
    key: str,
    by: User | None,
    memo: str = "",
) -> JournalEntry:
    """Move an open amount of a line from one party to another; None is the patient."""
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None:
        return before
    amount = positive(amount)
    source = _owed_by(charge, from_coverage, amount)
    _refuse_more_than_open(charge, from_coverage, amount)
    return post(
        kind=Kind.TRANSFER, key=key, debits=[_owed_by(charge, to_coverage, amount)], credits=[source], by=by, memo=memo
    )


def _owed_by(charge: ChargeItem, coverage: Coverage | None, amount: Decimal) -> Leg:
    if coverage is None:
        return leg(Account.PAT, amount, charge=charge)
    return leg(Account.INS, amount, charge=charge, coverage=coverage)


def _refuse_more_than_open(charge: ChargeItem, coverage: Coverage | None, amount: Decimal) -> None:
    owed = open_balance(Account.PAT if coverage is None else Account.INS, charge, coverage)
    if amount > owed:
        raise ClinicError(f"Only {dollars(max(owed, ZERO))} is open on this line.")


@transaction.atomic
def write_off(
    *,
    charge: ChargeItem,
    coverage: Coverage | None,
    amount: Decimal,
    reason: WriteOff,
    key: str,
    by: User | None,
    memo: str = "",
) -> JournalEntry:
    """Give up an open amount, the payer's or (coverage None) the patient's, for a reason."""
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None:
        return before
    if reason == WriteOff.BAD_DEBT:
        raise ClinicError("Bad debt is written off with a second person's approval.")
    amount = positive(amount)
    _refuse_more_than_open(charge, coverage, amount)
    return post(
        kind=Kind.WRITE_OFF,
        key=key,
        debits=[leg(WRITE_OFF_ACCOUNT[WriteOff(reason)], amount, charge=charge, coverage=coverage)],
        credits=[_owed_by(charge, coverage, amount)],
        by=by,
        reason=reason,
        memo=memo,
    )


def self_pay_discount(*, charge: ChargeItem, amount: Decimal, key: str, by: User | None) -> JournalEntry:
    """Dr SPD / Cr PAT."""
    return write_off(charge=charge, coverage=None, amount=amount, reason=WriteOff.SELF_PAY, key=key, by=by)


@transaction.atomic
def reinstate(
    *, charge: ChargeItem, coverage: Coverage | None, amount: Decimal, reason: WriteOff, key: str, by: User | None
) -> JournalEntry:
    """Money comes for what was written off: the debt stands again first, so that the line's proof holds."""
    amount = positive(amount)
    return post(
        kind=Kind.WRITE_OFF_UNDONE,
        key=key,
        debits=[_owed_by(charge, coverage, amount)],
        credits=[leg(WRITE_OFF_ACCOUNT[WriteOff(reason)], amount, charge=charge, coverage=coverage)],
        by=by,
        reason=reason,
    )


@transaction.atomic
def _move(
    *, shares: Sequence[Share], source: Account, target: Account, kind: str, key: str, by: User | None
) -> JournalEntry:
    lock_accounts(charge.guarantor_id for charge, _amount in shares)
    before = posted(key)
    if before is not None:
        return before
    for charge, amount in shares:
        owed = open_balance(source, charge)
        if positive(amount) > owed:
            raise ClinicError(f"Only {dollars(max(owed, ZERO))} of {charge.code} is open there.")
    return post(
        kind=kind,
        key=key,
        debits=[_moved(target, source, charge, amount) for charge, amount in shares],
        credits=[leg(source, amount, charge=charge) for charge, amount in shares],
        by=by,
    )


def _all_open(account: Account, charges: Sequence[ChargeItem]) -> list[Share]:
    lock_accounts(charge.guarantor_id for charge in charges)
    shares = [(charge, open_balance(account, charge)) for charge in charges]
    return [(charge, amount) for charge, amount in shares if amount > ZERO]


def to_plan(*, lines: Sequence[Share], key: str, by: User | None) -> JournalEntry:
    """Each (charge, amount) goes on a payment plan: Dr PLAN / Cr PAT."""
    return _move(shares=lines, source=Account.PAT, target=Account.PLAN, kind=Kind.TO_PLAN, key=key, by=by)


@transaction.atomic
def from_plan(*, charges: Sequence[ChargeItem], key: str, by: User | None) -> JournalEntry | None:
    """The plan ended (default, cancelled): what is left of these lines is due again, as old as it was.

    None when nothing is left on the plan.
    """
    shares = _all_open(Account.PLAN, charges)
    if not shares:
        return posted(key)
    return _move(shares=shares, source=Account.PLAN, target=Account.PAT, kind=Kind.FROM_PLAN, key=key, by=by)


def to_agency(*, lines: Sequence[Share], key: str, by: User | None) -> JournalEntry:
    """Placed with an agency, still ours: Dr AGCY / Cr PAT."""
    return _move(shares=lines, source=Account.PAT, target=Account.AGCY, kind=Kind.TO_AGENCY, key=key, by=by)


@transaction.atomic
def recall_from_agency(*, charges: Sequence[ChargeItem], key: str, by: User | None) -> JournalEntry | None:
    """What is open at the agency comes back: Dr PAT / Cr AGCY. None when nothing is open there."""
    shares = _all_open(Account.AGCY, charges)
    if not shares:
        return posted(key)
    return _move(shares=shares, source=Account.AGCY, target=Account.PAT, kind=Kind.FROM_AGENCY, key=key, by=by)
