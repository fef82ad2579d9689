"""The biller's morning in a real browser: charges in, claim made, findings mended, list worked by key, claim sent."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from billing.services.charges import ChargeLine, capture_charges, finish_charges
from clearinghouse.models import TradingPartner
from clinic import clock
from clinic.models import Claim, Coverage, Patient, Practice, Provider, Visit
from insurance.models import PayerRoute
from tests.factories.clinic import CoverageFactory, FeeFactory, FeeScheduleFactory, PatientFactory, VisitFactory
from tests.journeys.conftest import TABLET, Desk

pytestmark = pytest.mark.journey


@pytest.fixture
def coverage(desk: Desk) -> Coverage:
    schedule = FeeScheduleFactory()
    for code, amount in (("G0439", "150.00"), ("G0101", "80.00")):
        FeeFactory(schedule=schedule, code=code, amount=amount, description="Our own words")
    patient: Patient = PatientFactory(first_name="Karl", last_name="Jensen")
    row: Coverage = CoverageFactory(patient=patient)
    partner = TradingPartner.objects.create(
        name="Relay Point", driver=TradingPartner.Driver.FOLDER, sender_id="TANDEM", receiver_id="RELAY"
    )
    PayerRoute.objects.create(payer=row.payer, partner=partner, payer_id_there=row.payer.payer_id)
    return row


def seen(coverage: Coverage, status: str = "checked_out") -> Visit:
    visit: Visit = VisitFactory(
        patient=coverage.patient, provider=Provider.objects.get(), service_date=clock.today() - timedelta(days=1),
        status=status, checked_out_at=clock.now() - timedelta(hours=20),
    )  # fmt: skip
    return visit


def failed_claim(coverage: Coverage, diagnosis: str) -> Claim:
    """Kept back: the practice's ZIP has five digits."""
    from billing.services.claims import create_claims  # the desk must have made its database first

    visit = seen(coverage)
    capture_charges(visit=visit, diagnoses=[diagnosis], lines=[ChargeLine(code="G0439")], by=None)
    finish_charges(visit=visit, by=None)
    return create_claims(visit=visit, by=None)[0]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_charges_become_a_sent_claim(desk: Desk, coverage: Coverage, javascript: bool) -> None:
    seen(coverage)
    page = desk.sign_in("bill", javascript=javascript)

    page.goto("/billing/")
    page.get_by_role("link", name="Enter charges of Jensen, Karl").click()
    page.get_by_label("Diagnoses (ICD-10), most important first").fill("E11.9 I10")
    page.locator("[name=code_1]").fill("G0439")
    page.locator("[name=pointers_1]").fill("BA")
    page.locator("[name=code_2]").fill("G0101")
    page.get_by_role("button", name="Enter charges").click()
    expect(page.get_by_text("2 charges entered.")).to_be_visible()
    page.get_by_role("button", name="Close the charges").click()
    page.get_by_role("button", name="Make the claim now").click()
    expect(page.get_by_role("heading", name="Claim C26001")).to_be_visible()
    page.get_by_role("button", name="Send now").click()

    expect(page.get_by_text("Sent in file 000000001.")).to_be_visible()
    assert Claim.objects.get().status == Claim.Status.SUBMITTED


def test_failed_claims_are_worked_by_key_and_a_mended_practice_frees_them(desk: Desk, coverage: Coverage) -> None:
    Practice.objects.update(zip_code="60613")
    first, second = failed_claim(coverage, "E11.9"), failed_claim(coverage, "I10")
    page = desk.sign_in("bill")
    page.goto("/billing/work/correct/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=f"Claim {second.number}")).to_be_visible()
    expect(page.get_by_text("The practice's ZIP needs nine digits (ZIP+4).").first).to_be_visible()
    Practice.objects.update(zip_code="606130001")
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Checked: ready to send.")).to_be_visible()
    first.refresh_from_db()
    assert first.status == Claim.Status.EDITS_FAILED


@pytest.mark.parametrize("size", ["desktop", "tablet"])
def test_the_pages_pass_axe_and_never_scroll_sideways(desk: Desk, coverage: Coverage, size: str) -> None:
    Practice.objects.update(zip_code="60613")
    claim = failed_claim(coverage, "E11.9")
    rejected = failed_claim(coverage, "I10")
    Claim.objects.filter(pk=rejected.pk).update(status=Claim.Status.REJECTED)
    seen(coverage)
    page = desk.sign_in("bill", viewport=TABLET if size == "tablet" else None)
    charge = claim.lines.get().charge_id
    broken = {}
    for path in (
        "/billing/work/unbilled/", "/billing/work/correct/", "/billing/work/rejected/", "/billing/work/held/",
        f"/billing/claims/{claim.pk}/", f"/billing/claims/{claim.pk}/edit/", f"/billing/claims/{claim.pk}/hold/",
        f"/billing/claims/{rejected.pk}/resend/", f"/billing/visits/{claim.visit_id}/charges/",
        f"/billing/charges/{charge}/", f"/patients/{claim.patient_id}/", "/",
    ):  # fmt: skip
        page.goto(path)
        found = desk.axe(page)
        if found or not fits(page):
            broken[path] = found or ["scrolls sideways"]

    assert broken == {}
