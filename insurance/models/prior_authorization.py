"""PriorAuthorization: a payer's word that it will pay a service, in units and dates; and each use of it."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Sum

from clinic.models import ChargeItem, Coverage, Location, Patient, Provider, Record, User, Versioned
from clinic.models.status import HasStatus


class PriorAuthorization(Record, Versioned, HasStatus):
    """Goes on the claim as REF*G1. Units are an inventory: used at charge under a row lock, given back on void."""

    class Status(models.TextChoices):
        NEEDED = "needed", "Needed, not asked for"
        SUBMITTED = "submitted", "Asked for"
        PENDED = "pended", "Payer is deciding"
        APPROVED = "approved", "Approved"
        PARTIAL = "partial", "Approved in part"
        DENIED = "denied", "Denied"
        EXPIRED = "expired", "Expired"
        CANCELLED = "cancelled", "Cancelled"

    TRANSITIONS = {
        Status.NEEDED: {Status.SUBMITTED, Status.APPROVED, Status.PARTIAL, Status.DENIED, Status.CANCELLED},
        Status.SUBMITTED: {
            Status.PENDED, Status.APPROVED, Status.PARTIAL, Status.DENIED, Status.CANCELLED,
        },
        Status.PENDED: {Status.APPROVED, Status.PARTIAL, Status.DENIED, Status.CANCELLED},
        Status.APPROVED: {Status.EXPIRED, Status.CANCELLED, Status.PARTIAL},
        Status.PARTIAL: {Status.APPROVED, Status.EXPIRED, Status.CANCELLED},
        Status.DENIED: {Status.SUBMITTED, Status.APPROVED, Status.PARTIAL},
        Status.EXPIRED: {Status.APPROVED},
    }  # fmt: skip
    USABLE = (Status.APPROVED, Status.PARTIAL)

    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="prior_authorizations")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="prior_authorizations")
    number = models.CharField("authorization number", max_length=50, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEEDED)
    codes = ArrayField(models.CharField(max_length=5), default=list)
    units = models.PositiveIntegerField("units approved", default=1)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_on = models.DateField(null=True, blank=True)
    answer_due_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField("number recorded", null=True, blank=True)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="authorization_period",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "partial"])
                | (~Q(number="") & Q(starts_on__isnull=False) & Q(ends_on__isnull=False)),
                name="approved_authorization_has_number_and_dates",
            ),
        ]
        indexes = [models.Index(fields=["coverage", "status"])]

    def __str__(self) -> str:
        return f"authorization {self.number or '(no number yet)'}"

    @property
    def units_used(self) -> int:
        return self.uses.filter(released_at=None).aggregate(n=Sum("units"))["n"] or 0

    @property
    def units_left(self) -> int:
        return self.units - self.units_used

    def covers(self, code: str, on: date) -> bool:
        """Usable for that code on that date (units are asked separately, under a lock)."""
        if self.status not in self.USABLE or code not in self.codes:
            return False
        return bool(self.starts_on and self.ends_on and self.starts_on <= on <= self.ends_on)


class AuthorizationUse(Record):
    """Units taken by one charge; released when the charge is voided."""

    authorization = models.ForeignKey(PriorAuthorization, on_delete=models.PROTECT, related_name="uses")
    charge = models.ForeignKey(ChargeItem, on_delete=models.PROTECT, related_name="authorization_uses")
    units = models.PositiveIntegerField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["charge"], condition=Q(released_at=None), name="one_open_authorization_use_per_charge"
            )
        ]

    def __str__(self) -> str:
        return f"{self.units} units"
