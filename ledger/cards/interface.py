"""What a card processor must promise. Drivers stand beside this file; settings.CARD_PROCESSOR names one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from clinic.errors import ClinicError


@dataclass(frozen=True)
class CardAnswer:
    """The processor's word on one charge or refund. `reference` names it there."""

    approved: bool
    reference: str = ""
    decline_reason: str = ""


@dataclass(frozen=True)
class StoredCard:
    token: str
    brand: str
    last4: str
    expires_on: date


class ProcessorUnavailable(Exception):
    """No answer: the processor may or may not have acted. Ask `find` before anything else."""


class CardProcessor(Protocol):
    def charge(self, *, key: str, token: str, amount: Decimal) -> CardAnswer:
        """Charge the card once per key: the same key gets the same answer."""

    def refund(self, *, key: str, reference: str, amount: Decimal) -> CardAnswer:
        """Give money of the charge `reference` back, once per key."""

    def find(self, key: str) -> CardAnswer | None:
        """What became of that key; None when it never arrived."""

    def store(self, *, number: str, expires_on: date) -> StoredCard:
        """Keep a card there and name it by a token. The number is not kept here."""


SIMULATOR = "ledger.cards.simulator.Simulator"


def processor() -> CardProcessor:
    """The practice's processor. In production the simulator is none: it would give receipts for money nobody took."""
    name = getattr(settings, "CARD_PROCESSOR", SIMULATOR)
    if settings.PRODUCTION and name == SIMULATOR:
        raise ClinicError("No card processor is set up. Take the card at the terminal and note its approval code.")
    return cast(CardProcessor, import_string(name)())
