"""Record: what every row of the shared record has."""

import secrets
import time
import uuid

from django.db import models

from clinic import clock
from clinic.fields import TouchedAtField


def new_id() -> uuid.UUID:
    """UUIDv7 (RFC 9562): sortable by the time it was made. Uses the machine's clock: ids are no dates."""
    millis = time.time_ns() // 1_000_000
    value = (millis & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)


class Record(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = TouchedAtField()

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A row that two people may edit: the form carries `version`, a stale one is refused with a diff."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
