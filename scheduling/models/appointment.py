"""Appointment: who comes to whom, when. The database lets no two of them overlap."""

from datetime import date, datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from clinic import clock
from clinic.models import HasStatus, Location, Patient, Provider, Record, User, Versioned
from scheduling.models.schedule import AppointmentType

LATE_NOTICE = timedelta(hours=24)


class TstzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


LONGEST = timedelta(minutes=480)
"""What an appointment type may last (constraint appointment_type_minutes)."""


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def occupying(self) -> "AppointmentQuerySet":
        """Those that take the provider's time: everything but cancelled and missed ones."""
        return self.filter(status__in=Appointment.OCCUPYING)

    def upcoming(self) -> "AppointmentQuerySet":
        return self.filter(status__in=Appointment.EXPECTED)

    def between(self, start: datetime, end: datetime) -> "AppointmentQuerySet":
        """Those that overlap the stretch from `start` up to, not including, `end`. The index needs both its ends."""
        return self.filter(start__lt=end, start__gt=start - LONGEST, end__gt=start)

    def for_display(self) -> "AppointmentQuerySet":
        return self.select_related("patient", "provider", "location", "appointment_type")


class Appointment(Record, Versioned, HasStatus):
    """A booked stretch of a provider's time. The Visit, opened at arrival, alone has stages.

    `lane` 0 is the calendar as planned; a higher lane is a booking on top of another, made by right and reason.
    """

    class Status(models.TextChoices):
        BOOKED = "booked", "Booked"
        CONFIRMED = "confirmed", "Confirmed"
        ARRIVED = "arrived", "Arrived"
        FULFILLED = "fulfilled", "Completed"
        CANCELLED = "cancelled", "Cancelled"
        NO_SHOW = "no_show", "No-show"

    class CancelledBy(models.TextChoices):
        PATIENT = "patient", "The patient"
        CLINIC = "clinic", "The clinic"

    TRANSITIONS = {
        Status.BOOKED: {Status.CONFIRMED, Status.ARRIVED, Status.CANCELLED, Status.NO_SHOW},
        Status.CONFIRMED: {Status.BOOKED, Status.ARRIVED, Status.CANCELLED, Status.NO_SHOW},
        Status.ARRIVED: {Status.BOOKED, Status.CONFIRMED, Status.FULFILLED, Status.CANCELLED},
        Status.FULFILLED: {Status.ARRIVED},
        Status.NO_SHOW: {Status.BOOKED, Status.CONFIRMED},
    }
    EXPECTED = (Status.BOOKED, Status.CONFIRMED)
    OCCUPYING = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.FULFILLED)

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="appointments")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="appointments")
    appointment_type = models.ForeignKey(AppointmentType, on_delete=models.PROTECT, related_name="appointments")
    start = models.DateTimeField()
    end = models.DateTimeField()
    lane = models.PositiveSmallIntegerField(default=0)
    overbook_reason = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOOKED)
    reason = models.CharField("reason for the visit", max_length=120, blank=True)
    booked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, choices=CancelledBy.choices, blank=True)
    closing_reason = models.CharField("why cancelled or missed", max_length=200, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="appointment_ends_after_it_starts"),
            ExclusionConstraint(
                name="appointment_provider_free",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("lane", RangeOperators.EQUAL),
                    (TstzRange("start", "end", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["booked", "confirmed", "arrived", "fulfilled"]),
            ),
            ExclusionConstraint(
                name="appointment_patient_free",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (TstzRange("start", "end", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["booked", "confirmed", "arrived", "fulfilled"]),
            ),
        ]
        indexes = [
            models.Index(fields=["location", "start"]),
            models.Index(fields=["provider", "start"]),
            models.Index(fields=["patient", "start"]),
            models.Index(
                fields=["start"], condition=Q(status__in=["booked", "confirmed"]), name="appointment_expected"
            ),
        ]

    def __str__(self) -> str:
        return f"appointment of {clock.local(self.start):%m/%d/%Y, %-I:%M %p}"

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds() // 60)

    @property
    def day(self) -> date:
        """The date on the wall of the location."""
        return clock.local(self.start, self.location).date()

    @property
    def is_expected(self) -> bool:
        return self.status in self.EXPECTED

    @property
    def is_late_cancellation(self) -> bool:
        """Cancelled by the patient with less than a day's notice: fee rules ask for it."""
        return (
            self.cancelled_by == self.CancelledBy.PATIENT
            and self.cancelled_at is not None
            and self.start - self.cancelled_at < LATE_NOTICE
        )
