"""Which visits wait for their claim."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clinic.models import ChargeItem, Claim, ClaimLine, Coverage, Visit
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import OpenItem

GONE = (Claim.Status.VOIDED, Claim.Status.REPLACED)


def visits_awaiting_claim() -> QuerySet[Visit]:
    """Closed, to be billed to a policy in force that day, with a charge that was on no claim yet.

    A charge whose claim a person voided does not come back by itself: see `visits_without_claim`.
    """
    return _closed_with(_charges().exclude(Exists(ClaimLine.objects.filter(charge=OuterRef("pk")))))


def visits_without_claim() -> QuerySet[Visit]:
    """Closed, with money open at a payer whom no living claim asks for it: also after a claim was voided."""
    live = ClaimLine.objects.filter(charge=OuterRef("pk")).exclude(claim__status__in=GONE)
    open_there = OpenItem.objects.filter(charge=OuterRef("pk"), account=Account.INS, balance__gt=ZERO)
    return _closed_with(_charges().exclude(Exists(live)).filter(Exists(open_there)))


def _charges() -> QuerySet[ChargeItem]:
    return ChargeItem.objects.filter(visit=OuterRef("pk"), voided_at=None, kind=ChargeItem.Kind.SERVICE)


def _closed_with(charges: QuerySet[ChargeItem]) -> QuerySet[Visit]:
    in_force = Coverage.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=OuterRef("service_date")),
        patient=OuterRef("patient"), is_active=True, starts_on__lte=OuterRef("service_date"),
    )  # fmt: skip
    return (
        Visit.objects.filter(
            Exists(charges), Exists(in_force), status=Visit.Status.CLOSED, is_self_pay=False,
            patient__restricts_disclosure=False, patient__merged_into=None,
        )
        .order_by(F("charges_closed_at").asc(nulls_last=True), "id")
        .select_related("patient")
    )  # fmt: skip
