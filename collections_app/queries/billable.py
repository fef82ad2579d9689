"""Which open lines may be asked of the patient: the payers have said their last word, and nobody holds them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from clinic.models import ChargeItem, Claim, Guarantor, Hold, Practice, Visit
from clinic.money import ZERO
from ledger.accounts import ADJUSTMENTS, PAYER_PAID, Account
from ledger.models import OpenItem, Posting

BY_THEMSELVES = (Hold.Reason.APPEAL, Hold.Reason.PAYMENT_PLAN)
"""Holds that come and go with the appeal and the plan; the others a person places and releases."""
STILL_OPEN = (*Visit.OPEN, Visit.Status.CHECKED_OUT)
"""The visit is still going on, or its charges are not closed: more may come."""


def due_items(guarantor: Guarantor | None = None) -> "QuerySet[OpenItem]":
    """Every line that is the patient's to pay now (PAT above zero), the oldest debt first."""
    items = OpenItem.objects.filter(account=Account.PAT, balance__gt=0)
    if guarantor is not None:
        items = items.filter(guarantor=guarantor)
    return items.select_related("charge", "visit", "guarantor", "patient").order_by(
        "guarantor_id", "responsible_since", "service_date", "id"
    )


def settled_items(guarantor: Guarantor | None = None) -> "QuerySet[OpenItem]":
    """Due lines whose visit is settled: no claim without its last word (an open denial or appeal keeps its claim
    there), nothing waiting at any payer (an unanswered secondary), charges closed.
    """
    same_visit = {"visit": OuterRef("visit")}
    return due_items(guarantor).filter(
        Q(visit=None)
        | ~(
            Q(visit__status__in=STILL_OPEN)
            | Exists(Claim.objects.filter(status__in=Claim.UNSETTLED, **same_visit))
            | Exists(OpenItem.objects.filter(account=Account.INS, balance__gt=0, **same_visit))
        )
    )


def billable_items(guarantor: Guarantor | None = None) -> "QuerySet[OpenItem]":
    """Settled lines that no open hold covers. A hold on a visit or claim excludes that visit only."""
    holds = Hold.objects.open()
    same = {"guarantor": OuterRef("guarantor")}
    return settled_items(guarantor).exclude(
        Q(guarantor__is_deceased=True)
        | Exists(holds.filter(visit=None, claim=None, **same))
        | Q(visit__isnull=False)
        & (Exists(holds.filter(visit=OuterRef("visit"))) | Exists(holds.filter(claim__visit=OuterRef("visit"))))
    )


def holds_on(guarantor: Guarantor) -> list[Hold]:
    """The open holds of an account, those on all of it first."""
    holds = Hold.objects.open().filter(guarantor=guarantor).select_related("visit", "claim")
    return sorted(holds, key=lambda h: (h.visit_id is not None or h.claim_id is not None, h.created_at))


@dataclass(frozen=True)
class LineFigures:
    """How a line came to its balance: charged − by insurance − adjusted − by the patient = still owed."""

    charged: Decimal
    insurance_paid: Decimal
    adjusted: Decimal
    patient_paid: Decimal


def line_figures(charge_ids: Iterable[UUID], open_now: dict[UUID, Decimal]) -> dict[UUID, LineFigures]:
    """For many lines in one query. What the patient paid is what is left, so that each line adds up."""
    ids = list(charge_ids)
    sums: dict[UUID, dict[str, Decimal]] = {}
    rows = Posting.objects.filter(charge__in=ids).order_by().values("charge_id", "account")
    for row in rows.annotate(total=Sum("debit") - Sum("credit")):
        sums.setdefault(row["charge_id"], {})[row["account"]] = row["total"]

    def of(charge_id: UUID, accounts: tuple[Account, ...]) -> Decimal:
        return sum((sums.get(charge_id, {}).get(a, ZERO) for a in accounts), ZERO)

    figures = {}
    for charge_id in ids:
        charged = -of(charge_id, (Account.REV, Account.FEE))
        insurance = of(charge_id, (*PAYER_PAID, Account.PAYU))
        adjusted = of(charge_id, ADJUSTMENTS)
        figures[charge_id] = LineFigures(
            charged, insurance, adjusted, charged - insurance - adjusted - open_now.get(charge_id, ZERO)
        )
    return figures


def practice_policy() -> Practice:
    return Practice.objects.get()


def open_amounts(charges: Iterable[ChargeItem], account: Account) -> dict[UUID, Decimal]:
    """charge → what is open on it in this account; lines at zero are left out."""
    rows = OpenItem.objects.filter(account=account, charge__in=list(charges)).exclude(balance=0)
    return {i.charge_id: i.balance for i in rows if i.charge_id is not None}
