"""Which visits wait for their claim."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clinic.models import ChargeItem, ClaimLine, Coverage, Visit


def visits_awaiting_claim() -> QuerySet[Visit]:
    """Closed, to be billed to a policy in force that day, with a charge that was on no claim yet.

    A charge whose claim a person voided does not come back by itself.
    """
    was_claimed = ClaimLine.objects.filter(charge=OuterRef("pk"))
    unclaimed = ChargeItem.objects.filter(
        visit=OuterRef("pk"), voided_at=None, kind=ChargeItem.Kind.SERVICE
    ).filter(~Exists(was_claimed))  # fmt: skip
    in_force = Coverage.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=OuterRef("service_date")),
        patient=OuterRef("patient"), is_active=True, starts_on__lte=OuterRef("service_date"),
    )  # fmt: skip
    return (
        Visit.objects.filter(
            Exists(unclaimed), Exists(in_force), status=Visit.Status.CLOSED, is_self_pay=False,
            patient__restricts_disclosure=False, patient__merged_into=None,
        )
        .order_by(F("charges_closed_at").asc(nulls_last=True), "id")
        .select_related("patient")
    )  # fmt: skip
