"""Empty the mailbox: acknowledgments first, then remittances; each file applied once and whole files never lost."""

import logging
from collections.abc import Callable

from django.db import transaction

from billing.services import acknowledgments, remittances
from clearinghouse.models import Transmission
from clearinghouse.services import exchange

log = logging.getLogger(__name__)

Kind = Transmission.Kind


def _import(transmission: Transmission) -> int:
    return len(remittances.import_transmission(transmission))


READERS: tuple[tuple[str, Callable[[Transmission], int]], ...] = (
    (Kind.INTERCHANGE_ACKNOWLEDGMENT, acknowledgments.apply_ta1),
    (Kind.FILE_ACKNOWLEDGMENT, acknowledgments.apply_999),
    (Kind.CLAIM_ACKNOWLEDGMENT, acknowledgments.apply_277ca),
    (Kind.REMITTANCE, _import),
)


def read_mail() -> dict[str, int]:
    """How many files of each kind were read. Safe to repeat and to run twice at once: every part has its own key.

    A file whose reading breaks off stays unread for the next turn and is parked after five, so the others go on.
    """
    read: dict[str, int] = {}
    for kind, reader in READERS:
        for transmission in exchange.unread(kind).select_related("partner"):
            if _read_one(transmission, kind, reader):
                read[kind] = read.get(kind, 0) + 1
    return read


def _read_one(transmission: Transmission, kind: str, reader: Callable[[Transmission], int]) -> bool:
    try:
        reader(transmission)
        with transaction.atomic():
            exchange.mark_read(transmission=transmission, by_kind=f"billing {kind}")
    except Exception as error:
        log.exception("file not read", extra={"transmission_id": transmission.pk, "kind": kind})
        exchange.note_reading_failed(transmission=transmission, error=f"{type(error).__name__}: {error}"[:500])
        return False
    return True
