"""Payments: what is refused at the door, receipts, the void of the same day, and cards between two transactions."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clinic.errors import ClinicError, Conflict
from clinic.models import AuditEvent, Event, User
from ledger.accounts import Account
from ledger.cards.interface import ProcessorUnavailable
from ledger.cards.simulator import Simulator
from ledger.models import Payment
from ledger.queries.balances import credit_of, owed_by_patient, patient_balance
from ledger.services import entries
from ledger.services.cards import charge_card, keep_card, settle_charges
from ledger.services.day_close import close_drawer, count_drawer, make_deposit, open_drawer
from ledger.services.payments import receive_payment, void_payment
from ledger.services.refunds import approve_refund, request_refund, send_refund
from tests.factories.clinic import PatientFactory, VisitFactory
from tests.factories.ledger import PatientAccount, at, legs, on, prove

D = Decimal
GOOD, DECLINED, SILENT = "4242424242424242", "4000000000000002", "4000000000000119"


def pay(acct: PatientAccount, amount: Any, **more: Any) -> Payment:
    named = {"method": "cash", "kind": "balance", "key": "pay-1", "by": None, **more}
    return receive_payment(guarantor=acct.guarantor, amount=amount, **named)


@pytest.mark.parametrize(
    "amount", [D("-5"), D("0"), D("1e9"), D("25.005"), D("NaN"), D("Infinity"), "-5", "", "abc", "25,00", "1e9"]
)
def test_bad_amount_is_refused_and_nothing_is_written(acct: PatientAccount, amount: Any) -> None:
    with pytest.raises(ClinicError):
        pay(acct, amount)

    assert not Payment.objects.exists()


def test_float_is_a_fault_of_the_program(acct: PatientAccount) -> None:
    with pytest.raises(TypeError):
        pay(acct, 25.0)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kind": "gift"}, "what the payment is for"),
        ({"method": "barter"}, "how it is paid"),
        ({"kind": "copay"}, "belongs to a visit"),
        ({"method": "check"}, "check number"),
    ],
)
def test_payment_that_makes_no_sense_is_refused(acct: PatientAccount, more: dict[str, Any], says: str) -> None:
    with pytest.raises(ClinicError, match=says):
        pay(acct, D("25.00"), **more)


def test_visit_of_another_account_is_refused(acct: PatientAccount) -> None:
    stranger = VisitFactory(patient=PatientFactory(), provider=acct.visit.provider)

    with pytest.raises(ClinicError, match="another account"):
        pay(acct, D("25.00"), kind="copay", visit=stranger)


def test_receipts_run_without_gaps_and_a_refused_payment_leaves_none(acct: PatientAccount) -> None:
    first = pay(acct, D("10.00"), key="a")
    with pytest.raises(ClinicError):
        pay(acct, D("-1.00"), key="b")
    second = pay(acct, D("10.00"), key="c")

    assert (first.number, second.number) == ("R1001", "R1002")


def test_same_key_is_the_same_payment_and_another_amount_is_refused(acct: PatientAccount) -> None:
    first = pay(acct, D("10.00"))

    assert pay(acct, D("10.00")).pk == first.pk
    with pytest.raises(ClinicError, match="used before"):
        pay(acct, D("11.00"))
    assert at(Account.CASH) == D("10.00")


def test_payment_leaves_audit_and_event(acct: PatientAccount, fran: User) -> None:
    payment = pay(acct, D("10.00"), by=fran, patient=acct.patient)

    assert Event.objects.get(kind="payment.received").record_id == payment.pk
    assert AuditEvent.objects.get(act="payment.received").actor_id == fran.pk


def test_two_payments_of_one_amount_are_two_rows(acct: PatientAccount) -> None:
    line = acct.owed("60.00")
    pay(acct, D("25.00"), key="a")
    pay(acct, D("25.00"), key="b")

    assert owed_by_patient(charge=line) == D("10.00")
    assert Payment.objects.count() == 2


def test_overpayment_stays_credit_and_is_applied_to_the_next_debt(acct: PatientAccount) -> None:
    acct.owed("60.00")
    pay(acct, D("100.00"))
    later = acct.owed("30.00")

    entries.allocate_credit(guarantor=acct.guarantor, key="apply", by=None)

    assert owed_by_patient(charge=later) == D("0.00")
    assert credit_of(acct.guarantor) == D("10.00")


def test_chosen_lines_are_paid_and_no_others(acct: PatientAccount) -> None:
    older, newer = acct.owed("60.00"), acct.owed("40.00")

    pay(acct, D("40.00"), charges=[newer])

    assert owed_by_patient(charge=older) == D("60.00")
    assert owed_by_patient(charge=newer) == D("0.00")


def test_credit_of_one_guarantor_never_pays_another(acct: PatientAccount) -> None:
    pay(acct, D("50.00"))
    other = PatientFactory()
    line = acct.line("40.00", visit=VisitFactory(patient=other, provider=acct.visit.provider))
    entries.charge(charge=line, coverage=None, key="c", by=None)

    with pytest.raises(ClinicError, match="another account"):
        entries.apply_credit(guarantor=acct.guarantor, amount=D("40.00"), charge=line, key="k", by=None)


def test_void_the_same_day_gives_everything_back(acct: PatientAccount, fran: User) -> None:
    line = acct.owed("60.00")
    payment = pay(acct, D("100.00"), by=fran)

    voided = void_payment(payment=payment, reason="Wrong patient", by=fran)
    again = void_payment(payment=payment, reason="Wrong patient", by=fran)

    assert (voided.status, again.status) == ("voided", "voided")
    assert owed_by_patient(charge=line) == D("60.00")
    assert credit_of(acct.guarantor) == at(Account.CASH) == D("0.00")
    prove(line)


def test_void_on_a_later_day_is_refused(acct: PatientAccount, fran: User) -> None:
    payment = pay(acct, D("10.00"), by=fran)

    with on(date(2026, 3, 3)), pytest.raises(ClinicError, match="own day only"):
        void_payment(payment=payment, reason="Wrong patient", by=fran)


def test_drawer_short_is_explained_signed_by_a_second_person_and_deposited(
    acct: PatientAccount, fran: User, lena: User
) -> None:
    drawer = open_drawer(location=acct.visit.location, float_amount=D("100.00"), by=fran)
    payment = acct.copay()
    cash = pay(acct, D("30.00"), by=fran, visit=acct.visit)
    pay(acct, D("20.00"), by=fran, visit=acct.visit, method="check", reference="12", key="pay-2")
    pay(acct, D("70.00"), by=fran, visit=acct.visit, method="card_terminal", key="pay-3")

    drawer = count_drawer(drawer=drawer, counted=D("148.00"), by=fran)
    with pytest.raises(ClinicError, match="takes no more money"):
        pay(acct, D("1.00"), by=fran, key="pay-4")
    with pytest.raises(ClinicError, match=r"off by -\$2.00"):
        close_drawer(drawer=drawer, by=lena)
    with pytest.raises(ClinicError, match="second person"):
        close_drawer(drawer=drawer, by=fran, explanation="Change given wrongly")
    close_drawer(drawer=drawer, by=lena, explanation="Change given wrongly")
    deposit = make_deposit(location=acct.visit.location, by=lena, key="dep-1")

    assert cash.drawer_id == drawer.pk
    assert payment.drawer_id is None
    assert drawer.expected_amount == D("150.00")
    assert at(Account.OVERSHORT) == D("2.00")
    assert deposit.amount == D("73.00")
    assert at(Account.CASH) == D("0.00")
    with pytest.raises(ClinicError, match="drawer is counted"):
        void_payment(payment=cash, reason="Late", by=fran)


@pytest.mark.django_db(transaction=True)
def test_card_is_charged_once_and_posted(acct: PatientAccount, fran: User) -> None:
    token = keep_card(guarantor=acct.guarantor, number=GOOD, expires_on=date(2028, 5, 31), by=fran)
    line = acct.owed("80.00")

    def charge() -> Payment:
        return charge_card(
            guarantor=acct.guarantor, token=token, amount=D("80.00"), kind="balance", key="card-1", by=fran
        )

    first, second = charge(), charge()

    assert first.pk == second.pk
    assert (first.status, first.number) == ("posted", "R1001")
    assert legs(first.entry) == {"CARD": D("80.00"), "PAT": D("-80.00")}
    assert Simulator().charged_cents() == 8000
    assert owed_by_patient(charge=line) == D("0.00")


@pytest.mark.django_db(transaction=True)
def test_declined_card_posts_nothing_and_takes_no_receipt(acct: PatientAccount, fran: User) -> None:
    token = keep_card(guarantor=acct.guarantor, number=DECLINED, expires_on=date(2028, 5, 31), by=fran)

    for _try in range(2):
        with pytest.raises(ClinicError, match="declined"):
            charge_card(guarantor=acct.guarantor, token=token, amount=D("80"), kind="balance", key="card-1", by=fran)

    assert Payment.objects.get().status == "declined"
    assert Payment.objects.get().number is None
    assert at(Account.CARD) == D("0.00")


@pytest.mark.django_db(transaction=True)
def test_silent_processor_is_asked_before_anything_is_charged_again(acct: PatientAccount, fran: User) -> None:
    token = keep_card(guarantor=acct.guarantor, number=SILENT, expires_on=date(2028, 5, 31), by=fran)
    acct.owed("80.00")
    with pytest.raises(Conflict, match="Do not charge again"):
        charge_card(guarantor=acct.guarantor, token=token, amount=D("80"), kind="balance", key="card-1", by=fran)
    assert Payment.objects.get().status == "charging"
    assert settle_charges() == 0

    with on(date(2026, 3, 3)):
        settled = settle_charges()

    assert settled == 1
    assert Payment.objects.get().status == "posted"
    assert Simulator().charged_cents() == 8000
    assert patient_balance(guarantor=acct.guarantor).due == D("0.00")


@pytest.mark.django_db(transaction=True)
def test_charge_that_never_arrived_is_declined_by_the_look_up(
    acct: PatientAccount, fran: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = keep_card(guarantor=acct.guarantor, number=GOOD, expires_on=date(2028, 5, 31), by=fran)

    def wire_is_down(*args: object, **kwargs: object) -> None:
        raise ProcessorUnavailable

    with monkeypatch.context() as wire:
        wire.setattr(Simulator, "charge", wire_is_down)
        with pytest.raises(Conflict):
            charge_card(guarantor=acct.guarantor, token=token, amount=D("80"), kind="balance", key="card-1", by=fran)
    with on(date(2026, 3, 3)):
        settle_charges()

    assert Payment.objects.get().status == "declined"
    assert Simulator().charged_cents() == 0


@pytest.mark.django_db(transaction=True)
def test_charge_that_arrives_after_it_was_given_up_is_posted(
    acct: PatientAccount, fran: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = keep_card(guarantor=acct.guarantor, number=GOOD, expires_on=date(2028, 5, 31), by=fran)
    line = acct.owed("80.00")
    charge = Simulator.charge

    def slow(self: Simulator, **asked: Any) -> Any:
        with on(date(2026, 3, 3)):
            assert settle_charges() == 1
        assert Payment.objects.get().status == "declined"
        return charge(self, **asked)

    monkeypatch.setattr(Simulator, "charge", slow)
    payment = charge_card(guarantor=acct.guarantor, token=token, amount=D("80"), kind="balance", key="card-1", by=fran)

    assert (payment.status, payment.number) == ("posted", "R1001")
    assert Simulator().charged_cents() == 8000
    assert owed_by_patient(charge=line) == D("0.00")


@pytest.mark.django_db(transaction=True)
def test_card_refund_goes_to_the_card_once(acct: PatientAccount, fran: User, mona: User) -> None:
    token = keep_card(guarantor=acct.guarantor, number=GOOD, expires_on=date(2028, 5, 31), by=fran)
    payment = charge_card(
        guarantor=acct.guarantor, token=token, amount=D("80.00"), kind="prepayment", key="card-1", by=fran
    )
    refund = request_refund(payment=payment, amount=D("30.00"), reason="Estimate was high", key="r", by=fran)
    refund = approve_refund(refund=refund, by=mona)

    sent = send_refund(refund=refund, by=mona)
    again = send_refund(refund=sent, by=mona)

    assert (sent.status, again.status) == ("sent", "sent")
    assert Simulator().charged_cents() == 5000
    assert at(Account.CARD) == D("50.00")
    assert credit_of(acct.guarantor) == D("50.00")


def test_card_of_another_account_or_out_of_date_is_refused(acct: PatientAccount, fran: User) -> None:
    token = keep_card(guarantor=acct.guarantor, number=GOOD, expires_on=date(2026, 3, 31), by=fran)
    other = PatientFactory().guarantor

    with pytest.raises(ClinicError, match="another account"):
        charge_card(guarantor=other, token=token, amount=D("8"), kind="balance", key="a", by=fran)
    with on(date(2026, 4, 1)), pytest.raises(ClinicError, match="expired"):
        charge_card(guarantor=acct.guarantor, token=token, amount=D("8"), kind="balance", key="b", by=fran)


def test_number_that_is_no_card_is_refused(acct: PatientAccount, fran: User) -> None:
    with pytest.raises(ClinicError, match="not a card number"):
        keep_card(guarantor=acct.guarantor, number="4242424242424241", expires_on=date(2028, 5, 31), by=fran)


def test_production_never_charges_the_simulator(acct: PatientAccount, fran: User, settings: Any) -> None:
    token = keep_card(guarantor=acct.guarantor, number=GOOD, expires_on=date(2028, 5, 31), by=fran)
    settings.PRODUCTION = True

    with pytest.raises(ClinicError, match="No card processor is set up"):
        charge_card(guarantor=acct.guarantor, token=token, amount=D("8"), kind="balance", key="a", by=fran)

    assert not Payment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_second_try_of_an_unanswered_charge_finds_the_first(acct: PatientAccount, fran: User) -> None:
    token = keep_card(guarantor=acct.guarantor, number=SILENT, expires_on=date(2028, 5, 31), by=fran)

    def charge() -> Payment:
        return charge_card(
            guarantor=acct.guarantor, token=token, amount=D("80.00"), kind="balance", key="card-1", by=fran
        )

    with pytest.raises(Conflict):
        charge()
    payment = charge()

    assert payment.status == "posted"
    assert Simulator().charged_cents() == 8000
    assert at(Account.CARD) == D("80.00")
