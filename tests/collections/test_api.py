"""Collections over REST: the same services, one effect a key, the rule's sentence as 422."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from clinic.models import AuditEvent, User
from clinic.services.holds import place_hold
from collections_app.models import CollectionCase, PaymentPlan, Statement
from ledger.accounts import Account
from ledger.cards.simulator import Simulator
from ledger.models import CardToken, Payment
from tests.collections.conftest import START
from tests.factories.ledger import PatientAccount, at

D = Decimal
BASE = "/api/v1/collections"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_books")]


@pytest.fixture
def owing(acct: PatientAccount) -> PatientAccount:
    acct.owed("300.00")
    return acct


@pytest.fixture
def cora_calls(client: Client, cora: User) -> Client:
    client.force_login(cora)
    return client


def post(client: Client, path: str, body: dict[str, Any], key: str = "k1") -> Any:
    return client.post(f"{BASE}{path}", body, content_type="application/json", headers={"Idempotency-Key": key})


def test_statement_is_issued_once_for_one_key(cora_calls: Client, owing: PatientAccount):
    body = {"guarantor": str(owing.guarantor.pk)}

    first, again = post(cora_calls, "/statements/", body), post(cora_calls, "/statements/", body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["balance"] == "300.00"
    assert first.json()["lines"][0]["balance"] == "300.00"
    assert Statement.objects.count() == 1
    assert AuditEvent.objects.filter(act="patient.viewed", patient_id=owing.patient.pk).exists()


def test_statement_for_someone_on_hold_is_422_with_the_sentence(cora_calls: Client, owing: PatientAccount, mona: User):
    place_hold(guarantor=owing.guarantor, reason="dispute", by=mona)

    answer = post(cora_calls, "/statements/", {"guarantor": str(owing.guarantor.pk)})

    assert answer.status_code == 422
    assert answer.json()["error"].startswith("This account is on hold: patient disputes the bill.")


def test_a_post_without_a_key_is_refused(cora_calls: Client, owing: PatientAccount):
    answer = cora_calls.post(
        f"{BASE}/statements/", {"guarantor": str(owing.guarantor.pk)}, content_type="application/json"
    )

    assert answer.status_code == 400
    assert not Statement.objects.exists()


def test_plan_is_opened_paid_and_listed(cora_calls: Client, owing: PatientAccount):
    opened = post(cora_calls, "/plans/", {"guarantor": str(owing.guarantor.pk), "parts": 3})
    plan = opened.json()
    due = plan["installments"][0]["id"]
    taken = post(cora_calls, f"/plans/{plan['id']}/take/", {"installment": due, "method": "cash"}, key="k2")
    again = post(cora_calls, f"/plans/{plan['id']}/take/", {"installment": due, "method": "cash"}, key="k2")
    listed = cora_calls.get(f"{BASE}/plans/", {"guarantor": str(owing.guarantor.pk)}).json()

    assert [i["amount"] for i in plan["installments"]] == ["100.00", "100.00", "100.00"]
    assert taken.status_code == 201
    assert taken.json() == again.json()
    assert listed["results"][0]["installments"][0]["status"] == "paid"
    assert at(Account.PLAN) == D("200.00")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"parts": 0}, 422),
        ({"parts": 6}, 422),
        ({"parts": 1, "lines": []}, 422),
        ({"parts": "x"}, 422),
        ({}, 422),
    ],
)
def test_bad_plans_over_the_api(body: dict[str, Any], status: int, cora_calls: Client, owing: PatientAccount):
    answer = post(cora_calls, "/plans/", {"guarantor": str(owing.guarantor.pk), **body})

    assert answer.status_code == status
    assert answer.json()["error"]
    assert not PaymentPlan.objects.exists()


def test_plan_is_cancelled_by_a_person(cora_calls: Client, owing: PatientAccount):
    plan = post(cora_calls, "/plans/", {"guarantor": str(owing.guarantor.pk), "parts": 3}).json()

    answer = post(cora_calls, f"/plans/{plan['id']}/cancel/", {"reason": "Moved away"}, key="k2")

    assert answer.json()["status"] == "cancelled"
    assert at(Account.PAT) == D("300.00")


def test_pay_by_saved_card_charges_once_for_one_key(cora_calls: Client, owing: PatientAccount, card: CardToken):
    body = {"guarantor": str(owing.guarantor.pk), "amount": "120.00", "card_token": str(card.pk)}

    first, again = post(cora_calls, "/payments/", body), post(cora_calls, "/payments/", body)
    other = post(cora_calls, "/payments/", {**body, "amount": "1.00"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json()["number"] == again.json()["number"]
    assert Simulator().charged_cents() == 12000
    assert at(Account.PAT) == D("180.00")


@pytest.mark.parametrize("amount", ["-5", "0", "1e9", "25.005", "NaN", "x"])
def test_impossible_payments_are_refused(amount: str, cora_calls: Client, owing: PatientAccount):
    answer = post(cora_calls, "/payments/", {"guarantor": str(owing.guarantor.pk), "amount": amount, "method": "cash"})

    assert answer.status_code == 422
    assert re.search(r"dollars and cents|larger than any amount|must be more than \$0.00", answer.json()["error"])
    assert not Payment.objects.exists()


def test_pay_names_either_a_method_or_a_card(cora_calls: Client, owing: PatientAccount, card: CardToken):
    body = {"guarantor": str(owing.guarantor.pk), "amount": "5.00"}

    neither = post(cora_calls, "/payments/", body)
    both = post(cora_calls, "/payments/", {**body, "method": "cash", "card_token": str(card.pk)})

    assert (neither.status_code, both.status_code) == (422, 422)
    assert not Payment.objects.exists()


def test_cases_are_listed_called_and_referred(cora_calls: Client, owing: PatientAccount):
    case = CollectionCase.objects.create(
        number="K1", guarantor=owing.guarantor, status="call", opened_on=START, stage_on=START
    )
    owing.guarantor.open_items.update(first_statement_on=START)

    called = post(cora_calls, f"/cases/{case.pk}/call/", {"note": "Will pay"})
    too_early = post(cora_calls, f"/cases/{case.pk}/refer/", {"agency": "Harbor"}, key="k2")
    listed = cora_calls.get(f"{BASE}/cases/", {"status": "called"}).json()["results"]

    assert called.json()["status"] == "called"
    assert too_early.status_code == 422
    assert [row["number"] for row in listed] == ["K1"]


def test_front_desk_opens_no_plan_over_the_api(client: Client, fran: User, owing: PatientAccount):
    client.force_login(fran)

    assert post(client, "/plans/", {"guarantor": str(owing.guarantor.pk), "parts": 3}).status_code == 403
    assert client.get(f"{BASE}/plans/").status_code == 200
