"""The simulator as a driver: a clearinghouse without an account."""

from collections.abc import Iterator

from clearinghouse.interface import Found, InboundFile, Unreachable
from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.eligibility import answer
from clearinghouse.simulator.intake import take_in
from clearinghouse.simulator.payer import run_due
from clinic import clock
from x12 import X12Error


class SimulatorDriver:
    """`config`: {"book": "/another/path"} for a book of its own; else settings.SIMULATOR_BOOK."""

    def __init__(self, partner: TradingPartner) -> None:
        self._partner = partner
        self._trader = partner.sender_id

    def send(self, *, control_number: str, name: str, payload: bytes) -> None:
        now = clock.now()
        with self._open() as book, book.change():
            file, is_first = book.files.receive(
                trader=self._trader, control_number=control_number, name=name, payload=payload, at=now
            )
            if is_first:
                take_in(book, file)

    def find(self, *, control_number: str) -> Found:
        with self._open() as book:
            known = book.files.find(trader=self._trader, control_number=control_number)
        return Found.NOT_RECEIVED if known is None else Found.RECEIVED

    def collect(self) -> Iterator[InboundFile]:
        now = clock.now()
        with self._open() as book:
            run_due(book, today=clock.local(now).date())
            waiting = list(book.files.waiting(trader=self._trader, at=now))
        for name, payload in waiting:
            yield InboundFile(name=name, payload=payload)

    def acknowledge(self, *, name: str) -> None:
        with self._open() as book, book.change():
            book.files.acknowledge(trader=self._trader, name=name)

    def inquire(self, *, control_number: str, payload: bytes) -> bytes:
        try:
            with self._open() as book:
                return answer(book, payload, now=clock.now())
        except X12Error as error:
            raise Unreachable(f"The payer could not read the question: {error.sentence}") from error

    def _open(self) -> Book:
        return Book(self._partner.config.get("book") or None)
