"""The front desk over REST."""

import pytest
from django.test import Client

from clinic.models import AuditEvent, Coverage, Visit
from clinic.services.clients import create_api_client
from ledger.models import Payment
from scheduling.models import Appointment
from tests.checkin.conftest import Answered

BASE = "/api/v1/checkin/arrivals/"
SCOPES = ["visit.view", "visit.arrive", "visit.check_in", "visit.undo", "visit.check_out"]
pytestmark = pytest.mark.django_db


def caller(*scopes: str) -> Client:
    _row, token = create_api_client(name="kiosk maker", scopes=scopes or SCOPES, by=None)
    return Client(headers={"Authorization": f"Bearer {token}"})


def post(client: Client, path: str, said: dict, key: str = "k"):
    return client.post(BASE + path, said, content_type="application/json", headers={"Idempotency-Key": key})


def test_arrive_check_in_with_a_copay_and_check_out(appointment: Appointment, coverage: Coverage, answered: Answered):
    answered(coverage)
    client = caller()

    arrived = post(client, "", {"appointment": str(appointment.pk)}, key="a").json()
    money = {"tender": {"amount": "30.00", "method": "cash"}, "photo_id_seen": True}
    first = post(client, f"{arrived['id']}/check-in/", money, key="b")
    again = post(client, f"{arrived['id']}/check-in/", money, key="b")
    out = post(client, f"{arrived['id']}/check-out/", {}, key="c")

    assert first.status_code == 200
    assert first.json() == again.json()
    assert [(p["kind"], p["amount"]) for p in first.json()["payments"]] == [("copay", "30.00")]
    assert Payment.objects.count() == 1
    assert out.json()["status"] == "checked_out"
    assert AuditEvent.objects.filter(act="payment.received", actor_kind="client").count() == 1


def test_inactive_coverage_is_a_422_that_names_its_field(
    appointment: Appointment, coverage: Coverage, answered: Answered
):
    answered(coverage, "inactive", copay=None)
    client = caller()
    visit = post(client, "", {"appointment": str(appointment.pk)}, key="a").json()["id"]

    answer = post(client, f"{visit}/check-in/", {}, key="b")

    assert (answer.status_code, answer.json()["field"]) == (422, "override_reason")


def test_undo_gives_the_appointment_back(appointment: Appointment):
    client = caller()
    visit = post(client, "", {"appointment": str(appointment.pk)}, key="a").json()["id"]

    answer = post(client, f"{visit}/undo/", {"reason": "wrong patient"}, key="b")

    assert answer.json()["status"] == "undone"
    appointment.refresh_from_db()
    assert appointment.status == "booked"


@pytest.mark.parametrize(
    "tender", [{"amount": "-1", "method": "cash"}, {"amount": "1.005", "method": "cash"}, {"amount": "5"}]
)
def test_bad_money_is_refused(tender: dict, appointment: Appointment):
    client = caller()
    visit = post(client, "", {"appointment": str(appointment.pk)}, key="a").json()["id"]

    answer = post(client, f"{visit}/check-in/", {"tender": tender}, key="b")

    assert answer.status_code == 422
    assert Visit.objects.get().status == "arrived"
    assert not Payment.objects.exists()


def test_each_operation_needs_its_scope(appointment: Appointment):
    client = caller("patient.view")

    answers = [client.get(BASE), post(client, "", {"appointment": str(appointment.pk)})]

    assert [a.status_code for a in answers] == [403, 403]
    assert not Visit.objects.exists()
