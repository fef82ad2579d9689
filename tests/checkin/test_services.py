"""Arrival, check-in with money, undo, check-out: what each does to visit, appointment and ledger."""

from decimal import Decimal

import pytest

from checkin.models import Intake
from checkin.queries import due_at_desk, forms_needed
from checkin.services.arrival import arrive, check_in, check_in_by_card_on_file, undo_arrival, undo_check_in
from checkin.services.copay import Tender, collect
from checkin.services.departure import check_out, leave_unseen, move_on, undo_check_out
from checkin.services.intake import Confirmed, sign_forms
from clinic import clock
from clinic.errors import ClinicError, Conflict, StaleStatus
from clinic.models import AuditEvent, ChargeItem, Coverage, Event, User, Visit, new_id
from ledger.accounts import Account
from ledger.models import Payment
from ledger.queries.balances import account_balance, balance
from ledger.services.cards import keep_card
from ledger.services.entries import charge as post_charge
from ledger.services.payments import void_payment
from scheduling.models import Appointment
from tests.checkin.conftest import DAY, Answered, local
from tests.factories.clinic import ChargeItemFactory, VisitFactory

TICKED = Confirmed(photo_id_seen=True, address_confirmed=True, phone_confirmed=True, coverage_confirmed=True)
COPAY_AND_BALANCE = Decimal("114.50")


def cash(amount: str, **also: str) -> Tender:
    return Tender(amount=Decimal(amount), method=Payment.Method.CASH, **also)


@pytest.fixture
def old_balance(appointment: Appointment, fran: User) -> ChargeItem:
    """$84.50 of an earlier visit, the patient's to pay."""
    earlier = VisitFactory(patient=appointment.patient, provider=appointment.provider)
    charge = ChargeItemFactory(visit=earlier, amount=Decimal("84.50"))
    post_charge(charge=charge, coverage=None, key="old", by=fran)
    return charge


@pytest.fixture
def insured(coverage: Coverage, answered: Answered) -> Coverage:
    answered(coverage)
    return coverage


def test_arrive_opens_the_visit_and_moves_the_appointment(appointment: Appointment, fran: User):
    visit = arrive(appointment=appointment, by=fran)

    appointment.refresh_from_db()
    assert (visit.status, appointment.status, visit.reason) == ("arrived", "arrived", "Lipid results")
    assert visit.service_date == DAY
    assert visit.arrived_at == clock.now()
    assert Event.objects.filter(kind="visit.arrived", record_id=visit.pk).count() == 1


def test_arrive_on_another_day_is_refused(appointment: Appointment, fran: User):
    with clock.at(local(10).replace(day=4)), pytest.raises(ClinicError, match="is on Mon 3/2, not today"):
        arrive(appointment=appointment, by=fran)


def test_check_in_with_copay_and_balance_is_one_act(
    appointment: Appointment, insured: Coverage, old_balance: ChargeItem, fran: User
):
    done = check_in(appointment=appointment, confirmed=TICKED, tender=cash("114.50"), key="f1", by=fran)

    assert done.visit.status == "checked_in"
    assert [(p.kind, p.amount) for p in done.payments] == [("copay", Decimal("30.00")), ("balance", Decimal("84.50"))]
    assert balance(Account.CRED, guarantor=done.visit.guarantor, visit=done.visit) == Decimal("30.00")
    assert account_balance(Account.PAT, charge=old_balance) == Decimal("0.00")
    assert account_balance(Account.CASH) == COPAY_AND_BALANCE
    assert done.intake.eligibility_check is not None
    assert (done.intake.coverage_answer, done.intake.expected_copay) == ("active", Decimal("30.00"))


def test_check_in_that_fails_at_the_money_leaves_nothing_behind(
    appointment: Appointment, insured: Coverage, fran: User
):
    with pytest.raises(ClinicError, match="check number"):
        check_in(
            appointment=appointment, confirmed=TICKED, key="f1", by=fran,
            tender=Tender(amount=Decimal("30.00"), method=Payment.Method.CHECK),
        )  # fmt: skip

    appointment.refresh_from_db()
    assert appointment.status == "booked"
    assert not Visit.objects.exists()
    assert not Intake.objects.exists()
    assert not Payment.objects.exists()


def test_a_card_at_the_terminal_needs_its_reference(appointment: Appointment, insured: Coverage, fran: User):
    with pytest.raises(ClinicError, match="card terminal printed"):
        check_in(
            appointment=appointment, confirmed=TICKED, key="f1", by=fran,
            tender=Tender(amount=Decimal("30.00"), method=Payment.Method.CARD_TERMINAL),
        )  # fmt: skip


def test_check_in_without_payment(appointment: Appointment, insured: Coverage, fran: User):
    done = check_in(appointment=appointment, confirmed=TICKED, key="f1", by=fran)

    assert (done.visit.status, done.payments) == ("checked_in", [])


def test_check_in_twice_is_refused(appointment: Appointment, insured: Coverage, fran: User):
    check_in(appointment=appointment, confirmed=TICKED, tender=cash("30.00"), key="f1", by=fran)

    with pytest.raises(ClinicError, match="already in the stage"):
        check_in(appointment=appointment, confirmed=TICKED, tender=cash("30.00"), key="f2", by=fran)

    assert Payment.objects.count() == 1


@pytest.mark.parametrize("answer", ["unknown", "pending"])
def test_what_could_not_be_determined_never_stops_a_check_in(
    answer: str, appointment: Appointment, coverage: Coverage, answered: Answered, fran: User
):
    answered(coverage, answer, copay=None, reason="Unable to respond now")

    done = check_in(appointment=appointment, confirmed=TICKED, key="f1", by=fran)

    assert (done.visit.status, done.intake.coverage_answer) == ("checked_in", answer)


def test_no_answer_yet_never_stops_a_check_in(appointment: Appointment, coverage: Coverage, fran: User):
    assert check_in(appointment=appointment, confirmed=TICKED, key="f1", by=fran).visit.status == "checked_in"


def test_inactive_coverage_asks_for_self_pay_or_a_reason(
    appointment: Appointment, coverage: Coverage, answered: Answered, fran: User
):
    answered(coverage, "inactive", copay=None)

    with pytest.raises(ClinicError, match="not active") as refusal:
        check_in(appointment=appointment, confirmed=TICKED, key="f1", by=fran)

    assert refusal.value.field == "override_reason"
    appointment.refresh_from_db()
    assert appointment.status == "booked"


def test_inactive_coverage_is_overridden_with_a_reason_that_is_kept(
    appointment: Appointment, coverage: Coverage, answered: Answered, fran: User
):
    answered(coverage, "inactive", copay=None)

    done = check_in(
        appointment=appointment, confirmed=Confirmed(override_reason="New card comes tomorrow"), key="f1", by=fran
    )

    assert done.intake.override_reason == "New card comes tomorrow"
    assert AuditEvent.objects.get(act="intake.completed").why == "New card comes tomorrow"


def test_self_pay_agreed_at_the_desk_marks_the_visit(
    appointment: Appointment, coverage: Coverage, answered: Answered, fran: User
):
    answered(coverage, "inactive", copay=None)

    done = check_in(
        appointment=appointment, confirmed=Confirmed(agrees_self_pay=True), tender=cash("120.00"), key="f1", by=fran
    )

    assert Visit.objects.get(pk=done.visit.pk).is_self_pay
    assert [p.kind for p in done.payments] == ["self_pay"]


def test_money_beyond_what_is_due_is_a_deposit_on_the_visit(appointment: Appointment, insured: Coverage, fran: User):
    done = check_in(appointment=appointment, confirmed=TICKED, tender=cash("50.00"), key="f1", by=fran)

    assert [(p.kind, str(p.amount)) for p in done.payments] == [("copay", "30.00"), ("deposit", "20.00")]


@pytest.mark.parametrize(("toward", "kinds"), [("visit", ["copay"]), ("balance", ["balance"])])
def test_without_a_known_copay_the_desk_says_what_the_money_is_for(
    toward: str, kinds: list[str], appointment: Appointment, coverage: Coverage, old_balance: ChargeItem, fran: User
):
    done = check_in(appointment=appointment, confirmed=TICKED, tender=cash("30.00", toward=toward), key="f1", by=fran)

    assert [p.kind for p in done.payments] == kinds


def test_a_copay_that_was_taken_is_no_longer_due(appointment: Appointment, insured: Coverage, fran: User):
    visit = check_in(appointment=appointment, confirmed=TICKED, tender=cash("10.00"), key="f1", by=fran).visit

    due = due_at_desk(patient=visit.patient, on=DAY, visit=visit)

    assert (due.copay, due.taken) == (Decimal("20.00"), Decimal("10.00"))


def test_due_names_the_lines_behind_each_figure(
    appointment: Appointment, insured: Coverage, old_balance: ChargeItem, fran: User
):
    due = due_at_desk(patient=appointment.patient, on=DAY)

    assert (due.copay, due.previous, due.total) == (Decimal("30.00"), Decimal("84.50"), COPAY_AND_BALANCE)
    assert [line.charge for line in due.lines] == [old_balance]
    assert [(line.segment_number, line.is_chosen) for line in due.copay_lines] == [(14, True)]


@pytest.mark.django_db(transaction=True)
def test_a_card_on_file_is_charged_and_the_patient_checked_in(appointment: Appointment, insured: Coverage, fran: User):
    card = keep_card(
        guarantor=appointment.patient.guarantor, number="4242424242424242", expires_on=DAY.replace(year=2030), by=fran
    )
    tender = Tender(amount=Decimal("30.00"), method=Payment.Method.CARD, card=card)

    done = check_in_by_card_on_file(
        appointment=appointment, confirmed=TICKED, tender=tender, key=str(new_id()), by=fran
    )

    assert (done.visit.status, done.collected) == ("checked_in", Decimal("30.00"))
    assert Payment.objects.get().method == "card"


@pytest.mark.django_db(transaction=True)
def test_a_declined_card_leaves_the_patient_arrived_and_nothing_taken(
    appointment: Appointment, insured: Coverage, fran: User
):
    card = keep_card(
        guarantor=appointment.patient.guarantor, number="4000000000000002", expires_on=DAY.replace(year=2030), by=fran
    )
    tender = Tender(amount=Decimal("30.00"), method=Payment.Method.CARD, card=card)

    with pytest.raises(ClinicError, match="declined"):
        check_in_by_card_on_file(appointment=appointment, confirmed=TICKED, tender=tender, key=str(new_id()), by=fran)

    visit = Visit.objects.get()
    assert visit.status == "arrived"
    assert not Payment.objects.filter(status="posted").exists()
    assert check_in(visit=visit, confirmed=TICKED, tender=cash("30.00"), key="f2", by=fran).collected == Decimal(
        "30.00"
    )


@pytest.mark.django_db(transaction=True)
def test_a_card_without_an_answer_is_looked_up_and_not_charged_again(
    appointment: Appointment, insured: Coverage, fran: User
):
    card = keep_card(
        guarantor=appointment.patient.guarantor, number="4000000000000119", expires_on=DAY.replace(year=2030), by=fran
    )
    tender = Tender(amount=Decimal("30.00"), method=Payment.Method.CARD, card=card)

    with pytest.raises(Conflict, match="Do not charge again"):
        check_in_by_card_on_file(appointment=appointment, confirmed=TICKED, tender=tender, key=str(new_id()), by=fran)

    assert Visit.objects.get().status == "checked_in"
    assert Payment.objects.get().status == "charging"


def test_two_desks_that_check_in_the_same_patient_take_the_money_once(
    appointment: Appointment, insured: Coverage, fran: User, lena: User
):
    mine = arrive(appointment=appointment, by=fran)
    theirs = Visit.objects.get()
    check_in(visit=mine, confirmed=TICKED, tender=cash("30.00"), key="f1", by=fran)

    with pytest.raises(StaleStatus):
        check_in(visit=theirs, confirmed=TICKED, tender=cash("30.00"), key="f2", by=lena)

    assert Payment.objects.count() == 1


def test_undo_check_in_and_arrival_give_the_appointment_back(appointment: Appointment, insured: Coverage, fran: User):
    visit = check_in(appointment=appointment, confirmed=TICKED, key="f1", by=fran).visit

    undo_check_in(visit=visit, reason="wrong patient", by=fran)
    undo_arrival(visit=visit, reason="wrong patient", by=fran)

    appointment.refresh_from_db()
    assert (visit.status, appointment.status) == ("undone", "booked")
    assert arrive(appointment=appointment, by=fran).status == "arrived"


def test_undo_arrival_waits_until_the_money_is_given_back(appointment: Appointment, insured: Coverage, fran: User):
    done = check_in(appointment=appointment, confirmed=TICKED, tender=cash("30.00"), key="f1", by=fran)
    undo_check_in(visit=done.visit, reason="wrong patient", by=fran)

    with pytest.raises(ClinicError, match="Void the receipt first"):
        undo_arrival(visit=done.visit, reason="wrong patient", by=fran)

    void_payment(payment=done.payments[0], reason="wrong patient", by=fran)
    undo_arrival(visit=done.visit, reason="wrong patient", by=fran)
    assert done.visit.status == "undone"


def test_through_the_clinic_and_out(appointment: Appointment, insured: Coverage, fran: User):
    visit = check_in(appointment=appointment, confirmed=TICKED, key="f1", by=fran).visit
    for stage in ("in_room", "with_provider", "ready_for_checkout"):
        move_on(visit=visit, to=stage, by=fran)

    check_out(visit=visit, by=fran)

    appointment.refresh_from_db()
    assert (visit.status, appointment.status) == ("checked_out", "fulfilled")
    assert visit.checked_out_at == clock.now()
    assert Event.objects.filter(kind="visit.checked_out").count() == 1


def test_check_out_taken_back(appointment: Appointment, insured: Coverage, fran: User):
    visit = check_in(appointment=appointment, confirmed=TICKED, key="f1", by=fran).visit
    check_out(visit=visit, by=fran)

    undo_check_out(visit=visit, reason="still in the lab", by=fran)

    appointment.refresh_from_db()
    assert (visit.status, appointment.status) == ("ready_for_checkout", "arrived")


def test_the_board_does_not_check_anybody_in(appointment: Appointment, fran: User):
    visit = arrive(appointment=appointment, by=fran)

    with pytest.raises(ClinicError, match="check-in or check-out"):
        move_on(visit=visit, to="checked_in", by=fran)


def test_left_without_being_seen_frees_the_appointment(appointment: Appointment, fran: User):
    visit = arrive(appointment=appointment, by=fran)

    leave_unseen(visit=visit, reason="waited too long", by=fran)

    appointment.refresh_from_db()
    assert (visit.status, appointment.status) == ("left", "cancelled")


def test_a_form_signed_this_year_is_not_asked_for_again(appointment: Appointment, fran: User):
    visit = arrive(appointment=appointment, by=fran)

    sign_forms(visit=visit, forms=("financial_policy",), name="Karl Jensen", by=fran)

    now = clock.now()
    assert dict(forms_needed(visit.patient, now)) == {"privacy_notice": None, "financial_policy": now}
    assert dict(forms_needed(visit.patient, now.replace(year=2027, month=4)))["financial_policy"] is None


def test_a_signed_form_needs_a_name(appointment: Appointment, insured: Coverage, fran: User):
    with pytest.raises(ClinicError, match="Type the name"):
        check_in(appointment=appointment, confirmed=Confirmed(signed_forms=("privacy_notice",)), key="f1", by=fran)


def test_the_same_money_sent_again_is_taken_once_whatever_is_due_since(
    appointment: Appointment, insured: Coverage, old_balance: ChargeItem, fran: User
):
    visit = arrive(appointment=appointment, by=fran)
    copay = due_at_desk(patient=visit.patient, on=DAY, visit=visit)

    first = collect(visit=visit, due=copay, tender=cash("50"), key="k", by=fran)
    again = collect(
        visit=visit, due=due_at_desk(patient=visit.patient, on=DAY, visit=visit), tender=cash("50"), key="k", by=fran
    )

    assert again == first
    assert sum(p.amount for p in Payment.objects.all()) == Decimal("50.00")
