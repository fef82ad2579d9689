"""manage.py import_remittance FILE… [--json]: take 835 files written by others."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.services.remittances import Verdict, import_bytes

LARGEST_BYTES = 200 * 1024 * 1024


class Command(BaseCommand):
    help = "Import 835 remittance files. Exit 0 when every file got a verdict, 2 when a path cannot be read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print one JSON object per check or EFT")

    def handle(self, *args: Any, **options: Any) -> None:
        unread = 0
        for name in options["files"]:
            path = Path(name)
            try:
                if path.stat().st_size > LARGEST_BYTES:
                    raise OSError("larger than 200 MB")
                payload = path.read_bytes()
            except OSError as error:
                unread += 1
                self.stderr.write(f"{name}: cannot be read ({error.strerror or error}).")
                continue
            for verdict in import_bytes(payload=payload, name=path.name, by=None):
                self.stdout.write(self._line(name, verdict, options["json"]))
        if unread:
            raise SystemExit(2)

    def _line(self, name: str, verdict: Verdict, as_json: bool) -> str:
        if as_json:
            return json.dumps(
                {
                    "file": name,
                    "verdict": verdict.verdict,
                    "trace_number": verdict.trace_number,
                    "claims": verdict.claims,
                    "matched": verdict.matched,
                    "held": verdict.held,
                    "segment": verdict.segment,
                    "reason": verdict.reason,
                }
            )
        facts = f"{verdict.claims} claims, {verdict.matched} matched, {verdict.held} held"
        tail = f": {verdict.reason}" if verdict.reason else ""
        return f"{name}: {verdict.verdict} {verdict.trace_number} ({facts}){tail}"
