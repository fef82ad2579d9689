"""The audit: the only writer of AuditEvent. Who saw or changed which patient's record, when and why.

The web layer sets the actor of the request once (`acting`); services name `by` and the row.
Rows cannot be changed (trigger); `seal()` chains them by the minute so that a removed row is found.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from clinic import clock
from clinic.bulk import copy_rows, insert
from clinic.models import ApiClient, AuditEvent, AuditSeal, Device, User


@dataclass(frozen=True)
class Actor:
    kind: str
    id: uuid.UUID | None
    address: str | None = None


VIEWED = """
INSERT INTO clinic_auditevent (at, actor_kind, actor_id, address, act, is_change, patient_id, record_type, record_id, why, detail)
SELECT %s, %s, %s::uuid, %s::inet, 'patient.viewed', false, seen.id, '', NULL, %s, '{}'
  FROM unnest(%s::uuid[]) WITH ORDINALITY AS seen (id, place) ORDER BY seen.place
"""
"""One row a patient, one statement a page: a day sheet shows six hundred."""


class BrokenChain(Exception):
    """Somebody removed or changed audit rows after they were sealed."""


MACHINE = Actor(AuditEvent.Actor.MACHINE, None)
_acting: ContextVar[Actor] = ContextVar("acting", default=MACHINE)


def actor_for(who: object, address: str | None = None) -> Actor:
    """The audit's name for a user, an API client or a device; the machine for everybody else."""
    if isinstance(who, ApiClient):
        return Actor(AuditEvent.Actor.CLIENT, who.pk, address)
    if isinstance(who, Device):
        return Actor(AuditEvent.Actor.DEVICE, who.pk, address)
    if isinstance(who, User):
        return Actor(AuditEvent.Actor.USER, who.pk, address)
    return Actor(AuditEvent.Actor.MACHINE, None, address)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Everything recorded inside was done by `actor`, unless a service names `by` itself.

    The connection is told as well, with each statement that may write: the triggers of the field history
    (clinic.models.change) note it. Two ids and no more: no address, no name.
    """
    token = _acting.set(actor)
    try:
        with nullcontext() if _tell_who in connection.execute_wrappers else connection.execute_wrapper(_tell_who):
            yield
    finally:
        _acting.reset(token)


def _tell_who(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Before a statement that may change or remove rows, the connection hears who acts, for that transaction.

    `pghistory.context` tells it with every INSERT and SAVEPOINT too: twice the statements of a booking. The triggers
    keep the row before, which an INSERT has not.
    """
    if _may_change(sql) and not getattr(context["cursor"], "name", None):
        actor = _acting.get()
        who = json.dumps({"kind": str(actor.kind), "id": str(actor.id) if actor.id else None})
        sql = f"SELECT set_config('pghistory.context_metadata', '{who}', true); {sql}"
    return execute(sql, params, many, context)


def _may_change(sql: Any) -> bool:
    if not isinstance(sql, str):
        return False
    word = sql.lstrip()[:9].partition(" ")[0].upper()
    if word == "INSERT":
        return "DO UPDATE" in sql.upper()
    return word in ("UPDATE", "DELETE", "MERGE", "WITH")


def current_actor() -> Actor:
    return _acting.get()


def record(
    *,
    act: str,
    by: User | None = None,
    patient: models.Model | None = None,
    row: models.Model | None = None,
    detail: dict[str, Any] | None = None,
    why: str = "",
) -> AuditEvent:
    """A change. Written in the caller's transaction: no change without its row, no row without its change."""
    event = _change(act, by, patient.pk if patient is not None else None, row, detail, why)
    return insert(event)


def record_many(
    *,
    act: str,
    changes: Iterable[tuple[uuid.UUID | None, models.Model, dict[str, Any] | None]],
    by: User | None = None,
    why: str = "",
) -> int:
    """The same act on many rows, in one statement: (its patient's id, the row, detail) each."""
    return copy_rows([_change(act, by, patient_id, row, detail, why) for patient_id, row, detail in changes])


def _change(
    act: str,
    by: User | None,
    patient_id: uuid.UUID | None,
    row: models.Model | None,
    detail: dict[str, Any] | None,
    why: str,
) -> AuditEvent:
    actor = _acting.get() if by is None else actor_for(by, _acting.get().address)
    return AuditEvent(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        act=act,
        is_change=True,
        patient_id=patient_id,
        record_type=row._meta.label_lower if row is not None else "",
        record_id=row.pk if row is not None and isinstance(row.pk, uuid.UUID) else None,
        why=why,
        detail=detail or {},
    )


def viewed(request: Any, patient_ids: Iterable[uuid.UUID], why: str) -> None:
    """A read of these patients' data. Marks the request, so that a forgotten call is found by the tests."""
    seen = [str(patient_id) for patient_id in dict.fromkeys(patient_ids)]
    if request is not None:
        request.audited = True
        request.__dict__.setdefault("has_shown", []).append((seen, why))
    _note_viewed(seen, why)


def noted_again(request: Any) -> None:
    """After the transaction in which a page was drawn was rolled back: the page is shown all the same, so its reads
    are noted.
    """
    for seen, why in getattr(request, "has_shown", ()):
        _note_viewed(seen, why)


def _note_viewed(seen: Sequence[str], why: str) -> None:
    actor = _acting.get()
    if seen:
        who = (clock.now(), str(actor.kind), str(actor.id) if actor.id else None, actor.address, why)
        with connection.cursor() as cursor:
            cursor.execute(VIEWED, [*who, list(seen)])


def seal() -> AuditSeal | None:
    """Chain the rows since the last seal. Safe to repeat: under an advisory lock, and nothing new seals nothing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('clinic.audit.seal'))")
        last = AuditSeal.objects.order_by("-id").first()
        rows = AuditEvent.objects.filter(id__gt=last.last_id if last else 0, at__lt=clock.now()).order_by("id")
        digest, count, first_id, last_id = _chain(last.digest if last else "", rows)
        if not count:
            return None
        return AuditSeal.objects.create(first_id=first_id, last_id=last_id, row_count=count, digest=digest)


def broken_seals() -> list[int]:
    """Ids of seals whose rows no longer give their digest: somebody removed or changed audit rows."""
    broken: list[int] = []
    before = ""
    for link in AuditSeal.objects.order_by("id").iterator():
        rows = AuditEvent.objects.filter(id__gte=link.first_id, id__lte=link.last_id).order_by("id")
        digest, count, _first, _last = _chain(before, rows)
        if digest != link.digest or count != link.row_count:
            broken.append(link.pk)
        before = link.digest
    return broken


def _chain(before: str, rows: "models.QuerySet[AuditEvent]") -> tuple[str, int, int, int]:
    digest = hashlib.sha256(before.encode())
    count = first_id = last_id = 0
    for row in rows.iterator(chunk_size=2000):
        first_id = first_id or row.pk
        last_id = row.pk
        count += 1
        digest.update(json.dumps(_facts(row), sort_keys=True, default=str).encode())
    return digest.hexdigest(), count, first_id, last_id


def _facts(row: AuditEvent) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
