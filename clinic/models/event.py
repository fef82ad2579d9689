"""Event: a fact that happened. Feeds workers, timelines and webhooks. Append-only."""

from django.db import models

from clinic import clock


class Event(models.Model):
    """`kind` is "appointment.booked", "visit.checked_out" …; `payload` holds ids, never names."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    record_type = models.CharField(max_length=60, blank=True)
    record_id = models.UUIDField(null=True, blank=True)
    patient = models.ForeignKey(
        "clinic.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    payload = models.JSONField(default=dict, blank=True)
    happened_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["kind", "id"]),
            models.Index(fields=["record_type", "record_id"]),
            models.Index(fields=["patient", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.happened_at:%Y-%m-%d %H:%M}"
