"""The clock stands on a Thursday morning; one payer, one partner, our fees."""

from collections.abc import Iterator

import pytest

from clearinghouse.models import TradingPartner
from clinic import clock
from clinic.models import Coverage, FeeSchedule
from tests.billing.desk import MORNING, make_fees, make_partner, make_route


@pytest.fixture
def morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


@pytest.fixture
def fees(db: None) -> FeeSchedule:
    return make_fees()


@pytest.fixture
def partner(db: None, coverage: Coverage) -> TradingPartner:
    """Takes the claims of the coverage's payer."""
    row = make_partner()
    make_route(coverage.payer, row)
    return row
