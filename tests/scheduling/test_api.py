"""The calendar over REST."""

from datetime import date, time

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, Patient, Provider
from clinic.services.clients import create_api_client
from scheduling.models import Appointment, AppointmentType
from tests.factories.clinic import PatientFactory
from tests.factories.scheduling import AppointmentFactory

BASE = "/api/v1/scheduling/"
TEN = clock.at_local(date(2026, 3, 2), time(10))
pytestmark = pytest.mark.django_db


@pytest.fixture
def website() -> Client:
    _row, token = create_api_client(
        name="website",
        scopes=["appointment.view", "appointment.book", "appointment.move", "appointment.cancel"],
        by=None,
    )
    return Client(headers={"Authorization": f"Bearer {token}"})


def post(client: Client, path: str, said: dict, key: str = "k1"):
    return client.post(BASE + path, said, content_type="application/json", headers={"Idempotency-Key": key})


def asked(patient: Patient, working: Provider, follow_up: AppointmentType) -> dict:
    return {
        "patient": str(patient.pk), "provider": str(working.pk), "appointment_type": str(follow_up.pk),
        "start": TEN.isoformat(),
    }  # fmt: skip


def test_slots_are_the_next_free_ones(website: Client, working: Provider, follow_up: AppointmentType):
    AppointmentFactory(provider=working, start=clock.at_local(date(2026, 3, 2), time(8)))

    answer = website.get(BASE + "slots/", {"appointment_type": follow_up.pk, "count": 2})

    assert [s["start"] for s in answer.json()] == ["2026-03-02T14:15:00+00:00", "2026-03-02T14:30:00+00:00"]


def test_book_answers_201_and_repeats_its_answer(
    website: Client, patient: Patient, working: Provider, follow_up: AppointmentType
):
    first = post(website, "appointments/", asked(patient, working, follow_up))
    again = post(website, "appointments/", asked(patient, working, follow_up))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Appointment.objects.count() == 1
    assert AuditEvent.objects.filter(act="appointment.booked", actor_kind="client").count() == 1


def test_a_taken_slot_is_a_409_with_the_next_free_ones(
    website: Client, patient: Patient, working: Provider, follow_up: AppointmentType
):
    AppointmentFactory(provider=working, start=TEN)

    answer = post(website, "appointments/", asked(patient, working, follow_up))

    assert answer.status_code == 409
    assert "already booked" in answer.json()["error"]
    assert len(answer.json()["detail"]["next_free_slots"]) == 5


@pytest.mark.parametrize(("start", "sentence"), [
    ("0001-01-01T00:00:00Z", "has passed"), ("9999-12-31T23:55:00Z", "more than ten years ahead"),
    ("9999-12-31T20:00:00Z", "more than ten years ahead"), ("2040-01-02T16:00:00Z", "more than ten years ahead"),
])  # fmt: skip
@pytest.mark.parametrize("overbook", ["", "Fever"])
def test_a_time_that_no_calendar_of_ours_has_is_refused(
    start: str, sentence: str, overbook: str, patient: Patient, working: Provider, follow_up: AppointmentType
):
    _row, token = create_api_client(
        name="partner", scopes=["appointment.book", "appointment.move", "appointment.overbook"], by=None
    )
    client = Client(headers={"Authorization": f"Bearer {token}"})
    row = AppointmentFactory(provider=working, start=TEN)
    said = {"start": start, "overbook_reason": overbook}

    booked = post(client, "appointments/", {**asked(patient, working, follow_up), **said})
    moved = post(client, f"appointments/{row.pk}/move/", {**said, "version": 1}, key="k2")

    assert (booked.status_code, moved.status_code) == (422, 422)
    assert sentence in booked.json()["error"]
    assert sentence in moved.json()["error"]


def test_book_without_an_idempotency_key_is_refused(
    website: Client, patient: Patient, working: Provider, follow_up: AppointmentType
):
    answer = website.post(BASE + "appointments/", asked(patient, working, follow_up), content_type="application/json")

    assert answer.status_code == 400
    assert not Appointment.objects.exists()


def test_move_and_cancel(website: Client, working: Provider):
    row = AppointmentFactory(provider=working, start=TEN)
    later = clock.at_local(date(2026, 3, 2), time(14))

    moved = post(website, f"appointments/{row.pk}/move/", {"start": later.isoformat(), "version": 1}, key="m")
    stale = post(website, f"appointments/{row.pk}/move/", {"start": TEN.isoformat(), "version": 1}, key="s")
    gone = post(website, f"appointments/{row.pk}/cancel/", {"by_whom": "patient", "reason": "Ill"}, key="c")

    assert (moved.status_code, stale.status_code, gone.status_code) == (200, 409, 200)
    row.refresh_from_db()
    assert (row.start, row.status) == (later, "cancelled")


def test_overbooking_needs_its_own_scope(
    website: Client, patient: Patient, working: Provider, follow_up: AppointmentType
):
    AppointmentFactory(provider=working, start=TEN)

    answer = post(website, "appointments/", {**asked(patient, working, follow_up), "overbook_reason": "urgent"})

    assert answer.status_code == 403
    assert Appointment.objects.count() == 1


def test_a_list_is_noted_in_the_audit_for_every_patient_in_it(website: Client, working: Provider):
    rows = [AppointmentFactory(provider=working, start=TEN), AppointmentFactory(patient=PatientFactory(), start=TEN)]

    answer = website.get(BASE + "appointments/", {"provider": str(working.pk)})

    assert [a["id"] for a in answer.json()["results"]] == [str(rows[0].pk)]
    assert [e.patient_id for e in AuditEvent.objects.filter(act="patient.viewed")] == [rows[0].patient_id]


@pytest.mark.parametrize("path", ["slots/", "appointments/", "appointment-types/"])
def test_a_client_without_the_scope_sees_nothing(path: str, working: Provider):
    _row, token = create_api_client(name="other", scopes=["patient.view"], by=None)
    AppointmentFactory(provider=working, start=TEN)

    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(BASE + path)

    assert answer.status_code == 403
