"""Money between a payer and us that hangs on no line, and the bank's side of remittances.

Amounts are above zero when the words fit: `interest` that the payer adds, `recoup_taken` that it keeps. A negative
amount turns the entry round. The 835's own sign (PLB: positive = the payer keeps) is billing's to translate.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import ChargeItem, Coverage, Payer, User
from clinic.money import ZERO, dollars, positive
from ledger.accounts import Account
from ledger.models import JournalEntry
from ledger.queries.standing import open_balance
from ledger.services.journal import Kind, Leg, leg, lock_accounts, post, posted


def _remit(payer: Payer, reference: str, amount: Decimal) -> Leg:
    return leg(Account.REMIT, amount, payer=payer, reference=reference)


def interest(
    *, payer: Payer, reference: str, amount: Decimal, key: str, by: User | None, effective_on: date | None = None
) -> JournalEntry:
    """Interest on late claims (PLB L6), never on a line: Dr REMIT / Cr INT."""
    return post(
        kind=Kind.INTEREST,
        key=key,
        debits=[_remit(payer, reference, amount)],
        credits=[leg(Account.INT, amount, payer=payer)],
        by=by,
        effective_on=effective_on,
    )


def recoup_announced(
    *,
    payer: Payer,
    reference: str,
    amount: Decimal,
    key: str,
    by: User | None,
    recoupment: str = "",
    effective_on: date | None = None,
) -> JournalEntry:
    """The check takes a payment back on paper and the payer will keep it from a later one: Dr REMIT / Cr RECOUP.

    `recoupment` names the takeback (PLB03-2) in both weeks; also used for a balance carried forward (FB).
    """
    return post(
        kind=Kind.RECOUPMENT,
        key=key,
        debits=[_remit(payer, reference, amount)],
        credits=[leg(Account.RECOUP, amount, payer=payer, reference=recoupment)],
        by=by,
        effective_on=effective_on,
    )


def recoup_taken(
    *,
    payer: Payer,
    reference: str,
    amount: Decimal,
    key: str,
    by: User | None,
    recoupment: str = "",
    effective_on: date | None = None,
) -> JournalEntry:
    """The payer kept this from the check: Dr RECOUP / Cr REMIT. A debit that stays is "taken, unexplained"."""
    return post(
        kind=Kind.RECOUPMENT,
        key=key,
        debits=[leg(Account.RECOUP, amount, payer=payer, reference=recoupment)],
        credits=[_remit(payer, reference, amount)],
        by=by,
        effective_on=effective_on,
    )


def recoup_accepted(
    *, charge: ChargeItem, coverage: Coverage, amount: Decimal, key: str, by: User | None, recoupment: str = ""
) -> JournalEntry:
    """A person found which claim the taking was for and accepts it: Dr INS / Cr RECOUP."""
    return post(
        kind=Kind.RECOUPMENT,
        key=key,
        debits=[leg(Account.INS, positive(amount), charge=charge, coverage=coverage)],
        credits=[leg(Account.RECOUP, amount, payer=coverage.payer, reference=recoupment, charge=charge)],
        by=by,
    )


def recoup_repaid(*, payer: Payer, amount: Decimal, key: str, by: User | None, recoupment: str = "") -> JournalEntry:
    """We paid an announced takeback by our own check: Dr RECOUP / Cr BANK."""
    return post(
        kind=Kind.RECOUPMENT,
        key=key,
        debits=[leg(Account.RECOUP, positive(amount), payer=payer, reference=recoupment)],
        credits=[leg(Account.BANK, amount, payer=payer)],
        by=by,
    )


def capitation(
    *, payer: Payer, reference: str, amount: Decimal, key: str, by: User | None, effective_on: date | None = None
) -> JournalEntry:
    """The payer's sum per member (PLB CT): Dr REMIT / Cr REVCAP."""
    return post(
        kind=Kind.CAPITATION,
        key=key,
        debits=[_remit(payer, reference, amount)],
        credits=[leg(Account.REVCAP, amount, payer=payer)],
        by=by,
        effective_on=effective_on,
    )


def payer_other(
    *,
    payer: Payer,
    reference: str,
    amount: Decimal,
    key: str,
    by: User | None,
    code: str = "",
    effective_on: date | None = None,
) -> JournalEntry:
    """Any other provider-level withholding, by its PLB code: Dr PLBX / Cr REMIT."""
    return post(
        kind=Kind.PAYER_OTHER,
        key=key,
        debits=[leg(Account.PLBX, amount, payer=payer, reference=code)],
        credits=[_remit(payer, reference, amount)],
        by=by,
        effective_on=effective_on,
        memo=f"Provider adjustment {code}".strip(),
    )


def bank_deposit(
    *, payer: Payer, reference: str, amount: Decimal, key: str, by: User | None, effective_on: date | None = None
) -> JournalEntry:
    """The check or EFT reached the bank, days before or after its 835: Dr BANK / Cr REMIT."""
    return post(
        kind=Kind.DEPOSIT,
        key=key,
        debits=[leg(Account.BANK, positive(amount), payer=payer, reference=reference)],
        credits=[_remit(payer, reference, amount)],
        by=by,
        effective_on=effective_on,
    )


def virtual_card(*, payer: Payer, reference: str, amount: Decimal, key: str, by: User | None) -> JournalEntry:
    """The payer paid by a card number run at our terminal: Dr CARD / Cr REMIT."""
    return post(
        kind=Kind.DEPOSIT,
        key=key,
        debits=[leg(Account.CARD, positive(amount), payer=payer, reference=reference)],
        credits=[_remit(payer, reference, amount)],
        by=by,
    )


def card_payout(
    *, amount: Decimal, fee: Decimal, key: str, by: User | None, effective_on: date | None = None, reference: str = ""
) -> JournalEntry:
    """The processor pays `amount` less `fee` into the bank: Dr BANK, BFEE / Cr CARD."""
    if fee < ZERO or fee >= amount:
        raise ClinicError("The processor's fee must be less than the amount it pays out.")
    return post(
        kind=Kind.CARD_PAYOUT,
        key=key,
        debits=[leg(Account.BANK, amount - fee, reference=reference), leg(Account.BFEE, fee, reference=reference)],
        credits=[leg(Account.CARD, positive(amount), reference=reference)],
        by=by,
        effective_on=effective_on,
    )


@transaction.atomic
def payer_refund_due(
    *, charge: ChargeItem, coverage: Coverage, amount: Decimal, reference: str, key: str, by: User | None
) -> JournalEntry:
    """An overpayment is verified and so "identified": its 60-day clock starts (42 CFR 401.305). Dr INS / Cr REFP."""
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None:
        return before
    amount = positive(amount)
    overpaid = -open_balance(Account.INS, charge, coverage)
    if amount > overpaid:
        raise ClinicError(f"Only {dollars(max(overpaid, ZERO))} was overpaid on this line.")
    return post(
        kind=Kind.PAYER_REFUND,
        key=key,
        debits=[leg(Account.INS, amount, charge=charge, coverage=coverage)],
        credits=[leg(Account.REFP, amount, payer=coverage.payer, reference=reference, charge=charge)],
        by=by,
    )


def payer_refund_sent(*, payer: Payer, amount: Decimal, reference: str, key: str, by: User | None) -> JournalEntry:
    """Our refund check to the payer: Dr REFP / Cr BANK."""
    return post(
        kind=Kind.PAYER_REFUND,
        key=key,
        debits=[leg(Account.REFP, positive(amount), payer=payer, reference=reference)],
        credits=[leg(Account.BANK, amount, payer=payer, reference=reference)],
        by=by,
    )


def payer_refund_withheld(
    *, payer: Payer, amount: Decimal, refund_reference: str, reference: str, key: str, by: User | None
) -> JournalEntry:
    """The payer kept the refund from a check before ours was sent (PLB WO): Dr REFP / Cr REMIT. Stop our check."""
    return post(
        kind=Kind.PAYER_REFUND,
        key=key,
        debits=[leg(Account.REFP, positive(amount), payer=payer, reference=refund_reference)],
        credits=[_remit(payer, reference, amount)],
        by=by,
    )
