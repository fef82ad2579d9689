"""manage.py verify_ledger: proves the books to the cent. Leaves with 1 and says where when they do not hold."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from clinic.money import ZERO, dollars
from ledger.checks import all_checks, clearing_list

WORST = 20
"""Findings told per check; one fault tends to repeat itself."""


@contextmanager
def _one_moment() -> Iterator[None]:
    """All checks see the books of the same instant, while the clinic goes on posting."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class Command(BaseCommand):
    help = "Check that the journal balances, open items match it, and every line is proved. Exit code 1 when not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        with _one_moment():
            report = self._report()
        self.stdout.write(json.dumps(report)) if options["json"] else self._tell(report)
        if not report["ok"]:
            raise SystemExit(1)

    def _report(self) -> dict[str, Any]:
        started = time.monotonic()
        findings = {name: list(fn()) for name, fn in all_checks().items()}
        lost = sum((f.cents_off for found in findings.values() for f in found), ZERO)
        return {
            "checks": {
                name: [{"where": f.where, "problem": f.problem} for f in found] for name, found in findings.items()
            },
            "clearing": [
                {"account": account, "balance": str(balance), "open_items": count}
                for account, balance, count in clearing_list()
            ],
            "cents_lost": int(lost * 100),
            "seconds": round(time.monotonic() - started, 3),
            "ok": not any(findings.values()),
        }

    def _tell(self, report: dict[str, Any]) -> None:
        for name, found in report["checks"].items():
            self.stdout.write(f"{'FAILED' if found else 'ok':6}  {name}")
            for finding in found[:WORST]:
                self.stdout.write(f"        {finding['where']}: {finding['problem']}")
            if len(found) > WORST:
                self.stdout.write(f"        and {len(found) - WORST} more")
        for row in report["clearing"]:
            self.stdout.write(
                f"open    {row['account']:<7} {dollars(row['balance']):>14} in {row['open_items']} open items"
            )
        self.stdout.write(f"cents lost: {report['cents_lost']}  ({report['seconds']} s)")
