"""On the PYTHONPATH of a clinic at proof: its clock runs at the real pace, ahead of or behind it by what a file says.

The proofs jump over the days until a payer pays, and over leases of the dead. Only the clock is faked: every process
reads the same file, so the whole clinic jumps together.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

SHIFT = os.environ.get("PROOF_CLOCK_SHIFT", "")


class _Loader(importlib.abc.Loader):
    def __init__(self, real):
        self.real = real

    def create_module(self, spec):
        return self.real.create_module(spec)

    def exec_module(self, module):
        self.real.exec_module(module)

        def now():
            shift = timedelta(seconds=float(Path(SHIFT).read_text()))
            return module._clock.frozen_at or datetime.now(UTC) + shift

        module.now = now


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name != "clinic.clock":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        spec.loader = _Loader(spec.loader)
        return spec


if SHIFT:
    sys.meta_path.insert(0, _Finder())
