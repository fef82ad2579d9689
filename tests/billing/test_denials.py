"""Denials as work: the play and deadline of each reason, one open denial a line, holds, and who may end it how."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.models import Denial, WriteOffRequest
from billing.playbook import deadline, play_for
from billing.services import appeals, denials
from billing.services.write_offs import approve_write_off, refuse_write_off, request_write_off
from clinic import clock
from clinic.errors import ClinicError, Conflict, IllegalTransition
from clinic.models import AuditEvent, Claim, Coverage, Event, Hold, Patient, Payer, Provider, User, Visit
from ledger.accounts import Account
from ledger.queries.balances import balance, owed_by_coverage, owed_by_patient
from tests.billing.denial_desk import denied, sent
from tests.billing.desk import MORNING, secondary_of
from tests.billing.payer_desk import PAID_ON, pay
from tests.factories.clinic import PayerFactory, VisitFactory

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")
Status = Denial.Status


@pytest.fixture
def refuse(visit: Visit, coverage: Coverage) -> Callable[..., Denial]:
    def make(why: str = "CO-16", **payer: Any) -> Denial:
        Payer.objects.filter(pk=coverage.payer_id).update(**payer)
        return denied(sent(visit), ("0", f"{why} 150"))

    return make


def owed(denial: Denial) -> D:
    return owed_by_coverage(charge=denial.charge, coverage=denial.claim.coverage)


# --- the play: what it is about, whose work, what next, by when


@pytest.mark.parametrize(
    ("code", "remarks", "category", "step"),
    [
        ("16", [], "Missing information", "correct"),
        ("16", ["M127"], "Records requested", "send_records"),
        ("16", ["MA04"], "Coordination of benefits", "other_payer"),
        ("27", [], "Eligibility", "other_payer"),
        ("29", [], "Timely filing", "appeal"),
        ("50", [], "Medical necessity", "appeal"),
        ("97", [], "Coding", "coder"),
        ("18", [], "Duplicate", "find_out"),
        ("197", [], "Prior authorization", "authorization"),
        ("252", [], "Records requested", "send_records"),
        ("Z9", [], "Unclear", "find_out"),
    ],
)
def test_a_reason_has_its_play(code: str, remarks: list[str], category: str, step: str) -> None:
    play = play_for(group="CO", reason_code=code, remark_codes=remarks)

    assert (play.category, play.step) == (category, step)


def test_only_pr_makes_an_exclusion_the_patients() -> None:
    steps = [play_for(group=group, reason_code="96", remark_codes=[]).step for group in ("PR", "CO")]

    assert steps == ["patient", "find_out"]


@pytest.mark.parametrize(
    ("facts", "code", "expected"),
    [
        ({"corrected_clock": "remit", "corrected_days": 90}, "16", date(2026, 3, 20) + timedelta(days=90)),
        ({"corrected_clock": "service", "corrected_days": 90}, "16", date(2026, 3, 5) + timedelta(days=90)),
        ({"appeal_days": 60}, "50", date(2026, 3, 20) + timedelta(days=60)),
    ],
)
def test_the_payers_own_clock_runs(facts: dict[str, Any], code: str, expected: date, db: None) -> None:
    payer = PayerFactory(**facts)
    play = play_for(group="CO", reason_code=code, remark_codes=[])

    assert deadline(play, payer, denied_on=date(2026, 3, 20), service_date=date(2026, 3, 5)) == expected


def test_the_next_step_is_never_due_after_the_payers_deadline(refuse: Callable[..., Denial]) -> None:
    denial = refuse("CO-50", appeal_days=3)

    assert denial.deadline_on == PAID_ON + timedelta(days=3)
    assert denial.due_on <= denial.deadline_on


# --- one line, one open denial


def test_the_same_line_denied_again_changes_the_open_denial(refuse: Callable[..., Denial]) -> None:
    denial = refuse("CO-16")
    denial.claim.refresh_from_db()

    pay(denial.claim, ("0", "CO-197 150"), check="AGAIN", number="ICN1")

    denial.refresh_from_db()
    assert Denial.objects.count() == 1
    assert (denial.reason_code, denial.category) == ("197", "Prior authorization")


def test_two_open_denials_of_one_line_are_impossible(refuse: Callable[..., Denial]) -> None:
    denial = refuse()
    denial.pk = denial.id = Denial._meta.get_field("id").get_default()
    denial._state.adding = True

    with pytest.raises(IntegrityError, match="one_unfinished_denial"), transaction.atomic():
        denial.save()


def test_a_denial_that_is_paid_after_all_is_overturned_and_tells_the_event(refuse: Callable[..., Denial]) -> None:
    denial = refuse()

    pay(denial.claim, ("110", "CO-45 40"), check="LATER", number="ICN2")

    denial.refresh_from_db()
    assert (denial.status, denial.closed_at) == (Status.OVERTURNED, clock.now())
    assert Event.objects.filter(kind="denial.closed").count() == 1


def test_opening_is_audited_and_wakes_the_worker(refuse: Callable[..., Denial]) -> None:
    denial = refuse()

    assert AuditEvent.objects.filter(act="denial.opened", record_id=str(denial.pk)).exists()
    assert Event.objects.filter(kind="denial.opened").count() == 1


# --- working it


def test_a_step_needs_a_day_between_today_and_the_deadline(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse()

    for day, sentence in (
        (clock.today() - timedelta(days=1), "in the past"), (denial.deadline_on + timedelta(days=1), "deadline is"),
    ):  # fmt: skip
        with pytest.raises(ClinicError, match=sentence):
            denials.note_step(denial=denial, step="find_out", due_on=day, note="", version=1, by=bill)


def test_a_step_noted_on_an_old_version_is_a_conflict(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse()
    denials.note_step(denial=denial, step="find_out", due_on=clock.today(), note="a", version=1, by=bill)

    with pytest.raises(Conflict):
        denials.note_step(denial=denial, step="appeal", due_on=clock.today(), note="b", version=1, by=bill)

    assert Denial.objects.get().note == "a"


def test_the_first_touch_of_a_person_is_kept(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse()
    denials.note_step(denial=denial, step="find_out", due_on=clock.today(), note="a", version=1, by=bill)
    with clock.at(MORNING + timedelta(hours=1)):
        denials.note_step(denial=denial, step="appeal", due_on=clock.today(), note="b", version=2, by=bill)

    assert Denial.objects.get().first_touched_at == MORNING


def test_a_payer_that_does_not_answer_gives_the_denial_back_to_its_owner(
    refuse: Callable[..., Denial], bill: User
) -> None:
    denial = refuse()
    denials.wait_for_payer(denial=denial, by=bill, note="records sent", days=30)
    with clock.at(MORNING + timedelta(days=30)):
        assert denials.wake_waiting() == 0

    with clock.at(MORNING + timedelta(days=31)):
        assert denials.wake_waiting() == 1
        assert denials.wake_waiting() == 0

    denial.refresh_from_db()
    assert (denial.status, denial.next_step) == (Status.OPEN, "find_out")


def test_an_appeal_holds_the_account_until_it_is_decided(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse("CO-50")

    appeals.appeal(denial=denial, note="by fax", by=bill)

    denial.claim.refresh_from_db()
    assert denial.claim.status == Claim.Status.APPEALED
    assert Hold.objects.open().count() == 1
    pay(denial.claim, ("110", "CO-45 40"), check="LATER", number="ICN2")
    assert Hold.objects.open().count() == 0


def test_a_hold_stays_while_another_line_of_the_visit_is_under_appeal(
    visit: Visit, coverage: Coverage, bill: User
) -> None:
    claim = sent(visit, "G0439", "G0101")
    denied(claim, ("0", "CO-50 150"), ("0", "CO-50 80"))
    first, second = Denial.objects.order_by("-amount")
    for row in (first, second):
        appeals.appeal(denial=Denial.objects.get(pk=row.pk), note="by fax", by=bill)

    claim.refresh_from_db()
    pay(claim, ("110", "CO-45 40"), ("0", "CO-50 80"), check="LATER", number="ICN1")

    first.refresh_from_db()
    assert first.status == Status.OVERTURNED
    assert Hold.objects.open().count() == 1


def test_no_appeal_after_its_time(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse("CO-50", appeal_days=30)

    with (
        clock.at(MORNING + timedelta(days=60)),
        pytest.raises(ClinicError, match="The time to appeal ended on"),
    ):
        appeals.appeal(denial=denial, note="late", by=bill)


# --- ending it


@pytest.mark.parametrize("why", ["CO-16", "OA-50", "PR-29", "PR-197", "PR-16"])
def test_what_is_never_the_patients_is_refused(
    refuse: Callable[..., Denial], bill: User, visit: Visit, why: str
) -> None:
    denial = refuse(why)

    with pytest.raises(ClinicError):
        denials.bill_patient(denial=denial, by=bill, why="x")

    assert owed_by_patient(visit=visit) == D("0.00")


def test_a_qmb_patient_is_never_billed(refuse: Callable[..., Denial], bill: User, visit: Visit) -> None:
    denial = refuse("PR-204")
    Patient.objects.filter(pk=visit.patient_id).update(is_qmb=True)
    denial.claim.patient.refresh_from_db()

    with pytest.raises(ClinicError, match="QMB"):
        denials.bill_patient(denial=denial, by=bill, why="x")


def test_billing_the_patient_moves_what_is_open_and_closes_the_claim(
    refuse: Callable[..., Denial], bill: User, visit: Visit
) -> None:
    denial = refuse("PR-204")

    denials.bill_patient(denial=denial, by=bill, why="not in the plan")

    denial.claim.refresh_from_db()
    assert (owed(denial), owed_by_patient(visit=visit)) == (D("0.00"), D("150.00"))
    assert (denial.status, denial.claim.status) == (Status.TO_PATIENT, Claim.Status.CLOSED)


def test_the_patient_is_not_billed_before_the_next_payer(
    refuse: Callable[..., Denial], coverage: Coverage, bill: User
) -> None:
    denial = refuse("PR-204")
    secondary_of(coverage, PayerFactory(name="Great Plains"))

    with pytest.raises(ClinicError, match="Great Plains"):
        denials.bill_patient(denial=denial, by=bill, why="x")


def test_a_denial_with_open_dollars_is_not_closed_not_even_under_appeal(
    refuse: Callable[..., Denial], bill: User
) -> None:
    denial = refuse("CO-50")
    appeals.appeal(denial=denial, note="by fax", by=bill)

    with pytest.raises(ClinicError, match="Dollars are still open"):
        denials.close(denial=denial, by=bill, why="tired of it")


def test_a_finished_denial_moves_nowhere(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse("PR-204")
    denials.bill_patient(denial=denial, by=bill, why="x")

    with pytest.raises(IllegalTransition):
        appeals.appeal(denial=Denial.objects.get(), note="again", by=bill)


# --- write-off by two


@pytest.mark.parametrize(("why", "account"), [("CO-29", Account.DWO), ("CO-97", Account.DWO)])
def test_an_approved_write_off_takes_what_is_open_to_its_account(
    refuse: Callable[..., Denial], bill: User, mona: User, why: str, account: Account
) -> None:
    denial = refuse(why)
    asked = request_write_off(denial=denial, why="no way forward", by=bill)
    assert (asked.amount, owed(denial)) == (D("150.00"), D("150.00"))

    approve_write_off(request=asked, by=mona)

    denial.refresh_from_db()
    asked.refresh_from_db()
    assert (owed(denial), balance(account)) == (D("0.00"), D("150.00"))
    assert (denial.status, asked.status, asked.decided_by) == (Status.WRITTEN_OFF, "approved", mona)


def test_nobody_decides_her_own_request(refuse: Callable[..., Denial], mona: User) -> None:
    asked = request_write_off(denial=refuse(), why="x", by=mona)

    with pytest.raises(ClinicError, match="second person"):
        approve_write_off(request=asked, by=mona)
    with pytest.raises(ClinicError, match="second person"):
        refuse_write_off(request=asked, answer="no", by=mona)
    with pytest.raises(IntegrityError, match="write_off_decided_by_another"), transaction.atomic():
        WriteOffRequest.objects.filter(pk=asked.pk).update(decided_by=mona)


def test_a_request_is_decided_once(refuse: Callable[..., Denial], bill: User, mona: User) -> None:
    asked = request_write_off(denial=refuse(), why="x", by=bill)
    refuse_write_off(request=asked, answer="appeal it", by=mona)

    with pytest.raises(ClinicError, match="is refused already"):
        approve_write_off(request=asked, by=mona)

    assert balance(Account.DWO) == D("0.00")


def test_one_open_request_a_denial(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse()
    request_write_off(denial=denial, why="x", by=bill)

    with pytest.raises(ClinicError, match="already waiting for a second person"):
        request_write_off(denial=denial, why="y", by=bill)


def test_a_finished_denial_is_not_written_off(refuse: Callable[..., Denial], bill: User) -> None:
    denial = refuse("PR-204")
    denials.bill_patient(denial=denial, by=bill, why="x")

    with pytest.raises(ClinicError, match="nothing is left to write off"):
        request_write_off(denial=denial, why="x", by=bill)


def test_a_denial_paid_while_the_request_waited_is_not_written_off(
    refuse: Callable[..., Denial], bill: User, mona: User
) -> None:
    denial = refuse()
    asked = request_write_off(denial=denial, why="x", by=bill)
    pay(denial.claim, ("110", "CO-45 40"), check="LATER", number="ICN2")

    with pytest.raises(ClinicError):
        approve_write_off(request=asked, by=mona)

    assert balance(Account.DWO) == D("0.00")


def test_denials_of_another_visit_stay_as_they_are(
    refuse: Callable[..., Denial], visit: Visit, provider: Provider, bill: User
) -> None:
    first = refuse("PR-204")
    other = VisitFactory(
        patient=visit.patient, provider=provider, service_date=visit.service_date - timedelta(days=400)
    )
    second = denied(sent(other), ("0", "PR-204 150"))

    denials.bill_patient(denial=first, by=bill, why="x")

    second.refresh_from_db()
    assert second.status == Status.OPEN
