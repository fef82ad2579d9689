"""Where the debt of a line stands at this moment; read under the account's lock by the services that decide by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from clinic.models import ChargeItem, Coverage, Guarantor
from clinic.money import ZERO
from ledger.accounts import PATIENT_OWES, Account
from ledger.models import Allocation, OpenItem, Payment, Posting


@dataclass(frozen=True)
class Placed:
    """A part of a payment and where it lies."""

    payment_id: UUID
    account: Account
    charge_id: UUID | None
    visit_id: UUID | None
    amount: Decimal


def open_balance(account: Account, charge: ChargeItem, coverage: Coverage | None = None) -> Decimal:
    """What is open on this line in this account; below zero when more was paid than owed."""
    items = OpenItem.objects.filter(account=account, charge=charge)
    if coverage is not None:
        items = items.filter(coverage=coverage)
    return items.values_list("balance", flat=True).first() or ZERO


def posted_on(charge: ChargeItem, accounts: Iterable[Account]) -> Decimal:
    """Debits less credits of these accounts for this line."""
    sums = Posting.objects.filter(charge=charge, account__in=list(accounts)).aggregate(d=Sum("debit"), c=Sum("credit"))
    return (sums["d"] or ZERO) - (sums["c"] or ZERO)


def written_off(charge: ChargeItem) -> Decimal:
    """Given up as bad debt and not recovered since: the patient still owes it."""
    return posted_on(charge, (Account.BAD, Account.BREC))


def clock_of(account: Account, charge: ChargeItem) -> tuple[date | None, date | None]:
    """(responsible since, first statement) of the debt, to go with it into another account."""
    row = (
        OpenItem.objects.filter(account=account, charge=charge)
        .values_list("responsible_since", "first_statement_on")
        .first()
    )
    return row if row else (None, None)


def where_debt_stands(charge: ChargeItem, amount: Decimal) -> tuple[list[tuple[Account, Decimal]], Decimal]:
    """(shares of `amount` by the account that holds the patient's debt of this line now, what nobody holds).

    Nobody holds what was paid.
    """
    shares: list[tuple[Account, Decimal]] = []
    for account in (*PATIENT_OWES, Account.BAD, Account.SB, Account.CHAR):
        if amount <= ZERO:
            break
        part = min(amount, _held(account, charge))
        if part > ZERO:
            shares.append((account, part))
            amount -= part
    return shares, amount


def _held(account: Account, charge: ChargeItem) -> Decimal:
    if account in PATIENT_OWES:
        return open_balance(account, charge)
    return written_off(charge) if account == Account.BAD else posted_on(charge, (account,))


def credit_parts(guarantor: Guarantor, visit_id: UUID | None) -> list[Placed]:
    """The payments whose money lies as credit on this visit (None: on the account), oldest first."""
    rows = Allocation.objects.filter(payment__guarantor=guarantor, account=Account.CRED)
    rows = rows.filter(visit_id=visit_id) if visit_id else rows.filter(visit__isnull=True)
    return _placed(rows.order_by("payment__received_at", "payment_id", "id"))


def parts_on_charge(charge: ChargeItem) -> list[Placed]:
    """The payments that lie on this line: the copay first, then the newest."""
    rows = list(Allocation.objects.filter(charge=charge).select_related("payment").order_by("-payment__received_at"))
    rows.sort(key=lambda row: row.payment.kind != Payment.Kind.COPAY)
    return _placed(rows)


def parts_of_payment(payment: Payment) -> list[Placed]:
    return _placed(payment.allocations.order_by("id"))


def _placed(rows: Iterable[Allocation]) -> list[Placed]:
    sums: dict[tuple[UUID, str, UUID | None, UUID | None], Decimal] = {}
    for row in rows:
        place = (row.payment_id, row.account, row.charge_id, row.visit_id)
        sums[place] = sums.get(place, ZERO) + row.amount
    return [Placed(p, Account(a), c, v, amount) for (p, a, c, v), amount in sums.items() if amount > ZERO]
