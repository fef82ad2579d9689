"""The chart of accounts: each account's normal side, and what a leg on it must name."""

from dataclasses import dataclass
from typing import Literal

from ledger.models import PATIENT_OWES, RECEIVABLE, Account, WriteOff

Side = Literal["debit", "credit", "either"]
Key = Literal["charge", "coverage", "guarantor", "visit", "payer", "reference"]


@dataclass(frozen=True)
class Chart:
    """`keys`: what tells one open item of the account from another; empty when it keeps none.

    `optional` keys may be empty: credit may hang on a visit, a recoupment may come without a reference.
    """

    side: Side
    keys: tuple[Key, ...] = ()
    optional: tuple[Key, ...] = ()
    is_clearing: bool = False

    @property
    def required(self) -> tuple[Key, ...]:
        return tuple(k for k in self.keys if k not in self.optional)


CHART: dict[Account, Chart] = {
    Account.CASH: Chart("debit", is_clearing=True),
    Account.BANK: Chart("debit"),
    Account.CARD: Chart("debit", is_clearing=True),
    Account.REMIT: Chart("debit", ("payer", "reference"), is_clearing=True),
    Account.INS: Chart("debit", ("charge", "coverage")),
    Account.PAT: Chart("debit", ("charge",)),
    Account.PLAN: Chart("debit", ("charge",)),
    Account.AGCY: Chart("debit", ("charge",)),
    Account.CRED: Chart("credit", ("guarantor", "visit"), optional=("visit",)),
    Account.PAYU: Chart("credit", ("payer", "reference"), optional=("payer",)),
    Account.RECOUP: Chart("either", ("payer", "reference"), optional=("reference",)),
    Account.REFP: Chart("credit", ("guarantor", "payer", "reference"), optional=("guarantor", "payer")),
    Account.ESCH: Chart("credit"),
    Account.REV: Chart("credit"),
    Account.FEE: Chart("credit"),
    Account.INT: Chart("credit"),
    Account.REVCAP: Chart("credit"),
    Account.BREC: Chart("credit"),
    Account.CTR: Chart("debit"),
    Account.SEQ: Chart("debit"),
    Account.SPD: Chart("debit"),
    Account.DWO: Chart("debit"),
    Account.SB: Chart("debit"),
    Account.CHAR: Chart("debit"),
    Account.BAD: Chart("debit"),
    Account.AFEE: Chart("debit"),
    Account.BFEE: Chart("debit"),
    Account.PLBX: Chart("debit"),
    Account.OVERSHORT: Chart("either"),
}

WRITE_OFF_ACCOUNT: dict[WriteOff, Account] = {
    WriteOff.CONTRACTUAL: Account.CTR,
    WriteOff.SELF_PAY: Account.SPD,
    WriteOff.TIMELY: Account.DWO,
    WriteOff.NO_AUTHORIZATION: Account.DWO,
    WriteOff.DENIED: Account.DWO,
    WriteOff.SMALL: Account.SB,
    WriteOff.HARDSHIP: Account.CHAR,
    WriteOff.BAD_DEBT: Account.BAD,
}

ITEM_ACCOUNTS = frozenset(a for a, chart in CHART.items() if chart.keys)
CLEARING = tuple(a for a, chart in CHART.items() if chart.is_clearing)
PAYER_PAID = (Account.REMIT, Account.RECOUP)
PATIENT_PAID = (Account.CASH, Account.CARD, Account.BANK, Account.CRED)
ADJUSTMENTS = (Account.CTR, Account.SEQ, Account.SPD, Account.DWO, Account.SB, Account.CHAR, Account.BAD, Account.BREC)

__all__ = [
    "ADJUSTMENTS", "CHART", "CLEARING", "ITEM_ACCOUNTS", "PATIENT_OWES", "PATIENT_PAID", "PAYER_PAID", "RECEIVABLE",
    "WRITE_OFF_ACCOUNT", "Account", "Chart", "WriteOff",
]  # fmt: skip
