"""A trading partner with a book of its own for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book


@pytest.fixture
def book(tmp_path: Path, settings: Any) -> Iterator[Book]:
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    with Book() as opened:
        yield opened


@pytest.fixture
def partner(db: None, book: Book) -> TradingPartner:
    return TradingPartner.objects.create(
        name="Relay Point", driver=TradingPartner.Driver.SIMULATOR, sender_id="TANDEM01", receiver_id="RELAYPOINT"
    )
