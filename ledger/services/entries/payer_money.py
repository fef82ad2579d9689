"""Payers' money that came without a remittance, or that belongs to nobody we know."""

from decimal import Decimal

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import Payer, User
from clinic.money import ZERO, dollars, positive
from ledger.accounts import Account
from ledger.models import JournalEntry, OpenItem
from ledger.services.journal import Kind, Leg, leg, post, posted


def unidentified_check(
    *, reference: str, amount: Decimal, key: str, by: User | None, payer: Payer | None = None
) -> JournalEntry:
    """A payer's check that belongs to nobody we know: Dr BANK / Cr PAYU, until it is returned or explained."""
    return post(
        kind=Kind.PAYER_MONEY,
        key=key,
        debits=[leg(Account.BANK, positive(amount), payer=payer, reference=reference)],
        credits=[leg(Account.PAYU, amount, payer=payer, reference=reference)],
        by=by,
    )


def unidentified_check_explained(
    *, item: OpenItem, payer: Payer, remittance: str, amount: Decimal, key: str, by: User | None
) -> JournalEntry:
    """Its remittance was found: Dr PAYU / Cr REMIT(payer, remittance)."""
    return _settle(item, amount, leg(Account.REMIT, amount, payer=payer, reference=remittance), key, by)


def unidentified_check_sent_back(*, item: OpenItem, amount: Decimal, key: str, by: User | None) -> JournalEntry:
    """Dr PAYU / Cr BANK."""
    return _settle(item, amount, leg(Account.BANK, amount, payer=item.payer, reference=item.reference), key, by)


@transaction.atomic
def _settle(item: OpenItem, amount: Decimal, to: Leg, key: str, by: User | None) -> JournalEntry:
    before = posted(key)
    if before is not None:
        return before
    item = OpenItem.objects.select_for_update(of=("self",)).select_related("payer").get(pk=item.pk)
    if item.account != Account.PAYU or positive(amount) > -item.balance:
        raise ClinicError(f"Only {dollars(max(-item.balance, ZERO))} of this check is left.")
    return post(
        kind=Kind.PAYER_MONEY,
        key=key,
        debits=[leg(Account.PAYU, amount, payer=item.payer, reference=item.reference)],
        credits=[to],
        by=by,
    )
