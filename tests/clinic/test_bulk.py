"""Rows in bulk are the rows that would have been saved one by one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models
from pytest_django import DjangoAssertNumQueries

from clinic import audit
from clinic.bulk import by_keys, copy_rows, copy_values, together
from clinic.errors import IllegalTransition, StaleStatus
from clinic.models import AuditEvent, Event, StatusChange, Visit
from clinic.services.events import emit, emit_many
from ledger.models import Posting
from tests.factories.clinic import CoverageFactory, GuarantorFactory, PatientFactory, VisitFactory

AWKWARD = 'tab\there, back\\slash, new\nline, \\N, quote" and {brace}, é'


def stored(row: models.Model) -> dict[str, Any]:
    """What the database holds of this row; encrypted columns as they read."""
    fresh = type(row)._default_manager.get(pk=row.pk)
    return {f.attname: getattr(fresh, f.attname) for f in row._meta.concrete_fields}


def facts_of(row: models.Model) -> dict[str, Any]:
    return {
        f.name: getattr(row, f.name) for f in row._meta.concrete_fields if not f.primary_key and f.name != "guarantor"
    }


@pytest.mark.parametrize("made", [
    {"last_name": AWKWARD[:60], "first_name": "\\N"},
    {"middle_name": "", "birth_date": date(1899, 12, 31), "is_qmb": True},
])  # fmt: skip
def test_a_copied_row_reads_as_the_saved_one(db: None, made: dict[str, Any]) -> None:
    guarantor = GuarantorFactory()
    built = PatientFactory.build(guarantor=guarantor, mrn="M1", **made)
    twin = PatientFactory.build(guarantor=guarantor, **{**facts_of(built), "mrn": "M2"})

    copy_rows([built])
    twin.save(force_insert=True)

    one, other = stored(built), stored(twin)
    for name in ("id", "mrn", "updated_at"):
        del one[name], other[name]
    assert one == other


def test_values_must_name_every_column(db: None) -> None:
    with pytest.raises(TypeError, match="has the columns"):
        copy_values(Posting, ("entry_id", "debit"), [(1, Decimal("1.00"))])


def test_many_rows_move_together_or_not_at_all(db: None) -> None:
    visits = [VisitFactory() for _ in range(3)]

    Visit.move_many(visits, "checked_in", by=None, reason="all here")

    assert [v.status for v in visits] == ["checked_in"] * 3
    assert set(Visit.objects.values_list("status", flat=True)) == {"checked_in"}
    assert StatusChange.objects.filter(from_status="arrived", to_status="checked_in", reason="all here").count() == 3

    Visit.objects.filter(pk=visits[1].pk).update(status="in_room")
    with pytest.raises(StaleStatus):
        Visit.move_many(visits, "with_provider", by=None)
    with pytest.raises(IllegalTransition):
        Visit.move_many(visits, "closed", by=None)
    assert not Visit.objects.filter(status__in=["with_provider", "closed"]).exists()
    assert not StatusChange.objects.filter(to_status="with_provider").exists()
    assert [v.status for v in visits] == ["checked_in"] * 3


def test_many_facts_and_acts_are_told_as_one_by_one(db: None) -> None:
    visits = [VisitFactory() for _ in range(2)]
    about = [(v, v.patient_id, {"n": 1}) for v in visits]
    facts = ("kind", "record_type", "record_id", "patient_id", "payload", "by_id")
    acts = ("act", "actor_kind", "is_change", "patient_id", "record_type", "record_id", "why", "detail")

    emit_many(kind="test.many", about=about)
    audit.record_many(act="test.many", changes=[(v.patient_id, v, {"code": "x"}) for v in visits], why="because")
    for visit in visits:
        emit(kind="test.one", record=visit, patient=visit.patient, payload={"n": 1})
        audit.record(act="test.one", patient=visit.patient, row=visit, why="because", detail={"code": "x"})

    for model, name, columns in ((Event, "kind", facts), (AuditEvent, "act", acts)):
        many, one = (
            list(model._default_manager.filter(**{name: f"test.{way}"}).order_by("id").values_list(*columns))
            for way in ("many", "one")
        )
        assert [row[1:] for row in many] == [row[1:] for row in one]
        assert len(many) == 2
    assert emit_many(kind="test.none", about=[]) == 0
    assert Visit.objects.count() == 2


def test_a_coverage_is_copied_with_its_member_id_unreadable_in_the_table(db: None) -> None:
    saved = CoverageFactory()
    row = CoverageFactory.build(patient=PatientFactory(), payer=saved.payer, member_id=AWKWARD)

    copy_rows([row])

    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM clinic_coverage WHERE id = %s", [row.pk])
        (raw,) = cursor.fetchone()
    assert AWKWARD not in str(bytes(raw) if isinstance(raw, memoryview) else raw)
    assert stored(row)["member_id"] == AWKWARD


def test_rows_by_key_are_the_rows_that_get_would_give(db: None) -> None:
    patient, coverage = PatientFactory(middle_name=AWKWARD[:20]), CoverageFactory()

    found, nobody, also = by_keys(
        (type(patient), patient.pk), (type(patient), coverage.pk), (type(coverage), coverage.pk)
    )

    assert (found, nobody, also) == (patient, None, coverage)
    assert facts_of(found) == facts_of(type(patient).objects.get(pk=patient.pk))
    assert stored(also) == {f.attname: getattr(also, f.attname) for f in also._meta.concrete_fields}


def test_a_row_by_key_is_saved_as_a_change_not_as_a_new_row(db: None) -> None:
    patient = PatientFactory()

    (found,) = by_keys((type(patient), patient.pk))
    found.first_name = "Ada"
    found.save()

    patient.refresh_from_db()
    assert patient.first_name == "Ada"


def test_no_key_is_no_row(db: None) -> None:
    assert by_keys((Visit, None)) == (None,)


def test_rows_told_together_go_out_at_the_end_in_one_statement(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    patient = PatientFactory()

    with django_assert_num_queries(1), together():
        audit.record(act="patient.changed", patient=patient, row=patient, why="100 % sure; he said")
        emit(kind="patient.changed", record=patient, patient=patient, payload={"n": 1})

    assert AuditEvent.objects.get(act="patient.changed").why == "100 % sure; he said"
    assert Event.objects.get(kind="patient.changed").payload == {"n": 1}


def test_nothing_is_told_when_the_act_fails(db: None) -> None:
    patient = PatientFactory()

    with pytest.raises(ValueError, match="no"), together():
        audit.record(act="patient.changed", patient=patient)
        raise ValueError("no")

    assert not AuditEvent.objects.filter(act="patient.changed").exists()
    audit.record(act="patient.changed", patient=patient)
    assert AuditEvent.objects.filter(act="patient.changed").exists()
