"""The check's money reaches the bank: once for a check, whatever the number of its files."""

from datetime import date
from decimal import Decimal as D
from threading import Barrier, Thread

import pytest
from django.db import connection

from billing.models import Remittance
from billing.services.check_desk import record_deposit
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Claim
from ledger.accounts import Account
from ledger.queries.balances import balance
from ledger.services.entries import bank_deposit
from tests.billing.desk import MORNING, make_claim
from tests.billing.payer_desk import advice, answer, pay, post, take

ON = date(2026, 3, 4)


@pytest.fixture
def claim(visit, coverage, fees, partner, morning):
    made = make_claim(visit, "G0439")
    made.move_to(Claim.Status.SUBMITTED, by=None)
    return made


def test_a_deposit_clears_the_check_and_says_when_and_by_whom(claim, bill):
    pay(claim, ("85", "CO-45 40, PR-3 25"))

    row = record_deposit(remittance=Remittance.objects.get(), on=ON, by=bill)

    assert (row.deposited_on, row.deposited_by) == (ON, bill)
    assert (balance(Account.REMIT, payer=claim.payer), balance(Account.BANK)) == (D("0.00"), D("85.00"))


def test_a_deposit_recorded_twice_stands_once(claim, bill):
    pay(claim, ("85", "CO-45 40, PR-3 25"))

    for _ in range(2):
        record_deposit(remittance=Remittance.objects.get(), on=ON, by=bill)

    assert balance(Account.BANK) == D("85.00")


def test_two_files_of_one_check_are_one_deposit(claim, bill):
    right = answer(claim, ("85", "CO-45 40, PR-3 25"))
    first = advice([right], payer_id=claim.payer.payer_id, plb="WO X 1")
    post(take(advice([right], payer_id=claim.payer.payer_id), first))

    for row in Remittance.objects.order_by("amount"):
        record_deposit(remittance=row, on=ON, by=bill)

    assert sorted(Remittance.objects.values_list("amount", flat=True)) == [D("84.00"), D("85.00")]
    assert balance(Account.BANK) == D("85.00")


def test_a_deposit_ahead_of_today_is_refused(claim, bill):
    pay(claim, ("85", "CO-45 40, PR-3 25"))

    with pytest.raises(ClinicError, match="lies ahead"):
        record_deposit(remittance=Remittance.objects.get(), on=date(2026, 3, 6), by=bill)


def test_the_check_of_another_payee_is_not_deposited(claim, bill):
    take(advice([answer(claim, ("85", "CO-45 65"))], payer_id=claim.payer.payer_id, payee_npi="1992999999"))

    with pytest.raises(ClinicError, match="another payee"):
        record_deposit(remittance=Remittance.objects.get(), on=ON, by=bill)


def test_what_the_ledgers_page_noted_is_not_deposited_again(claim, bill):
    pay(claim, ("85", "CO-45 40, PR-3 25"))
    row = Remittance.objects.get()
    bank_deposit(payer=row.payer, reference=row.reference, amount=D("85.00"), key="arrived:1", by=bill)

    record_deposit(remittance=row, on=ON, by=bill)

    assert balance(Account.BANK) == D("85.00")
    assert Remittance.objects.get().deposited_on == ON


@pytest.mark.django_db(transaction=True)
def test_two_files_of_one_check_deposited_at_one_moment_lose_no_dollar(claim, bill):
    right = answer(claim, ("85", "CO-45 40, PR-3 25"))
    first = advice([right], payer_id=claim.payer.payer_id, plb="WO X 1")
    post(take(advice([right], payer_id=claim.payer.payer_id), first))
    rows = list(Remittance.objects.order_by("amount"))
    together = Barrier(len(rows))

    def deposit(row: Remittance) -> None:
        together.wait()
        with clock.at(MORNING):
            record_deposit(remittance=row, on=ON, by=bill)
        connection.close()

    racers = [Thread(target=deposit, args=(row,)) for row in rows]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert balance(Account.BANK) == D("85.00")
    assert Remittance.objects.filter(deposited_on=ON).count() == 2
