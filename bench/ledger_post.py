"""One charge posted through ledger.post(), guards and open items included, against the raw INSERTs of the same rows.

    python -m bench.ledger_post

Prints one JSON object: milliseconds each, and their ratio in this run.
"""

import json
import time

from bench.own import database

ROUNDS = 300


def main() -> None:
    with database():
        from django.db import connection, transaction

        from ledger.models import JournalEntry
        from ledger.services import entries
        from tests.factories.clinic import ChargeItemFactory, VisitFactory

        visit = VisitFactory()
        charges = [ChargeItemFactory(visit=visit) for _ in range(ROUNDS)]
        begun = time.perf_counter()
        for charge in charges:
            entries.charge(charge=charge, coverage=None, key=f"bench:{charge.pk}", by=None)
        ours = (time.perf_counter() - begun) / ROUNDS * 1000
        begun = time.perf_counter()
        for n in range(ROUNDS):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO ledger_journalentry (key, kind, reason, effective_on, posted_at, memo, txid)"
                    " VALUES (%s, 'charge', '', '2026-03-02', '2026-03-02Z', '', 0) RETURNING id",
                    [f"raw:{n}"],
                )
                entry = cursor.fetchone()[0]
                for side in ("debit", "credit"):
                    other = "credit" if side == "debit" else "debit"
                    cursor.execute(
                        f"INSERT INTO ledger_posting (entry_id, account, {side}, {other}, reference)"
                        " VALUES (%s, 'REV', 150, 0, '')",
                        [entry],
                    )
        raw = (time.perf_counter() - begun) / ROUNDS * 1000
        assert JournalEntry.objects.count() == 2 * ROUNDS
        print(json.dumps({"post_ms": round(ours, 2), "raw_ms": round(raw, 2), "ratio": round(ours / raw, 1)}))


if __name__ == "__main__":
    main()
