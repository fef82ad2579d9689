"""Rows of the calendar: a provider who works Monday to Friday from eight to five, with lunch at noon."""

from datetime import date, time, timedelta

import factory
from factory.django import DjangoModelFactory

from clinic.models import Provider
from scheduling.models import Appointment, AppointmentType, Closure, Schedule
from tests.factories.clinic import PatientFactory, ProviderFactory


class AppointmentTypeFactory(DjangoModelFactory):
    class Meta:
        model = AppointmentType

    name = factory.Sequence(lambda n: f"Follow-up {n}")
    minutes = 15


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = Schedule

    provider = factory.SubFactory(ProviderFactory)
    location = factory.SelfAttribute("provider.location")
    weekday = 0
    opens_at = time(8)
    closes_at = time(17)
    starts_on = date(2024, 1, 1)


class ClosureFactory(DjangoModelFactory):
    class Meta:
        model = Closure

    provider = None
    location = factory.SelfAttribute("provider.location")
    kind = Closure.Kind.LUNCH
    title = "Lunch"
    starts_on = date(2024, 1, 1)
    opens_at = time(12)
    closes_at = time(13)


class AppointmentFactory(DjangoModelFactory):
    class Meta:
        model = Appointment

    patient = factory.SubFactory(PatientFactory)
    provider = factory.SubFactory(ProviderFactory)
    location = factory.SelfAttribute("provider.location")
    appointment_type = factory.SubFactory(AppointmentTypeFactory)
    end = factory.LazyAttribute(lambda row: row.start + timedelta(minutes=row.appointment_type.minutes))


def works_all_week(provider: Provider) -> Provider:
    """Monday to Friday, 8 to 5, lunch from 12 to 1."""
    for weekday in range(5):
        ScheduleFactory(provider=provider, weekday=weekday)
    ClosureFactory(provider=provider, location=provider.location)
    return provider
