"""The pages of collections: what they show, who may act, what bad input gets, how many queries a list takes."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.errors import ClinicError
from clinic.models import AuditEvent, Hold, OnceToken, User
from clinic.services.holds import place_hold
from collections_app.models import CollectionCase, Installment, LockboxItem, PaymentPlan, Statement
from collections_app.services import lockbox
from collections_app.services.aging import age_receivables
from collections_app.services.cases import advance_cases
from collections_app.services.installments import miss_installment
from collections_app.services.nightly import issue_due
from collections_app.services.payment_plans import open_plan
from collections_app.services.referrals import approve_referral, request_referral
from collections_app.services.statements import issue_statement
from ledger.accounts import Account
from ledger.models import CardToken, Payment
from ledger.queries.balances import payer_balance
from tests.collections.conftest import START, after, another
from tests.factories.ledger import PatientAccount, at

D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_books")]


def once() -> dict[str, str]:
    return {"once_token": str(uuid.uuid4())}


def url(name: str, *args: Any) -> str:
    return reverse(f"collections:{name}", args=args)


@pytest.fixture
def owing(acct: PatientAccount) -> PatientAccount:
    acct.owed("200.00")
    acct.owed("100.00")
    return acct


@pytest.fixture
def collector(client: Client, cora: User) -> Client:
    client.force_login(cora)
    return client


def steps(*days: int) -> None:
    for n in days:
        with after(n):
            issue_due(day=START + timedelta(days=n))
            advance_cases(day=START + timedelta(days=n))


def plan_fields(owing: PatientAccount, **changed: Any) -> dict[str, Any]:
    lines = [str(pk) for pk in owing.patient.charges.values_list("pk", flat=True)]
    return {"lines": lines, "parts": 3, "starts_on": "2026-04-02", "day_of_month": 2, **once(), **changed}


def test_account_page_shows_what_is_owed_where(collector: Client, owing: PatientAccount):
    issue_statement(guarantor=owing.guarantor, by=None)

    page = collector.get(url("account", owing.guarantor.pk)).content.decode()

    assert "$300.00" in page
    assert Statement.objects.get().number in page
    assert "style=" not in page
    assert AuditEvent.objects.filter(act="patient.viewed", patient_id=owing.patient.pk).exists()


def test_statement_by_hand_and_on_paper(collector: Client, owing: PatientAccount):
    sent = collector.post(url("statement_issue", owing.guarantor.pk), once())
    statement = Statement.objects.get()
    paper = collector.get(url("statement_print", statement.pk)).content.decode()

    assert (sent.status_code, sent["Location"]) == (303, url("statement", statement.pk))
    assert "Return this part with your check" in paper
    assert "$300.00" in paper
    assert owing.guarantor.line1 in paper
    assert collector.get(sent["Location"]).status_code == 200


def test_statement_for_someone_on_hold_is_refused_on_the_page(collector: Client, owing: PatientAccount, mona: User):
    place_hold(guarantor=owing.guarantor, reason="legal", by=mona)

    answer = collector.post(url("statement_issue", owing.guarantor.pk), once())

    assert answer.status_code == 422
    assert "This account is on hold: attorney or liability case." in answer.content.decode()
    assert not Statement.objects.exists()


def hold_fields(**changed: Any) -> dict[str, Any]:
    return {"reason": "dispute", "note": "Mrs Example, by telephone", **once(), **changed}


def test_an_account_is_held_and_freed_on_its_page(collector: Client, owing: PatientAccount):
    held = collector.post(url("hold", owing.guarantor.pk), hold_fields())
    page = collector.get(url("account", owing.guarantor.pk)).content.decode()
    refused = collector.post(url("statement_issue", owing.guarantor.pk), once())
    hold = Hold.objects.open().get()

    freed = collector.post(url("hold_release", hold.pk), {"reason": "settled", **once()})
    sent = collector.post(url("statement_issue", owing.guarantor.pk), once())

    assert [a.status_code for a in (held, refused, freed, sent)] == [303, 422, 303, 303]
    assert "On hold: Patient disputes the bill" in page
    assert "Release the hold" in page
    assert not Hold.objects.open().exists()


def test_a_hold_that_is_placed_again_lasts_until_the_later_day(collector: Client, owing: PatientAccount):
    for until in ("2026-03-10", "2026-06-01", "2026-04-01"):
        collector.post(url("hold", owing.guarantor.pk), hold_fields(until=until))

    with after(60), pytest.raises(ClinicError, match="on hold"):
        issue_statement(guarantor=owing.guarantor, by=None)

    assert f"{Hold.objects.get().until}" == "2026-06-01"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"note": ""}, "This field is required."),
        ({"until": "2026-03-01"}, "lies in the past"),
        ({"reason": "payment_plan"}, "not one of the available choices"),
        ({"visit": "00000000-0000-7000-8000-000000000000"}, "not one of the available choices"),
    ],
)
def test_a_hold_that_cannot_be_is_refused_with_its_sentence(
    changed: dict[str, Any], sentence: str, collector: Client, owing: PatientAccount
):
    answer = collector.post(url("hold", owing.guarantor.pk), hold_fields(**changed))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Hold.objects.exists()


def test_a_plans_own_hold_is_not_released_by_hand(collector: Client, owing: PatientAccount):
    open_plan(guarantor=owing.guarantor, parts=2, by=None)
    hold = Hold.objects.open().first()
    assert hold is not None

    answer = collector.post(url("hold_release", hold.pk), {"reason": "because", **once()})

    assert answer.status_code == 422
    assert Hold.objects.open().exists()


def test_a_declined_plan_goes_on_with_another_card(collector: Client, owing: PatientAccount, card: CardToken):
    plan = open_plan(guarantor=owing.guarantor, parts=2, by=None, card_token=card)
    first = plan.installments.order_by("position")[0]
    Installment.objects.filter(pk=first.pk).update(tries=2, decline_reason="Insufficient funds.")
    other = CardToken.objects.create(
        guarantor=owing.guarantor, token="tok_other", brand="Visa", last4="1111", expires_on=card.expires_on
    )

    changed = collector.post(url("plan_card", plan.pk), {"card_token": str(other.pk), **once()})
    foreign = collector.post(
        url("plan_card", plan.pk), {"card_token": "00000000-0000-7000-8000-000000000000", **once()}
    )

    plan.refresh_from_db()
    first.refresh_from_db()
    assert (changed.status_code, foreign.status_code) == (303, 422)
    assert (plan.card_token, first.tries, first.decline_reason) == (other, 0, "")


def test_plan_is_opened_on_the_page_and_a_double_click_opens_one(collector: Client, owing: PatientAccount):
    fields = plan_fields(owing)

    first = collector.post(url("plan_open", owing.guarantor.pk), fields)
    second = collector.post(url("plan_open", owing.guarantor.pk), fields)

    plan = PaymentPlan.objects.get()
    assert (first.status_code, first["Location"], second["Location"]) == (
        303,
        url("plan", plan.pk),
        url("plan", plan.pk),
    )
    assert [i.amount for i in plan.installments.all()] == [D("100.00")] * 3
    assert "$100.00" in collector.get(url("plan", plan.pk)).content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"parts": 0}, "A plan needs at least one installment."),
        ({"parts": -1}, "A plan needs at least one installment."),
        ({"parts": "NaN"}, "Enter a whole number."),
        ({"parts": "2.5"}, "Enter a whole number."),
        ({"parts": 10**9}, "at most 24 installments"),
        ({"parts": 6}, "written disclosure"),
        ({"day_of_month": 32}, "less than or equal to 31"),
        ({"starts_on": "2026-03-01"}, "cannot lie in the past"),
        ({"starts_on": "soon"}, "Enter a valid date."),
        ({"lines": []}, "Choose at least one line"),
        ({"lines": ["00000000-0000-7000-8000-000000000000"]}, "not one of the available choices"),
    ],
)
def test_bad_plans_come_back_with_one_sentence_and_what_was_typed(
    changed: dict[str, Any], sentence: str, collector: Client, owing: PatientAccount
):
    answer = collector.post(url("plan_open", owing.guarantor.pk), plan_fields(owing, **changed))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not PaymentPlan.objects.exists()
    assert at(Account.PAT) == D("300.00")


def test_plan_on_nothing_owed_is_refused(collector: Client, acct: PatientAccount):
    answer = collector.post(url("plan_open", acct.guarantor.pk), plan_fields(acct))

    assert answer.status_code == 422
    assert "This account owes nothing now." in answer.content.decode()


def test_installment_at_the_desk_goes_to_its_receipt(client: Client, fran: User, owing: PatientAccount):
    plan = open_plan(guarantor=owing.guarantor, parts=3, by=None)
    due = plan.installments.all()[0]
    client.force_login(fran)
    fields = {"amount": "100.00", "method": "cash", **once()}

    first = client.post(url("installment_take", due.pk), fields)
    second = client.post(url("installment_take", due.pk), fields)

    payment = Payment.objects.get()
    assert first["Location"] == second["Location"] == reverse("ledger:receipt", args=[payment.pk])
    assert at(Account.PLAN) == D("200.00")


@pytest.mark.parametrize("amount", ["-5", "1e9", "25.005", "NaN", "0", "", "300.01"])
def test_impossible_amounts_at_the_desk_are_refused(amount: str, client: Client, fran: User, owing: PatientAccount):
    plan = open_plan(guarantor=owing.guarantor, parts=3, by=None)
    client.force_login(fran)

    answer = client.post(url("installment_take", plan.installments.all()[0].pk), {"amount": amount, "method": "cash", **once()})  # fmt: skip

    assert answer.status_code == 422
    assert not Payment.objects.exists()
    assert not OnceToken.objects.exists()
    assert at(Account.PLAN) == D("300.00")


def test_cancel_without_a_reason_is_refused_and_with_one_done(collector: Client, owing: PatientAccount):
    plan = open_plan(guarantor=owing.guarantor, parts=3, by=None)

    refused = collector.post(url("plan_cancel", plan.pk), {"reason": "", **once()})
    done = collector.post(url("plan_cancel", plan.pk), {"reason": "Paid by a relative", **once()})

    plan.refresh_from_db()
    assert (refused.status_code, done.status_code, plan.status) == (422, 303, "cancelled")
    assert "Say why" in refused.content.decode()


def test_check_in_panel_offers_the_installment_or_a_plan(client: Client, mona: User, owing: PatientAccount):
    client.force_login(mona)
    panel = url("check_in_panel", owing.patient.pk)
    htmx = {"HX-Request": "true"}

    offers = client.get(panel, headers=htmx).content.decode()
    plan = open_plan(guarantor=owing.guarantor, parts=3, by=None)
    takes = client.get(panel, headers=htmx).content.decode()

    assert url("plan_open", owing.guarantor.pk) in offers
    assert url("installment_take", plan.installments.all()[0].pk) in takes
    assert "$100.00" in takes


def test_patient_page_shows_the_panel(client: Client, fran: User, owing: PatientAccount):
    statement = issue_statement(guarantor=owing.guarantor, by=None)
    client.force_login(fran)

    page = client.get(reverse("clinic:patient", args=[owing.patient.pk])).content.decode()

    assert statement.number in page
    assert "Statements and plans" in page


def test_home_shows_how_long_the_lists_are(collector: Client, owing: PatientAccount):
    page = collector.get(url("home_panel"), headers={"HX-Request": "true"}).content.decode()

    assert re.search(r"Due for a statement</a><span class=\"end num\">1<", page)


# --- aging: any past day, and the lines behind a row


def in_words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_aging_page_says_what_it_said_on_a_past_day(collector: Client, acct: PatientAccount):
    acct.charge("150.00")
    before = in_words(collector.get(url("aging")))
    with after(5):
        acct.owed("70.00")
        collector = Client()
        collector.force_login(User.objects.get(username="cora"))
        now = in_words(collector.get(url("aging")))
        then = in_words(collector.get(url("aging"), {"on": START.isoformat()}))
        ahead = in_words(collector.get(url("aging"), {"on": "2099-01-01"}))

    assert "Total A/R $150" in before
    assert "Total A/R $220" in now
    assert "as of March 2, 2026" in then
    assert "Total A/R $150" in then
    assert "Total A/R $220" in ahead


def test_a_payers_row_leads_to_lines_that_add_up_to_it(collector: Client, acct: PatientAccount):
    acct.charge("150.00")
    paid = acct.charge("80.00")
    acct.paid(paid, paid="80.00")
    page = collector.get(url("aging")).content.decode()
    with after(5):
        acct.charge("20.00")
        collector = Client()
        collector.force_login(User.objects.get(username="cora"))
        now = collector.get(url("aging_payer", acct.payer.pk))
        then = collector.get(url("aging_payer", acct.payer.pk), {"on": START.isoformat(), "clock": "responsibility"})

        assert now.context["total"] == payer_balance(acct.payer) == D("170.00")
        assert then.context["total"] == payer_balance(acct.payer, as_of=START) == D("150.00")
    assert url("aging_payer", acct.payer.pk) in page
    assert "2 lines" in in_words(now)
    assert AuditEvent.objects.filter(act="patient.viewed", why="aging of a payer").exists()


def test_a_payers_lines_take_the_same_number_of_queries_for_one_and_for_three(collector: Client, acct: PatientAccount):
    def cost() -> int:
        collector.get(url("aging_payer", acct.payer.pk))
        with CaptureQueriesContext(connection) as captured:
            collector.get(url("aging_payer", acct.payer.pk))
        return len(captured)

    acct.charge("10.00")
    one = cost()
    acct.charge("20.00")
    acct.charge("30.00")

    assert cost() == one


# --- lists: the same number of queries for one row and for three


def fill_statements(acct: PatientAccount) -> None:
    acct.owed("80.00")


def fill_plans(acct: PatientAccount) -> None:
    acct.owed("80.00")
    plan = open_plan(guarantor=acct.guarantor, parts=2, by=None)
    miss_installment(installment=plan.installments.all()[0], by=None, reason="x")


def fill_case(acct: PatientAccount, status: str) -> None:
    acct.owed("80.00")
    issue_statement(guarantor=acct.guarantor, by=None)
    CollectionCase.objects.create(
        number=f"K{acct.guarantor.number}", guarantor=acct.guarantor, status=status, opened_on=START, stage_on=START,
        answer_by=START - timedelta(days=1),
    )  # fmt: skip


def fill_lockbox(acct: PatientAccount) -> None:
    head = b"statement,amount,check,date\n"
    lockbox.keep_file(name="a.csv", content=head + f"S{acct.guarantor.number},5.00,1,2026-03-01\n".encode(), by=None)
    lockbox.read_files()


@pytest.mark.parametrize(
    ("name", "fill"),
    [
        ("statements", fill_statements),
        ("plans", fill_plans),
        ("calls", lambda a: fill_case(a, "call")),
        ("agency", lambda a: fill_case(a, "final")),
        ("lockbox", fill_lockbox),
        ("running", fill_plans),
        ("cases", lambda a: fill_case(a, "reminder")),
    ],
)
def test_worklists_take_the_same_number_of_queries_for_one_row_and_three(
    name: str, fill: Callable[[PatientAccount], None], collector: Client, acct: PatientAccount
):
    fill(acct)
    page = collector.get(url("worklist", name)).content.decode()
    counts = []
    for more in (0, 2):
        for _ in range(more):
            fill(another(acct))
        with CaptureQueriesContext(connection) as seen:
            assert collector.get(url("worklist", name)).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert counts[0] <= 40
    assert "<tbody><tr>" in page


@pytest.mark.parametrize("by", ["payer", "patient"])
def test_aging_page_takes_the_same_number_of_queries_for_one_row_and_three(
    by: str, collector: Client, acct: PatientAccount
):
    acct.owed("80.00")
    acct.charge("90.00")
    age_receivables(day=START)
    collector.get(url("aging"))
    counts = []
    for more in (0, 2):
        for _ in range(more):
            other = another(acct)
            other.owed("70.00")
            other.charge("50.00")
        with CaptureQueriesContext(connection) as seen:
            page = collector.get(url("aging"), {"by": by, "clock": "responsibility"}).content.decode()
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert 'class="chart"' in page
    assert "style=" not in page


def test_account_and_plan_pages_take_the_same_number_of_queries(collector: Client, acct: PatientAccount):
    collector.get(url("account", acct.guarantor.pk))
    counts = []
    for lines in (1, 2):
        for _ in range(lines):
            acct.owed("80.00")
        plan = open_plan(guarantor=acct.guarantor, parts=lines + 1, by=None)
        seen_by = []
        for address in (url("account", acct.guarantor.pk), url("plan", plan.pk)):
            with CaptureQueriesContext(connection) as seen:
                assert collector.get(address).status_code == 200
            seen_by.append(len(seen))
        counts.append(seen_by)

    assert counts[0] == counts[1]


def test_worklist_tells_the_three_clocks_apart(collector: Client, acct: PatientAccount):
    acct.owed("80.00", service_date=START - timedelta(days=50))

    by_service = collector.get(url("aging"), {"clock": "service"}).content.decode()
    by_debt = collector.get(url("aging"), {"clock": "responsibility"}).content.decode()
    nonsense = collector.get(url("aging"), {"clock": "moon", "by": "stars"})

    assert "31–60 days: $80" in by_service
    assert "0–30 days: $80" in by_debt
    assert nonsense.status_code == 200


def test_open_plans_show_what_is_left_and_when_the_next_part_is_due(collector: Client, acct: PatientAccount):
    acct.owed("80.00")
    open_plan(guarantor=acct.guarantor, parts=2, by=None)

    page = in_words(collector.get(url("worklist", "running")))

    assert "04/02/2026 2 $80.00 $80.00 the patient" in page


def test_a_case_says_what_comes_next_and_when(collector: Client, acct: PatientAccount):
    fill_case(acct, "reminder")
    case = CollectionCase.objects.get()

    page = in_words(collector.get(url("case", case.pk)))

    assert "The second notice goes out 05/01/2026 if nothing is paid." in page
    assert "Open a plan" in page


def test_an_unknown_list_is_not_found(collector: Client):
    assert collector.get(url("worklist", "nothing")).status_code == 404


def test_the_door_opens_the_first_list_with_something_to_do(collector: Client, cora: User, acct: PatientAccount):
    nothing = collector.get(url("worklists")).content.decode()
    acct.owed("200.00")
    steps(0, 30, 60, 75, 90)

    with after(113):
        later = Client()
        later.force_login(cora)
        something = later.get(url("worklists")).content.decode()

    assert "Nobody is due for a statement." in nothing
    assert acct.guarantor.listed_name in something
    assert [re.findall(r'lists/(\w+)/" aria-current="page"', page) for page in (nothing, something)] == [
        ["statements"],
        ["agency"],
    ]


# --- the case, by two people


def test_from_final_notice_to_agency_by_two_people(client: Client, cora: User, mona: User, acct: PatientAccount):
    acct.owed("200.00")
    steps(0, 30, 60, 75, 90)
    case = CollectionCase.objects.get()
    with after(113):
        client.force_login(cora)
        asked = client.post(url("case_refer", case.pk), {"agency": "Harbor Recovery", **once()})
        alone = client.post(url("case_approve", case.pk), once())
        client.force_login(mona)
        shown = client.get(url("case", case.pk)).content.decode()
        approved = client.post(url("case_approve", case.pk), once())

    assert (asked.status_code, alone.status_code, approved.status_code) == (303, 403, 303)
    assert "Approve and place $200.00" in shown
    assert at(Account.AGCY) == D("200.00")


def test_who_asked_may_not_approve_even_with_the_right_to(client: Client, mona: User, acct: PatientAccount):
    acct.owed("200.00")
    steps(0, 30, 60, 75, 90)
    case = CollectionCase.objects.get()
    with after(113):
        client.force_login(mona)
        client.post(url("case_refer", case.pk), {"agency": "Harbor Recovery", **once()})
        refused = client.post(url("case_approve", case.pk), once())

    assert refused.status_code == 422
    assert "A second person approves it." in refused.content.decode()
    assert at(Account.AGCY) == D("0.00")


def test_agencys_payment_on_the_page_is_booked_once(client: Client, cora: User, mona: User, acct: PatientAccount):
    acct.owed("200.00")
    steps(0, 30, 60, 75, 90)
    case = CollectionCase.objects.get()
    with after(113):
        request_referral(case=case, agency="Harbor", by=cora)
        approve_referral(case=case, by=mona)
        client.force_login(cora)
        fields = {"collected": "80.00", "fee": "20.00", "reference": "HR-1", **once()}
        for _ in range(2):
            client.post(url("case_agency_payment", case.pk), fields)
        bad = client.post(url("case_agency_payment", case.pk), {**fields, "collected": "25.005", **once()})

    assert (at(Account.AGCY), at(Account.BANK), at(Account.AFEE)) == (D("120.00"), D("60.00"), D("20.00"))
    assert bad.status_code == 422
    assert "Collected from the patient" in bad.content.decode()


def test_a_call_without_words_is_refused(collector: Client, acct: PatientAccount):
    fill_case(acct, "call")
    case = CollectionCase.objects.get()

    refused = collector.post(url("case_call", case.pk), {"note": "", **once()})
    done = collector.post(url("case_call", case.pk), {"note": "Will pay Friday", **once()})

    case.refresh_from_db()
    assert (refused.status_code, done.status_code, case.status) == (422, 303, "called")


# --- lockbox and cards


def test_lockbox_file_by_upload_twice(collector: Client, acct: PatientAccount):
    acct.owed("85.00")
    number = issue_statement(guarantor=acct.guarantor, by=None).number
    content = f"statement,amount,check,date\n{number},85.00,1047,2026-03-01\nS1,5.00,9,2026-03-01\n".encode()

    answers = [
        collector.post(url("lockbox_upload"), {"file": SimpleUploadedFile("box.csv", content)}, follow=True)
        for _ in range(2)
    ]

    assert "taken before" in answers[1].content.decode()
    assert Payment.objects.count() == 1
    assert "No statement has the number S1." in answers[0].content.decode()


def test_lockbox_upload_of_nothing_gets_a_sentence(collector: Client):
    none = collector.post(url("lockbox_upload"), {})
    empty = collector.post(url("lockbox_upload"), {"file": SimpleUploadedFile("box.csv", b"")})

    assert (none.status_code, empty.status_code) == (422, 422)
    assert "This file is empty." in empty.content.decode()


def test_unmatched_line_is_posted_or_settled_by_a_person(collector: Client, acct: PatientAccount):
    acct.owed("85.00")
    statement = issue_statement(guarantor=acct.guarantor, by=None)
    fill_lockbox(acct)
    fill_lockbox(another(acct))
    one, two = LockboxItem.objects.order_by("created_at")

    posted = collector.post(url("lockbox_match", one.pk), {"statement_number": statement.number, **once()})
    settled = collector.post(url("lockbox_dismiss", two.pk), {"reason": "Sent back to the bank", **once()})

    assert (posted.status_code, settled.status_code) == (303, 303)
    assert sorted(LockboxItem.objects.values_list("status", flat=True)) == ["dismissed", "posted"]
    assert at(Account.PAT) == D("80.00")


def test_a_patients_card_number_is_never_kept(acct: PatientAccount, card: CardToken):
    assert card.last4 == "4242"
    assert "4242424242424242" not in str(vars(card))


@pytest.mark.django_db(transaction=True)
def test_card_is_kept_by_its_token_on_the_page(client: Client, cora: User, acct: PatientAccount):
    client.force_login(cora)

    bad = client.post(url("card_add", acct.guarantor.pk), {"number": "4242", "expires": "01/28", **once()})
    good = client.post(url("card_add", acct.guarantor.pk), {"number": "4242424242424242", "expires": "01/28", **once()})

    assert (bad.status_code, good.status_code) == (422, 303)
    assert CardToken.objects.get().expires_on.isoformat() == "2028-01-31"


def test_front_desk_sees_plans_and_takes_money_but_opens_none(client: Client, fran: User, owing: PatientAccount):
    client.force_login(fran)

    assert client.get(url("account", owing.guarantor.pk)).status_code == 200
    assert client.get(url("plan_open", owing.guarantor.pk)).status_code == 403
    assert client.post(url("statement_issue", owing.guarantor.pk), once()).status_code == 403
    assert client.get(url("aging")).status_code == 403
    assert not Installment.objects.exists()
