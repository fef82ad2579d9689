"""Which reminder is due to whom. The message's key makes a second run harmless; consent is asked by clinic.messages."""

from dataclasses import dataclass
from datetime import timedelta

from clinic import clock
from clinic.messages import queue_message
from clinic.models import Message, Patient, Practice
from scheduling.models import Appointment


@dataclass(frozen=True)
class Reminder:
    """Sent when the appointment is at most `ahead` away."""

    kind: str
    ahead: timedelta


REMINDERS = (Reminder("reminder_2_days", timedelta(hours=48)), Reminder("reminder_2_hours", timedelta(hours=2)))
JUST_BOOKED = timedelta(hours=3)
"""Who booked a moment ago needs no reminder of it."""


def send_due() -> int:
    """Queue what is due. One message per appointment, kind and time: a moved appointment is reminded of its new time."""
    now = clock.now()
    practice = Practice.objects.first()
    queued = 0
    for reminder in REMINDERS:
        later = [r.ahead for r in REMINDERS if r.ahead < reminder.ahead]
        first = now + max(later, default=timedelta())
        rows = Appointment.objects.upcoming().for_display()
        rows = rows.filter(start__gt=first, start__lte=now + reminder.ahead, created_at__lte=now - JUST_BOOKED)
        due = {f"{reminder.kind}:{row.pk}:{row.start:%Y%m%d%H%M}": row for row in rows}
        done = set(Message.objects.filter(key__in=due).values_list("key", flat=True))
        for key, row in due.items():
            channel = _channel(row.patient)
            if key in done or channel is None:
                continue
            queue_message(
                key=key,
                kind="appointment_reminder",
                channel=channel,
                subject="Your appointment",
                body=_text(row, practice),
                patient=row.patient,
            )
            queued += 1
    return queued


def _channel(patient: Patient) -> str | None:
    """A text where the patient agreed to texts, else e-mail, else nothing: nobody is written to without consent."""
    if patient.text_consent and patient.phone_digits:
        return Message.Channel.TEXT
    return Message.Channel.EMAIL if patient.email_consent and patient.email else None


def _text(row: Appointment, practice: Practice | None) -> str:
    """No name, no reason for the visit, no provider: a text lies open on a locked screen."""
    when = f"{clock.local(row.start, row.location):%a %b %-d at %-I:%M %p}"
    name = practice.name if practice else str(row.location)
    phone = row.location.phone or (practice.phone if practice else "")
    return f"{name}: appointment on {when}.{f' To change it call {phone}.' if phone else ''}"
