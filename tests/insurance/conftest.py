"""A payer of the simulator that covers the patient, and the way to ask it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import LAKESHORE, plant_payers
from clearinghouse.simulator.world import Member
from clinic import clock
from clinic.models import Coverage, Patient, Payer, Practice
from insurance.models import PayerRoute
from tests.factories.clinic import CoverageFactory, PayerFactory

MORNING = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


@pytest.fixture
def book(tmp_path, settings) -> Iterator[Book]:
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    with Book() as opened:
        plant_payers(opened)
        yield opened


@pytest.fixture
def payer(db: None) -> Payer:
    return PayerFactory(name="Lakeshore Health PPO", payer_id=LAKESHORE)


@pytest.fixture
def route(payer: Payer, practice: Practice, book: Book) -> PayerRoute:
    partner = TradingPartner.objects.create(
        name="Relay Point", driver=TradingPartner.Driver.SIMULATOR, sender_id="TANDEM01", receiver_id="RELAYPOINT"
    )
    return PayerRoute.objects.create(payer=payer, partner=partner, payer_id_there=payer.payer_id)


@pytest.fixture
def cover(patient: Patient, payer: Payer, route: PayerRoute) -> Coverage:
    return CoverageFactory(patient=patient, payer=payer, member_id="LKS00001234")


@pytest.fixture
def member(book: Book, patient: Patient) -> Member:
    return book.add_member(
        Member(
            payer_id=LAKESHORE, member_id="LKS00001234", last_name="JENSEN", first_name="KARL",
            birth_date=date(1979, 6, 2), sex="M", plan_id="PPO500", starts_on=date(2024, 1, 1),
        )
    )  # fmt: skip
