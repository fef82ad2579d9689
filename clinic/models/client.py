"""Machines that sign in: API clients with hashed tokens and scopes, and paired devices."""

import hashlib

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models.base import Record


def token_digest(token: str) -> str:
    """Tokens are 256 random bits, so one plain SHA-256 suffices: there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiClient(Record):
    """A website, kiosk or partner system. `scopes` are the acts it may do ("appointment.book")."""

    name = models.CharField(max_length=60, unique=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    is_active = models.BooleanField(default=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    is_authenticated = True
    is_anonymous = False

    def __str__(self) -> str:
        return self.name


class Device(Record):
    """A paired wall board or kiosk: shows its own location only, initials instead of names."""

    class Kind(models.TextChoices):
        BOARD = "board", "Wall board"
        KIOSK = "kiosk", "Kiosk"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="devices")
    token_sha256 = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
