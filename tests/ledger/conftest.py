"""One account with two coverages, the app's clock on the day of the visit, and a card book of the test's own."""

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Patient, Visit
from tests.factories.ledger import PatientAccount, new_account


@pytest.fixture(autouse=True)
def second_of_march() -> Iterator[None]:
    with clock.at(clock.at_local(date(2026, 3, 2), time(9))):
        yield


@pytest.fixture
def acct(patient: Patient, visit: Visit) -> PatientAccount:
    return new_account(patient, visit)


@pytest.fixture(autouse=True)
def card_book(settings: object, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]
