"""The ladder by the clock, and what two people decide: referral, recall, the agency's money, bad debt."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic.errors import ClinicError, IllegalTransition
from clinic.models import Event, JobRun, Message, User
from clinic.services.holds import place_hold
from collections_app.models import CollectionCase, Statement
from collections_app.queries.worklists import calls_due, due_for_agency, tally
from collections_app.services.cases import advance_cases, note_call
from collections_app.services.nightly import issue_due
from collections_app.services.payment_plans import open_plan
from collections_app.services.referrals import (
    approve_referral,
    approve_write_off,
    recall_case,
    record_agency_payment,
    refuse_referral,
    request_referral,
    request_write_off,
    still_owed,
)
from collections_app.tasks import advance_cases as advance_task
from collections_app.tasks import age_receivables, issue_statements
from ledger.accounts import Account
from ledger.models import OpenItem
from ledger.queries.balances import patient_balance
from ledger.services.payments import receive_payment
from tests.collections.conftest import START, after, another
from tests.factories.ledger import PatientAccount, at, prove

D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_books")]


def nights(first: int, last: int) -> None:
    """Every night's work from one day to another, counted from the second of March."""
    for n in range(first, last + 1):
        with after(n):
            day = START + timedelta(days=n)
            issue_due(day=day)
            advance_cases(day=day)


def steps(*days: int) -> None:
    """Only those nights on which something happens."""
    for n in days:
        nights(n, n)


def the_case() -> CollectionCase:
    return CollectionCase.objects.get()


def pay(acct: PatientAccount, amount: str) -> None:
    receive_payment(
        guarantor=acct.guarantor, amount=D(amount), method="cash", kind="balance", key=f"p{amount}", by=None
    )


@pytest.fixture
def at_final(acct: PatientAccount) -> CollectionCase:
    acct.owed("200.00")
    steps(0, 30, 60, 75, 90)
    return the_case()


@pytest.fixture
def at_agency(at_final: CollectionCase, cora: User, mona: User) -> CollectionCase:
    with after(113):
        request_referral(case=at_final, agency="Harbor Recovery", by=cora)
        return approve_referral(case=at_final, by=mona)


def test_the_ladder_goes_up_by_the_clock(acct: PatientAccount):
    acct.owed("200.00")
    seen: dict[str, int] = {}
    for n in range(95):
        nights(n, n)
        if CollectionCase.objects.exists():
            seen.setdefault(the_case().status, n)

    assert seen == {"statement": 0, "reminder": 30, "second": 60, "call": 75, "final": 90}
    assert [(s.notice, (s.issued_on - START).days) for s in Statement.objects.order_by("issued_on")] == [
        ("statement", 0), ("reminder", 30), ("second", 60), ("final", 90),
    ]  # fmt: skip
    assert the_case().answer_by == START + timedelta(days=111)
    assert Event.objects.filter(kind="case.opened").count() == 1


def test_a_night_done_twice_takes_no_second_step(acct: PatientAccount):
    acct.owed("200.00")
    for n in (0, 30, 60, 74, 75):
        steps(n, n)

    assert the_case().status == "call"
    assert Message.objects.filter(kind="statement").count() == 3


def test_a_hold_stops_the_ladder_and_its_release_goes_on_from_there(acct: PatientAccount, mona: User):
    acct.owed("200.00")
    steps(0, 20)
    hold = place_hold(guarantor=acct.guarantor, reason="dispute", by=mona)
    steps(30, 60, 75, 90, 100)
    held_at = the_case().status
    type(hold).objects.filter(pk=hold.pk).update(until=START)
    nights(101, 101)

    assert (held_at, the_case().status) == ("statement", "second")


def test_a_payment_makes_the_ladder_wait_two_weeks(acct: PatientAccount):
    acct.owed("200.00")
    steps(0, 30, 60, 70)
    with after(74):
        pay(acct, "20.00")
    steps(75, 80, 87)
    waiting = the_case().status
    nights(88, 88)

    assert (waiting, the_case().status) == ("second", "call")


def test_paid_in_full_closes_the_case(acct: PatientAccount):
    acct.owed("200.00")
    steps(0, 30)
    with after(32):
        pay(acct, "200.00")
    nights(33, 33)

    assert (the_case().status, the_case().closed_on) == ("closed", START + timedelta(days=33))


def test_a_plan_closes_the_case(acct: PatientAccount):
    acct.owed("200.00")
    steps(0, 30)
    with after(32):
        open_plan(guarantor=acct.guarantor, parts=4, by=None)
    nights(33, 33)

    assert the_case().status == "closed"


def test_new_debt_starts_its_own_case_when_the_old_one_is_paid(acct: PatientAccount):
    acct.owed("200.00")
    steps(0, 30, 60)
    with after(71):
        acct.owed("80.00")
        pay(acct, "200.00")
    steps(72, 90, 120)

    old, new = CollectionCase.objects.order_by("created_at")
    assert (old.status, new.opened_on, new.status) == ("closed", START + timedelta(days=90), "reminder")


def test_new_lines_are_billed_while_an_old_case_is_at_its_final_notice(at_final: CollectionCase, acct: PatientAccount):
    with after(100):
        acct.owed("80.00")
    nights(120, 121)

    latest = Statement.objects.order_by("-issued_on")[0]
    assert (latest.balance, at_final.guarantor.statements.count()) == (D("280.00"), 5)


def test_call_is_due_noted_and_followed_by_the_final_notice(acct: PatientAccount, cora: User):
    acct.owed("200.00")
    steps(0, 30, 60, 75)
    assert [row.amount for row in calls_due()] == [D("200.00")]

    with after(77):
        with pytest.raises(ClinicError, match="Say what was agreed"):
            note_call(case=the_case(), note=" ", by=cora)
        note_call(case=the_case(), note="Nobody answered", by=cora)
    steps(78, 89, 90)

    assert calls_due() == []
    assert (the_case().status, the_case().called_by) == ("final", cora)


def test_referral_waits_for_the_answer_and_needs_two_different_people(at_final: CollectionCase, cora: User, mona: User):
    with after(100), pytest.raises(ClinicError, match="may answer the final notice until 06/21/2026"):
        request_referral(case=at_final, agency="Harbor", by=cora)
    with after(112):
        assert [row.amount for row in due_for_agency(START + timedelta(days=112))] == [D("200.00")]
        with pytest.raises(ClinicError, match="Nobody has asked"):
            approve_referral(case=at_final, by=mona)
        request_referral(case=at_final, agency="Harbor", by=mona)
        with pytest.raises(ClinicError, match="asked for this referral yourself"):
            approve_referral(case=at_final, by=mona)

    assert at(Account.AGCY) == D("0.00")
    assert the_case().status == "requested"


def test_placement_moves_the_debt_and_keeps_its_age(at_agency: CollectionCase, acct: PatientAccount):
    assert (at(Account.AGCY), at(Account.PAT)) == (D("200.00"), D("0.00"))
    item = OpenItem.objects.get(account=Account.AGCY)
    assert (item.responsible_since, item.first_statement_on) == (START, START)
    assert (at_agency.placed_amount, at_agency.status) == (D("200.00"), "agency")
    assert at_agency.lines.get().amount == D("200.00")
    assert Event.objects.filter(kind="case.referred").count() == 1
    with after(114):
        assert tally().agency == 0


def test_the_database_itself_refuses_one_person_for_two(at_final: CollectionCase, mona: User):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        CollectionCase.objects.filter(pk=at_final.pk).update(requested_by=mona, approved_by=mona)


def test_refused_referral_goes_back_to_the_final_notice(at_final: CollectionCase, cora: User, mona: User):
    with after(113):
        request_referral(case=at_final, agency="Harbor", by=cora)
        refuse_referral(case=at_final, reason="Lost her job", by=mona)

    assert (the_case().status, the_case().requested_by) == ("final", None)


def test_on_hold_or_paid_after_the_request_is_not_placed(at_final: CollectionCase, cora: User, mona: User):
    with after(113):
        request_referral(case=at_final, agency="Harbor", by=cora)
        place_hold(guarantor=at_final.guarantor, reason="bankruptcy", by=mona)
        with pytest.raises(ClinicError, match="paid, on a plan or on hold"):
            approve_referral(case=at_final, by=mona)

    assert at(Account.PAT) == D("200.00")


def test_recall_brings_the_debt_back_and_the_ladder_takes_it_up(at_agency: CollectionCase, cora: User):
    with after(120):
        recall_case(case=at_agency, reason="Dispute upheld", by=cora)
    nights(121, 122)

    assert (at(Account.AGCY), at(Account.PAT)) == (D("0.00"), D("200.00"))
    assert Event.objects.filter(kind="case.recalled").count() == 1
    assert CollectionCase.objects.climbing().get().opened_on == START


def test_story_11_agency_collected_80_and_keeps_a_quarter_after_the_write_off(
    at_agency: CollectionCase, cora: User, mona: User
):
    with after(200):
        request_write_off(case=at_agency, by=cora)
        with pytest.raises(ClinicError, match="write-off yourself"):
            approve_write_off(case=the_case(), by=cora)
        approve_write_off(case=the_case(), by=mona)
        written_off = patient_balance(guarantor=at_agency.guarantor).written_off
        record_agency_payment(
            case=the_case(), collected=D("80.00"), fee=D("20.00"), reference="HR-1", key="agency-1", by=cora
        )
        record_agency_payment(
            case=the_case(), collected=D("80.00"), fee=D("20.00"), reference="HR-1", key="agency-1", by=cora
        )

    assert written_off == D("200.00")
    assert (at(Account.BAD), at(Account.BREC), at(Account.BANK), at(Account.AFEE)) == (
        D("200.00"), D("-80.00"), D("60.00"), D("20.00"),
    )  # fmt: skip
    assert still_owed(the_case()) == D("120.00")
    assert the_case().status == "written_off"
    prove(*[line.charge for line in the_case().lines.all()])


def test_collected_in_full_closes_the_case(at_agency: CollectionCase, cora: User):
    with after(150):
        record_agency_payment(case=at_agency, collected=D("200.00"), fee=D("50.00"), reference="HR-2", key="a", by=cora)

    assert (the_case().status, at(Account.AGCY), at(Account.BANK)) == ("closed", D("0.00"), D("150.00"))


@pytest.mark.parametrize(("collected", "fee"), [("-5", "0"), ("1e9", "0"), ("25.005", "0"), ("NaN", "0"), ("200.01", "0"), ("50", "50.01"), ("50", "-1")])  # fmt: skip
def test_impossible_agency_payments_are_refused(collected: str, fee: str, at_agency: CollectionCase, cora: User):
    with pytest.raises(ClinicError):
        record_agency_payment(case=at_agency, collected=D(collected), fee=D(fee), reference="x", key="bad", by=cora)

    assert (at(Account.AGCY), at(Account.BANK)) == (D("200.00"), D("0.00"))


def test_bad_debt_without_an_agency_after_the_final_notice(at_final: CollectionCase, cora: User, mona: User):
    with after(113):
        request_write_off(case=at_final, by=cora)
        approve_write_off(case=the_case(), by=mona)

    assert (at(Account.BAD), at(Account.PAT), the_case().status) == (D("200.00"), D("0.00"), "written_off")


def test_no_write_off_before_the_ladder_is_climbed(acct: PatientAccount, cora: User):
    acct.owed("200.00")
    steps(0, 30)

    with pytest.raises(ClinicError, match="follows a final notice or an agency"):
        request_write_off(case=the_case(), by=cora)


def test_a_closed_case_moves_no_more(acct: PatientAccount):
    acct.owed("200.00")
    nights(0, 1)
    with after(2):
        pay(acct, "200.00")
    nights(3, 3)

    with pytest.raises(IllegalTransition):
        the_case().move_to("agency", by=None)


def test_jobs_catch_up_after_a_week_off_and_never_run_twice(acct: PatientAccount):
    acct.owed("200.00")
    with after(0):
        issue_statements()
        advance_task()
        age_receivables()
    with after(1):
        other = another(acct)
        other.owed("90.00")
    with after(7):
        for _ in range(2):
            issue_statements()
            advance_task()
            age_receivables()

    runs = JobRun.objects.order_by("job", "for_date")
    by_job = {job: [r.for_date for r in runs if r.job == job] for job in {r.job for r in runs}}
    week = [START + timedelta(days=n) for n in range(8)]
    assert by_job["collections.issue_statements"] == week
    assert by_job["collections.advance_cases"] == week
    assert by_job["collections.age_receivables"] == [START - timedelta(days=1) + timedelta(days=n) for n in range(8)]
    assert {r.state for r in runs} == {"done"}
    assert Statement.objects.count() == 2
    assert Statement.objects.order_by("-issued_on")[0].issued_on == date(2026, 3, 9)
