"""The biller works a denial in a real browser to a paid corrected claim; the payer is the simulator."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import LAKESHORE, plant_payers
from clearinghouse.simulator.world import AuthorizationOnFile, Member
from clinic import clock
from clinic.models import Claim, Coverage, Payer, Provider, Visit
from insurance.models import PayerRoute
from tests.factories.clinic import CoverageFactory, PatientFactory, VisitFactory
from tests.journeys.conftest import TABLET, Desk

pytestmark = pytest.mark.journey
TREATMENT, RETRO = "G0283", "RA4711"  # needs an authorization at this payer, which nobody asked for


@pytest.fixture
def book(tmp_path: Path, settings: Any) -> Iterator[Book]:
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    with Book() as opened:
        plant_payers(opened)
        yield opened


@pytest.fixture
def nina(desk: Desk, book: Book) -> Coverage:
    payer = Payer.objects.create(name="Lakeshore Health PPO", payer_id=LAKESHORE, filing_indicator="12")
    partner = TradingPartner.objects.create(
        name="Relay Point", driver=TradingPartner.Driver.SIMULATOR, sender_id="TANDEM01", receiver_id="RELAYPOINT"
    )
    PayerRoute.objects.create(payer=payer, partner=partner, payer_id_there=LAKESHORE)
    book.add_member(
        Member(
            payer_id=LAKESHORE, plan_id="PPO500", member_id="M100200300", last_name="ABARA", first_name="NINA",
            birth_date=date(1980, 5, 17), sex="F", starts_on=date(2024, 1, 1),
        )
    )  # fmt: skip
    patient = PatientFactory(first_name="Nina", last_name="Abara", birth_date=date(1980, 5, 17), sex="F")
    return CoverageFactory(patient=patient, payer=payer, member_id="M100200300")


def turns(first: date, days: int) -> None:
    """What the workers do by themselves, once a day."""
    from billing import tasks  # the desk must have made its database first
    from clearinghouse.services import exchange

    for n in range(days):
        with clock.at(clock.at_local(first + timedelta(days=n), time(18, 0))):
            tasks.make_claims()
            tasks.submit_ready()
            exchange.deliver_due()
            exchange.collect_all()
            tasks.read_mail()
            tasks.post_remittances()
            tasks.correct_claims()


@pytest.fixture
def visit(nina: Coverage) -> Visit:
    """Seen 40 days ago, billed the next day, denied since; the worker found no authorization on file."""
    from billing.services.charges import ChargeLine, capture_charges, finish_charges

    seen_on = clock.today() - timedelta(days=40)
    with clock.at(clock.at_local(seen_on, time(15, 0))):
        made: Visit = VisitFactory(
            patient=nina.patient, provider=Provider.objects.get(), service_date=seen_on, status="checked_out"
        )
        lines = [ChargeLine(code=TREATMENT, amount=Decimal("60.00"))]
        capture_charges(visit=made, diagnoses=["M54.50"], lines=lines, by=None)
        finish_charges(visit=made, by=None)
    turns(seen_on + timedelta(days=1), 30)
    return made


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_denial_becomes_a_paid_corrected_claim(
    desk: Desk, book: Book, nina: Coverage, visit: Visit, javascript: bool
) -> None:
    denied = Claim.objects.get()
    page = desk.sign_in("bill", javascript=javascript)
    page.goto("/billing/denials/")
    expect(page.locator("tbody")).to_contain_text("CO-197")
    expect(page.locator(".money")).to_contain_text("$60.00")

    page.get_by_role("link", name="Start working").click()
    expect(page.get_by_role("heading", name=re.compile("CO-197"))).to_be_visible()
    expect(page.get_by_text("No approval for this code and date was on file before the denial.")).to_be_visible()
    book.add_authorization(  # the payer grants it on the telephone
        AuthorizationOnFile(
            payer_id=LAKESHORE, number=RETRO, member_id="M100200300", code=TREATMENT, units=5,
            starts_on=visit.service_date - timedelta(days=7), ends_on=visit.service_date + timedelta(days=60),
        )
    )  # fmt: skip
    page.get_by_role("link", name="Correct and resubmit").click()
    page.get_by_label("What was wrong").fill("Authorization granted afterwards")
    page.get_by_label("Authorization", exact=False).nth(0).fill(RETRO)
    page.get_by_role("button", name="Show what will differ").click()
    expect(page.locator("table.diff")).to_contain_text(RETRO)
    page.get_by_role(
        "button", name=f"Send as a replacement (7) of Lakeshore Health PPO's claim {denied.payer_claim_number}"
    ).click()
    expect(page.get_by_role("heading", name=f"Claim {denied.control_number}-2")).to_be_visible()
    turns(clock.today(), 30)
    page.reload()

    expect(page.locator("main")).to_contain_text("What the payer answered")
    corrected = Claim.objects.get(replaces=denied)
    denied.refresh_from_db()
    assert corrected.status in (Claim.Status.PAID, Claim.Status.ADJUDICATED)
    assert (corrected.frequency, corrected.original_reference) == ("7", denied.payer_claim_number)
    assert denied.denials.get().status == "overturned"
    page.goto("/billing/denials/?view=open")
    expect(page.locator("main")).to_contain_text("No denial is open.")


@pytest.mark.parametrize("viewport", [None, TABLET], ids=["desktop", "tablet"])
def test_axe_finds_nothing_on_the_pages_of_answers(desk: Desk, visit: Visit, viewport: dict[str, int] | None) -> None:
    from billing.models import Denial, Remittance

    denial, check = Denial.objects.get(), Remittance.objects.get()
    page = desk.sign_in("mona", viewport=viewport)
    found, wide = {}, []
    for path in (
        "/billing/denials/", f"/billing/denials/{denial.pk}/", f"/billing/claims/{denial.claim_id}/correct/",
        f"/billing/denials/{denial.pk}/step/", f"/billing/denials/{denial.pk}/write-off/", "/billing/remittances/?view=posted",
        "/billing/remittances/?view=refused", f"/billing/remittances/{check.pk}/", f"/billing/remittances/{check.pk}/file/",
        f"/billing/remittances/{check.pk}/deposit/", "/billing/remittances/hand-in/", "/billing/reports/",
    ):  # fmt: skip
        page.goto(path)
        found[path] = desk.axe(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)

    assert {path: faults for path, faults in found.items() if faults} == {}
    assert wide == []
