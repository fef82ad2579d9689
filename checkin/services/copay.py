"""Money at the desk: the copay stays credit on its visit, the rest pays the oldest open lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from checkin.queries import DeskDue
from clinic.errors import ClinicError
from clinic.models import User, Visit
from clinic.money import ZERO, dollars, positive
from ledger.models import CardToken, Payment
from ledger.services.cards import charge_card
from ledger.services.journal import lock_accounts
from ledger.services.payments import receive_payment

Kind, Method = Payment.Kind, Payment.Method

VISIT, BALANCE = "visit", "balance"
LARGEST_AT_CHECK_IN = Decimal("10000.00")
"""A larger copay is a slip of the keyboard; cash above it has to be reported anyway (26 CFR 1.6050I-1)."""
TAKEN_HERE = (Method.CASH, Method.CHECK, Method.CARD_TERMINAL)


@dataclass(frozen=True)
class Tender:
    """How much and how. `toward` decides only where nobody knows the copay: this visit, or the previous balance."""

    amount: Decimal
    method: str
    reference: str = ""
    card: CardToken | None = None
    toward: str = VISIT


def parts_of(
    due: DeskDue, tender: Tender, *, is_self_pay: bool = False, begun: Sequence[tuple[str, Decimal]] = ()
) -> list[tuple[str, Decimal]]:
    """(kind, amount) of each payment that one tender makes: first the copay, then the previous balance.

    What is left over belongs to this visit: a copay whose amount the payer did not name, else a deposit, or the
    price of a visit without insurance. `begun` are the parts that an earlier try of this very tender has made: they
    stay as they were, whatever is due since.
    """
    if positive(tender.amount) > LARGEST_AT_CHECK_IN:
        raise ClinicError(
            f"More than {dollars(LARGEST_AT_CHECK_IN)} is not taken at check-in. Check the figure, or take it on the patient's account.",
            field="amount",
        )
    left = positive(tender.amount) - sum((amount for _kind, amount in begun), ZERO)
    if left < ZERO:
        raise ClinicError("This payment form was used before, for another payment. Open it again.")
    there = {kind for kind, _amount in begun}
    this_visit = Kind.SELF_PAY if is_self_pay else Kind.COPAY if due.copay is None else Kind.DEPOSIT
    wanted: list[tuple[str, Decimal]] = [(Kind.COPAY, due.copay or ZERO), (Kind.BALANCE, due.previous)]
    if due.copay is None and tender.toward == VISIT:
        wanted = [(this_visit, left)]
    parts = list(begun)
    for kind, most in [*wanted, (this_visit, left)]:
        part = min(left, most)
        if part > ZERO and kind not in there:
            parts.append((kind, part))
            left -= part
    return parts


def _begun(key: str) -> list[tuple[str, Decimal]]:
    rows = Payment.objects.filter(key__startswith=f"desk:{key}:").order_by("received_at", "id")
    return list(rows.values_list("kind", "amount"))


@transaction.atomic
def collect(
    *, visit: Visit, due: DeskDue, tender: Tender, key: str, by: User | None, is_self_pay: bool = False
) -> list[Payment]:
    """Cash, check, or a card by the terminal's reference. Safe to repeat with the same key."""
    if tender.method not in TAKEN_HERE:
        raise ClinicError("Choose how it is paid.", field="method")
    if tender.method == Method.CARD_TERMINAL and not tender.reference.strip():
        raise ClinicError("Enter the reference that the card terminal printed.", field="reference")
    lock_accounts([visit.guarantor_id])
    return [
        receive_payment(
            guarantor=visit.guarantor, visit=visit, patient=visit.patient, amount=amount, method=tender.method, kind=kind,
            reference=tender.reference, key=f"desk:{key}:{kind}", by=by,
        )
        for kind, amount in parts_of(due, tender, is_self_pay=is_self_pay, begun=_begun(key))
    ]  # fmt: skip


def charge_on_file(
    *, visit: Visit, due: DeskDue, tender: Tender, key: str, by: User, is_self_pay: bool = False
) -> list[Payment]:
    """A card on file, through the processor. Call it outside any transaction."""
    if tender.card is None:
        raise ClinicError("No card is on file. Take the card at the terminal.", field="method")
    return [
        charge_card(
            guarantor=visit.guarantor, token=tender.card, amount=amount, kind=kind, key=f"desk:{key}:{kind}",
            visit=visit, patient=visit.patient, by=by,
        )
        for kind, amount in parts_of(due, tender, is_self_pay=is_self_pay, begun=_begun(key))
    ]  # fmt: skip
