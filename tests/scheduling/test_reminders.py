"""Reminders go out by the clock, once, to who agreed to be written to, with nothing personal in them."""

from datetime import datetime, timedelta

import pytest

from clinic import clock
from clinic.models import Message, Practice, Provider
from scheduling.models import Appointment
from scheduling.services.booking import move_appointment
from scheduling.services.reminders import send_due
from tests.factories.clinic import PatientFactory
from tests.factories.scheduling import AppointmentFactory


@pytest.fixture
def tomorrow(working: Provider, practice: Practice, monday: datetime) -> Appointment:
    return AppointmentFactory(
        patient=PatientFactory(first_name="Karl", last_name="Jensen"), provider=working,
        start=monday + timedelta(hours=26), created_at=monday - timedelta(days=9), reason="Lipid results",
    )  # fmt: skip


def test_a_reminder_is_queued_once(tomorrow: Appointment):
    first, second = send_due(), send_due()

    message = Message.objects.get()
    assert (first, second) == (1, 0)
    assert (message.channel, message.status) == ("text", "queued")
    assert message.body == "Lakeview Family Clinic: appointment on Tue Mar 3 at 9:30 AM. To change it call 3125550100."


def test_a_second_one_comes_two_hours_before(tomorrow: Appointment):
    send_due()

    with clock.at(tomorrow.start - timedelta(minutes=110)):
        send_due()

    assert sorted(Message.objects.values_list("key", flat=True))[0].startswith("reminder_2_days:")
    assert Message.objects.count() == 2


def test_a_moved_appointment_is_reminded_of_its_new_time(tomorrow: Appointment):
    send_due()

    move_appointment(appointment=tomorrow, start=tomorrow.start + timedelta(hours=1), by=None)
    send_due()

    assert Message.objects.filter(body__contains="10:30 AM").count() == 1


@pytest.mark.parametrize(
    ("text", "email", "channel"), [(False, True, "email"), (False, False, None), (True, False, "text")]
)
def test_nobody_is_written_to_without_consent(text: bool, email: bool, channel: str | None, tomorrow: Appointment):
    tomorrow.patient.text_consent, tomorrow.patient.email_consent = text, email
    tomorrow.patient.save()

    send_due()

    assert [m.channel for m in Message.objects.all()] == ([channel] if channel else [])


def test_who_booked_a_moment_ago_is_not_reminded(tomorrow: Appointment, monday: datetime):
    Appointment.objects.update(created_at=monday - timedelta(hours=1))

    assert send_due() == 0


def test_the_cancelled_are_not_reminded(tomorrow: Appointment):
    Appointment.objects.update(status="cancelled")

    assert send_due() == 0
