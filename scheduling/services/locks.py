"""The locks that every booking, move and closure takes first, always in the same order.

Without them racers in flight together end in deadlocks (reliability.md, finding 2); the exclusion constraints
remain the proof that nothing overlaps.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError, connection

from clinic.errors import Conflict

WAIT = "2s"
LOCK_NOT_AVAILABLE = "55P03"
FOR_A_WHILE = """
SELECT set_config('tandem.lock_timeout', current_setting('lock_timeout'), true), set_config('lock_timeout', %s, true)
"""
NOTHING = "SELECT WHERE false"
AS_BEFORE = "SELECT set_config('lock_timeout', current_setting('tandem.lock_timeout'), true)"


def lock(*ids: uuid.UUID, asking: tuple[str, Sequence[Any]] | None = None) -> list[tuple[Any, ...]]:
    """Hold these providers and patients until the transaction ends. Waits two seconds at most, then 409.

    One message, inside the caller's transaction: the refusal must roll that back. `asking` (SQL, values) goes with it:
    its rows, read under the locks.
    """
    keys = sorted({_key(i) for i in ids})
    locks = "; ".join(["SELECT pg_advisory_xact_lock(%s)"] * len(keys))
    try:
        with connection.cursor() as cursor:
            question, values = asking or (NOTHING, ())
            cursor.execute(f"{FOR_A_WHILE}; {locks}; {AS_BEFORE}; {question}", [WAIT, *keys, *values])
            answer: list[tuple[Any, ...]] = cursor.fetchall()
            return answer
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
            raise
        raise Conflict(
            "Somebody else is booking the same person at this moment. Look again and choose a time."
        ) from None


def _key(row_id: uuid.UUID) -> int:
    """63 bits of the id: the random end of a UUIDv7, so that rows made together do not share a lock."""
    return row_id.int & 0x7FFF_FFFF_FFFF_FFFF
