"""How a payment is spread and posted: the part that the desk, the lockbox and the card processor share."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from clinic import audit
from clinic.models import ChargeItem, Guarantor, User, Visit, next_number
from clinic.money import ZERO
from clinic.services.events import emit
from ledger.accounts import Account
from ledger.models import Allocation, JournalEntry, Payment, Posting
from ledger.services.allocations import open_patient_items, spread
from ledger.services.entries.agency import recovery_legs
from ledger.services.journal import Kind, Leg, leg, post

MONEY_ACCOUNT = {
    Payment.Method.CASH: Account.CASH,
    Payment.Method.CHECK: Account.CASH,
    Payment.Method.CARD: Account.CARD,
    Payment.Method.CARD_TERMINAL: Account.CARD,
    Payment.Method.PORTAL: Account.CARD,
    Payment.Method.LINK: Account.CARD,
    Payment.Method.LOCKBOX: Account.BANK,
}
STAYS_CREDIT = (Payment.Kind.COPAY, Payment.Kind.DEPOSIT, Payment.Kind.PREPAYMENT)
CREDIT_ON_VISIT = (*STAYS_CREDIT, Payment.Kind.SELF_PAY)
FIRST_RECEIPT = 1001


@dataclass(frozen=True)
class Part:
    """A piece of a payment: on a line of PAT, PLAN or AGCY."""

    account: Account
    charge: ChargeItem
    amount: Decimal


def parts_of(
    *,
    guarantor: Guarantor,
    amount: Decimal,
    kind: str,
    visit: Visit | None = None,
    charges: Sequence[ChargeItem] | None = None,
) -> tuple[list[Part], Decimal]:
    """(lines that this money pays, what stays credit). The oldest debt first, never another guarantor's.

    A copay, deposit or prepayment waits as credit until the payer has said what the patient owes. An installment
    pays lines on a plan. Other money pays what is due, then what is at the agency, written off or not.
    """
    if kind in STAYS_CREDIT:
        return [], amount
    accounts = [Account.PLAN] if kind == Payment.Kind.INSTALLMENT else [Account.PAT]
    parts, rest = _fill(guarantor, amount, kind, visit, charges, accounts)
    if kind != Payment.Kind.BALANCE or not rest:
        return parts, rest
    more, rest = _fill(guarantor, rest, kind, visit, charges, [Account.AGCY])
    parts += more
    for charge, owed in _written_off_lines(guarantor, charges):
        part = min(rest, owed)
        if part > ZERO:
            parts.append(Part(Account.AGCY, charge, part))
            rest -= part
    return parts, rest


def _fill(
    guarantor: Guarantor,
    amount: Decimal,
    kind: str,
    visit: Visit | None,
    charges: Sequence[ChargeItem] | None,
    accounts: Sequence[Account],
) -> tuple[list[Part], Decimal]:
    items = open_patient_items(guarantor, accounts=accounts)
    if charges is not None:
        wanted = {charge.pk for charge in charges}
        items = [i for i in items if i.charge_id in wanted]
    if kind == Payment.Kind.SELF_PAY and visit is not None:
        items = [i for i in items if i.visit_id == visit.pk]
    if kind == Payment.Kind.FEE:
        items = [i for i in items if i.charge and i.charge.kind == ChargeItem.Kind.FEE]
    pieces, rest = spread(amount, items)
    return [Part(Account(i.account), i.charge, piece) for i, piece in pieces if i.charge], rest


def _written_off_lines(guarantor: Guarantor, charges: Sequence[ChargeItem] | None) -> list[tuple[ChargeItem, Decimal]]:
    rows = Posting.objects.filter(guarantor=guarantor, account__in=[Account.BAD, Account.BREC])
    if charges is not None:
        rows = rows.filter(charge__in=charges)
    sums = rows.values("charge").annotate(owed=Sum("debit", default=ZERO) - Sum("credit", default=ZERO))
    owed = {row["charge"]: row["owed"] for row in sums if row["owed"] > ZERO}
    lines = ChargeItem.objects.filter(pk__in=owed).order_by("service_date", "id")
    return [(charge, owed[charge.pk]) for charge in lines]


def payment_legs(payment: Payment, parts: Sequence[Part], credit: Decimal) -> tuple[list[Leg], list[Leg]]:
    """(debits, credits): the money on one side, the lines and the credit on the other."""
    money = MONEY_ACCOUNT[Payment.Method(payment.method)]
    debits: list[Leg] = []
    credits: list[Leg] = []
    for part in parts:
        if part.account == Account.AGCY:
            again = recovery_legs(part.charge, part.amount)
            debits += again[0]
            credits += again[1]
        debits.append(leg(money, part.amount, charge=part.charge))
        credits.append(leg(part.account, part.amount, charge=part.charge))
    visit = credit_visit(payment)
    debits.append(leg(money, credit, guarantor=payment.guarantor, patient=payment.patient, visit=payment.visit))
    credits.append(leg(Account.CRED, credit, guarantor=payment.guarantor, patient=payment.patient, visit=visit))
    return debits, credits


def credit_visit(payment: Payment) -> Visit | None:
    return payment.visit if payment.kind in CREDIT_ON_VISIT else None


def post_payment(
    payment: Payment, *, by: User | None, allocate: bool = True, charges: Sequence[ChargeItem] | None = None
) -> tuple[JournalEntry, list[Part], Decimal]:
    """The entry of a payment whose row may not be written yet: the row carries its receipt and entry from the start."""
    parts: list[Part] = []
    credit = payment.amount
    if allocate:
        parts, credit = parts_of(
            guarantor=payment.guarantor,
            amount=payment.amount,
            kind=payment.kind,
            visit=payment.visit,
            charges=charges,
        )
    debits, credits = payment_legs(payment, parts, credit)
    entry = post(
        kind=Kind.PAYMENT,
        key=f"payment:{payment.pk}",
        debits=debits,
        credits=credits,
        by=by,
        effective_on=payment.received_on,
        memo=f"{payment.get_kind_display()}, {payment.get_method_display().lower()}",
    )
    return entry, parts, credit


def note_placement(payment: Payment, entry: JournalEntry, parts: Sequence[Part], credit: Decimal) -> None:
    """The first allocation rows of a payment, and the facts for audit and workers."""
    rows = [
        Allocation(
            payment=payment,
            account=part.account,
            charge=part.charge,
            visit_id=part.charge.visit_id,
            amount=part.amount,
            entry=entry,
        )
        for part in parts
    ]
    if credit:
        rows.append(
            Allocation(payment=payment, account=Account.CRED, visit=credit_visit(payment), amount=credit, entry=entry)
        )
    Allocation.objects.bulk_create(rows)
    audit.record(
        act="payment.received",
        by=payment.taken_by,
        patient=payment.patient,
        row=payment,
        detail={"receipt": payment.number, "amount": str(payment.amount), "method": payment.method},
    )
    emit(kind="payment.received", record=payment, patient=payment.patient, by=payment.taken_by)


def next_receipt() -> str:
    """Gap-free: drawn last, in the transaction that posts the money."""
    return f"R{next_number('receipt', first=FIRST_RECEIPT)}"
