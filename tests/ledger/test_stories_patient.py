"""Money stories 9 to 14 to the cent: refunds, plans, the agency, returned checks, self-pay, fees."""

from datetime import date
from decimal import Decimal

import pytest

from clinic.errors import ClinicError
from clinic.models import ChargeItem, User
from ledger.accounts import Account
from ledger.models import JournalEntry, OpenItem
from ledger.queries.balances import credit_of, owed_by_patient, patient_balance
from ledger.services import entries
from ledger.services.fees import charge_fee
from ledger.services.journal import note_first_statement
from ledger.services.payments import receive_payment, returned_check
from ledger.services.refunds import approve_refund, refund_payment, refund_unclaimed, request_refund
from tests.factories.ledger import PatientAccount, at, balances, legs, on, prove, since, visit_on

D = Decimal


def pay(
    acct: PatientAccount,
    amount: str,
    *,
    method: str = "cash",
    kind: str = "balance",
    key: str = "pay-1",
    **more: object,
):  # type: ignore[no-untyped-def]
    if method in ("check", "lockbox"):
        more.setdefault("reference", "4711")
    return receive_payment(
        guarantor=acct.guarantor, amount=D(amount), method=method, kind=kind, key=key, by=None, **more
    )


def test_story_9_refund_goes_back_by_the_tender_it_came(acct: PatientAccount, fran: User, mona: User) -> None:
    copay = acct.copay(method="card_terminal", reference="887766")
    acct.charge()

    refund = refund_payment(
        payment=copay, amount=D("25.00"), reason="Final share is zero", requested_by=fran, approved_by=mona, key="r1"
    )

    entries_of = [legs(e) for e in refund_entries()]
    assert entries_of == [balances(CRED="25", REFP="-25"), balances(REFP="25", CARD="-25")]
    assert refund.status == "sent"
    assert credit_of(acct.guarantor) == D("0.00")
    assert at(Account.REFP) == D("0.00")


def refund_entries():  # type: ignore[no-untyped-def]
    return JournalEntry.objects.filter(kind__startswith="refund").order_by("id")


def test_story_9_nobody_approves_a_refund_they_asked_for(acct: PatientAccount, mona: User) -> None:
    copay = acct.copay()
    refund = request_refund(payment=copay, amount=D("25.00"), reason="Overpaid", key="r1", by=mona)

    with pytest.raises(ClinicError, match="second person"):
        approve_refund(refund=refund, by=mona)

    assert credit_of(acct.guarantor) == D("25.00")


def test_story_9_applied_money_cannot_be_refunded(acct: PatientAccount, fran: User) -> None:
    acct.owed("60.00")
    payment = pay(acct, "100.00")

    with pytest.raises(ClinicError, match=r"Only \$40.00"):
        request_refund(payment=payment, amount=D("41.00"), reason="Too much", key="r1", by=fran)


def test_story_9_stale_refund_check_becomes_unclaimed_property(acct: PatientAccount, fran: User, mona: User) -> None:
    payment = pay(acct, "25.00", method="check", reference="1001")
    refund = refund_payment(
        payment=payment, amount=D("25.00"), reason="Overpaid", requested_by=fran, approved_by=mona, key="r1"
    )

    refund_unclaimed(refund=refund, by=mona)

    assert legs(refund_entries().last()) == balances(BANK="25", ESCH="-25")


def test_story_10_plan_is_paid_defaults_and_its_debt_stays_as_old_as_it_was(acct: PatientAccount) -> None:
    with on(date(2026, 1, 5)):
        first = acct.owed("200.00")
    with on(date(2026, 2, 2)):
        second = acct.owed("100.00")
    note_first_statement(items=OpenItem.objects.filter(charge=first), on=date(2026, 1, 20))

    planned = entries.to_plan(lines=[(first, D("200.00")), (second, D("100.00"))], key="plan-1", by=None)
    installment = pay(acct, "100.00", method="card_terminal", kind="installment", reference="1")
    payout = entries.card_payout(amount=D("100.00"), fee=D("3.00"), key="payout", by=None)
    defaulted = entries.from_plan(charges=[first, second], key="default-1", by=None)

    assert legs(planned) == balances(PLAN="300", PAT="-300")
    assert legs(installment.entry) == balances(CARD="100", PLAN="-100")
    assert legs(payout) == balances(BANK="97", BFEE="3", CARD="-100")
    assert legs(defaulted) == balances(PAT="200", PLAN="-200")
    assert since(Account.PAT, first) == since(Account.PLAN, first) == date(2026, 1, 5)
    assert since(Account.PAT, second) == date(2026, 2, 2)
    assert OpenItem.objects.get(account=Account.PLAN, charge=first).first_statement_on == date(2026, 1, 20)
    prove(first, second)


def test_story_10_no_more_goes_on_a_plan_than_is_owed(acct: PatientAccount) -> None:
    line = acct.owed("100.00")

    with pytest.raises(ClinicError, match=r"Only \$100.00"):
        entries.to_plan(lines=[(line, D("100.01"))], key="plan-1", by=None)


def test_story_11_agency_collects_after_the_write_off(acct: PatientAccount, cora: User, mona: User) -> None:
    with on(date(2025, 11, 3)):
        line = acct.owed("200.00")
    placed = entries.to_agency(lines=[(line, D("200.00"))], key="placed", by=cora)
    given_up = entries.to_bad_debt(charges=[line], key="bad", by=cora, approved_by=mona)
    assert patient_balance(guarantor=acct.guarantor).written_off == D("200.00")

    remitted = entries.agency_remitted(lines=[(line, D("80.00"))], fee=D("20.00"), key="remit", by=cora)

    assert legs(placed) == balances(AGCY="200", PAT="-200")
    assert legs(given_up) == balances(BAD="200", AGCY="-200")
    assert legs(remitted) == balances(BREC="-80", BANK="60", AFEE="20")
    assert patient_balance(guarantor=acct.guarantor).written_off == D("120.00")
    assert since(Account.AGCY, line) == date(2025, 11, 3)
    prove(line)

    desk = pay(acct, "40.00")
    billed = entries.agency_billed(amount=D("10.00"), key="fee-bill", by=cora)

    assert legs(desk.entry) == balances(BREC="-40", CASH="40")
    assert [(p.account, p.debit, p.credit) for p in desk.entry.postings.filter(account="AGCY")] == [
        ("AGCY", D("40.00"), D("0.00")),
        ("AGCY", D("0.00"), D("40.00")),
    ]
    assert legs(billed) == balances(AFEE="10", BANK="-10")
    assert patient_balance(guarantor=acct.guarantor).written_off == D("80.00")
    prove(line)


def test_story_11_bad_debt_needs_two_people(acct: PatientAccount, mona: User) -> None:
    line = acct.owed("200.00")

    with pytest.raises(ClinicError, match="second person"):
        entries.to_bad_debt(charges=[line], key="bad", by=mona, approved_by=mona)


def test_story_11_agency_collects_while_the_debt_is_still_ours(acct: PatientAccount) -> None:
    line = acct.owed("200.00")
    entries.to_agency(lines=[(line, D("200.00"))], key="placed", by=None)

    remitted = entries.agency_remitted(lines=[(line, D("80.00"))], fee=D("20.00"), key="remit", by=None)

    assert legs(remitted) == balances(BANK="60", AFEE="20", AGCY="-80")
    assert owed_by_patient(charge=line) == D("120.00")


def test_story_12_returned_check_brings_the_same_lines_back_at_their_age(acct: PatientAccount, fran: User) -> None:
    with on(date(2026, 1, 5)):
        line = acct.owed("110.00")
    check = pay(acct, "110.00", method="check", reference="2044")
    assert owed_by_patient(charge=line) == D("0.00")

    with on(date(2026, 3, 9)):
        returned_check(payment=check, key="nsf-1", bank_fee=D("12.00"), policy_fee=D("25.00"), by=fran)

    entries_of = [legs(e) for e in entries_by("nsf-1", "nsf-1:bank-fee", "nsf-1:fee")]
    assert entries_of == [
        balances(PAT="110", BANK="-110"),
        balances(BFEE="12", BANK="-12"),
        balances(PAT="25", FEE="-25"),
    ]
    assert since(Account.PAT, line) == date(2026, 1, 5)
    fee = ChargeItem.objects.get(kind="fee")
    assert (fee.for_payment_id, fee.visit_id) == (check.pk, None)
    check.refresh_from_db()
    assert check.status == "returned"
    prove(line, fee)


def entries_by(*keys: str):  # type: ignore[no-untyped-def]
    return [JournalEntry.objects.get(key=key) for key in keys]


def test_story_12_returned_installment_goes_back_to_the_plan_while_it_runs(acct: PatientAccount) -> None:
    line = acct.owed("300.00")
    entries.to_plan(lines=[(line, D("300.00"))], key="plan", by=None)
    check = pay(acct, "100.00", method="check", kind="installment")

    returned_check(payment=check, key="nsf", by=None)

    assert patient_balance(guarantor=acct.guarantor).on_plan == D("300.00")


def test_story_13_self_pay_with_discount_ends_at_zero(acct: PatientAccount) -> None:
    line = acct.owed("150.00")
    discount = entries.self_pay_discount(charge=line, amount=D("60.00"), key="spd", by=None)
    paid = pay(acct, "90.00", kind="self_pay", visit=acct.visit)

    assert legs(discount) == balances(SPD="60", PAT="-60")
    assert legs(paid.entry) == balances(CASH="90", PAT="-90")
    assert owed_by_patient(guarantor=acct.guarantor) == D("0.00")
    prove(line)


def test_story_13_retroactive_medicaid_reverses_all_refunds_and_bills(
    acct: PatientAccount, fran: User, mona: User
) -> None:
    line = acct.owed("150.00")
    entries.self_pay_discount(charge=line, amount=D("60.00"), key="spd", by=None)
    paid = pay(acct, "90.00", kind="self_pay", visit=acct.visit)

    undone = entries.undo_charge(charge=line, key="undo", by=mona)
    refund_payment(
        payment=paid, amount=D("90.00"), reason="Medicaid from March 1", requested_by=fran, approved_by=mona, key="r"
    )
    entries.charge(charge=line, coverage=acct.primary, key="bill", by=mona)

    assert legs(undone) == balances(REV="150", SPD="-60", PAT="-90")
    assert owed_by_patient(guarantor=acct.guarantor) == D("0.00")
    assert credit_of(acct.guarantor) == D("0.00")
    assert at(Account.INS, charge=line) == D("150.00")
    assert at(Account.SPD) == D("0.00")
    prove(line)


def test_story_14_no_show_fee_and_its_waiver(acct: PatientAccount, fran: User) -> None:
    fee = charge_fee(patient=acct.patient, code="NOSHO", amount=D("50.00"), key="no-show-1", by=fran)
    same = charge_fee(patient=acct.patient, code="NOSHO", amount=D("50.00"), key="no-show-1", by=fran)
    charged = fee.postings.first().entry  # type: ignore[union-attr]

    waived = entries.waive_fee(charge=fee, key="waive-1", by=fran)

    assert same.pk == fee.pk
    assert legs(charged) == balances(PAT="50", FEE="-50")
    assert legs(waived) == balances(FEE="50", PAT="-50")
    assert owed_by_patient(guarantor=acct.guarantor) == D("0.00")


def test_old_debt_never_turns_new_when_the_payer_corrects_the_line(acct: PatientAccount) -> None:
    with on(date(2026, 1, 5)):
        line = acct.charge()
        first = acct.paid(line, paid="85", co="40", pr="25")
    assert first is not None
    note_first_statement(items=OpenItem.objects.filter(charge=line, account="PAT"), on=date(2026, 1, 20))

    entries.reverse_insurance_payment(entry=first, key="22", payer=acct.payer, reference="E2", by=None)
    acct.paid(line, "1", paid="60", co="40", pr="50", check="E2")

    item = OpenItem.objects.get(charge=line, account="PAT")
    assert (item.balance, item.responsible_since, item.first_statement_on) == (
        D("50.00"),
        date(2026, 1, 5),
        date(2026, 1, 20),
    )


def test_money_pays_the_oldest_debt_first_and_never_another_guarantors(acct: PatientAccount) -> None:
    with on(date(2026, 2, 2)):
        newer = acct.owed("40.00")
    with on(date(2026, 1, 5)):
        visit = visit_on(acct, date(2026, 1, 5))
        older = ChargeItem.objects.get(pk=acct.line("30.00", visit=visit).pk)
        entries.charge(charge=older, coverage=None, key="older", by=None)

    pay(acct, "50.00")

    assert owed_by_patient(charge=older) == D("0.00")
    assert owed_by_patient(charge=newer) == D("20.00")
