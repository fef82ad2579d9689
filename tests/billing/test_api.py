"""Charges and claims over REST: the same services as the pages, once per key, money as text."""

import json
from typing import Any

import pytest
from django.test import Client

from billing.services.submission import submit_ready
from clearinghouse.models import TradingPartner
from clinic.models import AuditEvent, ChargeItem, Claim, Coverage, User, Visit, new_id
from tests.billing.desk import make_claim

pytestmark = pytest.mark.usefixtures("morning", "fees")
API = "/api/v1/billing/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, path: str, body: dict[str, Any] | None = None, *, key: str = "", method: str = "post") -> Any:
    return getattr(client, method)(
        API + path, json.dumps(body or {}), content_type="application/json",
        headers={"Idempotency-Key": key or str(new_id())},
    )  # fmt: skip


def capture_body(visit: Visit, *codes: str) -> dict[str, Any]:
    return {"visit": str(visit.pk), "diagnoses": ["E11.9"], "lines": [{"code": code} for code in codes]}


def test_a_capture_is_made_once_per_key(visit: Visit, coverage: Coverage, bill: User) -> None:
    client = signed_in(bill)

    first = send(client, "charges/", capture_body(visit, "G0439", "G0101"), key="k1")
    again = send(client, "charges/", capture_body(visit, "G0439", "G0101"), key="k1")
    other = send(client, "charges/", capture_body(visit, "G0439"), key="k1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    assert [(c["code"], c["amount"]) for c in first.json()] == [("G0439", "150.00"), ("G0101", "80.00")]
    assert visit.charges.count() == 2


def test_a_bad_line_is_a_422_with_a_sentence_and_nothing_is_written(
    visit: Visit, coverage: Coverage, bill: User
) -> None:
    answer = send(signed_in(bill), "charges/", capture_body(visit, "G0439", "G9999"))

    assert answer.status_code == 422
    assert answer.json()["error"] == "Line 2: no fee is set for G9999. Enter the charge, or add the fee."
    assert not ChargeItem.objects.exists()


def test_a_charge_is_changed_with_its_version_and_voided_with_a_reason(
    visit: Visit, coverage: Coverage, bill: User
) -> None:
    client = signed_in(bill)
    charge = send(client, "charges/", capture_body(visit, "G0439")).json()[0]

    changed = send(client, f"charges/{charge['id']}/", {"units": 2, "version": 1}, method="patch")
    stale = send(client, f"charges/{charge['id']}/", {"units": 3, "version": 1}, method="patch")
    voided = send(client, f"charges/{charge['id']}/void/", {"reason": "not done"})

    assert (changed.status_code, stale.status_code, voided.status_code) == (200, 409, 200)
    assert (changed.json()["amount"], voided.json()["void_reason"]) == ("300.00", "not done")


def test_claims_are_made_listed_held_released_and_sent(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    client = signed_in(bill)
    send(client, "charges/", capture_body(visit, "G0439"))

    (made,) = send(client, "claims/", {"visit": str(visit.pk)}).json()
    listed = client.get(f"{API}claims/?status=ready").json()
    held = send(client, f"claims/{made['id']}/hold/", {"reason": "ask"}).json()
    refused = send(client, f"claims/{made['id']}/submit/")
    released = send(client, f"claims/{made['id']}/release/").json()
    sent = send(client, f"claims/{made['id']}/submit/").json()

    assert (made["status"], made["total"], made["lines"][0]["code"]) == ("ready", "150.00", "G0439")
    assert [c["number"] for c in listed["results"]] == ["C26001"]
    assert (held["status"], released["status"], sent["status"]) == ("held", "ready", "submitted")
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "Claim C26001 is held; only a ready claim can be sent.",
    )
    assert AuditEvent.objects.filter(act="patient.viewed", why="API: claim").exists()


def test_findings_come_with_the_claim(visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User) -> None:
    claim = make_claim(visit, "G0439", diagnoses=())

    answer = signed_in(bill).get(f"{API}claims/{claim.pk}/").json()

    assert answer["status"] == "edits_failed"
    assert answer["findings"][0]["code"] == "diagnosis_missing"


def test_a_rejected_claim_is_not_sent_again_unchanged(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    submit_ready()
    claim.refresh_from_db()
    claim.move_to(Claim.Status.REJECTED, by=None, reason="x")
    client = signed_in(bill)

    refused = send(client, f"claims/{claim.pk}/resend/", {"reason": "again"})
    allowed = send(client, f"claims/{claim.pk}/resend/", {"reason": "they asked", "unchanged": True})

    assert (refused.status_code, allowed.status_code) == (422, 200)
    assert allowed.json()["status"] == "ready"


def test_front_desk_makes_no_claim(visit: Visit, coverage: Coverage, fran: User) -> None:
    client = signed_in(fran)

    assert client.get(f"{API}claims/").status_code == 403
    assert send(client, "claims/", {"visit": str(visit.pk)}).status_code == 403
