"""What ISA, GS, ST and TA1 say: the headers, the same for reading and for writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .writer import Elements


@dataclass(frozen=True, slots=True)
class Interchange:
    """ISA. `created_at` has no zone in X12: the sender's clock; None when unreadable."""

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    control_number: str  # ISA13, nine digits
    created_at: datetime | None
    usage: str = "P"  # P production, T test
    acknowledgment_requested: bool = False
    version: str = "00501"


@dataclass(frozen=True, slots=True)
class Group:
    """GS. `kind` is HC for 837, HP for 835, FA for 999, HN for 277, HS/HB for 270/271."""

    kind: str
    sender: str
    receiver: str
    control_number: str  # GS06
    created_at: datetime | None
    version: str  # GS08, such as 005010X222A1


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One ST..SE to be written; `segments` are what stands between the two."""

    code: str
    control_number: str
    segments: Sequence[Elements]
    version: str = ""  # ST03; the 835 has none


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgment:
    """TA1: did the interchange arrive? `code` A accepted, E with errors, R rejected."""

    control_number: str
    code: str
    note: str
    position: int

    @property
    def is_rejected(self) -> bool:
        """The receiver has thrown the whole interchange away."""
        return self.code == "R"
