"""Payments for the pages: a receipt with its lines, refunds that wait, a person's drawer."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum

from clinic.models import ChargeItem, Location, User
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import Drawer, Payment, Refund


@dataclass(frozen=True)
class ReceiptLine:
    """What the money paid: a line, or nothing yet (credit)."""

    charge: ChargeItem | None
    amount: Decimal


def payment_for_receipt(payment_id: UUID) -> Payment | None:
    return (
        Payment.objects.filter(pk=payment_id)
        .select_related("guarantor", "patient", "visit__location", "visit__provider", "taken_by", "card_token")
        .first()
    )


def receipt_lines(payment: Payment) -> list[ReceiptLine]:
    """As it was placed when the money came; a receipt does not change later."""
    rows = payment.allocations.filter(entry=payment.entry).select_related("charge").order_by("id")
    return [ReceiptLine(row.charge, row.amount) for row in rows]


def lies_as_credit(payment: Payment) -> Decimal:
    """What may be refunded of it now."""
    held = payment.allocations.filter(account=Account.CRED).aggregate(total=Sum("amount"))["total"]
    return held or ZERO


def waiting_refunds() -> "QuerySet[Refund]":
    waiting = (Refund.Status.REQUESTED, Refund.Status.APPROVED, Refund.Status.SENDING)
    return (
        Refund.objects.filter(status__in=waiting)
        .select_related("payment__guarantor", "payment__patient", "requested_by", "approved_by")
        .order_by("created_at")
    )


def drawer_of(user: User) -> Drawer | None:
    return Drawer.objects.filter(keeper=user).exclude(status=Drawer.Status.CLOSED).select_related("location").first()


def counted_drawers(location: Location) -> "QuerySet[Drawer]":
    """Counted, and waiting for a signature."""
    return (
        Drawer.objects.filter(location=location, status=Drawer.Status.COUNTED)
        .select_related("keeper")
        .order_by("opened_at")
    )
