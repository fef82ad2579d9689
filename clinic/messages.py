"""The one way out to a patient: an outbox row, then a transport. Nothing personal goes into a text message.

The demo's transport is the Outbox page: it shows what would have been sent. A practice names its own in
settings.MESSAGE_TRANSPORT (a dotted path to a function `send(message) -> None` that raises on failure).
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from clinic import clock
from clinic.bulk import insert_or_none
from clinic.models import Guarantor, Message, Patient

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
TRIES = 5


@transaction.atomic
def queue_message(
    *,
    key: str,
    kind: str,
    channel: str,
    body: str,
    subject: str = "",
    patient: Patient | None = None,
    guarantor: Guarantor | None = None,
    due_at: datetime | None = None,
) -> Message:
    """Put a message into the outbox. The same key is the same message; without consent it is kept, not sent."""
    message = Message(
        key=key, kind=kind, channel=channel, subject=subject, body=body, patient=patient, guarantor=guarantor,
        due_at=due_at or clock.now(),
        status=Message.Status.QUEUED if _may_reach(channel, patient, guarantor) else Message.Status.SUPPRESSED,
    )  # fmt: skip
    return insert_or_none(message) or Message.objects.get(key=key)


def deliver_due(limit: int = 100) -> int:
    """Send what is due. *sending* is committed before the transport is called, so a crash leaves a list, not a twin."""
    sent = 0
    for message in _claim(limit):
        try:
            import_string(settings.MESSAGE_TRANSPORT)(message)
        except Exception as error:
            parked = message.tries >= TRIES
            message.move_to(
                Message.Status.FAILED if parked else Message.Status.QUEUED,
                by=None,
                reason=type(error).__name__,
                error=str(error)[:300],
                due_at=clock.now() + timedelta(minutes=2**message.tries),
            )
            log.warning("message not sent", extra={"message_id": str(message.pk), "error": type(error).__name__})
            continue
        message.move_to(Message.Status.SENT, by=None, sent_at=clock.now(), claimed_until=None, error="")
        sent += 1
    return sent


def keep_only(message: Message) -> None:
    """The demo's transport: the row in the outbox is the message."""


def _claim(limit: int) -> list[Message]:
    now = clock.now()
    with transaction.atomic():
        stuck = Message.objects.filter(status=Message.Status.SENDING, claimed_until__lt=now)
        for message in stuck.select_for_update(skip_locked=True)[:limit]:
            message.move_to(Message.Status.UNCONFIRMED, by=None, reason="the sender stopped half-way")
        due = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(Q(status=Message.Status.QUEUED), due_at__lte=now)
            .order_by("due_at")[:limit]
        )
        claimed = list(due)
        for message in claimed:
            message.move_to(Message.Status.SENDING, by=None, claimed_until=now + LEASE, tries=message.tries + 1)
    return claimed


def _may_reach(channel: str, patient: Patient | None, guarantor: Guarantor | None) -> bool:
    who = patient or guarantor
    if who is None:
        return False
    if channel == Message.Channel.TEXT:
        return bool(patient and patient.text_consent and patient.phone_digits)
    if channel == Message.Channel.EMAIL:
        return bool(who.email and (patient is None or patient.email_consent))
    return bool(who.line1 and who.zip_code)
