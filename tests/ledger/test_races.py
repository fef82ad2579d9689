"""Several people at once: the same key posts once, opposite orders do not deadlock, money is not spent twice."""

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from clinic import clock
from clinic.errors import ClinicError, Conflict
from ledger.accounts import Account
from ledger.checks import OWN
from ledger.models import JournalEntry, OpenItem, Payment
from ledger.queries.balances import credit_of, owed_by_patient
from ledger.services import entries
from ledger.services.clearing import mark_refund_due, note_arrived, note_refund_sent
from ledger.services.journal import Kind, leg, post
from ledger.services.payments import receive_payment
from tests.factories.clinic import PatientFactory, VisitFactory
from tests.factories.ledger import PatientAccount, at, new_account

D = Decimal
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads of their own, all starting together; gives results or the errors they ended in."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(n: int, act: Callable[[], object]) -> None:
        try:
            gate.wait()
            results[n] = act()
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_people_note_one_deposit_once(acct: PatientAccount) -> None:
    acct.paid(acct.charge("150.00"), "p", paid="110", co="40")
    item = OpenItem.objects.get(account=Account.REMIT)

    results = at_once(
        *(lambda n=n: note_arrived(item=item, amount=D("110.00"), key=f"a{n}", by=None) for n in range(4))
    )

    assert sum(isinstance(r, Conflict) for r in results) == 3
    assert (at(Account.BANK), at(Account.REMIT)) == (D("110.00"), D("0.00"))


def test_two_people_mark_and_send_one_payers_refund_once(acct: PatientAccount) -> None:
    line = acct.charge("150.00")
    acct.paid(line, "p", paid="110", co="40")
    acct.paid(line, "p2", paid="30")
    overpaid = OpenItem.objects.get(account=Account.INS, balance__lt=0)

    at_once(*(lambda n=n: mark_refund_due(item=overpaid, key=f"d{n}", by=None) for n in range(3)))
    due = OpenItem.objects.get(account=Account.REFP)
    assert due.balance == D("-30.00")
    results = at_once(*(lambda n=n: note_refund_sent(item=due, key=f"s{n}", by=None) for n in range(3)))

    assert sum(isinstance(r, Conflict) for r in results) == 2
    assert (at(Account.REFP), at(Account.INS, charge=line)) == (D("0.00"), D("0.00"))


def test_same_key_from_eight_threads_posts_once(acct: PatientAccount) -> None:
    line = acct.owed("25.00")

    def give_up() -> int:
        return post(
            kind=Kind.WRITE_OFF,
            key="small-1",
            debits=[leg(Account.SB, D("5.00"), charge=line)],
            credits=[leg(Account.PAT, D("5.00"), charge=line)],
            by=None,
        ).pk

    results = at_once(*[give_up] * 8)

    assert len(set(results)) == 1
    assert JournalEntry.objects.filter(kind=Kind.WRITE_OFF).count() == 1
    assert owed_by_patient(charge=line) == D("20.00")


def test_same_key_without_a_common_account_posts_once(acct: PatientAccount) -> None:
    payer = acct.payer

    def deposit() -> int:
        return entries.bank_deposit(payer=payer, reference="E1", amount=D("85.00"), key="bank-1", by=None).pk

    results = at_once(*[deposit] * 8)

    assert len(set(results)) == 1
    assert at(Account.BANK) == D("85.00")


def test_one_payment_form_sent_eight_times_is_one_payment(acct: PatientAccount) -> None:
    def pay() -> object:
        return receive_payment(
            guarantor=acct.guarantor, amount=D("25.00"), method="cash", kind="balance", key="once", by=None
        ).pk

    results = at_once(*[pay] * 8)

    assert len(set(results)) == 1
    assert Payment.objects.count() == 1
    assert at(Account.CASH) == D("25.00")


def test_credit_is_not_spent_twice(acct: PatientAccount) -> None:
    acct.copay("25.00")
    lines = [acct.owed("25.00"), acct.owed("25.00")]

    def spend(n: int) -> Callable[[], object]:
        return lambda: entries.apply_credit(
            guarantor=acct.guarantor, visit=acct.visit, amount=D("25.00"), charge=lines[n], key=f"apply-{n}", by=None
        )

    results = at_once(spend(0), spend(1))

    assert sum(isinstance(r, ClinicError) for r in results) == 1
    assert credit_of(acct.guarantor) == D("0.00")
    assert owed_by_patient(guarantor=acct.guarantor) == D("25.00")


def test_entries_over_the_same_accounts_in_opposite_order_do_not_deadlock(acct: PatientAccount) -> None:
    other_patient = PatientFactory()
    other = new_account(other_patient, VisitFactory(patient=other_patient, provider=acct.visit.provider))
    lines = [acct.owed("500.00"), other.owed("500.00")]

    def move(order: list[int], name: str) -> Callable[[], object]:
        def many() -> int:
            for n in range(12):
                entries.to_plan(lines=[(lines[i], D("1.00")) for i in order], key=f"{name}-{n}", by=None)
            return 12

        return many

    results = at_once(move([0, 1], "a"), move([1, 0], "b"), move([0, 1], "c"), move([1, 0], "d"))

    assert results == [12] * 4
    assert at(Account.PLAN) == D("96.00")
    assert {name: list(check()) for name, check in OWN.items()} == {name: [] for name in OWN}


def test_posted_at_is_the_apps_clock(acct: PatientAccount) -> None:
    line = acct.owed("10.00")

    entry = JournalEntry.objects.get(key=f"charge:{line.pk}")

    assert entry.posted_at == clock.now()
