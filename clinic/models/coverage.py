"""Coverage: a patient's cover by a payer, its period and its place in the order of benefits."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func, Q

from clinic.fields import EncryptedTextField
from clinic.models.base import Record, Versioned
from clinic.models.patient import Sex


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class CoverageQuerySet(models.QuerySet["Coverage"]):
    def on(self, day: date) -> "CoverageQuerySet":
        """In force on that day, first payer first."""
        return (
            self.filter(is_active=True, starts_on__lte=day)
            .filter(Q(ends_on=None) | Q(ends_on__gte=day))
            .order_by("order")
        )


class Coverage(Record, Versioned):
    """One policy of one patient. `order` 1 pays first. The receivable of a charge hangs on this row."""

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="coverages")
    payer = models.ForeignKey("clinic.Payer", on_delete=models.PROTECT, related_name="coverages")
    order = models.PositiveSmallIntegerField("order of benefits", default=1)
    member_id = EncryptedTextField()
    member_id_fingerprint = models.CharField(max_length=64, db_index=True)
    member_id_last4 = models.CharField(max_length=4)
    group_number = models.CharField(max_length=30, blank=True)
    plan_name = models.CharField(max_length=60, blank=True)
    relationship = models.CharField("patient is the subscriber's", max_length=2, default="18")
    subscriber_first_name = models.CharField(max_length=35, blank=True)
    subscriber_last_name = models.CharField(max_length=60, blank=True)
    subscriber_birth_date = models.DateField(null=True, blank=True)
    subscriber_sex = models.CharField(max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    medicare_secondary_type = models.CharField(max_length=2, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    accepts_assignment = models.BooleanField(default=True)
    ended_reason = models.CharField(max_length=120, blank=True)

    objects = CoverageQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.CheckConstraint(condition=Q(order__gte=1, order__lte=4), name="coverage_order"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="coverage_period"
            ),
            ExclusionConstraint(
                name="coverage_one_per_order",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("order", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_active=True),
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payer} ({self.get_order_word()})"

    def get_order_word(self) -> str:
        return {1: "primary", 2: "secondary", 3: "tertiary"}.get(self.order, "further")

    @property
    def is_subscriber(self) -> bool:
        return self.relationship == "18"
