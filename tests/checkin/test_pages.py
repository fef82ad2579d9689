"""The front desk's pages: check-in in one submit, the board, check-out, the kiosk, and who may open them."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkin.models import Intake
from checkin.services.arrival import arrive, check_in
from checkin.services.intake import Confirmed
from clinic import clock
from clinic.models import AuditEvent, Coverage, Device, Document, Location, User, Visit
from clinic.services.clients import pair_device
from clinic.web.middleware import DEVICE_COOKIE
from ledger.models import Payment
from ledger.services.entries import charge as post_charge
from scheduling.models import Appointment
from tests.checkin.conftest import Answered, local
from tests.factories.clinic import ChargeItemFactory, CoverageFactory, PatientFactory, ProviderFactory, VisitFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db
keys = (f"key-{n}" for n in itertools.count())
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def at_desk(client: Client, fran: User) -> Client:
    client.force_login(fran)
    return client


@pytest.fixture
def insured(coverage: Coverage, answered: Answered) -> Coverage:
    answered(coverage)
    return coverage


@pytest.fixture
def here(appointment: Appointment, insured: Coverage, fran: User) -> Visit:
    """Checked in, nothing paid."""
    return check_in(appointment=appointment, confirmed=Confirmed(), key="here", by=fran).visit


def desk_url(appointment: Appointment) -> str:
    return reverse("checkin:desk", args=[appointment.pk])


def send(client: Client, url: str, **said: object):
    return client.post(url, {"once_token": next(keys), **said})


def test_desk_shows_coverage_money_and_the_lines_behind_them(
    at_desk: Client, appointment: Appointment, insured: Coverage, fran: User
):
    earlier = VisitFactory(patient=appointment.patient, provider=appointment.provider)
    post_charge(charge=ChargeItemFactory(visit=earlier, amount=Decimal("84.50")), coverage=None, key="old", by=fran)

    page = at_desk.get(desk_url(appointment)).content.decode()

    assert "Lakeshore PPO is active." in page
    assert "$30.00" in page
    assert "$84.50" in page
    assert ">Charge $114.50</button>" in page
    assert "line 14 of the answer" in page
    assert "G0439" in page
    assert "style=" not in page
    assert "onclick" not in page


def test_check_in_with_cash_leads_to_the_receipt(at_desk: Client, appointment: Appointment, insured: Coverage):
    answer = send(at_desk, desk_url(appointment), amount="30.00", method="cash", photo_id_seen="on")

    visit = Visit.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("checkin:receipt", args=[visit.pk]))
    assert visit.status == "checked_in"
    receipt = at_desk.get(answer["Location"]).content.decode()
    assert "$30.00" in receipt
    assert Payment.objects.get().number in receipt


def test_a_double_click_takes_the_money_once(at_desk: Client, appointment: Appointment, insured: Coverage):
    said = {"amount": "30.00", "method": "cash", "once_token": "same"}

    first, second = at_desk.post(desk_url(appointment), said), at_desk.post(desk_url(appointment), said)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"amount": "", "method": "cash"}, "Enter the amount, or check in without payment."),
        ({"amount": "-5", "method": "cash"}, "must be more than $0.00"),
        ({"amount": "abc", "method": "cash"}, "Enter dollars and cents, for example 25.00."),
        ({"amount": "30.005", "method": "cash"}, "Enter dollars and cents, for example 25.00."),
        ({"amount": "NaN", "method": "cash"}, "Enter dollars and cents, for example 25.00."),
        ({"amount": "25,00", "method": "cash"}, "Enter dollars and cents, for example 25.00."),
        ({"amount": "1e9", "method": "cash"}, "larger than any amount this practice handles"),
        ({"amount": "10000.01", "method": "cash"}, "More than $10,000.00 is not taken at check-in."),
        ({"amount": "30", "method": "card"}, "Enter the reference that the terminal printed."),
        ({"amount": "30", "method": "check"}, "Enter the check number."),
        ({"amount": "30", "method": "file"}, "No card is on file."),
        ({"amount": "30"}, "Choose how it is paid."),
    ],
)
def test_bad_input_is_refused_and_nothing_happens(
    said: dict, complaint: str, at_desk: Client, appointment: Appointment, insured: Coverage
):
    answer = send(at_desk, desk_url(appointment), photo_id_seen="on", **said)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in page
    assert 'name="photo_id_seen" form="checkin" checked' in page
    assert not Visit.objects.exists()
    assert not Payment.objects.exists()


def test_an_amount_is_read_as_people_write_it(at_desk: Client, appointment: Appointment, insured: Coverage):
    send(at_desk, desk_url(appointment), amount="$1,030.00", method="cash")

    assert sum(p.amount for p in Payment.objects.all()) == Decimal("1030.00")


def test_when_nothing_is_due_the_one_button_checks_in(at_desk: Client, appointment: Appointment):
    appointment.patient.is_self_pay = True
    appointment.patient.save()
    page = at_desk.get(desk_url(appointment)).content.decode()

    answer = send(at_desk, desk_url(appointment), nothing_due="1", amount="", method="card")

    assert 'name="nothing_due" value="1"' in page
    assert "Check in without payment" not in page
    assert (answer.status_code, answer["Location"]) == (303, "/check-in/")
    assert Visit.objects.get().status == "checked_in"
    assert not Payment.objects.exists()


def test_check_in_without_payment_goes_to_the_board(at_desk: Client, appointment: Appointment, insured: Coverage):
    answer = send(at_desk, desk_url(appointment), without_payment="1", amount="30.00", method="cash")

    assert answer["Location"] == reverse("checkin:board")
    assert Visit.objects.get().status == "checked_in"
    assert not Payment.objects.exists()


def test_inactive_coverage_is_told_on_the_page_and_overridden_there(
    at_desk: Client, appointment: Appointment, coverage: Coverage, answered: Answered
):
    answered(coverage, "inactive", copay=None)
    page = at_desk.get(desk_url(appointment)).content.decode()

    refused = send(at_desk, desk_url(appointment), without_payment="1")
    done = send(at_desk, desk_url(appointment), without_payment="1", override_reason="New card comes tomorrow")

    assert "how is this visit paid?" in page
    assert refused.status_code == 422
    assert "not active" in refused.content.decode()
    assert done.status_code == 303
    assert Intake.objects.get().override_reason == "New card comes tomorrow"


def test_a_picture_of_the_card_is_kept(at_desk: Client, appointment: Appointment, insured: Coverage):
    image = SimpleUploadedFile("card.png", PNG, "image/png")

    send(at_desk, desk_url(appointment), without_payment="1", card_front=image)

    assert Document.objects.get().kind == "card_front"


def test_a_card_that_is_no_picture_is_refused_with_everything_else(
    at_desk: Client, appointment: Appointment, insured: Coverage
):
    script = SimpleUploadedFile("card.png", b"<html><script>", "image/png")

    answer = send(at_desk, desk_url(appointment), without_payment="1", card_front=script)

    assert answer.status_code == 422
    assert not Visit.objects.exists()


def test_who_is_checked_in_already_is_shown_the_visit(at_desk: Client, here: Visit):
    answer = at_desk.get(reverse("checkin:desk", args=[here.appointment_id]))

    assert answer["Location"] == reverse("checkin:visit", args=[here.pk])


def test_arrive_undo_and_arrive_again(at_desk: Client, appointment: Appointment):
    send(at_desk, reverse("checkin:arrive", args=[appointment.pk]))
    visit = Visit.objects.get()
    nameless = send(at_desk, reverse("checkin:undo", args=[visit.pk]), reason="")
    send(at_desk, reverse("checkin:undo", args=[visit.pk]), reason="Wrong Karl")
    send(at_desk, reverse("checkin:arrive", args=[appointment.pk]))

    assert nameless.status_code == 422
    assert sorted(Visit.objects.values_list("status", flat=True)) == ["arrived", "undone"]


def test_board_moves_a_patient_from_stage_to_stage(at_desk: Client, here: Visit):
    url = reverse("checkin:stage", args=[here.pk])

    for seen, to in (("checked_in", "in_room"), ("in_room", "with_provider"), ("with_provider", "ready_for_checkout")):
        assert at_desk.post(url, {"from": seen, "to": to}).status_code == 303
    again = at_desk.post(url, {"from": "with_provider", "to": "ready_for_checkout"}, headers={"HX-Request": "true"})
    done = send(at_desk, reverse("checkin:departure", args=[here.pk]))

    assert again.status_code == 200
    assert done.status_code == 303
    here.refresh_from_db()
    assert here.status == "checked_out"


def test_board_takes_no_stage_that_the_table_does_not_know(at_desk: Client, here: Visit):
    answer = at_desk.post(reverse("checkin:stage", args=[here.pk]), {"to": "closed"})

    assert answer.status_code == 422
    here.refresh_from_db()
    assert here.status == "checked_in"


def test_the_visits_page_offers_the_next_stage(at_desk: Client, here: Visit):
    url = reverse("checkin:visit", args=[here.pk])
    waiting = at_desk.get(url).content.decode()
    at_desk.post(reverse("checkin:stage", args=[here.pk]), {"from": "checked_in", "to": "in_room"})

    in_room = at_desk.get(url).content.decode()

    assert "Room patient" in waiting
    assert 'name="to" value="with_provider"' in in_room
    assert "Room patient" not in in_room


def test_board_tells_waits_by_amber_and_red(at_desk: Client, here: Visit):
    def tone(minutes: int) -> str:
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            page = at_desk.get(reverse("checkin:board")).content.decode()
        return page.split('class="wt ')[1].split('"')[0]

    assert [tone(5), tone(16), tone(31)] == ["ok", "late", "over"]


def test_an_unchanged_poll_sends_and_notes_nothing(at_desk: Client, here: Visit):
    url = reverse("checkin:board_part")
    first = at_desk.get(url, headers={"HX-Request": "true"})
    seen = first["ETag"].strip('"')
    before = AuditEvent.objects.count()

    unchanged = at_desk.get(url, {"seen": seen}, headers={"HX-Request": "true"})
    not_modified = at_desk.get(url, headers={"If-None-Match": first["ETag"]})
    noted = AuditEvent.objects.count() - before
    at_desk.post(reverse("checkin:stage", args=[here.pk]), {"to": "in_room"})
    changed = at_desk.get(url, {"seen": seen}, headers={"HX-Request": "true"})

    assert (unchanged.status_code, unchanged.content, not_modified.status_code, noted) == (204, b"", 304, 0)
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)


def test_the_wall_board_shows_initials_of_its_own_location_only(here: Visit, appointment: Appointment):
    elsewhere = ProviderFactory()
    stranger = PatientFactory(first_name="Zoe", last_name="Quill")
    AppointmentFactory(patient=stranger, provider=elsewhere, start=local(10))
    client = Client()
    _row, code = pair_device(name="wall", kind=Device.Kind.BOARD, location=appointment.location, by=None)
    client.cookies[DEVICE_COOKIE] = code

    page = client.get(reverse("checkin:board")).content.decode()

    assert "KJ" in page
    assert "Jensen" not in page
    assert "ZQ" not in page
    assert "<button" not in page
    assert client.get(reverse("checkin:visit", args=[here.pk])).status_code in (302, 403)


@pytest.mark.parametrize("name", ["checkin:board", "checkin:home_panel", "scheduling:day"])
def test_lists_ask_the_same_number_of_queries_for_one_row_and_for_three(
    name: str, at_desk: Client, here: Visit, appointment: Appointment, fran: User
):
    AppointmentFactory(provider=appointment.provider, start=local(11))
    url = reverse(name)
    at_desk.get(url)
    counts = []
    for more in (0, 2):
        for n in range(more):
            row = AppointmentFactory(provider=appointment.provider, start=local(10, 15 + 15 * n))
            CoverageFactory(patient=row.patient)
            arrive(appointment=row, by=fran)
            waiting = AppointmentFactory(provider=appointment.provider, start=local(13, 15 * n))
            CoverageFactory(patient=waiting.patient)
        with CaptureQueriesContext(connection) as seen:
            assert at_desk.get(url).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert counts[0] <= 40


def test_the_calendar_says_what_to_fix_before_somebody_comes(
    at_desk: Client, appointment: Appointment, coverage: Coverage, answered: Answered
):
    answered(coverage, "inactive", copay=None)

    page = at_desk.get(reverse("scheduling:day")).content.decode()

    assert "Fix before the patient arrives" in page
    assert "Inactive" in page
    assert 'aria-label="Coverage inactive"' in page


def test_the_calendars_panel_has_the_money_and_the_next_step(
    at_desk: Client, appointment: Appointment, insured: Coverage
):
    page = at_desk.get(reverse("scheduling:appointment", args=[appointment.pk])).content.decode()

    assert "Due at check-in" in page
    assert f'href="{desk_url(appointment)}" data-key="c"' in page


def test_the_patients_page_offers_todays_check_in(at_desk: Client, appointment: Appointment, insured: Coverage):
    page = at_desk.get(reverse("clinic:patient", args=[appointment.patient_id])).content.decode()

    assert f'href="{desk_url(appointment)}" data-key="c"' in page


@pytest.fixture
def kiosk(location: Location) -> Client:
    client = Client()
    _row, code = pair_device(name="kiosk", kind=Device.Kind.KIOSK, location=location, by=None)
    client.cookies[DEVICE_COOKIE] = code
    return client


def test_a_patient_arrives_and_signs_at_the_kiosk(kiosk: Client, appointment: Appointment, insured: Coverage):
    found = send(kiosk, reverse("checkin:kiosk"), last_name="jensen", birth_date="06/02/1979")
    sign = found["Location"]
    first = kiosk.get(sign).content.decode()
    send(kiosk, sign, form="privacy_notice", go="next", sig="M10.0,10.0L20.5,30.2")
    send(kiosk, sign, form="financial_policy", go="next", typed="Karl Jensen")
    done = kiosk.get(sign).content.decode()

    assert Visit.objects.get().status == "arrived"
    assert "Karl, please read and sign our notice of privacy practices" in first
    assert "Jensen" not in first
    assert "Thank you, Karl." in done
    assert Intake.objects.get().signed_forms == ["financial_policy", "privacy_notice"]
    assert Document.objects.get(kind="signature").media_type == "image/svg+xml"


@pytest.mark.parametrize(
    ("name", "born"), [("Jensen", "06/03/1979"), ("Jansen", "06/02/1979"), ("%", "06/02/1979"), ("", "06/02/1979")]
)
def test_the_kiosk_tells_a_stranger_nothing(name: str, born: str, kiosk: Client, appointment: Appointment):
    answer = send(kiosk, reverse("checkin:kiosk"), last_name=name, birth_date=born)

    assert answer.status_code == 422
    assert "Karl" not in answer.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize("strokes", ['M1.0,1.0"/><script>', "L1.0,1.0", "M1.0,1.0" * 5000])
def test_a_drawing_that_is_none_is_refused(strokes: str, kiosk: Client, appointment: Appointment, fran: User):
    visit = arrive(appointment=appointment, by=fran)

    answer = send(kiosk, reverse("checkin:kiosk_sign", args=[visit.pk]), form="privacy_notice", go="next", sig=strokes)

    assert answer.status_code == 422
    assert not Document.objects.exists()


# Written by hand from the roles' work, not from the table that the code asks.
DESK = {"fran", "lena", "mona"}
READERS = {"fran", "lena", "dee", "bill", "cora", "mona", "audrey"}
MAY_VISIT = {
    "checkin:visit": READERS,
    "checkin:receipt": {"fran", "lena", "bill", "cora", "mona", "audrey"},
    "checkin:departure": DESK,
    "checkin:left": DESK,
}
MAY_APPOINTMENT = {
    "checkin:due_part": DESK,
    "checkin:appointment_panel": READERS,
    "checkin:appointment_act": READERS,
}
MAY = {
    "checkin:board": DESK | {"dee"},
    "checkin:board_part": DESK | {"dee"},
    "checkin:home_panel": DESK | {"dee"},
    "checkin:kiosk": DESK,
}
EVERYBODY = ("fran", "lena", "dee", "bill", "cora", "mona", "adam", "audrey")


@pytest.mark.parametrize("name", [*MAY, *MAY_VISIT, *MAY_APPOINTMENT])
@pytest.mark.parametrize("who", EVERYBODY)
def test_each_page_opens_for_its_roles_only(
    name: str, who: str, client: Client, request: pytest.FixtureRequest, here: Visit
):
    client.force_login(request.getfixturevalue(who))
    args = [here.pk] if name in MAY_VISIT else [here.appointment_id] if name in MAY_APPOINTMENT else []

    answer = client.get(reverse(name, args=args))

    assert answer.status_code == (200 if who in {**MAY, **MAY_VISIT, **MAY_APPOINTMENT}[name] else 403)


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_the_desk_checks_in(
    who: str, client: Client, request: pytest.FixtureRequest, appointment: Appointment, insured: Coverage
):
    client.force_login(request.getfixturevalue(who))

    page = client.get(desk_url(appointment))
    send(client, desk_url(appointment), without_payment="1")

    assert page.status_code == (200 if who in DESK else 403)
    assert Visit.objects.exists() == (who in DESK)


def test_the_previous_balance_at_the_desk_is_the_guarantors(
    at_desk: Client, appointment: Appointment, insured: Coverage, fran: User
):
    """The child owes nothing; the mother's account, which answers for the child, owes for herself."""
    mother = PatientFactory(first_name="Maria")
    earlier = VisitFactory(patient=mother, provider=appointment.provider)
    post_charge(charge=ChargeItemFactory(visit=earlier, amount=Decimal("84.50")), coverage=None, key="old", by=fran)
    child = appointment.patient
    at_desk.post(
        reverse("clinic:patient_edit", args=[child.pk]),
        {
            "first_name": child.first_name, "last_name": child.last_name, "birth_date": "04/11/2020", "sex": "M",
            "seen_version": child.version, "guarantor": "on_file", "guarantor_relationship": "19",
            "guarantor_search": mother.guarantor.last_name,
        },
    )  # fmt: skip

    page = at_desk.get(desk_url(appointment)).content.decode()
    send(at_desk, desk_url(appointment), amount="114.50", method="cash")

    assert ">Charge $114.50</button>" in page
    assert Visit.objects.get(patient=child).guarantor == mother.guarantor
    assert {p.guarantor for p in Payment.objects.all()} == {mother.guarantor}


@pytest.mark.parametrize(
    ("stage", "word"),
    [("in_room", "In room"), ("with_provider", "With provider"), ("ready_for_checkout", "Ready for check-out")],
)
def test_the_calendars_panel_says_at_which_stage_the_visit_is(
    stage: str, word: str, at_desk: Client, appointment: Appointment, here: Visit
):
    Visit.objects.filter(pk=here.pk).update(status=stage)

    panel = at_desk.get(reverse("scheduling:appointment", args=[appointment.pk])).content.decode()
    head = panel[panel.index('<div class="panel"') : panel.index("<h2")]

    assert word in head
    assert "Arrived" not in head


def test_the_calendars_panel_says_booked_again_when_the_arrival_was_undone(
    at_desk: Client, appointment: Appointment, fran: User
):
    visit = arrive(appointment=appointment, by=fran)
    send(at_desk, reverse("checkin:undo", args=[visit.pk]), reason="Wrong person")

    panel = at_desk.get(reverse("scheduling:appointment", args=[appointment.pk])).content.decode()
    head = panel[panel.index('<div class="panel"') : panel.index("<h2")]

    assert Visit.objects.get(pk=visit.pk).status == Visit.Status.UNDONE
    assert "Booked" in head


@pytest.mark.parametrize(
    ("typed", "method", "says"),
    [
        ("30", "card", "Charge $30.00"),
        ("$1,030.5", "cash", "Record cash $1,030.50"),
        ("-5", "check", "Record check"),
        ("lots", "card", "Charge"),
    ],
)
def test_the_button_of_a_refused_page_says_the_amount_in_the_field(
    typed: str, method: str, says: str, at_desk: Client, appointment: Appointment, insured: Coverage
):
    answer = send(at_desk, desk_url(appointment), amount=typed, method=method, signed_name="x" * 121)

    assert answer.status_code == 422
    assert f'name="amount" inputmode="decimal" autocomplete="off" value="{typed}"' in answer.content.decode()
    assert f"data-charge>{says}</button>" in answer.content.decode()
