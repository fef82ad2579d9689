"""Field history for people: what of a row was changed when, by whom, from what to what (clinic.models.change).

A kept state is the row before a change; what came of it is the next state kept, or the row as it stands.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from clinic import clock, money
from clinic.fields import EncryptedTextField, MoneyField
from clinic.models import AuditEvent, Coverage, CoverageChange, Patient, PatientChange
from clinic.models.change import COUNTING, REMOVED
from clinic.queries.actors import names_of
from x12.codes.coverage import RELATIONSHIPS

NOT_FOR_PEOPLE = frozenset({*COUNTING, "phone_digits", "member_id_fingerprint", "member_id_last4"})
"""Follow from another field, or count."""
LABELS = {
    "line1": "street",
    "line2": "apartment, suite",
    "zip_code": "ZIP code",
    "email": "e-mail",
    "is_active": "in force",
}
CODED: dict[str, dict[str, str]] = {"relationship": RELATIONSHIPS, "guarantor_relationship": RELATIONSHIPS}
WORKER, NOBODY_KNOWN = "The worker", "Not through Tandem"
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """`is_timed` is false for a statement that left the row's own instant alone: then it was at `at` or later."""

    at: datetime
    is_timed: bool
    who: str
    what: str
    is_removal: bool
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    before: Any
    after: models.Model | None
    differing: tuple["models.Field[Any, Any]", ...]


def patient_changes(patient: Patient, *, with_coverage: bool, opened: bool) -> list[RowChange]:
    """Of the patient, of records merged into it and of their policies; the latest first. Policies by their patient,
    so that one removed past the services still shows."""
    people = {p.pk: p for p in Patient.objects.same_person(patient)}
    kept = PatientChange.objects.filter(pgh_obj__in=list(people))
    found = _told(Patient, kept, people, lambda p: "Person and contact" if p == patient else f"Record {p.mrn}", opened)
    if with_coverage:
        covers = {c.pk: c for c in Coverage.objects.filter(patient__in=list(people)).select_related("payer")}
        kept = CoverageChange.objects.filter(patient__in=list(people))
        found += _told(Coverage, kept, covers, str, opened)
    return sorted(found, key=lambda change: change.at, reverse=True)


def changes_of(row: models.Model, *, opened: bool = False) -> list[RowChange]:
    """Of one row of a tracked model, the latest first. `opened`: sealed fields whole, not their last four signs."""
    model = type(row)
    return _told(model, _kept(model).filter(pgh_obj=row.pk), {row.pk: row}, str, opened)


def who_changed_since(row: models.Model, version: int) -> str:
    """For the sentence that refuses a stale form: `Lena Holt (2:03 PM: city, phone)`; "Somebody" when none is known.

    `row` is the row as it stands, `version` the one that was looked at.
    """
    model = type(row)
    told = _told(model, _kept(model).filter(pgh_obj=row.pk, version__gte=version), {row.pk: row}, str, False)
    known = [c for c in reversed(told) if c.fields]
    parts = []
    for change in known[-MOST_TOLD:]:
        who = "Somebody" if change.who == NOBODY_KNOWN else change.who
        parts.append(f"{who} ({_when(change.at)}: {', '.join(f.field for f in change.fields)})")
    return " and ".join(parts) or "Somebody"


def _kept(model: type[models.Model]) -> "models.QuerySet[Any]":
    """The table of changes of a tracked model."""
    table: Any = model.pgh_event_model  # type: ignore[attr-defined]
    found: models.QuerySet[Any] = table.objects.all()
    return found


def _told(
    model: type[models.Model],
    kept: "models.QuerySet[Any]",
    present: dict[UUID, Any],
    name: Callable[[Any], str],
    opened: bool,
) -> list[RowChange]:
    """As many queries for one change as for many: the states, the actors, and one for each kind of row pointed to."""
    steps = list(_steps(model, list(kept.order_by("pgh_id")), present))
    people = names_of({UUID(s.before.pgh_context["id"]) for s in steps if (s.before.pgh_context or {}).get("id")})
    pointed = _pointed_to(steps)
    told = []
    for step in reversed(steps):
        before, owner = step.before, present.get(step.before.pgh_obj_id)
        is_removal = before.pgh_label == REMOVED
        fields = tuple(
            FieldChange(
                LABELS.get(f.name, str(f.verbose_name)),
                _words(f, getattr(before, f.attname), pointed, opened),
                _words(f, getattr(step.after, f.attname), pointed, opened),
            )
            for f in step.differing
        )
        if fields or is_removal:
            what = name(owner) if owner is not None else str(model._meta.verbose_name).capitalize()
            is_timed = before.pgh_created_at != before.updated_at
            told.append(RowChange(before.pgh_created_at, is_timed, _who(before, people), what, is_removal, fields))
    return told


def _steps(model: type[models.Model], states: Sequence[Any], present: dict[UUID, Any]) -> Iterable[_Step]:
    by_row: dict[UUID, list[Any]] = defaultdict(list)
    for state in states:
        by_row[state.pgh_obj_id].append(state)
    for state in states:
        own = by_row[state.pgh_obj_id]
        own.pop(0)
        after = None if state.pgh_label == REMOVED else own[0] if own else present.get(state.pgh_obj_id)
        yield _Step(state, after, _differing(model, state, after))


def _differing(model: type[models.Model], before: Any, after: Any) -> tuple["models.Field[Any, Any]", ...]:
    if after is None:
        return ()
    kept = {f.name for f in before._meta.concrete_fields}
    return tuple(
        f
        for f in model._meta.concrete_fields
        if f.name in kept and f.name not in NOT_FOR_PEOPLE and getattr(before, f.attname) != getattr(after, f.attname)
    )


def _pointed_to(steps: Iterable[_Step]) -> dict[tuple[type[models.Model], Any], str]:
    """The words for rows that changed fields point to, before and after."""
    ids: dict[type[models.Model], set[Any]] = defaultdict(set)
    for step in steps:
        for field in step.differing:
            if isinstance(field, models.ForeignKey):
                ids[field.related_model] |= {getattr(step.before, field.attname), getattr(step.after, field.attname)}  # type: ignore[index]
    found: dict[tuple[type[models.Model], Any], str] = {}
    for model, wanted in ids.items():
        rows = model._default_manager.filter(pk__in=wanted - {None})
        if model is Coverage:
            rows = rows.select_related("payer")
        found |= {(model, row.pk): str(row) for row in rows}
    return found


def _who(state: Any, people: dict[UUID, str]) -> str:
    said = state.pgh_context
    if not said:
        return NOBODY_KNOWN
    if said.get("id"):
        return people.get(UUID(said["id"]), "Somebody")
    return WORKER if said.get("kind") == AuditEvent.Actor.MACHINE else "Somebody"


def _words(field: Any, value: Any, pointed: dict[tuple[type[models.Model], Any], str], opened: bool) -> str:
    if value is None or value == "" or value == []:
        return "(empty)"
    if isinstance(field, models.ForeignKey):
        return pointed.get((field.related_model, value), "(gone)")  # type: ignore[arg-type]
    if isinstance(field, EncryptedTextField):
        return str(value) if opened else f"ends in {str(value)[-4:]}"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(field, MoneyField):
        return money.dollars(value)
    if isinstance(value, datetime):
        return f"{clock.local(value):%m/%d/%Y, %-I:%M %p}"
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    words = CODED.get(field.name) or dict(field.flatchoices or ())
    return str(words.get(value, value))


def _when(instant: datetime) -> str:
    local = clock.local(instant)
    return f"{local:%-I:%M %p}" if local.date() == clock.today() else f"{local:%m/%d/%Y, %-I:%M %p}"
