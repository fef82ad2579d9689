"""billing's part of verify_ledger: every service that was charged stands in the books once, at its own amount."""

from collections.abc import Iterator

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from clinic.models import ChargeItem
from clinic.money import ZERO, dollars
from ledger.accounts import Account
from ledger.checks import Finding
from ledger.models import Posting


def charges_stand_once() -> Iterator[Finding]:
    """Revenue by line against the charge; a voided one must have none left."""
    revenue = (
        Posting.objects.filter(account=Account.REV, charge=OuterRef("pk"))
        .order_by()
        .values("charge")
        .annotate(net=Sum("credit") - Sum("debit"))
        .values("net")
    )
    rows = ChargeItem.objects.filter(kind=ChargeItem.Kind.SERVICE).annotate(
        booked=Coalesce(Subquery(revenue), ZERO, output_field=DecimalField(max_digits=12, decimal_places=2))
    )
    for charge in rows.filter(voided_at=None).exclude(booked=F("amount")).iterator():
        yield _finding(charge)
    for charge in rows.filter(voided_at__isnull=False).exclude(booked=ZERO).iterator():
        yield _finding(charge)


def _finding(charge: ChargeItem) -> Finding:
    booked = charge.booked  # type: ignore[attr-defined]
    should = ZERO if charge.is_void else charge.amount
    return Finding(
        where=f"charge {charge.pk}",
        problem=f"{charge.code} is booked at {dollars(booked)} and should be at {dollars(should)}.",
        cents_off=abs(booked - should),
    )
