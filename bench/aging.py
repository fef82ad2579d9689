"""Receivables of the whole practice by payer and bucket, now and as of a past moment, of 1.1 million open insurance items.

The floor of now is the SQL that somebody writes by hand for this one question over OpenItem. Past moments are added up
from the postings written by then.
"""

import statistics
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.db import connection

from bench.harness import Result, Size, in_turn, seconds, slower
from bench.own import practice
from bench.practice import TODAY, moment
from clinic import clock
from ledger.queries.aging import age

MILLISECONDS, TIMES, PAST_SECONDS = 200.0, 3.0, 4.0
PAST = TODAY - timedelta(days=30)

BY_HAND = """
SELECT payer_id, CASE WHEN balance < 0 THEN 5 WHEN responsible_since >= %(d)s::date - 30 THEN 0
    WHEN responsible_since >= %(d)s::date - 60 THEN 1 WHEN responsible_since >= %(d)s::date - 90 THEN 2
    WHEN responsible_since >= %(d)s::date - 120 THEN 3 ELSE 4 END AS bucket, sum(balance)
FROM ledger_openitem WHERE account = 'INS' AND balance <> 0 GROUP BY 1, 2
"""


def run(size: Size) -> Iterator[Result]:
    with practice(size, "aging"), clock.at(moment()):
        _by_hand(), _now()  # both have their pages in memory
        if _by_hand() != _now():
            raise SystemExit("the product's buckets differ from those of the floor")
        floor, product = in_turn(lambda: seconds(_by_hand) * 1000, lambda: seconds(_now) * 1000, size.rounds)
        ratio = slower(floor, product)
        yield Result(
            "aging", round(product, 1), "ms", round(floor, 1), ratio, f"<= {MILLISECONDS:g} ms and <= {TIMES:g} x the SQL by hand",
            product <= MILLISECONDS and ratio <= TIMES,
        )  # fmt: skip
        past = statistics.median(seconds(lambda: age(side="insurance", as_of=PAST)) for _ in range(size.rounds))
        yield Result(
            "aging_as_of", round(past, 2), "s", None, None, f"<= {PAST_SECONDS:g} s from postings", past <= PAST_SECONDS
        )


def _now() -> dict[tuple[object, int], Decimal]:
    *rows, _total = age(side="insurance")
    columns = {row.id: [*row.amounts, row.credit] for row in rows}
    return {(pk, n): amount for pk, amounts in columns.items() for n, amount in enumerate(amounts) if amount}


def _by_hand() -> dict[tuple[object, int], Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"d": TODAY})
        return {(pk, bucket): amount for pk, bucket, amount in cursor.fetchall()}
