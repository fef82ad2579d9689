"""Status, counters, once-tokens, jobs, messages, sealed fields, append-only rows, audit."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction

from clinic import audit, clock, messages, tasks
from clinic.bulk import copy_rows, insert_or_none
from clinic.errors import ClinicError, Conflict, IllegalTransition, StaleStatus
from clinic.models import (
    AuditEvent,
    Coverage,
    Event,
    JobRun,
    Message,
    OnceToken,
    Payer,
    StatusChange,
    Visit,
    new_id,
    next_number,
)
from clinic.services import holds, jobs, once, patients, visits
from clinic.services.events import emit
from tests.factories.clinic import CoverageFactory, PatientFactory, PayerFactory, VisitFactory

NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def test_ids_are_version_7_and_sort_by_time():
    ids = [new_id() for _ in range(3)]

    assert {i.version for i in ids} == {7}
    assert ids[0].int >> 80 <= ids[2].int >> 80


def test_move_to_leaves_a_row_of_who_when_from_and_to(visit, fran):
    visit.move_to(Visit.Status.CHECKED_IN, by=fran)

    row = visit.history().get()
    assert (row.from_status, row.to_status, row.changed_by) == ("arrived", "checked_in", fran)


def test_a_stale_copy_may_not_move(visit, fran):
    stale = Visit.objects.get(pk=visit.pk)
    visit.move_to(Visit.Status.CHECKED_IN, by=fran)

    with pytest.raises(StaleStatus):
        stale.move_to(Visit.Status.LEFT, by=fran)

    assert Visit.objects.get(pk=visit.pk).status == "checked_in"
    assert StatusChange.objects.count() == 1


def test_a_jump_that_the_table_does_not_know_is_refused(visit, fran):
    with pytest.raises(IllegalTransition):
        visit.move_to(Visit.Status.CLOSED, by=fran)


@pytest.mark.parametrize("statement", ["UPDATE {t} SET id = id", "DELETE FROM {t}", "TRUNCATE {t} CASCADE"])
@pytest.mark.parametrize("table", ["clinic_event", "clinic_auditevent", "clinic_statuschange"])
def test_facts_cannot_be_changed_by_any_statement(visit, fran, statement, table):
    visits.move_visit(visit=visit, to=Visit.Status.CHECKED_IN, by=fran)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement.format(t=table))


def test_numbers_follow_without_gap_after_a_rollback(db):
    next_number("claim")
    with pytest.raises(RuntimeError), transaction.atomic():
        next_number("claim")
        raise RuntimeError

    assert next_number("claim") == 2


@pytest.mark.django_db(transaction=True)
def test_numbers_are_never_given_twice_to_racers():
    got: list[int] = []

    def draw() -> None:
        for _ in range(20):
            got.append(next_number("receipt"))
        connection.close()

    racers = [Thread(target=draw) for _ in range(5)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(got) == list(range(1, 101))


def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(db):
    token, new = once.take(scope="pay", key="k1", body=b"a")
    once.keep(token=token, status_code=201, reply={"id": 1})

    again, second = once.take(scope="pay", key="k1", body=b"a")

    assert (new, second, again.reply) == (True, False, {"id": 1})
    with pytest.raises(once.KeyReused):
        once.take(scope="pay", key="k1", body=b"b")
    assert OnceToken.objects.count() == 1


def test_a_job_catches_up_day_by_day_and_never_runs_a_date_twice(db):
    seen: list[date] = []
    jobs.run_for_each_date(job="age", upto=date(2026, 3, 1), work=lambda d: seen.append(d))

    jobs.run_for_each_date(job="age", upto=date(2026, 3, 4), work=lambda d: seen.append(d))
    jobs.run_for_each_date(job="age", upto=date(2026, 3, 4), work=lambda d: seen.append(d))

    assert seen == [date(2026, 3, n) for n in (1, 2, 3, 4)]


def test_a_date_that_fails_stops_the_ones_after_it_and_is_tried_again(db):
    def fail(day: date) -> None:
        raise RuntimeError("no disk")

    jobs.run_for_each_date(job="age", upto=date(2026, 3, 1), work=fail)

    assert JobRun.objects.get().error == "no disk"
    assert jobs.run_for_each_date(job="age", upto=date(2026, 3, 1), work=lambda d: None) == 1


def test_a_message_with_the_same_key_is_one_message(patient):
    first = messages.queue_message(key="r1", kind="reminder", channel="text", body="See you.", patient=patient)
    second = messages.queue_message(key="r1", kind="reminder", channel="text", body="See you.", patient=patient)

    assert first.pk == second.pk


def test_without_consent_a_text_is_kept_and_not_sent(db):
    shy = PatientFactory(text_consent=False)

    message = messages.queue_message(key="r2", kind="reminder", channel="text", body="Hello.", patient=shy)

    assert message.status == Message.Status.SUPPRESSED
    assert messages.deliver_due() == 0


def broken_transport(message: Message) -> None:
    raise OSError("no route")


def test_a_message_that_cannot_be_sent_is_parked_after_five_tries(patient, settings):
    settings.MESSAGE_TRANSPORT = f"{__name__}.broken_transport"
    messages.queue_message(key="r3", kind="reminder", channel="text", body="Hello.", patient=patient)

    for hour in range(6):
        with clock.at(clock.now() + timedelta(hours=hour)):
            messages.deliver_due()

    message = Message.objects.get()
    assert (message.status, message.tries, message.error) == (Message.Status.FAILED, 5, "no route")


def test_member_id_lies_sealed_in_the_table_and_is_found_by_its_fingerprint(db):
    coverage = CoverageFactory(member_id="XOF884201376")

    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM clinic_coverage WHERE id = %s", [str(coverage.pk)])
        stored = bytes(cursor.fetchone()[0])
    assert b"XOF884201376" not in stored
    assert Coverage.objects.get(member_id_fingerprint=coverage.member_id_fingerprint).member_id == "XOF884201376"


def test_insert_or_none_gives_the_loser_none(payer_row):
    twin = Payer(name="Twin", payer_id=payer_row.payer_id)

    assert insert_or_none(twin) is None
    assert Payer.objects.count() == 1


@pytest.fixture
def payer_row(db):
    return PayerFactory(payer_id="LSH99")


def test_copied_rows_are_the_rows_that_were_made(db):
    rows = [Event(kind="a.b", payload={"n": n, "t": "tab\there\\"}) for n in range(3)]

    copy_rows(rows)

    assert list(Event.objects.order_by("id").values_list("payload__n", "payload__t")) == [
        (n, "tab\there\\") for n in range(3)
    ]


def test_a_stale_form_is_refused_with_what_changed(patient, fran):
    patients.update_patient(patient=patient, fields={"phone": "(312) 555-0199"}, version=1, by=fran)

    with pytest.raises(Conflict) as refused:
        patients.update_patient(patient=patient, fields={"phone": "(312) 555-0111"}, version=1, by=fran)

    assert refused.value.detail == {"phone": "(312) 555-0199"}


def test_a_merge_needs_a_second_person(patient, fran, mona):
    twin = PatientFactory()

    with pytest.raises(ClinicError, match="second person"):
        patients.merge_patients(patient=twin, into=patient, by=fran, approved_by=fran, reason="duplicate")
    patients.merge_patients(patient=twin, into=patient, by=fran, approved_by=mona, reason="duplicate")

    assert set(type(patient).objects.same_person(patient)) == {patient, twin}


def test_registering_a_patient_born_tomorrow_is_refused(db, fran):
    fields = {"first_name": "Ada", "last_name": "Okonkwo", "birth_date": clock.today() + timedelta(days=2)}

    with pytest.raises(ClinicError, match="future"):
        patients.register_patient(fields=fields, by=fran)


def test_a_hold_on_one_visit_leaves_the_others_free(visit, mona):
    other = VisitFactory(patient=visit.patient)
    hold = holds.place_hold(guarantor=visit.guarantor, visit=visit, reason="dispute", by=mona)

    assert holds.is_held(guarantor=visit.guarantor, visit=visit)
    assert not holds.is_held(guarantor=visit.guarantor, visit=other)
    holds.release_hold(hold=hold, by=mona)
    assert not holds.is_held(guarantor=visit.guarantor, visit=visit)


def test_a_removed_audit_row_breaks_the_chain(patient, fran):
    with clock.at(NOON):
        audit.record(act="patient.updated", by=fran, patient=patient)
        audit.record(act="patient.updated", by=fran, patient=patient)
    with clock.at(NOON + timedelta(minutes=1)):
        audit.seal()
    assert audit.broken_seals() == []

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clinic_auditevent DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM clinic_auditevent WHERE id = %s", [AuditEvent.objects.latest("id").pk])
        cursor.execute("ALTER TABLE clinic_auditevent ENABLE TRIGGER USER")

    assert len(audit.broken_seals()) == 1
    tasks.verify_audit()
    assert "under seal" in JobRun.objects.get(job="clinic.verify_audit").error


def test_a_chain_that_holds_is_walked_once_a_night(patient, fran):
    with clock.at(NOON):
        audit.record(act="patient.updated", by=fran, patient=patient)
    with clock.at(NOON + timedelta(minutes=1)):
        audit.seal()
        tasks.verify_audit()
        tasks.verify_audit()

    assert JobRun.objects.get(job="clinic.verify_audit").state == JobRun.State.DONE


def test_a_fact_is_written_with_the_act_or_not_at_all(patient):
    with pytest.raises(RuntimeError), transaction.atomic():
        emit(kind="appointment.booked", patient=patient)
        raise RuntimeError

    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 7, 2), 1, date(2026, 7, 6)),  # 3 July is the observed holiday
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 9), -1, date(2026, 3, 6)),
    ],
)
def test_business_days_skip_weekends_and_federal_holidays(day, count, expected):
    assert clock.add_business_days(day, count) == expected
