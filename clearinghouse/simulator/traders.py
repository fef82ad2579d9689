"""The practice as the simulated clearinghouse knows it: its ids, from the last file it sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.rows import from_json, to_json
from clinic import clock
from x12 import Group, Interchange, TransactionSet, write_interchange


@dataclass(frozen=True, kw_only=True)
class Trader:
    """As in the practice's own ISA and GS; answers go the other way round."""

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    group_sender: str
    group_receiver: str
    usage: str

    @classmethod
    def of(cls, interchange: Interchange, group: Group) -> "Trader":
        return cls(
            sender_qualifier=interchange.sender_qualifier, sender=interchange.sender,
            receiver_qualifier=interchange.receiver_qualifier, receiver=interchange.receiver,
            group_sender=group.sender, group_receiver=group.receiver, usage=interchange.usage,
        )  # fmt: skip

    def envelope(
        self, book: Book, transactions: Sequence[TransactionSet], *, kind: str, version: str, at: datetime
    ) -> tuple[str, bytes]:
        """(ISA13, file) from the clearinghouse to the practice."""
        number = book.files.next_number("interchange")
        written_at = clock.local(at).replace(tzinfo=None)
        interchange = Interchange(
            sender_qualifier=self.receiver_qualifier, sender=self.receiver,
            receiver_qualifier=self.sender_qualifier, receiver=self.sender,
            control_number=f"{number:09d}", created_at=written_at, usage=self.usage,
        )  # fmt: skip
        group = Group(kind, self.group_receiver, self.group_sender, str(number), written_at, version)
        text = write_interchange(interchange, [(group, list(transactions))])
        return interchange.control_number, text.encode("ascii")

    def put_out(
        self,
        book: Book,
        transactions: Sequence[TransactionSet],
        *,
        kind: str,
        version: str,
        stem: str,
        due_at: datetime,
    ) -> None:
        number, payload = self.envelope(book, transactions, kind=kind, version=version, at=due_at)
        book.files.put_out(trader=self.sender, name=f"{stem}-{number}.x12", payload=payload, due_at=due_at)


def remember(book: Book, trader: Trader) -> None:
    book.db.execute("INSERT OR REPLACE INTO trader (sender, data) VALUES (?, ?)", (trader.sender, to_json(trader)))


def known(book: Book, sender: str) -> Trader:
    row = book.db.execute("SELECT data FROM trader WHERE sender=?", (sender,)).fetchone()
    return from_json(Trader, row["data"])
