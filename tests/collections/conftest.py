"""A guarantor whose payers have said their last word, the clock on the second of March, a card book of the test's own."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Patient, Practice, Visit
from collections_app.checks import agency_money_has_its_case, plan_money_has_its_plan
from ledger.checks import OWN
from ledger.models import CardToken
from ledger.services.cards import keep_card
from tests.factories.clinic import PatientFactory, VisitFactory
from tests.factories.ledger import PatientAccount, new_account

D = Decimal
START = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def second_of_march() -> Iterator[None]:
    with clock.at(clock.at_local(START, time(9))):
        yield


@pytest.fixture(autouse=True)
def card_book(settings: object, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def acct(practice: Practice, patient: Patient, visit: Visit) -> PatientAccount:
    """An account without a line yet; its visit is over and its charges are closed."""
    return closed(new_account(patient, visit))


@pytest.fixture
def clean_books() -> Iterator[None]:
    """At the end of the test the ledger's checks and collections' find nothing.

    Billing's are left out: the payers' answers here are posted without an 835.
    """
    yield
    ours = {"plan": plan_money_has_its_plan, "agency": agency_money_has_its_case}
    found = {name: list(check()) for name, check in {**OWN, **ours}.items()}
    assert {name: findings for name, findings in found.items() if findings} == {}


def closed(account: PatientAccount) -> PatientAccount:
    account.visit.status = Visit.Status.CLOSED
    account.visit.save()
    return account


def another(account: PatientAccount, **fields: object) -> PatientAccount:
    """Another patient of another guarantor, with a visit that is over."""
    patient = PatientFactory(**fields)
    return closed(new_account(patient, VisitFactory(patient=patient, provider=account.visit.provider)))


def after(days: int) -> "clock.at":  # type: ignore[valid-type]
    """The clock at nine in the morning, so many days after the second of March."""
    return clock.at(clock.at_local(START + timedelta(days=days), time(9)))


@pytest.fixture
def card(acct: PatientAccount) -> CardToken:
    return keep_card(guarantor=acct.guarantor, number="4242424242424242", expires_on=date(2028, 1, 31), by=None)


Night = Callable[[], object]
