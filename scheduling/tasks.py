"""The calendar's work by the clock: reminders."""

from celery import shared_task

from scheduling.services import reminders


@shared_task(name="scheduling.send_reminders")
def send_reminders() -> None:
    """Queue the reminders that are due. Safe to repeat: a message has one key per appointment, kind and time."""
    reminders.send_due()
