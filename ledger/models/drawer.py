"""A desk's cash from float to bank."""

from django.db import models
from django.db.models import Q

from clinic import clock
from clinic.fields import MoneyField
from clinic.models import HasStatus, Record


class Deposit(Record):
    """What goes to the bank together. Its payments can no longer be voided."""

    number = models.CharField(max_length=12, unique=True)
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="deposits")
    made_on = models.DateField()
    amount = MoneyField()
    made_by = models.ForeignKey("clinic.User", on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey("ledger.JournalEntry", on_delete=models.PROTECT, related_name="deposits")
    reference = models.CharField("bank slip", max_length=80, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="deposit_above_zero")]

    def __str__(self) -> str:
        return f"deposit {self.number}"


class Drawer(Record, HasStatus):
    """One shift of one drawer. The count is blind: what should be there is shown after it."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        COUNTED = "counted", "Counted"
        CLOSED = "closed", "Closed"

    TRANSITIONS = {
        Status.OPEN: {Status.COUNTED},
        Status.COUNTED: {Status.OPEN, Status.CLOSED},
    }

    number = models.CharField(max_length=12, unique=True)
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="drawers")
    business_date = models.DateField()
    keeper = models.ForeignKey("clinic.User", on_delete=models.PROTECT, related_name="drawers")
    opened_at = models.DateTimeField(default=clock.now)
    float_amount = MoneyField("float")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    counted_amount = MoneyField(null=True, blank=True)
    expected_amount = MoneyField(null=True, blank=True)
    closed_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    explanation = models.CharField(max_length=200, blank=True)
    deposit = models.ForeignKey(Deposit, null=True, blank=True, on_delete=models.PROTECT, related_name="drawers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["keeper"], condition=~Q(status="closed"), name="drawer_one_open_a_keeper"),
            models.CheckConstraint(condition=Q(float_amount__gte=0), name="drawer_float_not_negative"),
        ]

    def __str__(self) -> str:
        return f"drawer {self.number}"
