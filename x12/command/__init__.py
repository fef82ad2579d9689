"""`python -m x12`: look at X12 files without writing a program.

    check FILE… [--json]   every fault of every transaction set, with its place

Needs the standard library only. `-` reads standard input. Exit 0: nothing found; 1: findings; 2: a file that cannot be read.
"""

import argparse
import sys
from collections.abc import Sequence

from .check import check_files


def main(words: Sequence[str] | None = None) -> int:
    """The exit code; for `python -m x12`."""
    parser = argparse.ArgumentParser(prog="python -m x12", description="X12 health care files: checked.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    checking = commands.add_parser("check", help="every fault of every transaction set, with its place")
    checking.add_argument("files", nargs="+", metavar="FILE", help="files or folders; - is standard input")
    checking.add_argument("--json", action="store_true", help="one JSON object for each transaction set")
    said = parser.parse_args(words)
    try:
        return check_files(said.files, as_json=said.json)
    except BrokenPipeError:  # somebody looked at the first lines only
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130
