"""`make bench`: each benchmark in turn. Ratios of one run, since the machine differs from day to day."""

import runpy
import sys

BENCHES = ("bench.x12_835", "bench.ledger_post", "bench.booking")

if __name__ == "__main__":
    wanted = sys.argv[1:] or BENCHES
    for name in wanted:
        module = name if name.startswith("bench.") else f"bench.{name}"
        print(f"# {module}", flush=True)
        sys.argv = [module]
        runpy.run_module(module, run_name="__main__")
