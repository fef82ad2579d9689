"""A Monday morning in Chicago, and one provider with ordinary hours."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clinic import clock
from clinic.models import Location, Provider
from scheduling.models import AppointmentType
from tests.factories.clinic import ProviderFactory
from tests.factories.scheduling import AppointmentTypeFactory, works_all_week


@pytest.fixture
def monday() -> Iterator[datetime]:
    """7:30 AM on Monday, 2 March 2026, in Chicago."""
    with clock.at(datetime(2026, 3, 2, 13, 30, tzinfo=UTC)):
        yield clock.now()


@pytest.fixture
def working(location: Location, monday: datetime) -> Provider:
    return works_all_week(ProviderFactory(location=location, first_name="Maya", last_name="Okafor"))


@pytest.fixture
def follow_up(db: None) -> AppointmentType:
    return AppointmentTypeFactory(name="Follow-up", minutes=15)
