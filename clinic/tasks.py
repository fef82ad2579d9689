"""The shared record's own work by the clock: messages out, the audit sealed."""

from datetime import date
from typing import Any

from celery import shared_task

from clinic import audit, clock, messages
from clinic.services.jobs import run_for_each_date


@shared_task(name="clinic.deliver_messages")
def deliver_messages() -> None:
    """Send what is due. Rows are claimed under SKIP LOCKED, so two runs share the list."""
    messages.deliver_due()


@shared_task(name="clinic.seal_audit")
def seal_audit() -> None:
    """Chain the audit rows since the last seal. Safe to repeat: nothing new seals nothing."""
    audit.seal()


@shared_task(name="clinic.verify_audit")
def verify_audit() -> None:
    """Walk the chain of audit seals once a night. Safe to run twice: it reads, and a date that held is done."""
    run_for_each_date(job="clinic.verify_audit", upto=clock.today(), work=_walk_the_chain)


def _walk_the_chain(day: date) -> dict[str, Any]:
    broken = audit.broken_seals()
    if broken:
        raise audit.BrokenChain(f"audit rows were changed or removed under seal {broken[0]}")
    return {"broken": 0}
