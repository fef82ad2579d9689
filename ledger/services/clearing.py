"""The steps of the page of uncleared money. Two people who see the same amount close it once: each looks again under
the payer's lock, and the second is told.
"""

from decimal import Decimal

from django.db import transaction

from clinic.errors import ClinicError, Conflict
from clinic.models import Practice, User
from clinic.money import ZERO, dollars, positive
from ledger.models import JournalEntry, OpenItem
from ledger.queries.clearing import card_waiting
from ledger.services import entries
from ledger.services.journal import lock_accounts, posted


@transaction.atomic
def note_arrived(*, item: OpenItem, amount: Decimal, key: str, by: User | None) -> JournalEntry:
    """The check or EFT of a remittance stands in the bank: Dr BANK / Cr REMIT, never more than waits."""
    before, item = _locked(item, key)
    if before is not None:
        return before
    if item.payer is None or positive(amount) > item.balance:
        raise Conflict(
            f"Only {dollars(max(item.balance, ZERO))} of {item.reference} waits for the bank now; somebody noted the rest."
        )
    return entries.bank_deposit(payer=item.payer, reference=item.reference, amount=amount, key=key, by=by)


@transaction.atomic
def mark_refund_due(*, item: OpenItem, key: str, by: User | None) -> JournalEntry:
    """A line's overpayment is verified: the payer is owed it back from today."""
    before, item = _locked(item, key)
    if before is not None:
        return before
    if item.balance >= ZERO or item.charge is None or item.coverage is None:
        raise Conflict("This line is not overpaid any more. Look at the list again.")
    return entries.payer_refund_due(
        charge=item.charge, coverage=item.coverage, amount=-item.balance, reference=f"OP{item.pk}", key=key, by=by
    )


@transaction.atomic
def note_refund_sent(*, item: OpenItem, key: str, by: User | None) -> JournalEntry:
    """Our refund check to a payer went out, for all that is payable under this reference."""
    before, item = _locked(item, key)
    if before is not None:
        return before
    if item.balance >= ZERO or item.payer is None:
        raise Conflict("This refund was sent already. Look at the list again.")
    return entries.payer_refund_sent(payer=item.payer, amount=-item.balance, reference=item.reference, key=key, by=by)


@transaction.atomic
def note_payout(*, amount: Decimal, fee: Decimal, reference: str, key: str, by: User | None) -> JournalEntry:
    """The card processor paid out; never more than the card payments that wait."""
    lock_accounts([Practice.objects.get().pk])
    before = posted(key)
    if before is not None:
        return before
    if amount > card_waiting():
        raise ClinicError("The payout is more than the card payments that wait. Check the statement.", field="amount")
    return entries.card_payout(amount=amount, fee=fee, reference=reference, key=key, by=by)


def _locked(item: OpenItem, key: str) -> tuple[JournalEntry | None, OpenItem]:
    """What this act posted before, and the item as it stands under the locks of whom it is about."""
    lock_accounts([item.payer_id, item.guarantor_id])
    row = OpenItem.objects.select_related("payer", "charge", "coverage").get(pk=item.pk)
    return posted(key), row
