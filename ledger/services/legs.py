"""A leg: one side of an entry, with what it must name."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from clinic.models import ChargeItem, Coverage, Guarantor, Patient, Payer, Visit
from clinic.money import exact
from ledger.accounts import CHART, Account


class Unbalanced(Exception):
    """A service built legs that do not add up: a fault of the program, never of the person at the desk."""


@dataclass(frozen=True)
class Leg:
    """An amount on an account, by ids. A negative amount stands on the other side."""

    account: Account
    amount: Decimal
    charge_id: UUID | None = None
    coverage_id: UUID | None = None
    guarantor_id: UUID | None = None
    patient_id: UUID | None = None
    visit_id: UUID | None = None
    payer_id: UUID | None = None
    reference: str = ""
    service_date: date | None = None
    since: date | None = None
    first_statement_on: date | None = None

    def key_value(self, name: str) -> UUID | str | None:
        value: UUID | str | None = getattr(self, name if name == "reference" else f"{name}_id")
        return value

    @property
    def item_key(self) -> str:
        """Names the open item this leg moves."""
        values = (self.key_value(name) for name in CHART[self.account].keys)
        return " ".join([self.account.value, *(str(v) if v else "-" for v in values)])


def leg(
    account: Account,
    amount: Decimal,
    *,
    charge: ChargeItem | None = None,
    coverage: Coverage | None = None,
    guarantor: Guarantor | None = None,
    patient: Patient | None = None,
    visit: Visit | None = None,
    payer: Payer | None = None,
    reference: str = "",
    since: date | None = None,
    first_statement_on: date | None = None,
) -> Leg:
    """One side of an entry. Patient, guarantor and visit follow from the charge, the payer from the coverage.

    On patient credit the visit is part of the item's name, on refunds payable the guarantor: there only what is
    given counts.
    `since` and `first_statement_on` carry the clock of a debt that moves to another account.
    """
    built = Leg(
        account=Account(account),
        amount=exact(amount),
        charge_id=charge.pk if charge else None,
        coverage_id=coverage.pk if coverage else None,
        guarantor_id=guarantor.pk
        if guarantor
        else (charge.guarantor_id if charge and account != Account.REFP else None),
        patient_id=patient.pk if patient else (charge.patient_id if charge else None),
        visit_id=visit.pk if visit else (charge.visit_id if charge and account != Account.CRED else None),
        payer_id=payer.pk if payer else (coverage.payer_id if coverage else None),
        reference=reference,
        service_date=charge.service_date if charge else None,
        since=since,
        first_statement_on=first_statement_on,
    )
    missing = [name for name in CHART[built.account].required if not built.key_value(name)]
    if missing:
        raise Unbalanced(f"a leg on {built.account} needs {', '.join(missing)}")
    return built
