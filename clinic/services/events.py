"""Facts that happened. The only writer of Event; after commit the tasks that a kind wakes are nudged."""

import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import models, transaction

from clinic.bulk import copy_rows, insert
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
    event = _event(kind, record, patient.pk if patient is not None else None, payload, by)
    insert(event)
    _wake(kind)
    return event


def emit_many(
    *,
    kind: str,
    about: Iterable[tuple[models.Model, uuid.UUID | None, dict[str, Any] | None]],
    by: User | None = None,
) -> int:
    """The same kind of fact about many records, each (record, its patient's id, payload), in one statement."""
    rows = [_event(kind, record, patient_id, payload, by) for record, patient_id, payload in about]
    if rows:
        copy_rows(rows)
        _wake(kind)
    return len(rows)


def _event(
    kind: str,
    record: models.Model | None,
    patient_id: uuid.UUID | None,
    payload: dict[str, Any] | None,
    by: User | None,
) -> Event:
    return Event(
        kind=kind,
        record_type=record._meta.label_lower if record is not None else "",
        record_id=record.pk if record is not None and isinstance(record.pk, uuid.UUID) else None,
        patient_id=patient_id,
        payload=payload or {},
        by=by,
    )


def _wake(kind: str) -> None:
    for task in WAKES.get(kind, ()):
        transaction.on_commit(partial(nudge, task), robust=True)
