"""What a driver must promise. tests/clearinghouse/test_driver_promise.py holds every driver to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Found(Enum):
    """The receiver's word on a file that we may have sent."""

    RECEIVED = "received"
    NOT_RECEIVED = "not_received"
    CANNOT_TELL = "cannot_tell"


class Unreachable(Exception):
    """The other side could not be reached, did not answer in time or answered with an error."""


@dataclass(frozen=True)
class InboundFile:
    """`name` is how the other side calls the file; `acknowledge` takes the same name."""

    name: str
    payload: bytes


class Clearinghouse(Protocol):
    """One trading partner, reached. Every method may raise Unreachable; no method retries by itself.

    - `send` returns only when the other side has the whole file. When it raises, the file may or may not
      have arrived: ask `find`.
    - `find` never answers NOT_RECEIVED for a file that arrived or may still arrive.
    - `collect` yields each waiting file again until `acknowledge` was called for it, whole and unchanged.
    - `inquire` is a question in real time; asking twice harms nobody.
    """

    def send(self, *, control_number: str, name: str, payload: bytes) -> None: ...

    def find(self, *, control_number: str) -> Found: ...

    def collect(self) -> Iterator[InboundFile]: ...

    def acknowledge(self, *, name: str) -> None: ...

    def inquire(self, *, control_number: str, payload: bytes) -> bytes: ...
