"""The ledger's rows. Callers write `from ledger.models import Payment`."""

from ledger.models.account import Account, WriteOff
from ledger.models.drawer import Deposit, Drawer
from ledger.models.journal import JournalEntry, Posting
from ledger.models.open_item import PATIENT_OWES, RECEIVABLE, OpenItem
from ledger.models.payment import Allocation, CardToken, Payment, Refund

__all__ = [
    "PATIENT_OWES", "RECEIVABLE", "Account", "Allocation", "CardToken", "Deposit", "Drawer", "JournalEntry", "OpenItem",
    "Payment", "Posting", "Refund", "WriteOff",
]  # fmt: skip
