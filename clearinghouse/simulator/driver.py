"""The simulator as a driver: a clearinghouse without an account."""

from collections.abc import Iterator

from clearinghouse.interface import Found, InboundFile, Unreachable
from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clinic import clock


class SimulatorDriver:
    """`config`: {"book": "/another/path"} for a book of its own; else settings.SIMULATOR_BOOK."""

    def __init__(self, partner: TradingPartner) -> None:
        self._partner = partner
        self._trader = partner.sender_id

    def send(self, *, control_number: str, name: str, payload: bytes) -> None:
        now = clock.now()
        with self._open() as book, book.change():
            book.files.receive(trader=self._trader, control_number=control_number, name=name, payload=payload, at=now)

    def find(self, *, control_number: str) -> Found:
        with self._open() as book:
            known = book.files.find(trader=self._trader, control_number=control_number)
        return Found.NOT_RECEIVED if known is None else Found.RECEIVED

    def collect(self) -> Iterator[InboundFile]:
        now = clock.now()
        with self._open() as book:
            waiting = list(book.files.waiting(trader=self._trader, at=now))
        for name, payload in waiting:
            yield InboundFile(name=name, payload=payload)

    def acknowledge(self, *, name: str) -> None:
        with self._open() as book, book.change():
            book.files.acknowledge(trader=self._trader, name=name)

    def inquire(self, *, control_number: str, payload: bytes) -> bytes:
        raise Unreachable("not answered yet")

    def _open(self) -> Book:
        return Book(self._partner.config.get("book") or None)
