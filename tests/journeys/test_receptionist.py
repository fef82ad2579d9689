"""The receptionist's morning in a real browser: find, book, move, check in with a copay, through the clinic and out."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from clinic import clock
from clinic.models import Coverage, Patient, Provider, Visit
from insurance.models import Benefit, EligibilityCheck
from ledger.models import Payment
from scheduling.models import Appointment, AppointmentType
from tests.factories.clinic import ChargeItemFactory, CoverageFactory, PatientFactory, VisitFactory
from tests.factories.scheduling import AppointmentFactory, AppointmentTypeFactory, ScheduleFactory
from tests.journeys.conftest import TABLET, Desk

pytestmark = pytest.mark.journey


def soon() -> datetime:
    """The next full five minutes, but never so late that the visit would end on the next day."""
    now = clock.now().replace(second=0, microsecond=0)
    return now + timedelta(minutes=5 - now.minute % 5)


@pytest.fixture
def provider(desk: Desk) -> Provider:
    """Works around the clock, so that the journey runs at any hour of the day."""
    provider = Provider.objects.get()
    for weekday in range(7):
        ScheduleFactory(provider=provider, weekday=weekday, opens_at="00:00", closes_at="23:59")
    return provider


@pytest.fixture
def follow_up(desk: Desk) -> AppointmentType:
    return AppointmentTypeFactory(name="Follow-up", minutes=15)


@pytest.fixture
def karl(desk: Desk) -> Patient:
    """Active coverage with a $30 copay, and $84.50 from an earlier visit."""
    from ledger.services.entries import charge as post_charge  # the desk must have made its database first

    patient = PatientFactory(first_name="Karl", last_name="Jensen")
    coverage: Coverage = CoverageFactory(patient=patient)
    check = EligibilityCheck.objects.create(
        key="k", coverage=coverage, patient=patient, on=clock.today(), answer="active", answered_at=clock.now(),
        plan_name="Lakeshore PPO",
    )  # fmt: skip
    Benefit.objects.create(
        check_row=check, position=1, segment_number=14, information="B", level="IND", service_types=["98"], period="27",
        amount=Decimal("30.00"), in_network="Y",
    )  # fmt: skip
    earlier = VisitFactory(patient=patient, provider=Provider.objects.get(), status="closed")
    post_charge(charge=ChargeItemFactory(visit=earlier, amount=Decimal("84.50")), coverage=None, key="old", by=None)
    return patient


@pytest.fixture
def expected(karl: Patient, provider: Provider, follow_up: AppointmentType) -> Appointment:
    return AppointmentFactory(
        patient=karl, provider=provider, appointment_type=follow_up, start=soon(), reason="Lipid results"
    )


def test_from_the_search_to_the_check_in_page_in_seven_keys(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran")
    page.goto("/?stay=1")

    page.keyboard.press("/")
    page.keyboard.type("jens", delay=20)
    page.wait_for_selector("#hits [data-for=jens] a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/patients/{expected.patient_id}/")
    page.keyboard.press("c")

    page.wait_for_url(f"**/check-in/appointments/{expected.pk}/")
    expect(page.get_by_role("heading", name="Karl Jensen")).to_be_visible()


def test_book_a_follow_up_in_the_first_open_slot_by_keys(
    desk: Desk, karl: Patient, provider: Provider, follow_up: AppointmentType
) -> None:
    page = desk.sign_in("fran")
    page.goto(f"/patients/{karl.pk}/")

    page.keyboard.press("n")
    page.wait_for_url("**/schedule/book/**")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/schedule/?d=**")

    row = Appointment.objects.get()
    assert (row.patient, row.status) == (karl, "booked")
    expect(page.locator("#panel h2")).to_have_text("Karl Jensen")
    expect(page.locator("#toasts")).to_contain_text("Booked:")


def test_open_a_panel_move_and_cancel_on_the_calendar(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran")
    page.goto("/schedule/")

    page.locator(f'[data-pk="{expected.pk}"]').click()
    expect(page.locator("#panel h2")).to_be_focused()
    expect(page.locator("#panel")).to_contain_text("Due at check-in")
    page.keyboard.press("Escape")
    expect(page.locator(f'[data-pk="{expected.pk}"]').first).to_be_focused()
    page.keyboard.press("m")
    page.wait_for_url("**/move/")
    page.locator(".slot1 input").nth(2).check()
    page.get_by_role("button", name="Move to this time").click()
    page.wait_for_url("**/schedule/?d=**")
    moved = Appointment.objects.get()
    page.keyboard.press("x")
    page.get_by_label("Why", exact=True).fill("Patient called")
    page.get_by_role("button", name="Cancel the appointment").click()
    expect(page.locator("#toasts")).to_contain_text("Cancelled")

    assert moved.start != expected.start
    assert Appointment.objects.get().status == "cancelled"


def test_arrow_keys_walk_the_grid_with_one_tab_stop(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran")
    page.goto("/schedule/")

    stops = page.locator("[data-col] a[tabindex='0']").count()
    page.locator("[data-col] a[tabindex='0']").focus()
    before = page.evaluate("document.activeElement.getBoundingClientRect().top")
    page.keyboard.press("ArrowDown")
    after = page.evaluate("document.activeElement.getBoundingClientRect().top")

    assert stops == 1
    assert after > before


def test_check_in_with_copay_and_balance_then_through_the_clinic(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran")
    page.goto(f"/check-in/appointments/{expected.pk}/")

    expect(page.get_by_role("button", name="Charge $114.50")).to_be_visible()
    page.get_by_label("Cash").check()
    expect(page.get_by_role("button", name="Record cash $114.50")).to_be_visible()
    page.get_by_label("Photo ID matches").check()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/receipt/")
    expect(page.locator("main")).to_contain_text("$114.50")
    receipts = [str(p.amount) for p in Payment.objects.order_by("number")]
    page.goto("/check-in/")
    for act in ("Room patient", "Provider in", "To check-out"):
        page.get_by_role("button", name=f"{act}: Jensen, Karl").click()
        expect(page.get_by_role("button", name=f"{act}: Jensen, Karl")).to_have_count(0)
    page.get_by_role("link", name="Check out: Jensen, Karl").click()
    page.get_by_role("button", name="Check out Karl").click()
    page.wait_for_url("**/check-in/")

    assert receipts == ["30.00", "84.50"]
    assert Visit.objects.get(appointment_id=expected.pk).status == "checked_out"
    assert Appointment.objects.get().status == "fulfilled"


def test_a_typed_amount_stays_and_the_button_says_it(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran")
    page.goto(f"/check-in/appointments/{expected.pk}/")

    page.locator("#amount").fill("10")
    expect(page.get_by_role("button", name="Charge $10.00")).to_be_visible()
    expect(page.get_by_label("Other amount")).to_be_checked()
    expect(page.get_by_role("textbox", name="Terminal reference", exact=True)).to_be_visible()
    page.get_by_label("Check", exact=True).check()
    expect(page.get_by_role("textbox", name="Check number", exact=True)).to_be_visible()
    page.get_by_label("Cash").check()
    expect(page.locator("#id_reference")).to_be_hidden()
    page.locator("#amount").fill("ten")
    expect(page.get_by_role("button", name="Record cash", exact=True)).to_be_visible()
    page.locator("#amount").fill("10")
    page.get_by_role("button", name="Record cash $10.00").click()
    page.wait_for_url("**/receipt/")

    assert [str(p.amount) for p in Payment.objects.all()] == ["10.00"]


def test_the_payers_answer_comes_by_itself_and_what_was_ticked_and_typed_stays(
    desk: Desk, expected: Appointment
) -> None:
    page = desk.sign_in("fran")
    page.goto(f"/check-in/appointments/{expected.pk}/")
    page.get_by_label("Photo ID matches").check()
    page.locator("#amount").fill("10")

    page.get_by_role("button", name="Check again").click()
    expect(page.locator("[data-coverage]")).to_contain_text("Asking again.")
    asked = EligibilityCheck.objects.get(answer="pending")
    Benefit.objects.create(
        check_row=asked, position=1, segment_number=14, information="B", level="IND", service_types=["98"], period="27",
        amount=Decimal("35.00"), in_network="Y",
    )  # fmt: skip
    EligibilityCheck.objects.filter(pk=asked.pk).update(
        answer="active", answered_at=clock.now() + timedelta(seconds=1), plan_name="Lakeshore HMO"
    )

    expect(page.locator("[data-coverage]")).to_contain_text("Lakeshore HMO is active.")
    expect(page.locator("#due")).to_contain_text("$119.50")
    expect(page.get_by_label("Photo ID matches")).to_be_checked()
    assert page.locator("#amount").input_value() == "10"


def test_the_next_stage_of_who_waits_longest_takes_three_keys(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran")
    page.goto(f"/check-in/appointments/{expected.pk}/")
    page.get_by_role("button", name="Check in without payment").click()
    page.wait_for_url("**/check-in/")
    page.goto("/schedule/")

    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/check-in/")
    page.keyboard.press("c")
    expect(page.locator("section.roomed")).to_contain_text("Jensen, Karl")

    assert Visit.objects.get(appointment_id=expected.pk).status == "in_room"


def test_the_board_shows_what_another_desk_did_without_being_reloaded(desk: Desk, expected: Appointment) -> None:
    mine, other = desk.sign_in("fran"), desk.sign_in("lena")
    mine.goto("/check-in/")
    other.goto(f"/check-in/appointments/{expected.pk}/")

    other.get_by_role("button", name="Only mark as arrived").click()
    other.wait_for_url("**/check-in/")

    expect(mine.locator("section.arrived")).to_contain_text("Jensen, Karl", timeout=25_000)


def test_the_same_without_javascript(desk: Desk, karl: Patient, provider: Provider, follow_up: AppointmentType) -> None:
    page = desk.sign_in("fran", javascript=False)

    page.goto("/schedule/book/")
    page.locator("main").get_by_label("Name, birth date, phone or MRN").fill("jensen")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Jensen, Karl").click()
    page.get_by_label("Reason for the visit").fill("Ear pain")
    page.get_by_role("button", name="Book this time").click()
    booked = Appointment.objects.get()
    expect(page.locator("#panel h2")).to_have_text("Karl Jensen")
    page.locator("#panel").get_by_role("link", name="Check in").click()
    page.get_by_label("Cash").check()
    page.get_by_label("Amount", exact=True).fill("")
    page.locator("[data-charge]").click()
    said = page.locator("#pay").inner_text()
    page.get_by_label("Amount", exact=True).fill("114.50")
    page.get_by_label("Cash").check()
    page.locator("[data-charge]").click()
    expect(page.locator("main")).to_contain_text("$114.50")
    _stage_by_stage(page)

    assert booked.reason == "Ear pain"
    assert "Enter the amount, or check in without payment." in said
    assert Visit.objects.get(appointment_id=booked.pk).status == "checked_out"


def _stage_by_stage(page: Page) -> None:
    page.goto("/check-in/")
    for act in ("Room patient", "Provider in", "To check-out"):
        page.get_by_role("button", name=f"{act}: Jensen, Karl").click()
    page.get_by_role("link", name="Check out: Jensen, Karl").click()
    page.get_by_role("button", name="Check out Karl").click()
    expect(page.locator("main h1")).to_have_text("Flow board")


@pytest.mark.parametrize("viewport", [None, TABLET], ids=["desktop", "tablet"])
def test_axe_finds_nothing_at_the_front_desk(
    desk: Desk, expected: Appointment, viewport: dict[str, int] | None
) -> None:
    page = desk.sign_in("lena", viewport=viewport)
    found: dict[str, list[str]] = {}
    paths = [
        "/schedule/", f"/schedule/?appt={expected.pk}", "/schedule/list/", "/schedule/week/", "/schedule/book/",
        f"/schedule/book/?patient={expected.patient_id}", f"/schedule/appointments/{expected.pk}/move/",
        f"/schedule/appointments/{expected.pk}/cancel/", "/schedule/hours/", "/check-in/",
        f"/check-in/appointments/{expected.pk}/", "/check-in/kiosk/",
    ]  # fmt: skip
    for path in paths:
        page.goto(path)
        found[path] = desk.axe(page)
    page.goto(f"/check-in/appointments/{expected.pk}/")
    page.get_by_role("button", name="Only mark as arrived").click()
    page.wait_for_url("**/check-in/")
    visit = Visit.objects.get(appointment_id=expected.pk)
    for path in (
        "/check-in/", f"/check-in/visits/{visit.pk}/", f"/check-in/visits/{visit.pk}/left/", f"/check-in/kiosk/{visit.pk}/",
        f"/check-in/visits/{visit.pk}/receipt/", f"/check-in/visits/{visit.pk}/check-out/",
    ):  # fmt: skip
        page.goto(path)
        found[path] = desk.axe(page)

    assert {path: rules for path, rules in found.items() if rules} == {}


@pytest.mark.parametrize("width", [320, 720])
def test_nothing_scrolls_sideways_when_zoomed(desk: Desk, expected: Appointment, width: int) -> None:
    page = desk.sign_in("fran", viewport={"width": width, "height": 800})
    wide = []

    for path in (
        "/schedule/", f"/schedule/book/?patient={expected.patient_id}", f"/check-in/appointments/{expected.pk}/", "/check-in/",
        "/schedule/list/",
    ):  # fmt: skip
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path)

    assert wide == []


def test_at_1024_pixels_the_money_stands_beside_what_is_confirmed(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran", viewport={"width": 1024, "height": 768})
    page.goto(f"/check-in/appointments/{expected.pk}/")

    confirmed = page.locator(".desk > .stack").bounding_box()
    money = page.locator("#pay").bounding_box()

    assert confirmed is not None
    assert money is not None
    assert money["y"] == confirmed["y"]
    assert money["x"] >= confirmed["x"] + confirmed["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_what_the_browser_puts_back_into_the_amount_is_on_the_button(desk: Desk, expected: Appointment) -> None:
    page = desk.sign_in("fran")
    page.goto(f"/check-in/appointments/{expected.pk}/")
    page.locator("#amount").fill("20")
    expect(page.locator("[data-charge]")).to_have_text("Charge $20.00")

    page.get_by_role("link", name="Back to schedule").click()
    page.wait_for_url("**/schedule/**")
    page.go_back()

    amount = page.locator("#amount").input_value()
    expect(page.locator("[data-charge]")).to_have_text(f"Charge ${float(amount):.2f}")


WIDER_THAN_THEIR_COLUMN = """
[...document.querySelectorAll('.desk .card')].filter(
  card => card.getBoundingClientRect().right > card.parentElement.parentElement.getBoundingClientRect().right + 1
    || [...document.querySelectorAll('.desk > *')].some(column => !column.contains(card)
      && column.getBoundingClientRect().left < card.getBoundingClientRect().right - 1
      && column.getBoundingClientRect().right > card.getBoundingClientRect().left + 1
      && column.getBoundingClientRect().top < card.getBoundingClientRect().bottom - 1
      && column.getBoundingClientRect().bottom > card.getBoundingClientRect().top + 1)
).length
"""


@pytest.mark.parametrize("width", [390, 1024, 1280])
def test_no_card_lies_over_the_column_beside_it(desk: Desk, expected: Appointment, width: int) -> None:
    page = desk.sign_in("fran", viewport={"width": width, "height": 900})
    over = {}

    for path in (f"/schedule/book/?patient={expected.patient_id}", f"/check-in/appointments/{expected.pk}/"):
        page.goto(path)
        assert page.locator(".desk .card").count() > 1, path
        over[path] = page.evaluate(WIDER_THAN_THEIR_COLUMN)

    assert set(over.values()) == {0}, over
