"""The locks that every booking, move and closure takes first, always in the same order.

Without them racers in flight together end in deadlocks (reliability.md, finding 2); the exclusion constraints
remain the proof that nothing overlaps.
"""

import uuid

from django.db import OperationalError, connection

from clinic.errors import Conflict

WAIT = "2s"
LOCK_NOT_AVAILABLE = "55P03"
FOR_A_WHILE = """
SELECT set_config('tandem.lock_timeout', current_setting('lock_timeout'), true), set_config('lock_timeout', %s, true)
"""
AS_BEFORE = "SELECT set_config('lock_timeout', current_setting('tandem.lock_timeout'), true)"


def lock(*ids: uuid.UUID) -> None:
    """Hold these providers and patients until the transaction ends. Waits two seconds at most, then 409.

    One statement, inside the caller's transaction: the refusal must roll that back.
    """
    keys = sorted({_key(i) for i in ids})
    locks = "; ".join(["SELECT pg_advisory_xact_lock(%s)"] * len(keys))
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"{FOR_A_WHILE}; {locks}; {AS_BEFORE}", [WAIT, *keys])
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
            raise
        raise Conflict(
            "Somebody else is booking the same person at this moment. Look again and choose a time."
        ) from None


def _key(row_id: uuid.UUID) -> int:
    """63 bits of the id: the random end of a UUIDv7, so that rows made together do not share a lock."""
    return row_id.int & 0x7FFF_FFFF_FFFF_FFFF
