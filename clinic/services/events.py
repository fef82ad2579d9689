"""Facts that happened. The only writer of Event; after commit the tasks that a kind wakes are nudged."""

import uuid
from functools import partial
from typing import Any

from django.db import models, transaction

from clinic.celery import WAKES
from clinic.models import Event, Patient, User
from clinic.nudge import nudge


def emit(
    *,
    kind: str,
    record: models.Model | None = None,
    patient: Patient | None = None,
    payload: dict[str, Any] | None = None,
    by: User | None = None,
) -> Event:
    """Write the fact in the caller's transaction. `payload` holds ids and codes, never names."""
    event = Event.objects.create(
        kind=kind,
        record_type=record._meta.label_lower if record is not None else "",
        record_id=record.pk if record is not None and isinstance(record.pk, uuid.UUID) else None,
        patient=patient,
        payload=payload or {},
        by=by,
    )
    for task in WAKES.get(kind, ()):
        transaction.on_commit(partial(nudge, task), robust=True)
    return event
