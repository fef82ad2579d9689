"""Field history: every change of a tracked row is kept, by whatever way it was made, and never changed."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction

from billing import tasks as billing_tasks
from clinic import audit, clock
from clinic.bulk import copy_rows
from clinic.errors import StaleVersion
from clinic.fields import fingerprint
from clinic.models import (
    ApiClient,
    Claim,
    ClaimChange,
    Coverage,
    CoverageChange,
    Fee,
    FeeChange,
    Patient,
    PatientChange,
    Role,
)
from clinic.queries import changes_of, patient_changes, who_changed_since
from clinic.services.patients import merge_patients, update_patient
from insurance.services import coverage as coverages
from scheduling.models import Appointment, AppointmentChange
from scheduling.services.booking import move_appointment
from tests.factories.clinic import CoverageFactory, FeeFactory, PatientFactory, PayerFactory, UserFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
"""Noon of a Monday on the practice's wall."""


def by_hand(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def fields(change: object) -> dict[str, tuple[str, str]]:
    return {f.field: (f.before, f.now) for f in change.fields}


@pytest.fixture
def fee(db):
    return FeeFactory(code="G0439", amount=Decimal("150.00"))


@pytest.fixture
def claim(visit, coverage):
    return Claim.objects.create(
        number="C1-1", control_number="C1", visit=visit, patient=visit.patient, coverage=coverage, payer=coverage.payer,
        rendering_provider=visit.provider, total=Decimal("140.00"),
    )  # fmt: skip


@pytest.fixture
def appointment(patient, provider):
    return AppointmentFactory(patient=patient, provider=provider, start=NOON)


def test_a_change_by_the_service_tells_moment_person_field_before_and_now(patient, fran):
    with clock.at(NOON), audit.acting(audit.actor_for(fran, "10.0.0.7")):
        update_patient(patient=patient, fields={"city": "Evanston", "text_consent": True}, version=1, by=fran)

    change = patient_changes(Patient.objects.get(pk=patient.pk), with_coverage=True, opened=True)[0]
    assert (change.at, change.is_timed, change.who) == (NOON, True, "Fran Ames")
    assert fields(change)["city"] == (patient.city, "Evanston")


def test_what_is_told_to_the_triggers_is_kind_and_id_only(patient, fran):
    with audit.acting(audit.actor_for(fran, "10.0.0.7")):
        update_patient(patient=patient, fields={"city": "Evanston"}, version=1, by=fran)

    assert PatientChange.objects.get().pgh_context == {"kind": "user", "id": str(fran.pk)}


def test_raw_sql_leaves_history_that_names_nobody_and_no_earlier_moment_than_it_can(patient):
    stood_since = Patient.objects.get(pk=patient.pk).updated_at

    by_hand("UPDATE clinic_patient SET city = 'Gary' WHERE id = %s", str(patient.pk))

    change = changes_of(Patient.objects.get(pk=patient.pk))[0]
    assert (change.who, change.is_timed, change.at) == ("Not through Tandem", False, stood_since)
    assert fields(change) == {"city": (patient.city, "Gary")}


def test_update_of_many_rows_leaves_a_change_for_each(db):
    people = [PatientFactory() for _ in range(3)]

    Patient.objects.filter(pk__in=[p.pk for p in people[:2]]).update(is_qmb=True, updated_at=NOON)

    kept = PatientChange.objects.all()
    assert {k.pgh_obj_id for k in kept} == {p.pk for p in people[:2]}
    assert {(k.is_qmb, k.pgh_created_at) for k in kept} == {(False, NOON)}


def test_bulk_update_leaves_a_change_for_each(db):
    people = [PatientFactory() for _ in range(3)]
    for person in people:
        person.city = f"Town {person.mrn}"

    Patient.objects.bulk_update(people, ["city"])

    assert PatientChange.objects.count() == 3


def test_new_rows_leave_none_by_insert_or_by_copy(fee):
    copy_rows([Fee(schedule=fee.schedule, code=f"9921{n}", amount=Decimal("1.00")) for n in range(5, 8)])

    assert not FeeChange.objects.exists()


def test_a_copy_under_an_actor_works_and_the_next_change_names_him(fee, fran):
    row = Fee(schedule=fee.schedule, code="99215", amount=Decimal("1.00"))

    with audit.acting(audit.actor_for(fran)):
        copy_rows([row])
        Fee.objects.filter(pk=row.pk).update(amount=Decimal("2.00"))

    assert changes_of(Fee.objects.get(pk=row.pk))[0].who == "Fran Ames"


def test_saving_a_row_as_it_is_leaves_none(patient, coverage):
    patient.save()
    Patient.objects.filter(pk=patient.pk).update(version=7, updated_at=NOON)
    coverage.save()  # the member id is sealed anew, so its bytes differ

    assert not PatientChange.objects.exists()
    assert not CoverageChange.objects.exists()


def test_a_touch_without_change_does_not_move_the_moment_of_the_change_before(patient):
    with clock.at(NOON):
        patient.city = "Evanston"
        patient.save()
    with clock.at(NOON.replace(hour=20)):
        patient.save()
    with clock.at(NOON.replace(hour=21)):
        patient.city = "Gary"
        patient.save()

    assert [c.at.hour for c in changes_of(patient)] == [21, 18]


def test_findings_of_a_claim_are_no_change(claim):
    Claim.objects.filter(pk=claim.pk).update(findings=[{"code": "x"}], content_sha256="0" * 64, updated_at=NOON)

    assert not ClaimChange.objects.exists()


def test_amounts_states_and_rows_pointed_to_are_told_in_words(claim, fee, mona):
    other = PayerFactory(name="Prairie")
    before = claim.payer.name
    claim.payer, claim.total, claim.status = other, Decimal("1204.50"), Claim.Status.HELD

    claim.save()

    told = fields(changes_of(claim)[0])
    assert told["payer"] == (before, "Prairie")
    assert told["total charge"] == ("$140.00", "$1,204.50")
    assert told["status"] == ("Draft", "Held")


def test_a_member_id_is_told_whole_to_whom_may_see_it_only(coverage, fran):
    before = coverage.member_id
    coverages.change_member_id(coverage=coverage, member_id="NEW-77-1234", by=fran)

    opened = patient_changes(coverage.patient, with_coverage=True, opened=True)
    closed = patient_changes(coverage.patient, with_coverage=True, opened=False)
    without = patient_changes(coverage.patient, with_coverage=False, opened=True)

    assert fields(opened[0]) == {"member id": (before, "NEW-77-1234")}
    assert fields(closed[0]) == {"member id": (f"ends in {before[-4:]}", "ends in 1234")}
    assert without == []


def test_a_member_id_lies_sealed_in_the_history_too(coverage, fran):
    before = coverage.member_id
    coverages.change_member_id(coverage=coverage, member_id="NEW-77-1234", by=fran)

    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id, member_id_fingerprint FROM clinic_coveragechange")
        sealed, mark = cursor.fetchone()
    assert before.encode() not in bytes(sealed)
    assert mark == fingerprint(before)


def test_a_row_removed_past_the_services_still_shows(coverage):
    by_hand("DELETE FROM clinic_coverage WHERE id = %s", str(coverage.pk))

    change = patient_changes(coverage.patient, with_coverage=True, opened=False)[0]
    assert (change.is_removal, change.what, change.fields) == (True, "Coverage", ())


def test_an_appointment_that_moved_tells_its_old_time(appointment):
    row, before = appointment, appointment.start
    Appointment.objects.filter(pk=row.pk).update(start=before.replace(minute=45), end=row.end.replace(minute=59))

    kept = AppointmentChange.objects.get()
    assert (kept.start, kept.pgh_obj_id) == (before, row.pk)
    assert {"start", "end"} == set(fields(changes_of(Appointment.objects.get(pk=row.pk))[0]))


def test_history_of_a_merged_record_stands_with_the_one_that_stays(patient, fran, mona):
    twin = PatientFactory(city="Cicero")
    merge_patients(patient=twin, into=patient, by=fran, approved_by=mona, reason="one person")

    change = patient_changes(patient, with_coverage=False, opened=False)[0]
    assert change.what == f"Record {twin.mrn}"
    assert fields(change)["merged into"] == ("(empty)", f"patient {patient.mrn}")


def test_an_api_client_and_the_worker_are_named(patient):
    client = ApiClient.objects.create(name="Website", token_sha256="0" * 64)
    with audit.acting(audit.actor_for(client)):
        patient.city = "Evanston"
        patient.save()
    with audit.acting(audit.MACHINE):
        patient.city = "Gary"
        patient.save()

    assert [c.who for c in changes_of(patient)] == ["The worker", "Website"]


def test_whatever_a_task_changes_was_done_by_the_worker(claim, monkeypatch):
    seen = []
    monkeypatch.setattr(billing_tasks, "make_due_claims", lambda: seen.append(audit.current_actor()))
    monkeypatch.setattr(
        billing_tasks, "rescrub_changed", lambda: Claim.objects.filter(pk=claim.pk).update(total=1, updated_at=NOON)
    )

    billing_tasks.make_claims()

    assert seen == [audit.MACHINE]
    assert ClaimChange.objects.get().pgh_context == {"kind": "machine", "id": None}


def test_an_actor_within_another_hands_back_to_the_outer_one(patient, fran, lena):
    with audit.acting(audit.actor_for(fran)):
        with audit.acting(audit.actor_for(lena)):
            patient.city = "Evanston"
            patient.save()
        patient.city = "Gary"
        patient.save()

    assert [c.who for c in changes_of(patient)] == ["Fran Ames", "Lena Holt"]


@pytest.mark.django_db(transaction=True)
def test_an_actor_of_one_thread_is_not_the_other_ones():
    patient, fran = PatientFactory(), UserFactory(role=Role.FRONT_DESK)

    def elsewhere() -> None:
        Patient.objects.filter(pk=patient.pk).update(city="Gary")
        connection.close()

    with audit.acting(audit.actor_for(fran)):
        other = Thread(target=elsewhere)
        other.start()
        other.join()

    assert PatientChange.objects.get().pgh_context is None


@pytest.mark.django_db(transaction=True)
def test_an_actor_ends_with_his_transaction_also_on_a_connection_that_stays_open():
    patient, fran = PatientFactory(), UserFactory(role=Role.FRONT_DESK)
    with audit.acting(audit.actor_for(fran)):
        Patient.objects.filter(pk=patient.pk).update(city="Gary")

    by_hand("UPDATE clinic_patient SET city = 'Cicero' WHERE id = %s", str(patient.pk))

    assert [c.who for c in changes_of(Patient.objects.get(pk=patient.pk))] == ["Not through Tandem", str(fran)]


TABLES = (
    "clinic_patientchange", "clinic_coveragechange", "clinic_claimchange", "clinic_feechange", "scheduling_appointmentchange",
)  # fmt: skip


@pytest.mark.parametrize(
    "statement", ["UPDATE {t} SET pgh_label = 'x'", "DELETE FROM {t}", "TRUNCATE {t}"]
)  # fmt: skip
@pytest.mark.parametrize("table", TABLES)
def test_history_cannot_be_changed_by_any_statement(table, statement, claim, fee, appointment):
    for tracked, column in (
        ("clinic_patient", "city"), ("clinic_coverage", "plan_name"), ("clinic_claim", "hold_reason"),
        ("clinic_fee", "description"), ("scheduling_appointment", "reason"),
    ):  # fmt: skip
        by_hand(f"UPDATE {tracked} SET {column} = 'other'")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement.format(t=table))


def test_a_bulk_update_after_single_ones_costs_no_square(fee):
    """The plan of the trigger is kept for the session. Made for one row, a nested loop would need 64 million comparisons
    here (3 s measured; 0.07 s as it is)."""
    for _ in range(8):
        fee.amount += 1
        fee.save()
    Fee.objects.bulk_create(
        Fee(schedule=fee.schedule, code=f"{n:05d}", modifier="ZZ", amount=Decimal("1.00")) for n in range(8000)
    )

    begun = time.perf_counter()
    Fee.objects.filter(modifier="ZZ").update(amount=Decimal("2.00"))

    assert time.perf_counter() - begun < 1.5
    assert FeeChange.objects.filter(modifier="ZZ").count() == 8000


@pytest.mark.parametrize("count", [1, 3])
def test_history_costs_the_same_queries_for_one_change_and_for_three(
    patient, fran, mona, count, django_assert_num_queries
):
    cover = CoverageFactory(patient=patient)
    for n in range(count):
        with audit.acting(audit.actor_for((fran, mona)[n % 2])):
            patient.city = f"Town {n}"
            patient.save()
            Coverage.objects.filter(pk=cover.pk).update(payer=PayerFactory(), updated_at=NOON)

    with django_assert_num_queries(7):
        patient_changes(patient, with_coverage=True, opened=True)


def test_a_stale_patient_form_says_who_changed_what_and_when(patient, fran, lena):
    with clock.at(NOON), audit.acting(audit.actor_for(lena)):
        update_patient(patient=patient, fields={"city": "Gary"}, version=1, by=lena)

        with pytest.raises(StaleVersion) as refused:
            update_patient(patient=patient, fields={"city": "Evanston"}, version=1, by=fran)

    assert refused.value.sentence == (
        "Lena Holt (12:00 PM: city) changed this patient while you were typing. Compare and save again."
    )
    assert refused.value.status == 409


def test_only_what_was_changed_since_the_version_that_was_seen_is_told(patient, lena):
    update_patient(patient=patient, fields={"city": "Gary"}, version=1, by=lena)
    with clock.at(NOON), audit.acting(audit.actor_for(lena)):
        update_patient(patient=patient, fields={"phone": "3125550199"}, version=2, by=lena)
        row = Patient.objects.get(pk=patient.pk)

        assert who_changed_since(row, 2) == "Lena Holt (12:00 PM: phone)"
        assert who_changed_since(row, 3) == "Somebody"


def test_a_stale_move_says_who_changed_it_before(appointment, fran, lena):
    row, seen = appointment, appointment.version
    with clock.at(NOON), audit.acting(audit.actor_for(lena)):
        Appointment.objects.filter(pk=row.pk).update(reason="Cough", version=seen + 1, updated_at=NOON)

        with pytest.raises(
            StaleVersion, match=r"Lena Holt \(12:00 PM: reason for the visit\) changed this appointment"
        ):
            move_appointment(appointment=row, start=row.start, by=fran, version=seen)
