"""A card processor without an account, for demo, tests and training.

It keeps its own book beside the practice's database, so a rollback there cannot un-charge a card. Like the real
ones it answers by the card: a number that ends in 0002 is declined, 0119 never answers though it charged.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from clinic.errors import ClinicError
from ledger.cards.interface import CardAnswer, ProcessorUnavailable, StoredCard

DECLINED, SILENT = "0002", "0119"
BRANDS = {"3": "Amex", "4": "Visa", "5": "Mastercard", "6": "Discover"}
BOOK = """
CREATE TABLE IF NOT EXISTS card (token TEXT PRIMARY KEY, last4 TEXT NOT NULL, expires_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS act (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, of TEXT NOT NULL, cents INTEGER NOT NULL,
    approved INTEGER NOT NULL, reference TEXT NOT NULL, reason TEXT NOT NULL
);
"""


class Simulator:
    def __init__(self, book: Path | None = None) -> None:
        name = "card_simulator_test.sqlite3" if settings.TESTING else "card_simulator.sqlite3"
        self.book = book or Path(settings.STATE_DIR) / name

    def charge(self, *, key: str, token: str, amount: Decimal) -> CardAnswer:
        with self._open() as book:
            before = _answer(book, key)
            if before is not None:
                return before
            card = book.execute("SELECT last4 FROM card WHERE token = ?", [token]).fetchone()
            if card is None:
                reason = "The processor does not know this card."
            elif card[0] == DECLINED:
                reason = "Insufficient funds."
            else:
                reason = ""
            answer = _write(book, key, "charge", token, amount, reason)
        if card is not None and card[0] == SILENT:
            raise ProcessorUnavailable("The processor did not answer.")
        return answer

    def refund(self, *, key: str, reference: str, amount: Decimal) -> CardAnswer:
        with self._open() as book:
            before = _answer(book, key)
            if before is not None:
                return before
            charged = book.execute(
                "SELECT cents FROM act WHERE reference = ? AND kind = 'charge' AND approved = 1", [reference]
            ).fetchone()
            refunded = book.execute(
                "SELECT coalesce(sum(cents), 0) FROM act WHERE of = ? AND kind = 'refund' AND approved = 1", [reference]
            ).fetchone()[0]
            left = (charged[0] if charged else 0) - refunded
            reason = "" if _cents(amount) <= left else "More than was charged."
            return _write(book, key, "refund", reference, amount, reason)

    def find(self, key: str) -> CardAnswer | None:
        with self._open() as book:
            return _answer(book, key)

    def store(self, *, number: str, expires_on: date) -> StoredCard:
        digits = "".join(c for c in number if c.isdigit())
        if not 12 <= len(digits) <= 19 or not _passes_luhn(digits):
            raise ClinicError("This is not a card number. Check the digits.")
        token = f"sim_{secrets.token_hex(12)}"
        with self._open() as book:
            book.execute("INSERT INTO card VALUES (?, ?, ?)", [token, digits[-4:], expires_on.isoformat()])
        return StoredCard(token, BRANDS.get(digits[0], "Card"), digits[-4:], expires_on)

    def charged_cents(self) -> int:
        """All that the book took less what it gave back: the receiver's own count."""
        with self._open() as book:
            row = book.execute(
                "SELECT coalesce(sum(CASE kind WHEN 'charge' THEN cents ELSE -cents END), 0) FROM act WHERE approved = 1"
            ).fetchone()
        return int(row[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.book.parent.mkdir(parents=True, exist_ok=True)
        book = sqlite3.connect(self.book, timeout=10)
        try:
            book.executescript(BOOK)
            book.execute("BEGIN IMMEDIATE")
            with book:
                yield book
        finally:
            book.close()


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def _answer(book: sqlite3.Connection, key: str) -> CardAnswer | None:
    row = book.execute("SELECT approved, reference, reason FROM act WHERE key = ?", [key]).fetchone()
    return CardAnswer(bool(row[0]), row[1], row[2]) if row else None


def _write(book: sqlite3.Connection, key: str, kind: str, of: str, amount: Decimal, reason: str) -> CardAnswer:
    answer = CardAnswer(not reason, f"sim_{kind}_{secrets.token_hex(8)}", reason)
    book.execute(
        "INSERT INTO act VALUES (?, ?, ?, ?, ?, ?, ?)",
        [key, kind, of, _cents(amount), int(answer.approved), answer.reference, reason],
    )
    return answer


def _passes_luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
