"""Denials and remittances over REST: the same services as the pages, once per key, 409 for who came second."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.models import Denial, Remittance, WriteOffRequest
from clinic import clock
from clinic.models import AuditEvent, Claim, Coverage, User, Visit, new_id
from tests.billing.desk import make_claim
from tests.billing.payer_desk import advice, answer, file_of, pay, post, take
from tests.factories.clinic import CoverageFactory, PatientFactory, VisitFactory

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")
API = "/api/v1/billing/"
PAID = ("85", "CO-45 40, PR-3 25")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> Any:
    return client.post(
        API + path, json.dumps(body or {}), content_type="application/json",
        headers={"Idempotency-Key": key or str(new_id())},
    )  # fmt: skip


def sent(visit: Visit) -> Claim:
    claim = make_claim(visit, "G0439")
    claim.move_to(Claim.Status.SUBMITTED, by=None)
    return claim


@pytest.fixture
def claim(visit: Visit, coverage: Coverage) -> Claim:
    return sent(visit)


@pytest.fixture
def denial(claim: Claim) -> Denial:
    pay(claim, ("0", "CO-16 150"))
    return Denial.objects.get()


def test_denials_are_listed_by_deadline_with_filters_and_an_audited_read(denial: Denial, bill: User) -> None:
    client = signed_in(bill)

    found = client.get(f"{API}denials/?status=open&reason_code=16").json()["results"]

    assert [(row["id"], row["amount"], row["next_step"]) for row in found] == [(str(denial.pk), "150.00", "correct")]
    assert client.get(f"{API}denials/?status=closed").json()["results"] == []
    assert AuditEvent.objects.filter(act="patient.viewed", why="API: denials").exists()


def test_a_correction_makes_a_replacement_once_per_key(denial: Denial, bill: User) -> None:
    client, path = signed_in(bill), f"denials/{denial.pk}/correct/"
    body = {"version": denial.claim.version, "reason": "added", "changes": {"prior_authorization_number": "A7"}}

    first, again = send(client, path, body, key="k"), send(client, path, body, key="k")

    assert (first.status_code, again.json()) == (201, first.json())
    assert (first.json()["frequency"], first.json()["replaces"]) == ("7", str(denial.claim_id))
    assert Claim.objects.count() == 2


def test_a_correction_of_a_version_that_is_gone_is_a_409(denial: Denial, bill: User) -> None:
    answered = send(
        signed_in(bill), f"denials/{denial.pk}/correct/",
        {"version": denial.claim.version + 5, "reason": "x", "changes": {"clia_number": "14D0000009"}},
    )  # fmt: skip

    assert answered.status_code == 409
    assert Claim.objects.count() == 1


def test_a_step_an_assignment_and_an_appeal_are_noted(denial: Denial, bill: User) -> None:
    client, path = signed_in(bill), f"denials/{denial.pk}/"

    step = send(
        client, f"{path}step/", {"version": 1, "step": "appeal", "due_on": clock.today().isoformat(), "note": "n"}
    )
    assigned = send(client, f"{path}assign/", {"to": str(bill.pk)})
    appealed = send(client, f"{path}appeal/", {"note": "by fax"})

    assert [a.status_code for a in (step, assigned, appealed)] == [200, 200, 200]
    assert appealed.json()["status"] == "appealed"
    assert appealed.json()["assigned_to"] == str(bill.pk)


def test_the_patient_is_not_billed_for_a_contract_denial(denial: Denial, bill: User) -> None:
    answered = send(signed_in(bill), f"denials/{denial.pk}/bill-patient/", {"reason": "why not"})

    assert answered.status_code == 422
    assert "is not the patient's to pay" in answered.json()["error"]


def test_a_write_off_is_only_asked_for(denial: Denial, bill: User) -> None:
    answered = send(signed_in(bill), f"denials/{denial.pk}/write-off/", {"reason": "too small"})

    assert (answered.status_code, answered.json()["status"]) == (201, "open")
    assert WriteOffRequest.objects.get().requested_by == bill
    assert Denial.objects.get().status == Denial.Status.OPEN


def test_a_denial_with_open_dollars_is_not_closed(denial: Denial, bill: User) -> None:
    assert send(signed_in(bill), f"denials/{denial.pk}/close/", {"reason": "done"}).status_code == 422


def test_a_file_handed_in_is_judged_and_taken_once(claim: Claim, bill: User) -> None:
    client = signed_in(bill)
    payload = file_of(advice([answer(claim, PAID)], payer_id=claim.payer.payer_id))

    def hand_in() -> Any:
        file = SimpleUploadedFile("x.835", payload)
        return client.post(f"{API}remittances/", {"file": file}, headers={"Idempotency-Key": str(new_id())})

    first, again = hand_in(), hand_in()

    assert (first.status_code, first.json()[0]["verdict"], again.json()[0]["verdict"]) == (201, "accepted", "repeated")
    assert Remittance.objects.count() == 1


def test_a_check_is_posted_deposited_and_shown_with_lines_and_reasons(claim: Claim, bill: User) -> None:
    take(advice([answer(claim, PAID)], payer_id=claim.payer.payer_id))
    client, path = signed_in(bill), f"remittances/{Remittance.objects.get().pk}/"

    posted = send(client, f"{path}post/")
    deposited = send(client, f"{path}deposit/", {"on": clock.today().isoformat()})

    assert (posted.json()["status"], deposited.json()["deposited_on"]) == ("posted", clock.today().isoformat())
    (told,) = client.get(API + path).json()["responses"]
    assert [(a["group"], a["reason_code"], a["amount"]) for a in told["adjustments"]] == [
        ("CO", "45", "40.00"), ("PR", "3", "25.00"),
    ]  # fmt: skip
    assert told["lines"][0]["outcome"] == "paid"
    assert AuditEvent.objects.filter(act="patient.viewed", why="API: remittance").exists()


def test_a_held_answer_is_assigned_and_one_of_another_check_is_not(claim: Claim, bill: User) -> None:
    odd = answer(claim, PAID, patient_control_number="ZZ9")
    take(advice([odd], payer_id=claim.payer.payer_id, check="ODD"))
    row = Remittance.objects.get()
    client, path = signed_in(bill), f"remittances/{row.pk}/assign/"

    wrong = send(client, path, {"response": str(new_id()), "claim": str(claim.pk)})
    right = send(client, path, {"response": str(row.responses.get().pk), "claim": str(claim.pk)})

    assert (wrong.status_code, right.status_code) == (422, 200)
    assert right.json()["responses"][0]["status"] == "matched"


def test_lists_and_a_check_cost_the_same_with_one_row_and_with_three(
    claim: Claim, coverage: Coverage, provider: Any, bill: User
) -> None:
    client = signed_in(bill)
    pay(claim, ("0", "CO-16 150"), check="ONE")
    one = Remittance.objects.get()

    def cost(path: str) -> int:
        client.get(API + path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(API + path).status_code == 200
        return len(captured)

    before = [cost("denials/"), cost("remittances/"), cost(f"remittances/{one.pk}/")]
    made = []
    for _ in range(3):
        person = PatientFactory()
        CoverageFactory(patient=person, payer=coverage.payer)
        made.append(sent(VisitFactory(patient=person, provider=provider)))
    post(
        take(
            advice([answer(c, ("0", "CO-16 150")) for c in made], payer_id=claim.payer.payer_id, check="THREE"),
            name="b",
        )
    )
    three = Remittance.objects.get(trace_number="THREE")

    assert [cost("denials/"), cost("remittances/"), cost(f"remittances/{three.pk}/")] == before


def test_the_auditor_reads_and_posts_nothing(claim: Claim, audrey: User) -> None:
    take(advice([answer(claim, PAID)], payer_id=claim.payer.payer_id))
    client, path = signed_in(audrey), f"remittances/{Remittance.objects.get().pk}/"

    assert client.get(API + path).status_code == 200
    assert send(client, f"{path}post/").status_code == 403
