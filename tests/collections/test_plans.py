"""Plans: opened, paid at the desk and by card, missed, cured, defaulted; to the cent against the ledger."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.errors import ClinicError, Conflict
from clinic.models import Event, Hold, Message, User
from clinic.services.holds import is_held, place_hold, release_hold
from collections_app.models import Installment, InstallmentPayment, PaymentPlan
from collections_app.services import autopay
from collections_app.services.autopay import charge_installment, run_installments
from collections_app.services.installments import sync_plan, take_installment
from collections_app.services.payment_plans import cancel_plan, default_plan, month_later, open_plan
from ledger.accounts import Account
from ledger.cards.simulator import Simulator
from ledger.models import CardToken, OpenItem, Payment
from ledger.services.cards import keep_card
from ledger.services.payments import returned_check, void_payment
from tests.collections.conftest import START, after
from tests.collections.test_statements import claim_of
from tests.factories.ledger import PatientAccount, at, prove

D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_books")]


def day(days: int) -> date:
    return START.fromordinal(START.toordinal() + days)


@pytest.fixture
def owing(acct: PatientAccount) -> PatientAccount:
    """Owes 300: 200 and 100 (story 10)."""
    acct.owed("200.00")
    acct.owed("100.00")
    return acct


@pytest.fixture
def plan(owing: PatientAccount) -> PaymentPlan:
    return open_plan(guarantor=owing.guarantor, parts=3, day_of_month=15, by=None)


@pytest.fixture
def autoplan(owing: PatientAccount, card: CardToken) -> PaymentPlan:
    return open_plan(guarantor=owing.guarantor, parts=3, starts_on=START, card_token=card, by=None)


def first(plan: PaymentPlan) -> Installment:
    return plan.installments.order_by("position")[0]


def parts(plan: PaymentPlan) -> list[tuple[date, Decimal, str]]:
    return [(row.due_on, row.amount, row.status) for row in plan.installments.order_by("position")]


def test_open_plan_moves_the_debt_and_holds_the_visit(owing: PatientAccount, plan: PaymentPlan):
    assert (at(Account.PLAN), at(Account.PAT)) == (D("300.00"), D("0.00"))
    assert parts(plan) == [
        (date(2026, 3, 15), D("100.00"), "scheduled"),
        (date(2026, 4, 15), D("100.00"), "scheduled"),
        (date(2026, 5, 15), D("100.00"), "scheduled"),
    ]
    assert Hold.objects.open().get().reason == "payment_plan"
    assert is_held(guarantor=owing.guarantor, visit=owing.visit)
    assert not is_held(guarantor=owing.guarantor)
    assert Event.objects.filter(kind="plan.opened").count() == 1


def test_parts_add_up_and_the_odd_cents_come_last(acct: PatientAccount):
    acct.owed("100.00")

    plan = open_plan(guarantor=acct.guarantor, parts=3, by=None)

    assert [row.amount for row in plan.installments.all()] == [D("33.33"), D("33.33"), D("33.34")]


@pytest.mark.parametrize(
    ("first_day", "dom", "expected"),
    [
        (date(2026, 1, 31), 31, [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
        (date(2028, 1, 29), 29, [date(2028, 1, 29), date(2028, 2, 29), date(2028, 3, 29), date(2028, 4, 29)]),
        (date(2026, 11, 30), 30, [date(2026, 11, 30), date(2026, 12, 30), date(2027, 1, 30), date(2027, 2, 28)]),
    ],
)
def test_a_month_that_is_too_short_takes_its_last_day(first_day: date, dom: int, expected: list[date]):
    assert [month_later(first_day, n, dom) for n in range(4)] == expected


def test_plan_takes_its_lines_as_old_as_they_were(owing: PatientAccount):
    before = {i.charge_id: i.responsible_since for i in OpenItem.objects.filter(account=Account.PAT)}

    with after(40):
        open_plan(guarantor=owing.guarantor, parts=2, by=None)

    assert {i.charge_id: i.responsible_since for i in OpenItem.objects.filter(account=Account.PLAN)} == before


@pytest.mark.parametrize(
    ("parts_asked", "disclosed", "sentence"),
    [
        (0, False, "at least one installment"),
        (-3, False, "at least one installment"),
        (25, True, "at most 24 installments"),
        (13, True, r"at least \$25.00. Choose at most 12"),
        (5, False, "written disclosure"),
    ],
)
def test_open_plan_refuses_in_one_sentence_and_writes_nothing(
    parts_asked: int, disclosed: bool, sentence: str, owing: PatientAccount
):
    with pytest.raises(ClinicError, match=sentence):
        open_plan(guarantor=owing.guarantor, parts=parts_asked, disclosure_given=disclosed, by=None)

    assert not PaymentPlan.objects.exists()
    assert not Hold.objects.exists()
    assert at(Account.PAT) == D("300.00")


def test_five_parts_with_the_disclosure_are_a_plan(owing: PatientAccount):
    plan = open_plan(guarantor=owing.guarantor, parts=5, disclosure_given=True, by=None)

    assert plan.installments.count() == 5


def test_plan_on_nothing_owed_or_on_what_the_payer_still_decides(acct: PatientAccount):
    with pytest.raises(ClinicError, match="owes nothing now"):
        open_plan(guarantor=acct.guarantor, parts=2, by=None)
    acct.owed("100.00")
    claim_of(acct, "denied")

    with pytest.raises(ClinicError, match="payers have not settled"):
        open_plan(guarantor=acct.guarantor, parts=2, by=None)


@pytest.mark.parametrize("amount", ["-5", "0", "1e9", "25.005", "NaN", "100.01"])
def test_plan_lines_of_impossible_amounts_are_refused(amount: str, acct: PatientAccount):
    line = acct.owed("100.00")

    with pytest.raises(ClinicError):
        open_plan(guarantor=acct.guarantor, parts=1, lines=[(line, D(amount))], by=None)

    assert not PaymentPlan.objects.exists()
    assert at(Account.PAT) == D("100.00")


def test_part_of_a_line_may_be_planned(acct: PatientAccount):
    line = acct.owed("100.00")

    open_plan(guarantor=acct.guarantor, parts=2, lines=[(line, D("60.00"))], by=None)

    assert (at(Account.PLAN), at(Account.PAT)) == (D("60.00"), D("40.00"))


def test_card_of_another_account_and_expired_cards_are_refused(owing: PatientAccount, card: CardToken):
    CardToken.objects.filter(pk=card.pk).update(is_active=False)
    card.refresh_from_db()

    with pytest.raises(ClinicError, match="expired or was removed"):
        open_plan(guarantor=owing.guarantor, parts=2, card_token=card, by=None)


def test_installments_by_hand_bring_the_plan_to_zero(owing: PatientAccount, plan: PaymentPlan, fran: User):
    for n, row in enumerate(plan.installments.order_by("position")):
        take_installment(installment=row, method="cash", key=f"desk-{n}", by=fran)

    plan.refresh_from_db()
    assert plan.status == "finished"
    assert (at(Account.PLAN), at(Account.PAT), at(Account.CASH)) == (D("0.00"), D("0.00"), D("300.00"))
    assert not Hold.objects.open().exists()
    assert Event.objects.filter(kind="installment.paid").count() == 3
    assert Event.objects.filter(kind="plan.finished").count() == 1
    prove(*[line.charge for line in plan.lines.all()])


def test_take_installment_twice_with_one_key_takes_it_once(plan: PaymentPlan, fran: User):
    once = take_installment(installment=first(plan), method="cash", key="desk-1", by=fran)
    again = take_installment(installment=first(plan), method="cash", key="desk-1", by=fran)

    assert once == again
    assert at(Account.PLAN) == D("200.00")
    assert first(plan).status == "paid"


def test_part_of_an_installment_and_more_than_one_pay_the_oldest_first(plan: PaymentPlan, fran: User):
    take_installment(installment=first(plan), amount=D("30.00"), method="cash", key="a", by=fran)
    take_installment(installment=first(plan), amount=D("120.00"), method="cash", key="b", by=fran)

    assert [(r.paid, r.status) for r in plan.installments.all()] == [
        (D("100.00"), "paid"), (D("50.00"), "scheduled"), (D("0.00"), "scheduled"),
    ]  # fmt: skip


@pytest.mark.parametrize("amount", ["-5", "0", "1e9", "25.005", "NaN", "300.01"])
def test_take_installment_refuses_impossible_amounts(amount: str, plan: PaymentPlan, fran: User):
    with pytest.raises(ClinicError):
        take_installment(installment=first(plan), amount=D(amount), method="cash", key="a", by=fran)

    assert not Payment.objects.exists()
    assert at(Account.PLAN) == D("300.00")


def test_payer_pays_a_planned_line_later_and_the_rest_is_spread_again(owing: PatientAccount, plan: PaymentPlan):
    line = plan.lines.order_by("amount")[0].charge
    back = OpenItem.objects.get(account=Account.PLAN, charge=line)
    from ledger.services.journal import leg, post

    post(
        kind="transfer", key="payer-takes-it", by=None,
        debits=[leg(Account.CTR, back.balance, charge=line)],
        credits=[leg(Account.PLAN, back.balance, charge=line)],
    )  # fmt: skip

    run_installments(day=START)

    assert [(r.amount, r.status) for r in plan.installments.all()] == [
        (D("66.66"), "scheduled"), (D("66.67"), "scheduled"), (D("66.67"), "scheduled"),
    ]  # fmt: skip
    assert at(Account.PLAN) == D("200.00")


def test_missed_then_cured(owing: PatientAccount, plan: PaymentPlan, fran: User):
    with after(13 + 7):
        run_installments(day=day(13 + 7))
        still = first(plan).status
    with after(13 + 8):
        counts = run_installments(day=day(13 + 8))
        plan.refresh_from_db()
        behind = plan.status
        take_installment(installment=first(plan), method="cash", key="cure", by=fran)

    plan.refresh_from_db()
    assert (still, behind, plan.status) == ("scheduled", "past_due", "active")
    assert counts == {"charged": 0, "missed": 1, "defaulted": 0}
    assert Event.objects.filter(kind="installment.missed").count() == 1


def test_two_missed_default_and_the_debt_comes_back_as_old_as_it_was(
    owing: PatientAccount, plan: PaymentPlan, fran: User
):
    take_installment(installment=first(plan), method="cash", key="one", by=fran)

    with after(90):
        counts = run_installments(day=day(90))

    plan.refresh_from_db()
    assert (counts["missed"], counts["defaulted"], plan.status) == (2, 1, "defaulted")
    assert (at(Account.PLAN), at(Account.PAT)) == (D("0.00"), D("200.00"))
    assert {i.responsible_since for i in OpenItem.objects.filter(account=Account.PAT, balance__gt=0)} == {START}
    assert not Hold.objects.open().exists()
    assert [r.status for r in plan.installments.all()] == ["paid", "dropped", "dropped"]


def test_a_defaulted_debt_can_go_on_a_new_plan(owing: PatientAccount, plan: PaymentPlan):
    default_plan(plan=plan, by=None)

    again = open_plan(guarantor=owing.guarantor, parts=2, by=None)

    assert again.principal == D("300.00")


def test_cancel_needs_a_reason_and_an_open_plan(plan: PaymentPlan, mona: User):
    with pytest.raises(ClinicError, match="Say why"):
        cancel_plan(plan=plan, reason=" ", by=mona)
    cancel_plan(plan=plan, reason="Moved away", by=mona)

    with pytest.raises(ClinicError, match="cancelled already"):
        default_plan(plan=plan, by=mona)
    assert at(Account.PAT) == D("300.00")


def test_a_visit_on_two_plans_stays_held_until_both_ended(owing: PatientAccount, mona: User):
    lines = [(i.charge, i.balance) for i in OpenItem.objects.filter(account=Account.PAT).select_related("charge")]
    one = open_plan(guarantor=owing.guarantor, parts=1, lines=lines[:1], by=None)
    two = open_plan(guarantor=owing.guarantor, parts=1, lines=lines[1:], by=None)

    cancel_plan(plan=one, reason="x", by=mona)
    held = is_held(guarantor=owing.guarantor, visit=owing.visit)
    cancel_plan(plan=two, reason="x", by=mona)

    assert (held, is_held(guarantor=owing.guarantor, visit=owing.visit)) == (True, False)


def test_other_holds_stay_when_a_plan_ends(owing: PatientAccount, plan: PaymentPlan, mona: User):
    place_hold(guarantor=owing.guarantor, visit=owing.visit, reason="legal", by=mona)

    cancel_plan(plan=plan, reason="x", by=mona)

    assert Hold.objects.open().get().reason == "legal"


def test_a_voided_installment_is_due_again(plan: PaymentPlan, fran: User, lena: User):
    payment = take_installment(installment=first(plan), method="cash", key="a", by=fran)
    void_payment(payment=payment, reason="Wrong account", by=lena)

    sync_plan(plan, by=None)

    assert [(r.amount, r.paid, r.status) for r in plan.installments.all()] == [
        (D("100.00"), D("0.00"), "scheduled")
    ] * 3
    assert at(Account.PLAN) == D("300.00")


def test_a_returned_check_is_due_again_once(plan: PaymentPlan, fran: User):
    payment = take_installment(installment=first(plan), method="check", reference="88", key="a", by=fran)
    returned_check(payment=payment, key="nsf", by=None)

    sync_plan(plan, by=None)
    sync_plan(plan, by=None)

    assert first(plan).open_amount == D("100.00")
    assert InstallmentPayment.objects.get().undone_at is not None


# --- autopay


@pytest.fixture
def real_commits(transactional_db: None) -> None:
    """Charging commits between its steps."""


@pytest.mark.django_db(transaction=True)
class TestAutopay:
    def test_autopay_runs_the_plan_to_zero_on_its_days(self, owing: PatientAccount, autoplan: PaymentPlan):
        charged = []
        for n in (0, 1, 30, 31, 61):
            with after(n):
                charged.append(run_installments(day=day(n))["charged"])

        autoplan.refresh_from_db()
        assert charged == [1, 0, 0, 1, 1]
        assert autoplan.status == "finished"
        assert (at(Account.PLAN), at(Account.CARD)) == (D("0.00"), D("300.00"))
        assert Simulator().charged_cents() == 30000
        keys = {f"installment:{row.pk}" for row in autoplan.installments.all()}
        assert set(Payment.objects.values_list("key", flat=True)) == keys

    @pytest.mark.parametrize("reason", [Hold.Reason.BANKRUPTCY, Hold.Reason.DISPUTE])
    def test_a_hold_stops_the_card_until_it_is_released(self, reason: str, autoplan: PaymentPlan, mona: User):
        hold = place_hold(guarantor=autoplan.guarantor, reason=reason, by=mona)

        held = run_installments(day=day(0))
        release_hold(hold=hold, by=mona, why="settled")

        assert held == {"charged": 0, "missed": 0, "defaulted": 0}
        assert run_installments(day=day(0))["charged"] == 1

    def test_a_crash_between_the_charge_and_the_record_charges_once(
        self, autoplan: PaymentPlan, monkeypatch: pytest.MonkeyPatch
    ):
        class Killed(BaseException):
            pass

        def dies(row: Installment) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(autopay, "_charged", dies)
            with pytest.raises(Killed):
                charge_installment(installment=first(autoplan))
        counted_before = InstallmentPayment.objects.count()
        run_installments(day=START)
        run_installments(day=START)

        assert (counted_before, InstallmentPayment.objects.count()) == (0, 1)
        assert Simulator().charged_cents() == 10000
        assert first(autoplan).status == "paid"
        assert at(Account.PLAN) == D("200.00")

    def test_a_crash_before_the_answer_is_kept_charges_once(
        self, autoplan: PaymentPlan, monkeypatch: pytest.MonkeyPatch
    ):
        from ledger.services import cards

        class Killed(BaseException):
            pass

        def dies(*args: object, **kwargs: object) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(cards, "_finish", dies)
            with pytest.raises(Killed):
                charge_installment(installment=first(autoplan))
        posted_before = Payment.objects.filter(status="posted").count()
        run_installments(day=START)

        assert (posted_before, Payment.objects.filter(status="posted").count()) == (0, 1)
        assert Simulator().charged_cents() == 10000
        assert first(autoplan).status == "paid"

    def test_the_desk_waits_while_the_card_is_being_charged(self, autoplan: PaymentPlan, fran: User):
        row = first(autoplan)
        Installment.objects.filter(pk=row.pk).update(charging_key=f"installment:{row.pk}")

        with pytest.raises(Conflict, match="being charged"):
            take_installment(installment=row, method="cash", key="a", by=fran)

        assert not Payment.objects.exists()

    def test_declined_is_tried_after_three_and_seven_days_then_missed(self, owing: PatientAccount):
        bad = keep_card(guarantor=owing.guarantor, number="4000000000000002", expires_on=date(2028, 1, 31), by=None)
        plan = open_plan(guarantor=owing.guarantor, parts=3, starts_on=START, card_token=bad, by=None)
        seen = []
        for n in range(9):
            with after(n):
                run_installments(day=day(n))
            row = first(plan)
            seen.append((row.tries, row.status))

        assert seen == [(1, "scheduled")] * 3 + [(2, "scheduled")] * 4 + [(3, "missed")] * 2
        plan.refresh_from_db()
        assert plan.status == "past_due"
        assert Message.objects.filter(kind="installment_declined").count() == 3
        assert Simulator().charged_cents() == 0
        assert at(Account.PLAN) == D("300.00")

    def test_a_silent_processor_is_asked_again_never_charged_again(self, owing: PatientAccount):
        silent = keep_card(guarantor=owing.guarantor, number="4000000000000119", expires_on=date(2028, 1, 31), by=None)
        plan = open_plan(guarantor=owing.guarantor, parts=3, starts_on=START, card_token=silent, by=None)

        first_night = run_installments(day=START)
        second_night = run_installments(day=START)

        assert (first_night["charged"], second_night["charged"]) == (0, 1)
        assert Simulator().charged_cents() == 10000
        assert first(plan).status == "paid"


@given(
    cents=st.integers(min_value=2500, max_value=500_000),
    count=st.integers(min_value=1, max_value=24),
    taken=st.lists(st.integers(min_value=1, max_value=30_000), max_size=4),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_payments_leaves_installments_equal_to_the_ledger(
    acct: PatientAccount, cents: int, count: int, taken: list[int]
):
    if cents // count < 2500:
        count = max(1, cents // 2500)
    for old in PaymentPlan.objects.open():
        cancel_plan(plan=old, reason="next example", by=None)  # type: ignore[arg-type]
    line = acct.owed(str(D(cents) / 100))
    plan = open_plan(
        guarantor=acct.guarantor, parts=count, lines=[(line, D(cents) / 100)], disclosure_given=True, by=None
    )
    for n, amount in enumerate(taken):
        left = sum((r.open_amount for r in plan.installments.all()), D("0.00"))
        if D(amount) / 100 > left:
            continue
        open_row = next(r for r in plan.installments.order_by("position") if r.open_amount)
        take_installment(installment=open_row, amount=D(amount) / 100, method="cash", key=f"{line.pk}-{n}", by=None)

    owed = OpenItem.objects.get(account=Account.PLAN, charge=line).balance
    assert sum((r.open_amount for r in plan.installments.all()), D("0.00")) == owed
    plan.refresh_from_db()
    assert plan.is_open == bool(owed)


def test_a_payment_counted_twice_counts_once(plan: PaymentPlan, fran: User) -> None:
    take_installment(installment=first(plan), method="cash", key="a", by=fran)

    sync_plan(plan, by=None)
    sync_plan(plan, by=None)

    assert InstallmentPayment.objects.count() == 1


@pytest.fixture(autouse=True)
def nothing_is_charged_unasked(card_book: None) -> Iterator[None]:
    yield
    cents = sum(int(p.amount * 100) for p in Payment.objects.filter(method="card", status="posted"))
    assert Simulator().charged_cents() == cents
