"""The frame in a real browser: sign in, find a patient by keys, no complaint of axe or of the content policy."""

from datetime import date

import pytest
from playwright.sync_api import expect

from clinic.messages import queue_message
from clinic.models import Patient
from tests.factories.clinic import GuarantorFactory, PatientFactory, PayerFactory
from tests.journeys.conftest import TABLET, Desk

pytestmark = pytest.mark.journey


def test_find_a_patient_by_seven_keys(desk: Desk) -> None:
    patient = PatientFactory(first_name="Karl", last_name="Jensen")
    page = desk.sign_in("fran")
    page.goto("/?stay=1")

    page.keyboard.press("/")
    page.keyboard.type("jens", delay=20)
    page.wait_for_selector("#hits [data-for=jens] a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/patients/{patient.pk}/")

    assert page.locator("main h1").inner_text() == "Karl Jensen"


def test_enter_before_the_hits_came_goes_to_the_whole_search(desk: Desk) -> None:
    PatientFactory(first_name="Karl", last_name="Jensen")
    page = desk.sign_in("fran")
    page.goto("/?stay=1")

    page.keyboard.press("/")
    page.locator("#palette input[type=search]").fill("jens")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/**")

    assert page.get_by_role("link", name="Jensen, Karl").count() == 1
    assert "jens" not in page.url.lower()


def test_search_and_registration_work_without_javascript(desk: Desk) -> None:
    page = desk.sign_in("fran", javascript=False)

    page.goto("/patients/new/")
    page.get_by_label("First name", exact=True).fill("Ida")
    page.get_by_label("Last name", exact=True).fill("Rosenberg")
    page.get_by_label("Birth date").fill("04/11/2052")
    page.get_by_label("Sex").select_option("F")
    page.get_by_role("button", name="Register").click()
    said = page.locator("#notice").inner_text()
    kept = page.get_by_label("Last name", exact=True).input_value()
    page.get_by_label("Birth date").fill("04/11/1952")
    page.get_by_role("button", name="Register").click()

    assert said.strip() == "The birth date lies in the future."
    assert kept == "Rosenberg"
    assert Patient.objects.get().birth_date == date(1952, 4, 11)
    assert page.locator("main h1").inner_text() == "Ida Rosenberg"


@pytest.mark.parametrize("viewport", [None, TABLET], ids=["desktop", "tablet"])
def test_axe_finds_nothing_on_the_frames_pages(desk: Desk, viewport: dict[str, int] | None) -> None:
    patient = PatientFactory(first_name="Karl", last_name="Jensen")
    message = queue_message(
        key="m1", kind="reminder", channel="email", subject="Your visit", body="We expect you.", patient=patient
    )
    page = desk.open(viewport=viewport)
    page.goto("/sign-in/")
    found = {"/sign-in/": desk.axe(page)}
    for path in ("/pair/",):
        page.goto(path)
        found[path] = desk.axe(page)
    page = desk.sign_in("mona", viewport=viewport)
    for path in (
        "/?stay=1", "/settings/", "/patients/", "/patients/new/", f"/patients/{patient.pk}/", f"/patients/{patient.pk}/edit/",
        f"/patients/{patient.pk}/history/", "/outbox/", f"/outbox/{message.pk}/", "/work/", "/audit/", "/nowhere/",
    ):  # fmt: skip
        page.goto(path)
        found[path] = desk.axe(page)

    assert {path: faults for path, faults in found.items() if faults} == {}


def test_axe_finds_nothing_in_the_back_office(desk: Desk) -> None:
    patient, payer = PatientFactory(first_name="Karl", last_name="Jensen"), PayerFactory()
    found = {}
    pages = {
        "adam": ("/admin/", "/admin/clinic/payer/", f"/admin/clinic/payer/{payer.pk}/change/", "/admin/clinic/user/add/",
                 "/admin/clinic/apiclient/add/", "/admin/clinic/device/add/"),
        "mona": ("/admin/", "/admin/clinic/patient/", f"/admin/clinic/patient/{patient.pk}/change/",
                 "/admin/clinic/auditevent/"),
    }  # fmt: skip
    for username, paths in pages.items():
        page = desk.sign_in(username)
        for path in paths:
            page.goto(path)
            found[f"{username} {path}"] = desk.axe(page)

    assert {where: faults for where, faults in found.items() if faults} == {}


def test_nothing_scrolls_sideways_on_a_small_screen(desk: Desk) -> None:
    patient = PatientFactory(first_name="Karl", last_name="Jensen")
    page = desk.sign_in("mona", viewport={"width": 320, "height": 640})

    wide = []
    for path in ("/?stay=1", "/patients/", "/patients/new/", f"/patients/{patient.pk}/", "/work/", "/outbox/"):
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)

    assert wide == []


def test_a_rules_no_reaches_the_notice_and_leaves_the_page_as_it_is(desk: Desk) -> None:
    page = desk.sign_in("mona")
    page.goto("/work/")

    page.evaluate(
        """htmx.ajax("POST", "/work/retry/", {target: "#main", values: {
            queue: "no-such", csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value}})"""
    )
    page.wait_for_selector("#notice .banner")

    assert "There is no such row" in page.locator("#notice").inner_text()
    assert page.locator("main h1").inner_text() == "Work that runs by itself"


def test_a_server_that_is_away_is_told_and_the_input_stays(desk: Desk) -> None:
    page = desk.sign_in("mona")
    page.goto("/work/")
    page.route("**/work/retry/", lambda route: route.abort())

    page.evaluate("""htmx.ajax("POST", "/work/retry/", {target: "#main", values: {queue: "x"}}).catch(() => null)""")
    page.wait_for_selector("#notice .banner")

    assert "The server cannot be reached." in page.locator("#notice").inner_text()
    desk.complaints.clear()  # htmx writes the lost request into the console


def test_the_browser_keeps_no_patient_after_sign_out(desk: Desk) -> None:
    patient = PatientFactory(first_name="Karl", last_name="Jensen")
    page = desk.sign_in("fran")
    page.goto(f"/patients/{patient.pk}/")

    stored = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    page.goto("/settings/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()
    page.goto(f"/patients/{patient.pk}/")

    assert "Jensen" not in stored
    assert "/sign-in/" in page.url


def test_a_child_is_registered_with_a_guarantor_found_while_typing(desk: Desk) -> None:
    mother = GuarantorFactory(first_name="Maria", last_name="Lopez", number="G5001")
    page = desk.sign_in("fran")
    page.goto("/patients/new/")
    page.get_by_label("First name", exact=True).fill("Nico")
    page.get_by_label("Last name", exact=True).fill("Lopez")
    page.get_by_label("Birth date").fill("04/11/2020")
    page.get_by_label("Sex").select_option("M")
    expect(page.get_by_label("Guarantor's street")).to_be_hidden()

    page.get_by_label("Somebody on file").check()
    page.get_by_label("The patient is the guarantor's").select_option("19")
    page.get_by_label("Guarantor's name, number or phone").press_sequentially("lop", delay=20)
    expect(page.get_by_label("Lopez, Maria")).to_be_checked()
    assert desk.axe(page) == []
    page.get_by_role("button", name="Register").click()

    expect(page.get_by_text("Maria Lopez")).to_be_visible()
    assert Patient.objects.get().guarantor == mother
