"""AuditEvent: who saw or changed which patient's record. Append-only; sealed into a hash chain by the minute."""

from django.db import models

from clinic import clock


class AuditEvent(models.Model):
    class Actor(models.TextChoices):
        USER = "user", "Person"
        CLIENT = "client", "API client"
        DEVICE = "device", "Device"
        MACHINE = "machine", "Worker"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=10, choices=Actor.choices)
    actor_id = models.UUIDField(null=True, blank=True)
    act = models.CharField(max_length=60)
    is_change = models.BooleanField(default=False)
    patient_id = models.UUIDField(null=True, blank=True)
    record_type = models.CharField(max_length=60, blank=True)
    record_id = models.UUIDField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "at"]),
            models.Index(fields=["record_type", "record_id", "at"]),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.record_type}"


class AuditSeal(models.Model):
    """One link of the chain: the SHA-256 over the rows up to `last_id` and the link before."""

    id = models.BigAutoField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    row_count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"seal to {self.last_id}"
