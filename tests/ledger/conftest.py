"""One account with two coverages, the app's clock on the day of the visit, and a card book of the test's own."""

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Patient, Visit
from ledger import checks
from ledger.services.verification import verify
from tests.factories.ledger import PatientAccount, new_account


@pytest.fixture(autouse=True)
def second_of_march() -> Iterator[None]:
    with clock.at(clock.at_local(date(2026, 3, 2), time(9))):
        yield


@pytest.fixture(autouse=True)
def own_checks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here money moves without an office above: their checks (a plan for plan money, a charge for revenue) do not apply."""
    monkeypatch.setattr(checks, "_registered", {})


@pytest.fixture
def acct(patient: Patient, visit: Visit) -> Iterator[PatientAccount]:
    """Every test that books something ends with the proof of the books."""
    yield new_account(patient, visit)
    verdict = verify()
    assert verdict.holds, verdict.worst()


@pytest.fixture(autouse=True)
def card_book(settings: object, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]
