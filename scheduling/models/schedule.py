"""When a provider sees patients: weekly hours, closures, and the kinds of appointment.

All times are wall-clock times of the location, so nine o'clock stays nine o'clock when the clocks change.
"""

from django.db import models
from django.db.models import F, Q

from clinic.models import Location, Provider, Record

WEEKDAYS = [
    (0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday"), (5, "Saturday"), (6, "Sunday"),
]  # fmt: skip


class Schedule(Record):
    """One stretch of a provider's week at a location. Two rows make a morning and an afternoon."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="hours")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS)
    opens_at = models.TimeField()
    closes_at = models.TimeField()
    starts_on = models.DateField("from")
    ends_on = models.DateField("until", null=True, blank=True)

    class Meta:
        verbose_name = "weekly hours"
        verbose_name_plural = "weekly hours"
        ordering = ["provider", "weekday", "opens_at"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="schedule_weekday"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="schedule_opens_before_it_closes"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="schedule_period"),
        ]
        indexes = [models.Index(fields=["location", "weekday"])]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at:%H:%M}-{self.closes_at:%H:%M}"


class Closure(Record):
    """Time in which nobody is booked: lunch, a meeting, a holiday, an absence.

    Without a provider it closes the location for everybody; without times, whole days; with a weekday, that day
    of each week; without an end, for good.
    """

    class Kind(models.TextChoices):
        BLOCK = "block", "Blocked time"
        LUNCH = "lunch", "Lunch"
        HOLIDAY = "holiday", "Holiday"
        AWAY = "away", "Out of office"

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="closures")
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.PROTECT, related_name="closures")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.BLOCK)
    title = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField("from")
    ends_on = models.DateField("until", null=True, blank=True)
    weekday = models.PositiveSmallIntegerField("each", choices=WEEKDAYS, null=True, blank=True)
    opens_at = models.TimeField("starts at", null=True, blank=True)
    closes_at = models.TimeField("ends at", null=True, blank=True)

    class Meta:
        ordering = ["starts_on", "opens_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="closure_period"),
            models.CheckConstraint(
                condition=Q(opens_at=None, closes_at=None) | Q(closes_at__gt=F("opens_at")), name="closure_times"
            ),
            models.CheckConstraint(condition=Q(weekday=None) | Q(weekday__lte=6), name="closure_weekday"),
        ]
        indexes = [models.Index(fields=["location", "starts_on"])]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()


class AppointmentType(Record):
    """A kind of appointment: how long it takes, and which benefit the payer is asked about (X12 service type)."""

    class Colour(models.TextChoices):
        SLATE = "slate", "Slate"
        TEAL = "teal", "Teal"
        VIOLET = "violet", "Violet"
        AMBER = "amber", "Amber"
        BLUE = "blue", "Blue"

    name = models.CharField(max_length=40, unique=True)
    minutes = models.PositiveSmallIntegerField(default=15)
    service_type = models.CharField("service type asked of the payer", max_length=2, default="98")
    colour = models.CharField(max_length=10, choices=Colour.choices, default=Colour.SLATE)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=480), name="appointment_type_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.minutes} min"
