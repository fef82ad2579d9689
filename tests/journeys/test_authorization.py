"""A prior authorization in a real browser: asked for and recorded at the desk, written into a charge, sent with the claim."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clearinghouse.models import Transmission
from clinic import clock
from clinic.models import Claim, Coverage
from tests.journeys.conftest import Desk
from tests.journeys.test_biller_claims import coverage, seen

__all__ = ["coverage"]
pytestmark = pytest.mark.journey


def test_what_the_front_desk_obtained_goes_out_with_the_claim(desk: Desk, coverage: Coverage) -> None:
    visit = seen(coverage)
    desk_page = desk.sign_in("fran")

    desk_page.goto(f"/patients/{coverage.patient_id}/")
    desk_page.get_by_role("link", name="Add authorization").click()
    desk_page.get_by_label("Coverage").select_option(index=1)
    desk_page.get_by_label("Procedure codes").fill("G0439")
    desk_page.get_by_label("Units").fill("2")
    desk_page.get_by_role("button", name="Save authorization").click()
    desk_page.goto("/insurance/")
    desk_page.get_by_role("link", name="Record the answer").click()
    desk_page.get_by_label("Authorization number").fill("auth-77")
    desk_page.get_by_label("From").fill(f"{clock.today() - timedelta(days=9):%Y-%m-%d}")
    desk_page.get_by_label("To", exact=False).last.fill(f"{clock.today() + timedelta(days=60):%Y-%m-%d}")
    desk_page.get_by_role("button", name="Record approval").click()
    expect(desk_page.get_by_text("Approval recorded.")).to_be_visible()
    expect(desk_page.get_by_role("row", name="AUTH-77")).to_contain_text("2 of 2")

    coder = desk.sign_in("dee")
    coder.goto(f"/billing/visits/{visit.pk}/charges/")
    expect(coder.get_by_text("G0439: 2 of 2 units left")).to_be_visible()
    coder.get_by_label("Diagnoses (ICD-10), most important first").fill("E11.9")
    coder.locator("[name=code_1]").fill("G0439")
    coder.locator("[name=prior_authorization_number_1]").fill("AUTH-77")
    coder.get_by_role("button", name="Enter charges").click()
    coder.get_by_role("button", name="Close the charges").click()
    desk_page.goto(f"/patients/{coverage.patient_id}/")
    expect(desk_page.get_by_role("row", name="AUTH-77")).to_contain_text("1 of 2")

    biller = desk.sign_in("bill")
    biller.goto(f"/billing/visits/{visit.pk}/charges/")
    biller.get_by_role("button", name="Make the claim now").click()
    biller.get_by_role("button", name="Send now").click()
    expect(biller.get_by_text("Sent in file 000000001.")).to_be_visible()
    expect(biller.get_by_text("AUTH-77").first).to_be_visible()
    assert Claim.objects.get().prior_authorization_number == "AUTH-77"
    sent = Transmission.objects.get(kind="837P")
    assert b"REF*G1*AUTH-77~" in bytes(sent.payload)
