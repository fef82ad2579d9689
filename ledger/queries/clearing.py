"""Money that waits for its other half, each kind with what it means and what to do about it."""

from dataclasses import dataclass
from decimal import Decimal

from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import OpenItem
from ledger.queries.balances import account_balance


@dataclass(frozen=True)
class Waiting:
    """One list. `amount` is above zero; `act` says which step the page offers."""

    name: str
    todo: str
    items: list[OpenItem]
    amount: Decimal
    act: str = ""


@dataclass(frozen=True)
class _Kind:
    account: Account
    is_debit: bool
    name: str
    todo: str
    act: str = ""


KINDS = (
    _Kind(
        Account.REMIT, True, "Remitted, not in the bank", "Note the deposit when the check or EFT arrives.", "deposit"
    ),
    _Kind(
        Account.REMIT, False, "In the bank, no remittance", "Ask the payer for the 835, or look at the refused files."
    ),
    _Kind(
        Account.RECOUP,
        True,
        "Taken by a payer, unexplained",
        "Find the claim and accept it, or dispute the taking.",
        "take",
    ),
    _Kind(Account.RECOUP, False, "A payer will take it", "Expect it on a later check, or pay it by our own."),
    _Kind(Account.PAYU, False, "Payers' money nobody can place", "Find the claim or send it back."),
    _Kind(Account.REFP, False, "Refunds to send", "Send them: payers' money within 60 days of identification.", "send"),
)


def waiting_lists() -> list[Waiting]:
    """Every list that has something in it, the oldest item first. One query."""
    accounts = {kind.account for kind in KINDS}
    items = list(
        OpenItem.objects.open()
        .filter(account__in=accounts)
        .select_related("payer", "guarantor")
        .order_by("responsible_since", "id")
    )
    lists = []
    for kind in KINDS:
        found = [i for i in items if i.account == kind.account and (i.balance > ZERO) == kind.is_debit]
        if found:
            lists.append(Waiting(kind.name, kind.todo, found, abs(sum((i.balance for i in found), ZERO)), kind.act))
    return lists


def overpaid_lines() -> Waiting | None:
    """Lines on which a payer paid more than it owed: verify it, and its 60 days begin (42 CFR 401.305)."""
    items = list(
        OpenItem.objects.filter(account=Account.INS, balance__lt=0)
        .select_related("payer", "guarantor", "charge")
        .order_by("responsible_since", "id")
    )
    if not items:
        return None
    return Waiting(
        "Overpaid by a payer",
        "Verify which payer is owed; marking it as due starts the 60 days.",
        items,
        -sum((i.balance for i in items), ZERO),
        "identify",
    )


def idle_credits() -> Waiting | None:
    """Patients' credit that waits for no payer any more: its visit has no line open at insurance."""
    items = list(
        OpenItem.objects.filter(account=Account.CRED, balance__lt=0)
        .select_related("payer", "guarantor")
        .order_by("responsible_since", "id")
    )
    answers_awaited = set(
        OpenItem.objects.filter(account=Account.INS, balance__gt=0, visit_id__in=[i.visit_id for i in items if i.visit_id])
        .values_list("visit_id", flat=True)
    )  # fmt: skip
    charged = set(
        OpenItem.objects.filter(visit_id__in=[i.visit_id for i in items if i.visit_id])
        .exclude(account=Account.CRED)
        .values_list("visit_id", flat=True)
    )
    idle = [i for i in items if not i.visit_id or (i.visit_id in charged and i.visit_id not in answers_awaited)]
    if not idle:
        return None
    total = -sum((i.balance for i in idle), ZERO)
    return Waiting("Patients' credit", "Apply it to what is due, or refund it.", idle, total, "account")


def all_lists() -> list[Waiting]:
    """What waits for its other half, then what is owed back. A constant number of queries."""
    return [*waiting_lists(), *(each for each in (overpaid_lines(), idle_credits()) if each is not None)]


def waiting_item(item_id: int, account: Account) -> OpenItem | None:
    return (
        OpenItem.objects.open()
        .filter(pk=item_id, account=account)
        .select_related("payer", "charge", "coverage")
        .first()
    )


def card_waiting() -> Decimal:
    """Card money that the processor has not paid out yet."""
    return account_balance(Account.CARD)
