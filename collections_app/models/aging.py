"""AgingSnapshot: one night's receivables by age, as they stood at the end of that date."""

from django.db import models
from django.db.models import Q

from clinic.fields import MoneyField


class AgingSnapshot(models.Model):
    """One row a date, side, clock, party and bucket; zero amounts have no row.

    Insurance is kept by payer; patients together (payer empty). The buckets are the ledger's, and beside them what
    is on a plan, at an agency, and credits (below zero).
    """

    class Side(models.TextChoices):
        INSURANCE = "insurance", "Insurance"
        PATIENT = "patient", "Patients"

    class Anchor(models.TextChoices):
        SERVICE = "service", "Date of service"
        FIRST_BILL = "first_bill", "First bill"
        RESPONSIBILITY = "responsibility", "Day it became theirs to pay"

    id = models.BigAutoField(primary_key=True)
    as_of = models.DateField()
    side = models.CharField(max_length=10, choices=Side.choices)
    anchor = models.CharField(max_length=15, choices=Anchor.choices)
    payer = models.ForeignKey("clinic.Payer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    bucket = models.CharField(max_length=10)
    amount = MoneyField()
    accounts_count = models.PositiveIntegerField("payers or guarantors in it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["as_of", "side", "anchor", "payer", "bucket"], name="aging_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="aging_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.as_of} {self.side} {self.bucket} {self.amount}"
