"""Hold: why this guarantor may not be billed, and until when. Any office may set one; every sender reads it."""

from django.db import models
from django.db.models import Q

from clinic import clock
from clinic.models.base import Record


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> "HoldQuerySet":
        today = clock.today()
        return self.filter(released_at=None).filter(Q(until=None) | Q(until__gte=today))


class Hold(Record):
    class Reason(models.TextChoices):
        APPEAL = "appeal", "Appeal pending"
        DISPUTE = "dispute", "Patient disputes the bill"
        ESTIMATE_DISPUTE = "estimate_dispute", "Good Faith Estimate dispute or excess"
        PAYMENT_PLAN = "payment_plan", "Payment plan in good standing"
        HARDSHIP = "hardship", "Financial assistance pending"
        BANKRUPTCY = "bankruptcy", "Bankruptcy"
        DECEASED = "deceased", "Estate of a deceased person"
        LEGAL = "legal", "Attorney or liability case"
        RETURNED_MAIL = "returned_mail", "Mail came back"
        COST_SHARE = "cost_share", "No cost share allowed (QMB, Medicaid)"
        MANUAL = "manual", "Held by a person"

    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="holds")
    visit = models.ForeignKey("clinic.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    claim = models.ForeignKey("clinic.Claim", null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=30, choices=Reason.choices)
    note = models.CharField(max_length=300, blank=True)
    until = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["guarantor"], condition=Q(released_at=None), name="hold_open")]

    def __str__(self) -> str:
        return f"hold: {self.get_reason_display()}"
