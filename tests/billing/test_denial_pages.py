"""The denial worklist and the page of one denial: every act by a plain form, of constant cost, 409 with what differs."""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Correction, Denial, WriteOffRequest
from billing.services.denials import note_step, wait_for_payer, wake_waiting
from clinic import clock
from clinic.models import AuditEvent, Claim, Coverage, Hold, User, Visit
from clinic.web.once import new_token
from ledger.models import OpenItem
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from ledger.services.recoupments import accept_recoupment
from tests.billing.denial_desk import sent
from tests.billing.desk import make_claim, make_route, secondary_of
from tests.billing.payer_desk import advice, pay, take
from tests.billing.payer_desk import post as post_checks
from tests.factories.clinic import CoverageFactory, PatientFactory, PayerFactory, UserFactory, VisitFactory

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")
Status = Denial.Status


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, name: str, *args: object, **said: Any) -> Any:
    return client.post(reverse(name, args=args), {"once_token": new_token(), **said})


def in_words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("&#x27;", "'")


def denied(visit: Visit, why: str = "CO-16 150", remarks: tuple[str, ...] = (), *, number: str = "ICN1") -> Denial:
    """A claim over 150.00 that its payer has denied."""
    claim = make_claim(visit, "G0439")
    claim.move_to(Claim.Status.SUBMITTED, by=None)
    pay(claim, ("0", why), check=f"E{claim.number}", remarks=remarks, number=number)
    return Denial.objects.get(claim=claim)


@pytest.fixture
def denial(visit: Visit, coverage: Coverage) -> Denial:
    return denied(visit)


def another(coverage: Coverage, visit: Visit, why: str = "CO-197 150") -> Denial:
    person = PatientFactory()
    CoverageFactory(patient=person, payer=coverage.payer)
    return denied(VisitFactory(patient=person, provider=visit.provider), why)


# --- the list


def test_the_list_has_code_and_words_dollars_days_and_the_next_step(denial: Denial, bill: User) -> None:
    page = in_words(signed_in(bill).get(reverse("billing:denials")))

    for words in ("CO-16", "$150.00", "Correct and resubmit", "Unassigned", "1 denied line", "Missing information 1"):
        assert words in page
    assert AuditEvent.objects.filter(act="patient.viewed", why="denials: all open").exists()


def test_the_nearest_deadline_stands_first(denial: Denial, coverage: Coverage, visit: Visit, bill: User) -> None:
    near = another(coverage, visit)
    Denial.objects.filter(pk=near.pk).update(deadline_on=clock.today() + timedelta(days=2))

    answer = signed_in(bill).get(reverse("billing:denials"))

    assert [row.pk for row in answer.context["rows"]] == [near.pk, denial.pk]
    assert "2 days" in in_words(answer)


@pytest.mark.parametrize(
    ("view", "expected"),
    [("open", {"a", "b"}), ("mine", {"b"}), ("due", {"a"}), ("unassigned", {"a"}), ("waiting", {"c"}), ("recovered", {"d"})],
)  # fmt: skip
def test_each_saved_view_shows_its_own(
    denial: Denial, coverage: Coverage, visit: Visit, bill: User, view: str, expected: set[str]
) -> None:
    mine, waits, won = (another(coverage, visit) for _ in range(3))
    Denial.objects.filter(pk=denial.pk).update(deadline_on=clock.today() + timedelta(days=7))
    Denial.objects.filter(pk=mine.pk).update(assigned_to=bill)
    wait_for_payer(denial=waits, by=bill, note="records sent")
    pay(won.claim, ("110", "CO-45 40"), check="LATER", number="ICN2")
    names = {denial.pk: "a", mine.pk: "b", waits.pk: "c", won.pk: "d"}

    rows = signed_in(bill).get(reverse("billing:denials"), {"view": view}).context["rows"]

    assert {names[row.pk] for row in rows} == expected


def test_filters_by_payer_reason_person_and_amount(
    denial: Denial, coverage: Coverage, visit: Visit, bill: User
) -> None:
    other = another(coverage, visit)
    Denial.objects.filter(pk=other.pk).update(assigned_to=bill)
    client, url = signed_in(bill), reverse("billing:denials")

    def shown(**asked: object) -> list[object]:
        return [row.pk for row in client.get(url, asked).context["rows"]]

    assert shown(category="Prior authorization") == [other.pk]
    assert shown(assigned_to=bill.pk) == [other.pk]
    assert len(shown(payer=coverage.payer_id)) == 2
    assert shown(least="500") == []


def test_the_list_costs_the_same_with_one_row_and_with_three(
    denial: Denial, coverage: Coverage, visit: Visit, bill: User
) -> None:
    client, url = signed_in(bill), reverse("billing:denials")
    client.get(url)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    one = cost()
    for _ in range(2):
        another(coverage, visit)

    assert cost() == one
    assert one <= 16


def test_many_are_assigned_at_once(denial: Denial, coverage: Coverage, visit: Visit, bill: User, mona: User) -> None:
    other = another(coverage, visit)

    answer = post(signed_in(mona), "billing:assign_denials", denial=[denial.pk, other.pk], to=bill.pk)

    assert answer.status_code == 303
    assert set(Denial.objects.values_list("assigned_to", flat=True)) == {bill.pk}


def test_assigning_nothing_says_so(denial: Denial, bill: User) -> None:
    answer = post(signed_in(bill), "billing:assign_denials", to=bill.pk)

    assert answer.status_code == 422
    assert "Select at least one denial" in in_words(answer)


def test_start_working_opens_ones_own_before_what_nobody_has(
    denial: Denial, coverage: Coverage, visit: Visit, bill: User
) -> None:
    own = another(coverage, visit)
    Denial.objects.filter(pk=own.pk).update(assigned_to=bill, deadline_on=clock.today() + timedelta(days=300))

    answer = signed_in(bill).get(reverse("billing:denials_start"))

    assert answer["Location"] == reverse("billing:denial", args=[own.pk])


# --- one denial


def test_the_page_says_why_in_words_and_what_the_worker_found(visit: Visit, coverage: Coverage, bill: User) -> None:
    denial = denied(visit, "CO-16 150", ("N290",))
    Correction.objects.create(
        claim=denial.claim, denial=denial, outcome="left", rule="element on file", by_worker=True,
        sentence="No value for rendering npi is on file that the claim did not carry.",
    )  # fmt: skip

    page = in_words(signed_in(bill).get(reverse("billing:denial", args=[denial.pk])))

    for words in (
        "CO-16:", "N290", "Missing or wrong:", "Payer still owes $150.00", "Element on file.", "the worker",
        "as a replacement (7) of", "claim ICN1",
    ):  # fmt: skip
        assert words.lower() in page.lower(), words


def test_a_corrected_claim_is_shown_before_it_is_sent(denial: Denial, bill: User) -> None:
    claim = denial.claim
    client = signed_in(bill)
    said = typed(claim, prior_authorization_number="AUTH7", reason="authorization added")

    shown = post(client, "billing:correct", claim.pk, **said)

    assert shown.status_code == 200
    assert "Authorization – AUTH7" in in_words(shown)
    assert "as a replacement (7) of" in in_words(shown)
    assert Claim.objects.count() == 1

    sent = post(client, "billing:correct", claim.pk, send="1", **said)

    made = Claim.objects.get(replaces=claim)
    assert sent.status_code == 303
    assert (made.frequency, made.original_reference, made.prior_authorization_number) == ("7", "ICN1", "AUTH7")
    assert Denial.objects.get().status == Status.WAITING


def typed(claim: Claim, **changes: Any) -> dict[str, Any]:
    """The correction form as it stands in the browser."""
    line = claim.lines.get()
    return {
        "version": claim.version, "rendering_provider": claim.rendering_provider_id, "referring_provider": "",
        "place_of_service": claim.place_of_service, "clia_number": claim.clia_number, "prior_authorization_number": "",
        "diagnosis_codes": " ".join(claim.diagnosis_codes), "code_1": line.code, "modifiers_1": "", "units_1": line.units,
        "pointers_1": "A", "amount_1": line.amount, "ndc_1": "", "reason": "", **changes,
    }  # fmt: skip


def test_an_unchanged_correction_is_refused_with_what_was_typed(denial: Denial, bill: User) -> None:
    answer = post(signed_in(bill), "billing:correct", denial.claim_id, **typed(denial.claim, reason="try again"))

    assert answer.status_code == 422
    assert "Nothing differs from the claim that was denied." in in_words(answer)
    assert 'value="try again"' in answer.content.decode()


def test_a_changed_line_is_sent_and_the_difference_shows_it(denial: Denial, bill: User) -> None:
    said = typed(denial.claim, modifiers_1="25", units_1="1", reason="modifier added")

    post(signed_in(bill), "billing:correct", denial.claim_id, send="1", **said)

    assert Claim.objects.get(replaces=denial.claim).lines.get().modifiers == ["25"]
    assert list(Correction.objects.get().diff) == ["Line 1"]


def test_a_stale_correction_is_a_409_with_what_differs(denial: Denial, bill: User) -> None:
    claim = denial.claim
    said = typed(claim, prior_authorization_number="AUTH7", reason="authorization added")
    Claim.objects.filter(pk=claim.pk).update(version=claim.version + 1, prior_authorization_number="OTHER9")

    answer = post(signed_in(bill), "billing:correct", claim.pk, send="1", **said)

    assert answer.status_code == 409
    page = in_words(answer)
    assert "This claim has changed since you opened it." in page
    assert "Authorization OTHER9 AUTH7" in page
    assert f'name="version" value="{claim.version + 1}"' in answer.content.decode()


def test_without_the_payers_number_no_replacement_until_it_is_entered(
    visit: Visit, coverage: Coverage, bill: User
) -> None:
    denial = denied(visit, number="")
    client = signed_in(bill)
    refused = post(
        client, "billing:correct", denial.claim_id, **typed(denial.claim, clia_number="14D0000009", reason="x")
    )

    entered = post(client, "billing:payer_number", denial.claim_id, version=denial.claim.version, number="icn77")

    assert refused.status_code == 422
    assert "none is on file. Enter it first." in in_words(refused)
    assert entered.status_code == 303
    assert Claim.objects.get().payer_claim_number == "ICN77"


def test_another_payer_is_billed_and_nothing_stays_at_the_first(
    denial: Denial, coverage: Coverage, visit: Visit, partner: Any, bill: User
) -> None:
    payer = PayerFactory()
    make_route(payer, partner)
    second = secondary_of(coverage, payer)
    client = signed_in(bill)

    answer = post(client, "billing:other_payer", denial.claim_id, coverage=second.pk, reason="the card shows it")

    made = Claim.objects.get(payer=payer)
    denial.refresh_from_db()
    assert answer["Location"] == reverse("billing:claim", args=[made.pk])
    assert (made.frequency, made.original_reference, denial.status) == ("1", "", Status.TO_PAYER)
    assert owed_by_coverage(charge=denial.charge, coverage=coverage) == Decimal("0.00")
    assert owed_by_coverage(charge=denial.charge, coverage=second) == Decimal("150.00")


def test_bill_the_patient_only_what_the_payer_named_theirs(visit: Visit, coverage: Coverage, bill: User) -> None:
    denial = denied(visit, "PR-204 150")

    post(signed_in(bill), "billing:denial_patient", denial.pk, reason="not in the plan")

    denial.refresh_from_db()
    assert denial.status == Status.TO_PATIENT
    assert owed_by_patient(visit=visit) == Decimal("150.00")


def test_a_contract_denial_is_never_the_patients(denial: Denial, bill: User, visit: Visit) -> None:
    answer = post(signed_in(bill), "billing:denial_patient", denial.pk, reason="they can pay")

    assert answer.status_code == 422
    assert "CO-16 is not the patient's to pay." in in_words(answer)
    assert owed_by_patient(visit=visit) == Decimal("0.00")


def test_an_appeal_holds_the_account_and_is_recorded(denial: Denial, bill: User) -> None:
    post(signed_in(bill), "billing:denial_appeal", denial.pk, note="Notes sent by fax, page 1 to 4")

    denial.refresh_from_db()
    assert denial.status == Status.APPEALED
    assert Hold.objects.open().get().reason == Hold.Reason.APPEAL


def test_a_lost_appeal_is_work_again_and_frees_the_account(denial: Denial, bill: User) -> None:
    client = signed_in(bill)
    post(client, "billing:denial_appeal", denial.pk, note="Notes sent by fax")
    page = in_words(client.get(reverse("billing:denial", args=[denial.pk])))

    post(client, "billing:denial_appeal_lost", denial.pk, reason="Letter of today: upheld")

    denial.refresh_from_db()
    assert "Step Decision of the appeal" in page
    assert "Record an appeal" not in page
    assert (denial.status, denial.claim.status) == (Status.OPEN, Claim.Status.DENIED)
    assert denial.due_on >= clock.today()
    assert denial.deadline_on >= clock.today() + timedelta(days=denial.payer.appeal_days)
    assert not Hold.objects.open().exists()
    assert post(client, "billing:denial_appeal_lost", denial.pk, reason="again").status_code == 422
    assert post(client, "billing:denial_appeal", denial.pk, note="second level").status_code == 303


def test_an_appeal_that_the_next_835_turns_down_is_work_again(denial: Denial, bill: User) -> None:
    post(signed_in(bill), "billing:denial_appeal", denial.pk, note="Notes sent by fax")

    pay(denial.claim, ("0", "CO-50 150"), check="EFT2", number=denial.claim.payer_claim_number)

    denial.refresh_from_db()
    assert (denial.status, denial.reason_code) == (Status.OPEN, "50")
    assert not Hold.objects.open().exists()


def test_records_that_were_sent_leave_the_list_and_come_back_when_no_answer_came(denial: Denial, bill: User) -> None:
    client = signed_in(bill)
    until = clock.today() + timedelta(days=20)
    said = {"note": "Chart notes, by the payer's portal", "until": until.isoformat()}

    assert post(client, "billing:denial_records", denial.pk, **{**said, "until": "2020-01-01"}).status_code == 422
    post(client, "billing:denial_records", denial.pk, **said)
    waiting = in_words(client.get(reverse("billing:denials") + "?view=waiting"))
    with clock.at(clock.at_local(until + timedelta(days=1), time(8))):
        wake_waiting()

    denial.refresh_from_db()
    assert "Payer's answer" in waiting
    assert post(client, "billing:denial_records", denial.pk, **said).status_code == 303
    assert denial.status == Status.OPEN


def test_the_list_shows_by_when_the_next_step_is_due_and_that_it_is_late(denial: Denial, bill: User) -> None:
    client = signed_in(bill)
    in_time = in_words(client.get(reverse("billing:denials")))

    Denial.objects.filter(pk=denial.pk).update(due_on=clock.today() - timedelta(days=1))

    late = in_words(client.get(reverse("billing:denials")))
    assert f"by {denial.due_on:%m/%d}" in in_time
    assert "was due" in late


def test_a_step_noted_by_two_people_is_a_409_with_both_notes(denial: Denial, bill: User, mona: User) -> None:
    client = signed_in(bill)
    due = clock.today() + timedelta(days=3)
    note_step(denial=denial, step="find_out", due_on=due, note="called, ref 17", version=1, by=mona)

    answer = post(
        client, "billing:denial_step", denial.pk, version=1, step="appeal", due_on=due.isoformat(), note="will appeal"
    )

    assert answer.status_code == 409
    page = in_words(answer)
    assert "What you found out called, ref 17 will appeal" in page
    again = post(
        client, "billing:denial_step", denial.pk, version=2, step="appeal", due_on=due.isoformat(), note="will appeal"
    )
    assert again.status_code == 303


def test_a_write_off_is_asked_by_one_and_approved_by_another(denial: Denial, bill: User, mona: User) -> None:
    post(signed_in(bill), "billing:denial_write_off", denial.pk, reason="Too small to appeal")
    asked = WriteOffRequest.objects.get()
    assert "Too small to appeal" in in_words(signed_in(mona).get(reverse("billing:denial", args=[denial.pk])))
    assert Denial.objects.get().status == Status.OPEN

    answer = post(signed_in(mona), "billing:approve_write_off", asked.pk)

    denial.refresh_from_db()
    assert answer.status_code == 303
    assert denial.status == Status.WRITTEN_OFF
    assert owed_by_coverage(charge=denial.charge, coverage=denial.claim.coverage) == Decimal("0.00")


def test_an_approved_write_off_never_takes_more_than_was_asked(
    visit: Visit, coverage: Coverage, bill: User, mona: User
) -> None:
    claim = make_claim(visit, "G0439").move_to(Claim.Status.SUBMITTED, by=None)
    pay(claim, ("60", "CO-45 40, CO-151 50"))
    post(signed_in(bill), "billing:denial_write_off", Denial.objects.get().pk, reason="Too small to appeal")
    take_back = advice([], payer_id=claim.payer.payer_id, check="E2", plb="WO OLD 60, L6 INT -60")
    post_checks(take(take_back))
    item = OpenItem.objects.get(account="RECOUP")
    accept_recoupment(item=item, claim_number=claim.number, key="found", by=bill)

    answer = post(signed_in(mona), "billing:approve_write_off", WriteOffRequest.objects.get().pk)

    assert answer.status_code == 422
    assert "$50.00 was asked to be written off, and $110.00 is open now" in in_words(answer)
    assert owed_by_coverage(charge=claim.lines.get().charge, coverage=coverage) == Decimal("110.00")


def test_nobody_approves_the_write_off_that_she_asked_for(denial: Denial, mona: User) -> None:
    client = signed_in(mona)
    post(client, "billing:denial_write_off", denial.pk, reason="given up")

    answer = post(client, "billing:approve_write_off", WriteOffRequest.objects.get().pk)

    assert answer.status_code == 422
    assert Denial.objects.get().status == Status.OPEN
    assert WriteOffRequest.objects.get().status == "open"


def test_a_biller_approves_no_write_off(denial: Denial, bill: User, mona: User) -> None:
    post(signed_in(mona), "billing:denial_write_off", denial.pk, reason="given up")

    answer = post(signed_in(bill), "billing:approve_write_off", WriteOffRequest.objects.get().pk)

    assert answer.status_code == 403


def test_a_refused_write_off_goes_on_as_a_denial(denial: Denial, bill: User, mona: User) -> None:
    post(signed_in(bill), "billing:denial_write_off", denial.pk, reason="given up")

    post(signed_in(mona), "billing:refuse_write_off", WriteOffRequest.objects.get().pk, reason="Appeal it first")

    asked = WriteOffRequest.objects.get()
    assert (asked.status, asked.answer, Denial.objects.get().status) == ("refused", "Appeal it first", Status.OPEN)


def test_a_denial_with_open_dollars_is_not_closed(denial: Denial, bill: User) -> None:
    answer = post(signed_in(bill), "billing:denial_close", denial.pk, reason="done")

    assert answer.status_code == 422
    assert "Dollars are still open on this line" in in_words(answer)


def test_an_adjudicated_claim_is_taken_back_with_an_8(denial: Denial, bill: User) -> None:
    answer = post(signed_in(bill), "billing:void_at_payer", denial.claim_id, reason="wrong patient")

    made = Claim.objects.get(replaces=denial.claim)
    assert answer.status_code == 303
    assert (made.frequency, made.original_reference) == ("8", "ICN1")


def test_before_an_8_goes_the_page_says_what_the_payer_will_take_back(
    visit: Visit, coverage: Coverage, bill: User
) -> None:
    claim = sent(visit)
    pay(claim, ("85", "CO-45 40, PR-3 25"))

    page = in_words(signed_in(bill).get(reverse("billing:void_at_payer", args=[claim.pk])))

    assert "has paid $85.00 on it and will take that back." in page


def test_the_auditor_reads_a_denial_and_is_offered_no_act(denial: Denial, audrey: User) -> None:
    client = signed_in(audrey)

    page = client.get(reverse("billing:denial", args=[denial.pk])).content.decode()

    assert "Correct and resubmit</a>" not in page
    assert "Ask to write it off" not in page
    assert post(client, "billing:denial_close", denial.pk, reason="x").status_code == 403


def test_the_front_desk_sees_no_denial(denial: Denial, fran: User) -> None:
    assert signed_in(fran).get(reverse("billing:denial", args=[denial.pk])).status_code == 403
    assert signed_in(fran).get(reverse("billing:denials")).status_code == 403


def test_the_page_of_a_denial_costs_the_same_with_one_line_and_with_three(
    visit: Visit, coverage: Coverage, bill: User
) -> None:
    small = denied(visit)
    claim = make_claim(VisitFactory(patient=visit.patient, provider=visit.provider), "G0101", "G0328", "Q0091")
    claim.move_to(Claim.Status.SUBMITTED, by=None)
    pay(claim, ("0", "CO-16 80"), ("0", "CO-16 20"), ("0", "CO-16 45"), check="E9")
    large = Denial.objects.filter(claim=claim).first()
    client = signed_in(bill)

    def cost(row: Any) -> int:
        url = reverse("billing:denial", args=[row.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    assert cost(large) == cost(small)


def test_only_billers_are_given_denials(denial: Denial, bill: User) -> None:
    fran = UserFactory(role="front_desk")

    answer = post(signed_in(bill), "billing:assign_denials", denial=denial.pk, to=fran.pk)

    assert answer.status_code == 422
    assert Denial.objects.get().assigned_to is None
