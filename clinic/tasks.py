"""The shared record's own work by the clock: messages out, the audit sealed."""

from celery import shared_task

from clinic import audit, messages


@shared_task(name="clinic.deliver_messages")
def deliver_messages() -> None:
    """Send what is due. Rows are claimed under SKIP LOCKED, so two runs share the list."""
    messages.deliver_due()


@shared_task(name="clinic.seal_audit")
def seal_audit() -> None:
    """Chain the audit rows since the last seal. Safe to repeat: nothing new seals nothing."""
    audit.seal()
