"""The payers' claim register in the book: every claim accepted, what was decided and paid, what is owed back."""

import sqlite3


class Register:
    """Works inside the transaction of the Book that owns the connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
