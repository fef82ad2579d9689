"""`python -m x12 check`."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Final

from ..check import ENVELOPE, SetReport, check
from ..findings import Finding

CLEAN, FOUND, UNREADABLE = 0, 1, 2
STANDARD_INPUT: Final = "-"


def check_files(names: Sequence[str], *, as_json: bool) -> int:
    """Tell of each transaction set of these files, and of the files in these folders. The exit code."""
    worst = CLEAN
    for name in _files(names):
        try:
            with _opened(name) as source:
                for report in check(source):
                    worst = max(worst, CLEAN if report.is_clean else FOUND)
                    print(_json(name, report) if as_json else _text(name, report))
        except OSError as fault:
            worst = UNREADABLE
            print(f"{name}: {fault.strerror or 'cannot be read'}", file=sys.stderr)
    return worst


def _files(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        path = Path(name)
        if name != STANDARD_INPUT and path.is_dir():
            yield from (str(each) for each in sorted(path.rglob("*")) if each.is_file())
        else:
            yield name


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    with nullcontext(sys.stdin.buffer) if name == STANDARD_INPUT else Path(name).open("rb") as source:
        yield source


def _json(name: str, report: SetReport) -> str:
    return json.dumps({
        "file": name,
        "transaction": report.transaction,
        "version": report.version,
        "control_number": report.control_number,
        "claims": report.claims,
        "charge": None if report.charge is None else str(report.charge),
        "paid": None if report.paid is None else str(report.paid),
        "balanced": report.balanced,
        "findings": [_found(each) for each in report.findings],
    })  # fmt: skip


def _found(finding: Finding) -> dict[str, str | int]:
    return {
        "segment": finding.segment, "tag": finding.tag, "element": finding.element, "rule": finding.rule,
        "severity": str(finding.severity), "message": finding.message,
    }  # fmt: skip


def _text(name: str, report: SetReport) -> str:
    lines = [f"{name}: {_heading(report)}"]
    lines += [f"  {each.severity}: {each.place}: {each.message} [{each.rule}]" for each in report.findings]
    return "\n".join(lines)


def _heading(report: SetReport) -> str:
    if report.transaction == ENVELOPE:
        return "envelope"
    words = [report.transaction, report.version, report.control_number, f"{report.claims} claims"]
    if report.charge is not None:
        words.append(f"charge {report.charge}")
    if report.paid is not None:
        words.append(f"paid {report.paid}")
    if report.balanced is not None:
        words.append("balanced" if report.balanced else "NOT BALANCED")
    found = len(report.findings)
    words.append("clean" if not found else f"{found} finding{'s' if found > 1 else ''}")
    return ", ".join(word for word in words if word)
