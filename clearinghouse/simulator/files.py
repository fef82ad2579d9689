"""The clearinghouse's file room in the book: every file as it arrived, and what waits to be fetched."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReceivedFile:
    id: int
    trader: str
    control_number: str
    payload: bytes
    received_at: datetime


class Files:
    """Works inside the transaction of the Book that owns the connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def receive(
        self, *, trader: str, control_number: str, name: str, payload: bytes, at: datetime
    ) -> tuple[ReceivedFile, bool]:
        """Every arrival is written down. True: the first with this number; a repeat is counted and not worked again."""
        is_first = self.find(trader=trader, control_number=control_number) is None
        cursor = self._db.execute(
            "INSERT INTO received (trader, control_number, name, payload, received_at) VALUES (?, ?, ?, ?, ?)",
            (trader, control_number, name, payload, at.isoformat()),
        )
        return ReceivedFile(int(cursor.lastrowid or 0), trader, control_number, payload, at), is_first

    def find(self, *, trader: str, control_number: str) -> int | None:
        row = self._db.execute(
            "SELECT id FROM received WHERE trader=? AND control_number=? ORDER BY id LIMIT 1", (trader, control_number)
        ).fetchone()
        return None if row is None else int(row["id"])

    def payload(self, file_id: int) -> bytes:
        return bytes(self._db.execute("SELECT payload FROM received WHERE id=?", (file_id,)).fetchone()["payload"])

    def duplicates(self) -> int:
        row = self._db.execute(
            "SELECT COUNT(*) - COUNT(DISTINCT trader || '/' || control_number) AS again FROM received"
        ).fetchone()
        return int(row["again"])

    def received_count(self) -> int:
        return int(self._db.execute("SELECT COUNT(*) AS n FROM received").fetchone()["n"])

    def next_number(self, name: str) -> int:
        row = self._db.execute(
            "INSERT INTO counter (name, last) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1"
            " RETURNING last",
            (name,),
        ).fetchone()
        return int(row["last"])

    def put_out(self, *, trader: str, name: str, payload: bytes, due_at: datetime) -> None:
        self._db.execute(
            "INSERT INTO mailbox (trader, name, payload, due_at) VALUES (?, ?, ?, ?)",
            (trader, name, payload, due_at.isoformat()),
        )

    def waiting(self, *, trader: str, at: datetime) -> Iterator[tuple[str, bytes]]:
        """Instants are UTC texts, so they sort as they follow one another."""
        rows = self._db.execute(
            "SELECT name, payload FROM mailbox WHERE trader=? AND acknowledged=0 AND due_at<=? ORDER BY due_at, id",
            (trader, at.isoformat()),
        ).fetchall()
        for row in rows:
            yield row["name"], bytes(row["payload"])

    def acknowledge(self, *, trader: str, name: str) -> None:
        self._db.execute("UPDATE mailbox SET acknowledged=1 WHERE trader=? AND name=?", (trader, name))
