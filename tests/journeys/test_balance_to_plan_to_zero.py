"""A balance becomes a plan and reaches zero, in a real browser: by the desk, by the card, by the link."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic import clock
from clinic.models import Message, Patient, Provider, Visit
from collections_app.models import PaymentPlan
from collections_app.services.aging import age_receivables
from collections_app.services.autopay import run_installments
from ledger.models import Payment
from ledger.queries.balances import patient_balance
from ledger.services.cards import keep_card
from tests.factories.clinic import PatientFactory, VisitFactory
from tests.factories.ledger import PatientAccount, new_account
from tests.journeys.conftest import TABLET, Desk

D = Decimal
pytestmark = pytest.mark.journey


@pytest.fixture
def acct(desk: Desk, settings: object, tmp_path: object) -> PatientAccount:
    """Karl owes 300 after his payer has answered; the card processor's book is the test's own."""
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]
    patient: Patient = PatientFactory(first_name="Karl", last_name="Jensen")
    visit = VisitFactory(
        patient=patient,
        provider=Provider.objects.get(),
        status=Visit.Status.CLOSED,
        service_date=clock.today() - timedelta(days=20),
    )
    account = new_account(patient, visit)
    line = account.charge("400.00")
    account.paid(line, paid="60.00", co="140.00", pr="200.00")
    account.owed("100.00")
    return account


def test_balance_becomes_a_plan_and_reaches_zero(desk: Desk, acct: PatientAccount) -> None:
    page = desk.sign_in("cora")

    page.goto("/collections/")
    page.get_by_role("link", name="Goes out tonight for Jensen").click()
    page.get_by_role("button", name="Send a statement").click()
    page.wait_for_url("**/collections/statements/**")
    assert "$300.00" in page.locator("main").inner_text()
    axe_of_statement = desk.axe(page)

    page.get_by_role("link", name="Open a plan").click()
    page.get_by_role("textbox", name="Installments").fill("0")
    page.get_by_role("button", name="Open the plan").click()
    page.get_by_text("A plan needs at least one installment.").first.wait_for()
    page.get_by_role("textbox", name="Installments").fill("3")
    page.get_by_role("button", name="Open the plan").click()
    page.wait_for_url("**/collections/plans/**")
    plan_page = page.url
    axe_of_plan = desk.axe(page)

    for _ in range(3):
        page.goto(plan_page)
        page.get_by_role("button", name="Take installment").click()
        page.wait_for_url("**/ledger/**")

    page.goto(plan_page)
    assert "Paid off" in page.locator("main").inner_text()
    assert (axe_of_statement, axe_of_plan) == ([], [])
    assert patient_balance(guarantor=acct.guarantor).owed == D("0.00")
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [D("100.00")] * 3


def test_plan_by_card_on_file_reaches_zero_by_the_clock(desk: Desk, acct: PatientAccount) -> None:
    keep_card(guarantor=acct.guarantor, number="4242424242424242", expires_on=date(2099, 1, 31), by=None)
    page = desk.sign_in("cora", javascript=False)

    page.goto(f"/collections/accounts/{acct.guarantor.pk}/plan/")
    page.get_by_label("First installment").fill(f"{clock.today():%Y-%m-%d}")
    page.get_by_label("Charge this card by itself").select_option(label="Visa ending in 4242")
    page.get_by_role("button", name="Open the plan").click()
    plan = PaymentPlan.objects.get()
    for row in plan.installments.all():
        with clock.at(clock.now() + (row.due_on - clock.today()) * 1):
            run_installments(day=row.due_on)
    page.goto(f"/collections/plans/{plan.pk}/")

    assert "Paid off" in page.locator("main").inner_text()
    assert patient_balance(guarantor=acct.guarantor).owed == D("0.00")


def test_patient_pays_by_the_link_of_the_statement_without_signing_in(desk: Desk, acct: PatientAccount) -> None:
    clerk = desk.sign_in("cora")
    clerk.goto(f"/collections/accounts/{acct.guarantor.pk}/")
    clerk.get_by_role("button", name="Send a statement").click()
    clerk.wait_for_url("**/collections/statements/**")
    clerk.goto(f"/outbox/{Message.objects.get(kind='statement').pk}/")
    body = clerk.locator("main").inner_text()
    link = next(word for word in body.split() if "/collections/pay/" in word)
    patient = desk.open(viewport=TABLET, javascript=False)

    patient.goto(link)
    shown = patient.locator("main").inner_text()
    patient.get_by_label("Card number").fill("4242 4242 4242 4242")
    patient.get_by_label("Expires").fill("01/49")
    patient.get_by_role("button", name="Pay $300.00").click()
    thanks = patient.locator("main").inner_text()
    patient.goto(link)
    again = patient.locator("main").inner_text()

    assert "Jensen" not in shown
    assert "$300.00" in thanks
    assert "This link was used" in again
    assert patient_balance(guarantor=acct.guarantor).owed == D("0.00")


@pytest.mark.parametrize("viewport", [None, TABLET])
def test_pages_of_collections_please_axe_and_the_content_policy(
    viewport: dict[str, int] | None, desk: Desk, acct: PatientAccount
) -> None:
    age_receivables(day=clock.today())
    page = desk.sign_in("mona", viewport=viewport)
    found: dict[str, list[str]] = {}
    paths = [
        "/collections/", "/collections/lists/plans/", "/collections/lists/lockbox/", "/collections/aging/",
        "/collections/aging/?by=patient", f"/collections/accounts/{acct.guarantor.pk}/",
        f"/collections/accounts/{acct.guarantor.pk}/plan/",
    ]  # fmt: skip
    for path in paths:
        page.goto(path)
        found[path] = desk.axe(page)

    assert {path: broken for path, broken in found.items() if broken} == {}
