"""The outbox at work: one leased file after the other goes out, and whoever finds one half sent asks first."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction

from clearinghouse.connect import connect
from clearinghouse.interface import Clearinghouse, Found, Unreachable
from clearinghouse.models import Delivery
from clinic import clock
from clinic.errors import StaleStatus

log = logging.getLogger(__name__)

MOST_TRIES = 5
LEASE = timedelta(minutes=10)  # longer than any driver's own time limit
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
State = Delivery.Status


def deliver_due(limit: int = 50) -> int:
    """Send what is due, oldest first; how many files the other side now has. Two workers never take the same one."""
    sent = 0
    for _ in range(limit):
        taken = _take_next()
        if taken is None:
            break
        delivery, was_interrupted = taken
        try:
            sent += _deliver(delivery, ask_first=was_interrupted)
        except Exception:  # one bad row must not stop the others; its lease runs out and the receiver is asked
            log.exception("delivery %s broke off", delivery.pk)
    return sent


@transaction.atomic
def _take_next() -> tuple[Delivery, bool] | None:
    """Lease the next due file. True: an earlier taker never came back, so nobody knows whether it was sent."""
    now = clock.now()
    free = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("transmission__partner")
    interrupted = free.filter(status=State.SENDING, claimed_until__lt=now).order_by("id").first()
    if interrupted is not None:
        interrupted.claimed_until = now + LEASE
        interrupted.save(update_fields=["claimed_until", "updated_at"])
        return interrupted, True
    delivery = (
        free.filter(status=State.QUEUED, due_at__lte=now, transmission__partner__is_active=True)
        .order_by("due_at", "id")
        .first()
    )
    if delivery is None:
        return None
    delivery.move_to(State.SENDING, by=None, claimed_until=now + LEASE, tries=delivery.tries + 1)
    return delivery, False


def _deliver(delivery: Delivery, *, ask_first: bool) -> bool:
    """One leased file to the other side, outside any transaction. True when it is there."""
    file = delivery.transmission
    try:
        driver = connect(file.partner)
    except Unreachable as error:
        return _settle(delivery, _after_nothing_sent(delivery), str(error))
    if not ask_first:
        try:
            driver.send(control_number=file.control_number, name=file.name, payload=bytes(file.payload))
        except Unreachable as error:
            return _settle(delivery, _after_asking(delivery, driver), str(error))
        return _settle(delivery, State.SENT, "")
    return _settle(delivery, _after_asking(delivery, driver), "The sending was interrupted.")


def _after_asking(delivery: Delivery, driver: Clearinghouse) -> str:
    try:
        found = driver.find(control_number=delivery.transmission.control_number)
    except Unreachable:
        found = Found.CANNOT_TELL
    if found is Found.RECEIVED:
        return State.SENT
    return State.UNCONFIRMED if found is Found.CANNOT_TELL else _after_nothing_sent(delivery)


def _after_nothing_sent(delivery: Delivery) -> str:
    return State.FAILED if delivery.tries >= MOST_TRIES else State.QUEUED


def _settle(delivery: Delivery, to: str, error: str) -> bool:
    now = clock.now()
    is_sent = to == State.SENT
    also: dict[str, Any] = {"claimed_until": None, "error": "" if is_sent else error}
    if is_sent:
        also["sent_at"] = now
    if to == State.QUEUED:
        also["due_at"] = now + PAUSES[min(delivery.tries, len(PAUSES)) - 1]
    try:
        delivery.move_to(to, by=None, reason=error[:300], **also)
    except StaleStatus:
        log.warning("delivery %s was settled by somebody else", delivery.pk)
        return False
    if not is_sent:
        log.warning("delivery %s is %s after %s tries", delivery.pk, to, delivery.tries)
    return is_sent
