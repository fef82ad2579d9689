"""Money is taken once and counted once: a declined card is no payment, a deposit marks what it counts."""

import threading
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from clinic.errors import ClinicError
from clinic.models import AuditEvent, User, next_number
from ledger.accounts import Account
from ledger.models import Drawer, Payment
from ledger.queries.balances import credit_of
from ledger.services.cards import charge_card, keep_card
from ledger.services.day_close import close_drawer, count_drawer, make_deposit, open_drawer
from ledger.services.payments import receive_payment
from ledger.services.refunds import refuse_refund, request_refund
from tests.factories.clinic import UserFactory
from tests.factories.ledger import PatientAccount, at

D = Decimal


@pytest.mark.django_db(transaction=True)
def test_a_declined_card_does_not_stand_for_the_cash_that_follows(
    acct: PatientAccount, fran: User, settings: object, tmp_path: object
) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]
    card = keep_card(guarantor=acct.guarantor, number="4000000000000002", expires_on=date(2028, 1, 31), by=fran)
    same = {"guarantor": acct.guarantor, "amount": D("25.00"), "kind": "balance", "key": "desk:1", "by": fran}
    with pytest.raises(ClinicError, match="declined"):
        charge_card(token=card, **same)  # type: ignore[arg-type]

    with pytest.raises(ClinicError, match="declined"):
        receive_payment(method="cash", **same)  # type: ignore[arg-type]

    assert credit_of(acct.guarantor) == D("0.00")


def counted(keeper: User, acct: PatientAccount, amount: str) -> Drawer:
    drawer = open_drawer(location=acct.visit.location, float_amount=D("0"), by=keeper)
    receive_payment(
        guarantor=acct.guarantor, amount=D(amount), method="cash", kind="balance", key=f"cash-{keeper.pk}", by=keeper
    )
    return count_drawer(drawer=drawer, counted=D(amount), by=keeper)


@pytest.mark.django_db(transaction=True)
def test_a_drawer_that_closes_during_a_deposit_waits_for_the_next_one(
    acct: PatientAccount, fran: User, lena: User
) -> None:
    close_drawer(drawer=counted(fran, acct, "25.00"), by=fran)
    other = UserFactory()
    late = counted(other, acct, "10.00")

    with transaction.atomic():
        next_number("deposit", first=101)  # the deposit stands still before it marks what it counted
        depositing = in_thread(lambda: make_deposit(location=acct.visit.location, by=lena, key="dep-1"))
        wait_until_it_waits()
        closing = in_thread(lambda: close_drawer(drawer=late, by=other))
        closing.join()
    depositing.join()

    late.refresh_from_db()
    assert (late.status, late.deposit_id) == ("closed", None)
    assert not Payment.objects.filter(drawer=late).exclude(deposit=None).exists()
    assert make_deposit(location=acct.visit.location, by=lena, key="dep-2").amount == D("10.00")
    assert at(Account.CASH) == D("0.00")


def in_thread(act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_until_it_waits() -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("the deposit did not come to wait")


def test_a_refused_refund_is_on_record(acct: PatientAccount, fran: User, mona: User) -> None:
    payment = receive_payment(
        guarantor=acct.guarantor, amount=D("25.00"), method="cash", kind="balance", key="p", by=fran
    )
    refund = request_refund(payment=payment, amount=D("25.00"), reason="moved away", key="r", by=fran)

    refuse_refund(refund=refund, reason="already applied", by=mona)

    assert AuditEvent.objects.filter(act="refund.refused", actor_id=mona.pk).count() == 1
