"""`make bench`, `python -m bench [NAME ...] [--scale 0.01] [--rounds 1]`: one line of JSON for each goal; exit 1 when one is missed.

Ratios of one run, floor and product in turn, since the machine differs from day to day.
"""

import argparse
import importlib
import os
import sys

from bench.harness import ROUNDS, Size, tell

BENCHES = ("x12_835", "x12_check", "ledger_post", "remittance", "aging", "booking", "day_page")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; default: all")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is the practice of the goals; 0.001 checks the harness"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of floor and product")
    parser.add_argument("--forget", action="store_true", help="drop the generated practices and end")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    if not 0 < asked.scale <= 1 or not 1 <= asked.rounds <= ROUNDS:
        parser.error(f"the scale lies above 0 and up to 1, the rounds from 1 to {ROUNDS}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django

    django.setup()
    if asked.forget:
        from bench.own import forget

        tell(f"{forget()} databases dropped")
        return 0
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    tell(f"load before: {load}; {os.cpu_count()} processors")
    missed = 0
    for name in asked.names or BENCHES:
        for result in importlib.import_module(f"bench.{name}").run(Size(asked.scale, asked.rounds)):
            print(result.line(), flush=True)
            missed += not result.ok
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
