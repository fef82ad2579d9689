"""The post office: post a file, deliver what is due, collect what waits, hand out unread mail, ask in real time.

A file is written with its control numbers in its sender's transaction and leaves after that has committed. It
is sent once: whoever finds a delivery half done asks the receiver first (`Clearinghouse.find`).
"""

import logging
import uuid
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction

from clearinghouse.connect import connect
from clearinghouse.control_numbers import ControlNumbers, draw
from clearinghouse.interface import Clearinghouse, Found, Unreachable
from clearinghouse.kinds import recognise
from clearinghouse.models import Delivery, Mail, TradingPartner, Transmission
from clearinghouse.services.delivery import deliver_due
from clinic import clock
from clinic.errors import ClinicError
from clinic.nudge import nudge_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from clinic.models.staff import User

__all__ = [
    "ask_receiver",
    "collect_all",
    "confirm_sent",
    "deliver_due",
    "inquire",
    "keep_inbound",
    "mark_read",
    "note_reading_failed",
    "post_file",
    "read_again_by_id",
    "requeue",
    "try_again",
    "unread",
]

log = logging.getLogger(__name__)

MOST_READINGS = 5
Write = Callable[[ControlNumbers], bytes]
State = Delivery.Status


@transaction.atomic
def post_file(*, partner: TradingPartner, kind: str, key: str, write: Write) -> Transmission:
    """Put a file into the outbox. The same key again is the same file: `write` is not called, no number is drawn."""
    row, created = _write_out(partner=partner, kind=kind, key=key, write=write)
    if created:
        Delivery.objects.create(transmission=row)
        nudge_for("transmission.posted")
    return row


def collect_all() -> int:
    """Fetch every partner's waiting files; how many were new. One partner's failure does not keep the others' mail."""
    new = 0
    for partner in TradingPartner.objects.filter(is_active=True):
        try:
            new += _collect(partner, connect(partner))
        except Unreachable as error:
            log.warning("partner %s: collecting failed: %s", partner.pk, error)
    return new


@transaction.atomic
def keep_inbound(*, partner: TradingPartner, payload: bytes, name: str) -> tuple[Transmission, bool]:
    """Keep a file as it came, before anybody reads it. The same bytes from the same partner are kept once."""
    digest = sha256(payload).hexdigest()
    TradingPartner.objects.select_for_update().get(pk=partner.pk)
    known = Transmission.objects.filter(
        partner=partner, sha256=digest, direction=Transmission.Direction.IN, answers=None
    ).first()
    if known is not None:
        return known, False
    kind, number = recognise(payload)
    row = _keep(partner, Transmission.Direction.IN, kind, payload, name=name[:200], control_number=number)
    Mail.objects.create(transmission=row)
    nudge_for("transmission.received")
    return row, True


def unread(kind: str) -> "QuerySet[Transmission]":
    """Inbound files of that kind that their office has not read, in the order in which they came."""
    return Transmission.objects.filter(mail__status=Mail.Status.UNREAD, kind=kind).order_by("id")


@transaction.atomic
def mark_read(*, transmission: Transmission, by_kind: str = "") -> Mail:
    """The office has taken from the file what it needed; `by_kind` names the reader. Harmless when repeated."""
    mail = Mail.objects.select_for_update().get(transmission=transmission)
    if mail.status != Mail.Status.READ:
        mail.status, mail.read_at, mail.read_by, mail.error = Mail.Status.READ, clock.now(), by_kind[:40], ""
        mail.save()
    return mail


@transaction.atomic
def note_reading_failed(*, transmission: Transmission, error: str) -> Mail:
    """Reading broke off. The file stays unread for the next turn and is parked after five, so the queue goes on."""
    mail = Mail.objects.select_for_update().get(transmission=transmission)
    mail.tries += 1
    mail.error = error
    if mail.tries >= MOST_READINGS:
        mail.status = Mail.Status.PARKED
    mail.save()
    return mail


@transaction.atomic
def read_again_by_id(mail_id: uuid.UUID, by: "User | None") -> None:
    """A file that could not be read goes back to its office."""
    mail = Mail.objects.select_for_update().filter(pk=mail_id, status=Mail.Status.PARKED).first()
    if mail is None:
        raise ClinicError("This file is not parked any more. Look at the list again.")
    mail.status, mail.tries = Mail.Status.UNREAD, 0
    mail.save()
    nudge_for("transmission.received")


def inquire(*, partner: TradingPartner, kind: str, key: str, write: Write) -> bytes:
    """Ask in real time and keep question and answer. Outside any transaction: the call may take twenty seconds.

    The same key gives the answer already kept; without one the same question is put again. Raises ClinicError
    when the other side gives no answer: unknown, never "no cover".
    """
    with transaction.atomic(durable=True):
        question, _ = _write_out(partner=partner, kind=kind, key=key, write=write)
    kept = question.answered_by.first()
    if kept is not None:
        return bytes(kept.payload)
    try:
        answer = connect(partner).inquire(control_number=question.control_number, payload=bytes(question.payload))
    except Unreachable as error:
        raise ClinicError(f"{partner.name} gave no answer. Ask again later, or call the payer.") from error
    answer_kind, number = recognise(answer)
    with transaction.atomic():
        _keep(partner, Transmission.Direction.IN, answer_kind, answer, name="", control_number=number, answers=question)
    return answer


def ask_receiver(*, delivery: Delivery, by: "User | None") -> Delivery:
    """A person asks whether the other side has an unconfirmed file; its answer decides. Outside any transaction."""
    if delivery.status != State.UNCONFIRMED:
        raise ClinicError("Only a file that was sent but not confirmed needs to be asked for.")
    file = delivery.transmission
    try:
        found = connect(file.partner).find(control_number=file.control_number)
    except Unreachable as error:
        raise ClinicError(f"{file.partner.name} cannot be reached now. Try again later.") from error
    if found is Found.RECEIVED:
        return delivery.move_to(State.SENT, by=by, reason="the receiver has it", sent_at=clock.now(), error="")
    if found is Found.NOT_RECEIVED:
        return requeue(delivery=delivery, by=by, reason="the receiver does not have it")
    raise ClinicError(
        f"{file.partner.name} cannot tell. Call them with control number {file.control_number}, then note the answer."
    )


@transaction.atomic
def confirm_sent(*, delivery: Delivery, by: "User | None", reason: str) -> Delivery:
    """Somebody was told, by telephone or on the portal, that the other side has the file."""
    return delivery.move_to(State.SENT, by=by, reason=reason[:300], sent_at=clock.now(), error="")


@transaction.atomic
def requeue(*, delivery: Delivery, by: "User | None", reason: str = "") -> Delivery:
    """Send the same bytes again: of a parked file, or of one that the other side is known not to have."""
    delivery.move_to(State.QUEUED, by=by, reason=reason[:300], due_at=clock.now(), tries=0, error="")
    nudge_for("transmission.posted")
    return delivery


def try_again(delivery_id: uuid.UUID, by: "User | None") -> None:
    """A parked file goes out again. One that was sent and not confirmed is asked for instead, never resent blindly."""
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is None:
        raise ClinicError("This file is gone. Look at the list again.")
    if delivery.status == State.UNCONFIRMED:
        ask_receiver(delivery=delivery, by=by)
    else:
        requeue(delivery=delivery, by=by, reason="sent again by hand")


def _write_out(*, partner: TradingPartner, kind: str, key: str, write: Write) -> tuple[Transmission, bool]:
    TradingPartner.objects.select_for_update().get(pk=partner.pk)  # one writer a partner: no key races
    first = Transmission.objects.filter(key=key).first()
    if first is not None:
        return first, False
    numbers = draw(partner)
    payload = write(numbers)
    row = _keep(
        partner, Transmission.Direction.OUT, kind, payload,
        name=f"{kind}-{numbers.interchange}.x12", control_number=numbers.interchange, key=key,
    )  # fmt: skip
    return row, True


def _keep(
    partner: TradingPartner, direction: str, kind: str, payload: bytes, *, name: str, control_number: str,
    key: str | None = None, answers: Transmission | None = None,
) -> Transmission:  # fmt: skip
    return Transmission.objects.create(
        partner=partner, direction=direction, kind=kind, key=key, name=name, control_number=control_number,
        payload=payload, size=len(payload), sha256=sha256(payload).hexdigest(), answers=answers,
    )  # fmt: skip


def _collect(partner: TradingPartner, driver: Clearinghouse) -> int:
    new = 0
    for file in driver.collect():
        _, created = keep_inbound(partner=partner, payload=file.payload, name=file.name)
        driver.acknowledge(name=file.name)
        new += created
    return new
