"""The night's aging: receivables by age and party, kept for each date as they stood at its end."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from clinic import clock
from clinic.money import ZERO
from collections_app.models import AgingSnapshot
from ledger.queries.aging import BUCKETS, AgedRow, Anchor, Side, age

ON_PLAN, AT_AGENCY, CREDIT = "on plan", "at agency", "credit"
SIDES: tuple[Side, ...] = ("insurance", "patient")
ANCHORS: tuple[Anchor, ...] = ("service", "first_bill", "responsibility")


@transaction.atomic
def age_receivables(*, day: date) -> dict[str, int]:
    """Keep the snapshot of `day`. Safe to repeat: the same postings give the same rows, which replace the former."""
    rows: list[AgingSnapshot] = []
    as_of = None if day >= clock.today() else day
    for side in SIDES:
        for anchor in ANCHORS:
            *parties, total = age(side=side, anchor=anchor, as_of=as_of)
            if side == "insurance":
                for party in parties:
                    rows += _rows(day, side, anchor, party, 1)
            else:
                rows += _rows(day, side, anchor, total, len(parties))
    AgingSnapshot.objects.filter(as_of=day).delete()
    AgingSnapshot.objects.bulk_create(rows)
    return {"rows": len(rows)}


def _rows(day: date, side: str, anchor: str, party: AgedRow, count: int) -> list[AgingSnapshot]:
    amounts: dict[str, Decimal] = {
        **{name: party.buckets[name] for name in BUCKETS},
        ON_PLAN: party.on_plan,
        AT_AGENCY: party.at_agency,
        CREDIT: party.credit,
    }
    return [
        AgingSnapshot(
            as_of=day,
            side=side,
            anchor=anchor,
            payer_id=party.id if side == "insurance" else None,
            bucket=bucket,
            amount=amount,
            accounts_count=count,
        )
        for bucket, amount in amounts.items()
        if amount != ZERO
    ]


def last_night() -> date:
    """The date whose end has passed."""
    return clock.today() - timedelta(days=1)
