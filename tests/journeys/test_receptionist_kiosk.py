"""The patient's own minute before the receptionist's: arrive at the kiosk, sign by finger or by name."""

import pytest
from playwright.sync_api import Page, expect

from checkin.models import Intake
from clinic import clock
from clinic.models import Device, Document, Provider, Visit
from clinic.services.clients import pair_device
from scheduling.models import Appointment
from tests.factories.clinic import PatientFactory
from tests.factories.scheduling import AppointmentFactory
from tests.journeys.conftest import Desk

pytestmark = pytest.mark.journey


@pytest.fixture
def expected(desk: Desk) -> Appointment:
    patient = PatientFactory(first_name="Karl", last_name="Jensen")
    start = clock.now().replace(second=0, microsecond=0)
    return AppointmentFactory(patient=patient, provider=Provider.objects.get(), start=start)


def at_kiosk(desk: Desk, expected: Appointment, *, javascript: bool) -> Page:
    _row, code = pair_device(name="kiosk", kind=Device.Kind.KIOSK, location=expected.location, by=None)
    page = desk.open(javascript=javascript)
    page.goto("/pair/")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button").first.click()
    page.wait_for_url("**/check-in/kiosk/")
    page.get_by_label("Last name").fill("jensen")
    page.get_by_label("Birth date").fill("06/02/1979")
    page.get_by_role("button", name="I am here").click()
    return page


def test_arrive_and_sign_by_finger(desk: Desk, expected: Appointment) -> None:
    page = at_kiosk(desk, expected, javascript=True)

    for _form in range(2):
        box = page.locator("canvas").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 110, steps=6)
        page.mouse.up()
        before = page.locator("main h1").inner_text()
        page.get_by_role("button", name="Agree and sign").click()
        expect(page.locator("main h1")).not_to_have_text(before)

    expect(page.locator("main h1")).to_contain_text("Thank you, Karl")
    assert Visit.objects.get().status == "arrived"
    assert Document.objects.filter(kind="signature").exists()


def test_arrive_and_sign_by_name_without_javascript(desk: Desk, expected: Appointment) -> None:
    page = at_kiosk(desk, expected, javascript=False)

    for _form in range(2):
        page.get_by_label("Or type your full name").fill("Karl Jensen")
        page.get_by_role("button", name="Agree and sign").click()

    expect(page.locator("main h1")).to_contain_text("Thank you, Karl")
    assert Intake.objects.get().signed_name == "Karl Jensen"
