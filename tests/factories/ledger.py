"""Rows the ledger's tests begin with. Money itself is always made by the services."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from clinic import clock
from clinic.models import ChargeItem, Coverage, Guarantor, Patient, Payer, Visit
from clinic.money import ZERO
from ledger.accounts import Account
from ledger.models import JournalEntry, OpenItem, Payment
from ledger.queries.balances import account_balance, line_proof
from ledger.services import entries
from ledger.services.payments import receive_payment
from tests.factories.clinic import ChargeItemFactory, CoverageFactory, VisitFactory

D = Decimal


@dataclass
class PatientAccount:
    """One patient's account with two coverages, told in the words of the stories."""

    patient: Patient
    visit: Visit
    primary: Coverage
    secondary: Coverage

    @property
    def guarantor(self) -> Guarantor:
        return self.patient.guarantor

    @property
    def payer(self) -> Payer:
        return self.primary.payer

    def line(self, amount: str = "150.00", **fields: Any) -> ChargeItem:
        return ChargeItemFactory(**{"visit": self.visit, "amount": D(amount), **fields})

    def charge(self, amount: str = "150.00", coverage: Coverage | None = None, **fields: Any) -> ChargeItem:
        """A line that is posted on the primary (or on `coverage`)."""
        line = self.line(amount, **fields)
        entries.charge(charge=line, coverage=coverage or self.primary, key=f"charge:{line.pk}", by=None)
        return line

    def owed(self, amount: str = "150.00", **fields: Any) -> ChargeItem:
        """A line the patient owes."""
        line = self.line(amount, **fields)
        entries.charge(charge=line, coverage=None, key=f"charge:{line.pk}", by=None)
        return line

    def paid(
        self,
        line: ChargeItem,
        key: str = "835-1",
        *,
        paid: str = "0",
        co: str = "0",
        seq: str = "0",
        pr: str = "0",
        to: Coverage | None = None,
        coverage: Coverage | None = None,
        check: str = "EFT100",
    ) -> JournalEntry | None:
        coverage = coverage or self.primary
        return entries.insurance_payment(
            key=key,
            payer=coverage.payer,
            reference=check,
            lines=[
                entries.PaidLine(
                    charge=line,
                    coverage=coverage,
                    paid=D(paid),
                    contractual=D(co),
                    sequestration=D(seq),
                    transfer=D(pr),
                    transfer_to=to,
                )
            ],
            by=None,
        )

    def copay(self, amount: str = "25.00", method: str = "cash", key: str = "copay-1", **more: Any) -> Payment:
        return receive_payment(
            guarantor=self.guarantor,
            visit=self.visit,
            amount=D(amount),
            method=method,
            kind="copay",
            key=key,
            by=None,
            **more,
        )


def new_account(patient: Patient, visit: Visit) -> PatientAccount:
    return PatientAccount(
        patient=patient,
        visit=visit,
        primary=CoverageFactory(patient=patient, order=1),
        secondary=CoverageFactory(patient=patient, order=2),
    )


def legs(entry: JournalEntry | None) -> dict[str, Decimal]:
    """An entry as account -> debits less credits."""
    assert entry is not None
    sums: dict[str, Decimal] = {}
    for row in entry.postings.all():
        sums[row.account] = sums.get(row.account, ZERO) + row.debit - row.credit
    return {account: amount for account, amount in sums.items() if amount}


def balances(**expected: str) -> Mapping[str, Decimal]:
    return {name: D(value) for name, value in expected.items()}


def at(account: Account, **keys: Any) -> Decimal:
    return account_balance(account, **keys)


def prove(*lines: ChargeItem) -> None:
    """charge = payer paid + adjustments + patient paid + open, for each line."""
    for line in lines:
        assert line_proof(line).difference == ZERO


def since(account: Account, line: ChargeItem) -> date | None:
    return OpenItem.objects.get(account=account, charge=line).responsible_since


def visit_on(account: PatientAccount, day: date) -> Visit:
    return VisitFactory(patient=account.patient, provider=account.visit.provider, service_date=day)


def on(day: date) -> Any:
    """The app's clock at noon in Chicago of that day."""
    return clock.at(clock.at_local(day, time(12)))
