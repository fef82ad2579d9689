"""Any sequence of events leaves books that balance, open items that match, and lines that are proved."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic import clock
from clinic.errors import ClinicError
from clinic.models import User
from clinic.money import to_cents
from ledger.accounts import CHART, PATIENT_OWES, Account, WriteOff
from ledger.checks import OWN
from ledger.models import JournalEntry, OpenItem, Payment
from ledger.queries.aging import age
from ledger.queries.balances import by_account, moment_of
from ledger.queries.standing import written_off
from ledger.services import entries
from ledger.services.journal import reverse
from ledger.services.payments import receive_payment, returned_check, void_payment
from ledger.services.refunds import refund_payment, refundable
from tests.factories.ledger import PatientAccount

D = Decimal
cents = st.integers(1, 20_000).map(lambda n: D(n) / 100)
pick = st.integers(0, 9)


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


BEGIN = [
    ("charge", D("300.00"), 1), ("charge", D("200.00"), 3), ("insurance", D("60.00"), 1), ("pay", D("40.00"), 5),
    ("agency", D("80.00"), 0), ("pay", D("30.00"), 1),
]  # fmt: skip


class Office:
    """Does one event with the rows there are; an event that a rule refuses is no event."""

    def __init__(self, acct: PatientAccount, fran: User, mona: User) -> None:
        self.acct, self.fran, self.mona = acct, fran, mona
        self.lines: list[Any] = []
        self.count = 0
        self.done: Counter[str] = Counter()
        for event, amount, n in BEGIN:
            self.do(event, amount, n)

    def do(self, event: str, amount: Decimal, n: int) -> None:
        self.count += 1
        act: Callable[[str, Decimal, int], object] = getattr(self, event)
        try:
            with transaction.atomic():
                act(f"{event}-{self.count}", amount, n)
        except ClinicError:
            return
        self.done[event] += 1

    def _line(self, n: int) -> Any:
        if not self.lines:
            raise ClinicError("no line yet")
        return self.lines[n % len(self.lines)]

    def _open(self, account: Account, amount: Decimal, n: int) -> tuple[Any, Decimal]:
        """A line with something open in that account, and at most that much of it."""
        held = list(OpenItem.objects.filter(account=account, balance__gt=0).order_by("id"))
        if not held:
            raise ClinicError("nothing open")
        item = held[n % len(held)]
        return item.charge, min(amount, item.balance)

    def _payment(self, n: int) -> Payment:
        standing = list(Payment.objects.filter(status="posted").order_by("id"))
        if not standing:
            raise ClinicError("no payment yet")
        return standing[n % len(standing)]

    def charge(self, key: str, amount: Decimal, n: int) -> None:
        make = self.acct.charge if n % 3 else self.acct.owed
        self.lines.append(make(str(amount)))

    def insurance(self, key: str, amount: Decimal, n: int) -> None:
        part = (amount / 4).quantize(D("0.01"))
        self.acct.paid(
            self._line(n), key, paid=str(part), co=str(part), seq="0.01" if n % 2 else "0", pr=str(amount),
            to=self.acct.secondary if n % 4 == 0 else None,
        )  # fmt: skip

    def payer_reversal(self, key: str, amount: Decimal, n: int) -> None:
        found = list(JournalEntry.objects.filter(kind="insurance_payment", reversals=None).order_by("id"))
        if found:
            entries.reverse_insurance_payment(
                entry=found[n % len(found)], key=key, payer=self.acct.payer, reference="EFT9", by=None
            )

    def pay(self, key: str, amount: Decimal, n: int) -> None:
        kind = ("copay", "balance", "installment", "self_pay", "prepayment")[n % 5]
        method = "check" if n % 2 else "cash"
        receive_payment(
            guarantor=self.acct.guarantor, visit=self.acct.visit, amount=amount, method=method, kind=kind,
            key=key, by=self.fran, reference="77",
        )  # fmt: skip

    def void(self, key: str, amount: Decimal, n: int) -> None:
        void_payment(payment=self._payment(n), reason="slip", by=self.fran)

    def bounce(self, key: str, amount: Decimal, n: int) -> None:
        returned_check(payment=self._payment(n), key=key, by=self.fran, bank_fee=D("12.00"), policy_fee=D("25.00"))

    def refund(self, key: str, amount: Decimal, n: int) -> None:
        payment = self._payment(n)
        held = sum((part.amount for part in refundable(payment)), D(0))
        refund_payment(
            payment=payment, amount=min(amount, held), reason="over", requested_by=self.fran, approved_by=self.mona,
            key=key,
        )  # fmt: skip

    def apply(self, key: str, amount: Decimal, n: int) -> None:
        entries.allocate_credit(
            guarantor=self.acct.guarantor, visit=self.acct.visit if n % 2 else None, key=key, by=None
        )

    def release(self, key: str, amount: Decimal, n: int) -> None:
        entries.release_credit(charge=self._line(n), amount=amount, key=key, by=None)

    def undo(self, key: str, amount: Decimal, n: int) -> None:
        entries.undo_charge(charge=self._line(n), key=key, by=None)

    def write_off(self, key: str, amount: Decimal, n: int) -> None:
        reason = list(WriteOff)[n % len(WriteOff)]
        charge, part = self._open(Account.PAT, amount, n)
        entries.write_off(charge=charge, coverage=None, amount=part, reason=reason, key=key, by=self.mona)

    def plan(self, key: str, amount: Decimal, n: int) -> None:
        entries.to_plan(lines=[self._open(Account.PAT, amount, n)], key=key, by=None)

    def default(self, key: str, amount: Decimal, n: int) -> None:
        entries.from_plan(charges=self.lines, key=key, by=None)

    def agency(self, key: str, amount: Decimal, n: int) -> None:
        entries.to_agency(lines=[self._open(Account.PAT, amount, n)], key=key, by=None)

    def bad_debt(self, key: str, amount: Decimal, n: int) -> None:
        account = Account.AGCY if n % 2 else Account.PAT
        charge, _part = self._open(account, amount, n)
        entries.to_bad_debt(charges=[charge], key=key, by=self.fran, approved_by=self.mona)

    def collected(self, key: str, amount: Decimal, n: int) -> None:
        given_up = [line for line in self.lines if written_off(line) > 0]
        if given_up and n % 2:
            charge = given_up[n % len(given_up)]
            part = min(amount, written_off(charge))
        else:
            charge, part = self._open(Account.AGCY, amount, n)
        entries.agency_remitted(lines=[(charge, part)], fee=to_cents(part / 2), key=key, by=None)

    def recall(self, key: str, amount: Decimal, n: int) -> None:
        entries.recall_from_agency(charges=self.lines, key=key, by=None)

    def takeback(self, key: str, amount: Decimal, n: int) -> None:
        entries.recoup_taken(payer=self.acct.payer, reference="EFT9", amount=amount, key=key, by=None)


EVENTS = [name for name in vars(Office) if not name.startswith("_") and name != "do"]
steps = st.lists(st.tuples(st.sampled_from(EVENTS), cents, pick), min_size=1, max_size=18)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=steps)
def test_any_sequence_of_events_keeps_the_books(
    acct: PatientAccount, fran: User, mona: User, steps: list[tuple[str, Decimal, int]]
) -> None:
    with rolled_back():
        office = Office(acct, fran, mona)
        for event, amount, n in steps:
            office.do(event, amount, n)

        findings = {name: list(check()) for name, check in OWN.items()}

        assert findings == {name: [] for name in OWN}
        assert age(side="patient")[-1].total == sum(by_account(PATIENT_OWES).values(), D(0))
        assert age(side="insurance")[-1].total == sum(by_account((Account.INS,)).values(), D(0))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_reversing_every_entry_brings_every_item_to_zero(
    acct: PatientAccount, fran: User, mona: User, steps: list[tuple[str, Decimal, int]]
) -> None:
    with rolled_back():
        office = Office(acct, fran, mona)
        for event, amount, n in steps:
            if event != "payer_reversal":
                office.do(event, amount, n)

        for entry in JournalEntry.objects.order_by("-id"):
            reverse(entry=entry, key=f"reverse:{entry.pk}", by=None)

        assert not OpenItem.objects.open().exists()
        assert {name: list(check()) for name, check in OWN.items()} == {name: [] for name in OWN}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_as_of_now_from_the_journal_is_now_from_the_items(
    acct: PatientAccount, fran: User, mona: User, steps: list[tuple[str, Decimal, int]]
) -> None:
    with rolled_back():
        office = Office(acct, fran, mona)
        for event, amount, n in steps:
            office.do(event, amount, n)
        now = {k: v for k, v in by_account(tuple(PATIENT_OWES), guarantor=acct.guarantor).items() if v}
        then = {k: v for k, v in by_account(tuple(PATIENT_OWES), clock.now(), guarantor=acct.guarantor).items() if v}

        assert now == then
        assert age(side="patient")[-1].amounts == age(side="patient", as_of=moment_of(clock.now()))[-1].amounts


def test_every_account_of_the_chart_is_described() -> None:
    assert set(CHART) == set(Account)


def test_office_carries_every_event_out(acct: PatientAccount, fran: User, mona: User) -> None:
    """The property is worth what the events are: each one must succeed somewhere."""
    office = Office(acct, fran, mona)
    script = [
        "pay",
        "apply",
        "release",
        "write_off",
        "plan",
        "insurance",
        "payer_reversal",
        "default",
        "agency",
        "bad_debt",
    ]
    script += ["collected", "recall", "refund", "bounce", "pay", "void", "takeback", "charge", "undo"]

    for n in (3, 5, 2, 6, 0, 1, 4):
        for event in script:
            office.do(event, D("20.00"), n)

    assert set(office.done) == set(EVENTS)
    assert {name: list(check()) for name, check in OWN.items()} == {name: [] for name in OWN}
