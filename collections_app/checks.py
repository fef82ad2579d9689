"""What collections adds to verify_ledger: money on PLAN has its plan, money at the agency has its case."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from collections_app.models import CollectionCase, PlacedLine, PlanLine
from ledger.accounts import Account
from ledger.checks import Finding
from ledger.models import OpenItem


def plan_money_has_its_plan() -> Iterable[Finding]:
    """A balance on PLAN lies on a line of an open plan; else nobody would ever take it."""
    lines = PlanLine.objects.filter(charge=OuterRef("charge"), is_open=True)
    for item in OpenItem.objects.filter(account=Account.PLAN, balance__gt=0).exclude(Exists(lines)).order_by("id"):
        yield Finding(f"charge {item.charge_id}", f"{item.balance} lies on a plan that is not open")


def agency_money_has_its_case() -> Iterable[Finding]:
    """A balance on AGCY was placed by a case that is still out."""
    lines = PlacedLine.objects.filter(charge=OuterRef("charge"), case__status__in=CollectionCase.PLACED)
    for item in OpenItem.objects.filter(account=Account.AGCY, balance__gt=0).exclude(Exists(lines)).order_by("id"):
        yield Finding(f"charge {item.charge_id}", f"{item.balance} lies at an agency without a case")
