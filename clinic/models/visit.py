"""Visit (FHIR Encounter): opens at arrival, alone has stages; and its diagnoses."""

from django.db import models
from django.db.models import Q

from clinic.models.base import Record, Versioned
from clinic.models.status import HasStatus
from clinic.validators import validate_icd10


class Visit(Record, Versioned, HasStatus):
    """What happened on that day. `appointment_id` points up to scheduling by value, not by foreign key."""

    class Status(models.TextChoices):
        ARRIVED = "arrived", "Arrived"
        CHECKED_IN = "checked_in", "Checked in"
        IN_ROOM = "in_room", "In room"
        WITH_PROVIDER = "with_provider", "With provider"
        READY_FOR_CHECKOUT = "ready_for_checkout", "Ready for check-out"
        CHECKED_OUT = "checked_out", "Checked out, charges expected"
        CLOSED = "closed", "Charges closed"
        LEFT = "left", "Left without being seen"
        UNDONE = "undone", "Arrival undone"

    TRANSITIONS = {
        Status.ARRIVED: {
            Status.CHECKED_IN, Status.IN_ROOM, Status.LEFT, Status.UNDONE,
        },
        Status.CHECKED_IN: {
            Status.ARRIVED, Status.IN_ROOM, Status.WITH_PROVIDER, Status.READY_FOR_CHECKOUT, Status.CHECKED_OUT,
            Status.LEFT, Status.UNDONE,
        },
        Status.IN_ROOM: {Status.CHECKED_IN, Status.WITH_PROVIDER, Status.READY_FOR_CHECKOUT, Status.LEFT},
        Status.WITH_PROVIDER: {Status.IN_ROOM, Status.READY_FOR_CHECKOUT, Status.CHECKED_OUT},
        Status.READY_FOR_CHECKOUT: {Status.WITH_PROVIDER, Status.CHECKED_OUT},
        Status.CHECKED_OUT: {Status.READY_FOR_CHECKOUT, Status.CLOSED},
        Status.CLOSED: {Status.CHECKED_OUT},
    }  # fmt: skip
    OPEN = (Status.ARRIVED, Status.CHECKED_IN, Status.IN_ROOM, Status.WITH_PROVIDER, Status.READY_FOR_CHECKOUT)

    number = models.CharField(max_length=12, unique=True)
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="visits")
    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="visits")
    provider = models.ForeignKey("clinic.Provider", on_delete=models.PROTECT, related_name="visits")
    referring_provider = models.ForeignKey(
        "clinic.Provider", null=True, blank=True, on_delete=models.PROTECT, related_name="referred_visits"
    )
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="visits")
    appointment_id = models.UUIDField(null=True, blank=True, unique=True)
    service_date = models.DateField()
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ARRIVED)
    reason = models.CharField(max_length=120, blank=True)
    is_self_pay = models.BooleanField(default=False)
    is_accident = models.BooleanField(default=False)
    accident_state = models.CharField(max_length=2, blank=True)
    accident_date = models.DateField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_out_at = models.DateTimeField(null=True, blank=True)
    charges_complete_at = models.DateTimeField("clinician has written everything down", null=True, blank=True)
    charges_closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["location", "service_date"]),
            models.Index(fields=["patient", "service_date"]),
            models.Index(fields=["checked_out_at"], condition=Q(status="checked_out"), name="visit_awaiting_charges"),
            models.Index(
                fields=["location"],
                condition=Q(status__in=["arrived", "checked_in", "in_room", "with_provider", "ready_for_checkout"]),
                name="visit_in_the_house",
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class Diagnosis(Record):
    """One ICD-10-CM code of a visit; `position` 1 is the principal one (X12 HI ABK), at most 12."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="diagnoses")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=8, validators=[validate_icd10])

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "position"], name="diagnosis_position"),
            models.UniqueConstraint(fields=["visit", "code"], name="diagnosis_code"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=12), name="diagnosis_at_most_12"),
        ]

    def __str__(self) -> str:
        return self.code
