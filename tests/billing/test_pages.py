"""The biller's pages: every act by a plain form, lists of constant cost, refusals in words with the input kept."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.queries.worklists import WORKLISTS
from billing.services.resend import resend_rejected
from billing.services.submission import submit_ready
from clearinghouse.models import TradingPartner
from clinic import clock
from clinic.models import AuditEvent, ChargeItem, Claim, Coverage, Patient, Practice, User, Visit
from clinic.web.once import new_token
from ledger.models import JournalEntry
from ledger.queries.balances import owed_by_patient
from tests.billing.desk import MORNING, capture, make_claim
from tests.factories.clinic import CoverageFactory, FeeFactory, FeeScheduleFactory, PatientFactory, VisitFactory

pytestmark = pytest.mark.usefixtures("morning", "fees")
Status = Claim.Status


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, name: str, pk: object, **said: Any) -> Any:
    return client.post(reverse(name, args=[pk]), {"once_token": new_token(), **said})


def entry(diagnoses: str, *codes: str, **more: Any) -> dict[str, Any]:
    lines = {f"code_{n}": code for n, code in enumerate(codes, start=1)}
    return {"diagnoses": diagnoses, **lines, **more}


def in_words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_charges_are_entered_with_letters_for_diagnoses(visit: Visit, coverage: Coverage, dee: User) -> None:
    client = signed_in(dee)

    answer = post(
        client, "billing:enter_charges", visit.pk,
        **entry("e11.9, i10", "g0439", "g0101", modifiers_1="25", pointers_1="BA", units_2=2),
    )  # fmt: skip

    assert answer.status_code == 303
    assert [(c.code, c.modifiers, c.units, c.pointers, c.amount) for c in visit.charges.order_by("created_at")] == [
        ("G0439", ["25"], 1, [2, 1], Decimal("150.00")), ("G0101", [], 2, [1], Decimal("160.00")),
    ]  # fmt: skip
    page = in_words(client.get(answer["Location"]))
    assert "2 charges entered." in page
    assert "$310.00" in page


def test_a_refused_line_keeps_what_was_typed_and_writes_nothing(visit: Visit, coverage: Coverage, bill: User) -> None:
    answer = post(signed_in(bill), "billing:enter_charges", visit.pk, **entry("E11.9", "G0439", "G9999"))

    assert answer.status_code == 422
    assert "Line 2: no fee is set for G9999. Enter the charge, or add the fee." in in_words(answer)
    assert 'value="G9999"' in answer.content.decode()
    assert not ChargeItem.objects.exists()
    assert not JournalEntry.objects.exists()


def test_a_double_click_enters_the_charges_once(visit: Visit, coverage: Coverage, bill: User) -> None:
    client = signed_in(bill)
    said = {"once_token": new_token(), **entry("E11.9", "G0439")}
    url = reverse("billing:enter_charges", args=[visit.pk])

    answers = [client.post(url, said).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert visit.charges.count() == 1


def test_the_charge_page_says_what_the_payer_should_allow(visit: Visit, coverage: Coverage, bill: User) -> None:
    contract = FeeScheduleFactory(name="Lakeshore", payer=coverage.payer)
    FeeFactory(schedule=contract, code="G0439", amount=Decimal("112.40"))
    capture(visit, "G0439")

    page = in_words(signed_in(bill).get(reverse("billing:charges", args=[visit.pk])))

    assert "Payer should allow $112.40" in page


def test_a_stale_change_of_a_charge_is_refused(visit: Visit, coverage: Coverage, bill: User) -> None:
    capture(visit, "G0439")
    charge = visit.charges.get()
    client = signed_in(bill)
    said = {"version": 1, "code": "G0439", "units": 2, "pointers": "A", "amount": ""}

    first = post(client, "billing:charge", charge.pk, **said)
    second = post(client, "billing:charge", charge.pk, **said)

    assert (first.status_code, second.status_code) == (303, 409)
    assert visit.charges.get().amount == Decimal("300.00")


def test_charges_closed_on_the_page_become_a_claim_and_the_claim_page_tells_all(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    client = signed_in(bill)
    Visit.objects.filter(pk=visit.pk).update(status=Visit.Status.CHECKED_OUT)
    post(client, "billing:enter_charges", visit.pk, **entry("E11.9", "G0439"))
    post(client, "billing:close_charges", visit.pk)

    made = post(client, "billing:make_claim", visit.pk)
    sent = post(client, "billing:send_claim", Claim.objects.get().pk)

    page = in_words(client.get(sent["Location"]))
    assert made.status_code == sent.status_code == 303
    for words in (
        "C26001",
        "Payer still owes $150.00",
        "Patient owes $0.00",
        "Sending 1",
        "file 000000001",
        "Bill Ortiz",
    ):
        assert words in page
    assert AuditEvent.objects.filter(act="patient.viewed", actor_id=bill.pk, why="claim").exists()


def test_the_sending_shows_only_this_claims_segments(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    other = PatientFactory(last_name="Secret")
    CoverageFactory(patient=other, payer=coverage.payer)
    make_claim(VisitFactory(patient=other, provider=visit.provider), "G0101")
    submit_ready()

    page = signed_in(bill).get(reverse("billing:sending", args=[claim.submissions.get().pk])).content.decode()  # type: ignore[attr-defined]

    assert "CLM*C26001*150" in page
    assert "G0101" not in page
    assert "SECRET" not in page.upper()


def test_findings_say_what_to_do_and_a_mended_record_is_checked_again(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    Practice.objects.update(zip_code="60613")
    claim = make_claim(visit, "G0439")
    client = signed_in(bill)
    page = in_words(client.get(reverse("billing:claim", args=[claim.pk])))
    assert "The practice's ZIP needs nine digits (ZIP+4)" in page.replace("&#x27;", "'")

    Practice.objects.update(zip_code="606130001")
    post(client, "billing:check_claim", claim.pk)

    claim.refresh_from_db()
    assert claim.status == Status.READY


def test_hold_release_and_void_by_form(visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User) -> None:
    claim = make_claim(visit, "G0439")
    client = signed_in(bill)

    assert post(client, "billing:hold_claim", claim.pk, reason="").status_code == 422
    post(client, "billing:hold_claim", claim.pk, reason="ask Dr. Dee")
    claim.refresh_from_db()
    assert (claim.status, claim.hold_reason) == (Status.HELD, "ask Dr. Dee")

    post(client, "billing:release_claim", claim.pk)
    post(client, "billing:void_claim", claim.pk, reason="wrong visit")
    claim.refresh_from_db()
    assert claim.status == Status.VOIDED


def test_a_visit_that_nobody_covers_is_billed_to_the_patient_by_a_person(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    client = signed_in(bill)

    assert post(client, "billing:uninsured", claim.pk, reason="").status_code == 422
    post(client, "billing:uninsured", claim.pk, reason="the payer knows no such member; no other cover")

    claim.refresh_from_db()
    visit.refresh_from_db()
    assert (claim.status, visit.is_self_pay) == (Status.VOIDED, True)
    assert owed_by_patient(visit=visit) == claim.total


def test_a_medicaid_patient_is_never_billed_as_uninsured(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    claim.payer.is_medicaid = True
    claim.payer.save()

    refused = post(signed_in(bill), "billing:uninsured", claim.pk, reason="not found")

    visit.refresh_from_db()
    assert (refused.status_code, visit.is_self_pay) == (422, False)
    assert owed_by_patient(visit=visit) == 0


def test_an_edit_by_two_people_is_refused_for_the_second(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    client = signed_in(bill)
    said = {"place_of_service": "22", "clia_number": claim.clia_number, "version": 1}

    first = post(client, "billing:edit_claim", claim.pk, **said)
    second = post(client, "billing:edit_claim", claim.pk, **{**said, "place_of_service": "23"})

    claim.refresh_from_db()
    assert (first.status_code, second.status_code, claim.place_of_service) == (303, 409, "22")
    assert "Stands there now You typed Place of service 22 23" in in_words(second)


def test_the_second_of_two_editors_sends_his_input_again_over_what_he_saw(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    client = signed_in(bill)
    said = {"place_of_service": "22", "clia_number": claim.clia_number, "version": 1}
    post(client, "billing:edit_claim", claim.pk, **said)
    refused = post(client, "billing:edit_claim", claim.pk, **{**said, "place_of_service": "23"})
    seen = refused.context["form"]["version"].value()

    again = post(client, "billing:edit_claim", claim.pk, **{**said, "place_of_service": "23", "version": seen})

    claim.refresh_from_db()
    assert (again.status_code, claim.place_of_service) == (303, "23")


def test_the_second_to_change_a_charge_sees_what_the_first_wrote_and_keeps_his_input(
    visit: Visit, coverage: Coverage, bill: User
) -> None:
    charge = capture(visit, "G0439").charges.get()
    client = signed_in(bill)
    said = {"code": "G0439", "units": 1, "amount": "150.00", "pointers": "A", "version": charge.version}
    post(client, "billing:charge", charge.pk, **{**said, "amount": "140.00"})

    refused = post(client, "billing:charge", charge.pk, **{**said, "amount": "130.00"})
    seen = refused.context["form"]["version"].value()
    again = post(client, "billing:charge", charge.pk, **{**said, "amount": "130.00", "version": seen})

    charge.refresh_from_db()
    assert refused.status_code == 409
    assert "Stands there now You typed Charge 140.00 130.00" in in_words(refused)
    assert (again.status_code, charge.amount) == (303, Decimal("130.00"))


def test_a_line_without_its_code_is_not_passed_over(visit: Visit, coverage: Coverage, dee: User) -> None:
    answer = post(
        signed_in(dee), "billing:enter_charges", visit.pk, **entry("E11.9", "G0439", amount_2="45.00", units_2=2)
    )

    assert answer.status_code == 422
    assert "Line 2 has no code." in in_words(answer)
    assert 'value="45.00"' in answer.content.decode()
    assert not visit.charges.exists()


def test_a_rejected_claim_is_corrected_and_sent_again_on_its_page(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    submit_ready()
    claim.refresh_from_db()
    claim.move_to(Status.REJECTED, by=None, reason="member id")
    client = signed_in(bill)

    unchanged = post(client, "billing:resend_claim", claim.pk, reason="again")
    Patient.objects.filter(pk=claim.patient_id).update(last_name="Jenssen")
    page = in_words(client.get(reverse("billing:resend_claim", args=[claim.pk])))
    corrected = post(client, "billing:resend_claim", claim.pk, reason="name from the card")

    claim.refresh_from_db()
    assert (unchanged.status_code, corrected.status_code) == (422, 303)
    assert "Jenssen" in page
    assert claim.status == Status.READY


def test_front_desk_sees_no_claim_and_a_clinician_sends_none(
    visit: Visit, coverage: Coverage, partner: TradingPartner, fran: User, dee: User
) -> None:
    claim = make_claim(visit, "G0439")

    assert signed_in(fran).get(reverse("billing:claim", args=[claim.pk])).status_code == 403
    assert signed_in(dee).get(reverse("billing:claim", args=[claim.pk])).status_code == 200
    assert post(signed_in(dee), "billing:send_claim", claim.pk).status_code == 403
    claim.refresh_from_db()
    assert claim.status == Status.READY


def test_the_patients_page_has_the_claims(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    make_claim(visit, "G0439")

    page = in_words(signed_in(bill).get(reverse("clinic:patient", args=[visit.patient_id])))

    assert "C26001" in page


def _fill(visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User, count: int) -> None:
    """`count` rows on every worklist."""
    for _ in range(count):
        people = []
        for _each in range(7):
            person = PatientFactory()
            CoverageFactory(patient=person, payer=coverage.payer)
            people.append(VisitFactory(patient=person, provider=visit.provider, checked_out_at=MORNING))
        unbilled, correct, rejected, late, held, ready, sent = people
        capture(unbilled, "G0439")
        Visit.objects.filter(pk=unbilled.pk).update(status=Visit.Status.CHECKED_OUT)
        make_claim(correct, "G0439", diagnoses=())
        submitted_at = {"status": Status.SUBMITTED, "submitted_at": MORNING}
        for one, changes in (
            (rejected, {"status": Status.REJECTED}), (held, {"status": Status.HELD, "hold_reason": "asked"}),
            (late, {**submitted_at, "submitted_at": MORNING - timedelta(days=40)}), (sent, submitted_at), (ready, {}),
        ):  # fmt: skip
            claim = make_claim(one, "G0439")
            Claim.objects.filter(pk=claim.pk).update(**(changes or {"status": Status.READY}))


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_every_list_costs_the_same_with_one_row_and_with_three(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    client = signed_in(bill)
    urls = [reverse("billing:worklist", args=[each.name]) for each in WORKLISTS]
    urls += [reverse("billing:worklists"), reverse("billing:home_panel")]
    _fill(visit, coverage, partner, bill, 1)
    for url in urls:
        client.get(url)
    one = {url: _queries(client, url) for url in urls}

    _fill(visit, coverage, partner, bill, 2)
    three = {url: _queries(client, url) for url in urls}

    assert three == one
    assert max(three.values()) <= 14
    for each in WORKLISTS:
        rows = client.get(reverse("billing:worklist", args=[each.name])).context["rows"]
        assert len(rows) == 3, each.name


def test_a_claim_page_costs_the_same_with_one_line_and_with_three(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    client = signed_in(bill)
    small = make_claim(visit, "G0439")
    other = VisitFactory(patient=visit.patient, provider=visit.provider)
    large = make_claim(other, "G0101", "G0328", "Q0091")
    urls = [reverse("billing:claim", args=[c.pk]) for c in (small, large)]
    for url in urls:
        client.get(url)

    assert _queries(client, urls[1]) == _queries(client, urls[0])


def test_an_empty_worklist_says_so(bill: User) -> None:
    page = in_words(signed_in(bill).get(reverse("billing:worklist", args=["rejected"])))

    assert "No claim was refused before adjudication." in page


def test_an_overdue_claim_stands_on_no_answer_yet(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    submit_ready()
    client = signed_in(bill)
    url = reverse("billing:worklist", args=["no-answer"])
    assert claim.number not in in_words(client.get(url))

    with clock.at(MORNING + timedelta(days=22)):
        client = signed_in(bill)
        assert claim.number in in_words(client.get(url))


def test_resent_claims_leave_the_rejected_list(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    submit_ready()
    claim.refresh_from_db()
    claim.move_to(Status.REJECTED, by=None, reason="x")

    resend_rejected(claim=claim, by=bill, reason="they asked", unchanged=True)

    page = signed_in(bill).get(reverse("billing:worklist", args=["rejected"]))
    assert list(page.context["rows"]) == []
