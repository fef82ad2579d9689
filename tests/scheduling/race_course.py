"""What the short race of the suite and the long one of the proofs have in common."""

from datetime import datetime, time, timedelta
from typing import Any

from clinic import clock
from clinic.models import Provider
from clinic.services.clients import create_api_client
from scheduling.models import Appointment, AppointmentType
from tests.factories.clinic import LocationFactory, PatientFactory, ProviderFactory
from tests.factories.scheduling import AppointmentFactory, AppointmentTypeFactory, ScheduleFactory
from tests.racing import Answer, race

BASE = "/api/v1/scheduling/appointments/"


class Course:
    """One provider with open days, two kinds of visit, and a client that may book and move."""

    def __init__(self) -> None:
        self.provider: Provider = self.another_provider()
        self.short: AppointmentType = AppointmentTypeFactory(name="Follow-up", minutes=15)
        self.long: AppointmentType = AppointmentTypeFactory(name="Physical", minutes=30)
        _row, self.token = create_api_client(name="racers", scopes=["appointment.book", "appointment.move"], by=None)
        self.tomorrow = clock.today() + timedelta(days=1)

    def another_provider(self) -> Provider:
        provider = ProviderFactory(
            location=(getattr(self, "provider", None) and self.provider.location) or LocationFactory()
        )
        for weekday in range(7):
            ScheduleFactory(provider=provider, weekday=weekday, opens_at="06:00", closes_at="22:00")
        return provider

    def slot(self, n: int) -> datetime:
        """The n-th slot: an hour apart, seven to a day."""
        day = self.tomorrow + timedelta(days=n // 7)
        return clock.at_local(day, time(8 + n % 7), self.provider.location)

    def booking(
        self, start: datetime, *, length: AppointmentType | None = None, **other: Any
    ) -> tuple[str, dict[str, Any]]:
        said = {
            "patient": str(PatientFactory().pk), "provider": str(self.provider.pk),
            "appointment_type": str((length or self.short).pk), "start": start.isoformat(),
        }  # fmt: skip
        return BASE, {**said, **other}

    def move(self, start: datetime, n: int) -> tuple[str, dict[str, Any]]:
        """Move an appointment of another day into the slot."""
        far = clock.at_local(self.tomorrow + timedelta(days=30 + n // 50), time(7), self.provider.location)
        row: Appointment = AppointmentFactory(
            provider=self.provider, appointment_type=self.short, start=far + timedelta(minutes=15 * (n % 50))
        )
        return f"{BASE}{row.pk}/move/", {"start": start.isoformat(), "version": 1}

    def run(self, port: int, entries: list[tuple[str, dict[str, Any]]], heat: str) -> list[Answer]:
        return race(port, self.token, entries, lambda n: f"{heat}-{n}")


def won(answers: list[Answer]) -> int:
    return sum(1 for a in answers if a.status in (200, 201))


def lost_well(answers: list[Answer]) -> int:
    """Refused with 409 and with the next free slots."""
    return sum(1 for a in answers if a.status == 409 and a.body["detail"]["next_free_slots"])
