"""Message to a patient: the row is the queue; `key` makes a second try harmless."""

from django.db import models
from django.db.models import Q

from clinic import clock
from clinic.models.base import Record
from clinic.models.status import HasStatus


class Message(Record, HasStatus):
    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        TEXT = "text", "Text message"
        LETTER = "letter", "Letter"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        UNCONFIRMED = "unconfirmed", "Sent, not confirmed"
        FAILED = "failed", "Failed"
        SUPPRESSED = "suppressed", "Not sent: no consent or address"

    TRANSITIONS = {
        Status.QUEUED: {Status.SENDING, Status.SUPPRESSED},
        Status.SENDING: {Status.SENT, Status.FAILED, Status.UNCONFIRMED, Status.QUEUED},
        Status.FAILED: {Status.QUEUED},
        Status.UNCONFIRMED: {Status.SENT, Status.QUEUED},
    }

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.QUEUED)
    patient = models.ForeignKey(
        "clinic.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    guarantor = models.ForeignKey(
        "clinic.Guarantor", null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    due_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(status="queued"), name="message_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.kind}"
