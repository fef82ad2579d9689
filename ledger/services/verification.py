"""Proving the books: all checks at one instant, by hand (`manage.py verify_ledger`) and every night."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from clinic import clock
from clinic.money import ZERO
from clinic.services.jobs import run_for_each_date
from ledger.checks import Finding, all_checks, clearing_list


class BooksDoNotHold(Exception):
    """The nightly proof failed; its text says where. The run stays failed on the page Work until it is mended."""


@dataclass(frozen=True)
class Verdict:
    findings: dict[str, list[Finding]]
    clearing: list[tuple[str, Decimal, int]]

    @property
    def holds(self) -> bool:
        return not any(self.findings.values())

    @property
    def cents_lost(self) -> int:
        return int(sum((f.cents_off for found in self.findings.values() for f in found), ZERO) * 100)

    def worst(self) -> str:
        """The first finding of each failed check."""
        return "; ".join(
            f"{name}: {found[0].where}: {found[0].problem}" for name, found in self.findings.items() if found
        )


def verify() -> Verdict:
    with _one_moment():
        return Verdict({name: list(fn()) for name, fn in all_checks().items()}, clearing_list())


@contextmanager
def _one_moment() -> Iterator[None]:
    """All checks see the books of the same instant, while the clinic goes on posting."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def verify_each_night() -> int:
    """Once for each local date that has ended. Safe to repeat: a date that held is not proved again."""
    return run_for_each_date(job="ledger.verify_books", upto=clock.today() - timedelta(days=1), work=_prove)


def _prove(day: date) -> dict[str, Any]:
    verdict = verify()
    if not verdict.holds:
        raise BooksDoNotHold(verdict.worst())
    return {"cents_lost": 0, "checks": len(verdict.findings)}
