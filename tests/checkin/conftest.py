"""A patient with active coverage and a $30 copay is expected at ten; the desk opens at 9:50."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from clinic import clock
from clinic.models import Coverage, Location, Patient, Provider
from insurance.models import Benefit, EligibilityCheck
from scheduling.models import Appointment
from tests.factories.clinic import ProviderFactory
from tests.factories.scheduling import AppointmentFactory, AppointmentTypeFactory, works_all_week

DAY = date(2026, 3, 2)
Answered = Callable[..., EligibilityCheck]


def local(hour: int, minute: int = 0) -> datetime:
    return clock.at_local(DAY, time(hour, minute))


@pytest.fixture
def morning() -> Iterator[datetime]:
    """9:50 AM on Monday, 2 March 2026, in Chicago."""
    with clock.at(datetime(2026, 3, 2, 15, 50, tzinfo=UTC)):
        yield clock.now()


@pytest.fixture
def working(location: Location, morning: datetime) -> Provider:
    return works_all_week(ProviderFactory(location=location, first_name="Maya", last_name="Okafor"))


@pytest.fixture
def answered(morning: datetime) -> Answered:
    """Write the payer's answer of this morning for a coverage."""

    def write(
        coverage: Coverage, answer: str = "active", copay: str | None = "30.00", **fields: object
    ) -> EligibilityCheck:
        check = EligibilityCheck.objects.create(
            key=f"{coverage.pk}:{answer}:{EligibilityCheck.objects.count()}", coverage=coverage,
            patient=coverage.patient, on=DAY, answer=answer, answered_at=morning, plan_name="Lakeshore PPO", **fields,
        )  # fmt: skip
        if copay is not None:
            Benefit.objects.create(
                check_row=check, position=1, segment_number=14, information="B", level="IND", service_types=["98"],
                period="27", amount=Decimal(copay), in_network="Y",
            )  # fmt: skip
        return check

    return write


@pytest.fixture
def appointment(patient: Patient, working: Provider) -> Appointment:
    kind = AppointmentTypeFactory(name="Follow-up", minutes=15)
    return AppointmentFactory(
        patient=patient, provider=working, appointment_type=kind, start=local(10), reason="Lipid results"
    )
