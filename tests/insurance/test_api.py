"""Coverage, eligibility and authorizations for a partner system."""

import pytest
from rest_framework.test import APIClient

from clinic.models import ApiClient, Coverage, token_digest
from insurance.models import EligibilityCheck
from insurance.services import eligibility


@pytest.fixture
def api(db):
    ApiClient.objects.create(
        name="Kiosk", token_sha256=token_digest("secret"),
        scopes=["coverage.view", "coverage.edit", "eligibility.verify", "authorization.view", "authorization.edit"],
    )  # fmt: skip
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer secret")
    return client


def add(api, patient, payer, key, **changes):
    body = {"patient": str(patient.pk), "payer": str(payer.pk), "member_id": "LKS00001234", "starts_on": "2024-01-01"}
    return api.post(
        "/api/v1/insurance/coverages/", {**body, **changes}, format="json", headers={"Idempotency-Key": key}
    )


def test_the_same_key_adds_one_coverage_and_gives_the_same_answer(api, patient, payer):
    first, second = add(api, patient, payer, "k1"), add(api, patient, payer, "k1")

    assert (first.status_code, second.json()) == (201, first.json())
    assert Coverage.objects.count() == 1
    assert "LKS00001234" not in first.content.decode()


def test_the_same_key_with_another_body_is_422(api, patient, payer):
    add(api, patient, payer, "k1")

    assert add(api, patient, payer, "k1", member_id="OTHER1").status_code == 422


def test_a_taken_place_is_409_with_a_sentence(api, patient, payer):
    add(api, patient, payer, "k1")

    refused = add(api, patient, payer, "k2", member_id="LKS2")

    assert refused.status_code == 409
    assert "primary coverage" in refused.json()["error"]


def test_a_question_is_answered_later(api, cover, member):
    asked = api.post(
        "/api/v1/insurance/eligibility/", {"coverage": str(cover.pk)}, format="json", headers={"Idempotency-Key": "q1"}
    )
    eligibility.run_due()
    answer = api.get(f"/api/v1/insurance/eligibility/{asked.json()['id']}/")

    assert (asked.status_code, asked.json()["answer"]) == (202, EligibilityCheck.Answer.PENDING)
    assert answer.json()["answer"] == "active"
    assert any(line["information"] == "B" and line["amount"] == "25.00" for line in answer.json()["benefits"])


def test_an_authorization_is_recorded_with_its_units(api, cover):
    made = api.post(
        "/api/v1/insurance/authorizations/",
        {"coverage": str(cover.pk), "number": "AU1", "codes": ["G0283"], "units": 6, "starts_on": "2026-03-01",
         "ends_on": "2026-06-01"},
        format="json", headers={"Idempotency-Key": "a1"},
    )  # fmt: skip

    assert (made.status_code, made.json()["units_left"]) == (201, 6)


def test_without_a_key_nothing_is_written(api, patient, payer):
    body = {"patient": str(patient.pk), "payer": str(payer.pk), "member_id": "LKS1", "starts_on": "2024-01-01"}

    assert api.post("/api/v1/insurance/coverages/", body, format="json").status_code >= 400
    assert not Coverage.objects.exists()
