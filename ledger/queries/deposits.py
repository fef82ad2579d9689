"""What of a check or EFT the bank has booked already, by whichever door it was noted."""

from decimal import Decimal

from django.db.models import Q, Sum

from clinic.models import Payer
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import JournalEntry, Posting


def deposited(payer: Payer, reference: str) -> Decimal:
    """Deposits to this clearing item, less those that were reversed."""
    kind = JournalEntry.Kind.DEPOSIT
    rows = Posting.objects.filter(Q(entry__kind=kind) | Q(entry__reverses__kind=kind))
    found = rows.filter(account=Account.REMIT, payer=payer, reference=reference)
    total = found.aggregate(net=Sum("credit") - Sum("debit"))["net"]
    return total or ZERO
