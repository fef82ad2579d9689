"""What we charge, and what a payer is under contract to allow."""

from django.db import models
from django.db.models import Q

from clinic.fields import MoneyField
from clinic.models.base import Record, Versioned


class FeeSchedule(Record):
    """Our own charges when `payer` is empty; else what that payer allows."""

    name = models.CharField(max_length=60)
    payer = models.ForeignKey(
        "clinic.Payer", null=True, blank=True, on_delete=models.PROTECT, related_name="fee_schedules"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Fee(Record, Versioned):
    """One code's amount. `description` is the practice's own wording; CPT's is licensed and never shipped."""

    schedule = models.ForeignKey(FeeSchedule, on_delete=models.CASCADE, related_name="fees")
    code = models.CharField(max_length=5)
    modifier = models.CharField(max_length=2, blank=True)
    description = models.CharField(max_length=80, blank=True)
    amount = MoneyField()
    needs_authorization = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "code", "modifier"], name="fee_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.amount}"
