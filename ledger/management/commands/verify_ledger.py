"""manage.py verify_ledger: proves the books to the cent. Leaves with 1 and says where when they do not hold."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from clinic.money import dollars
from ledger.services.verification import Verdict, verify

WORST = 20
"""Findings told per check; one fault tends to repeat itself."""


class Command(BaseCommand):
    help = "Check that the journal balances, open items match it, and every line is proved. Exit code 1 when not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        verdict = verify()
        seconds = round(time.monotonic() - started, 3)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(verdict, seconds)))
        else:
            self._tell(verdict, seconds)
        if not verdict.holds:
            raise SystemExit(1)

    def _tell(self, verdict: Verdict, seconds: float) -> None:
        for name, found in verdict.findings.items():
            self.stdout.write(f"{'FAILED' if found else 'ok':6}  {name}")
            for finding in found[:WORST]:
                self.stdout.write(f"        {finding.where}: {finding.problem}")
            if len(found) > WORST:
                self.stdout.write(f"        and {len(found) - WORST} more")
        for account, balance, count in verdict.clearing:
            self.stdout.write(f"open    {account:<7} {dollars(balance):>14} in {count} open items")
        self.stdout.write(f"cents lost: {verdict.cents_lost}  ({seconds} s)")


def _as_json(verdict: Verdict, seconds: float) -> dict[str, Any]:
    return {
        "checks": {
            name: [{"where": f.where, "problem": f.problem} for f in found] for name, found in verdict.findings.items()
        },
        "clearing": [
            {"account": account, "balance": str(balance), "open_items": count}
            for account, balance, count in verdict.clearing
        ],
        "cents_lost": verdict.cents_lost,
        "seconds": seconds,
        "ok": verdict.holds,
    }
