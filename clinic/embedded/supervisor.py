"""Keeps a few child processes alive until told to stop, then leaves none behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from clinic.embedded.state import ROOT

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 12  # how long a child may finish what it has in hand
LONGEST_WAIT = 4.0  # a dead child is back within five seconds, however often it dies
STEADY_SECONDS = 30  # a child that lived this long starts afresh


class Stopped(Exception):
    """Ctrl-C, SIGTERM or SIGHUP arrived; raised by `check`, never out of a signal handler, where it may get lost."""


def _follow_parent() -> None:
    """Linux: whoever kills the supervisor with -9 takes its children along."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    name: str
    command: Sequence[str]
    restarts: bool = True
    nice: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float = field(default=0.0)

    def start(self) -> None:
        def prepare() -> None:
            _follow_parent()
            if self.nice:
                os.nice(self.nice)

        self.process = subprocess.Popen(
            [*self.command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops them in order
            preexec_fn=prepare,
        )
        self.started_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self._told_to_stop = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Note stop signals for `check`. Once stopping, more of them change nothing."""

        def note(number: int, frame: object) -> None:
            self._told_to_stop = True

        wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, note) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        if self._told_to_stop:
            raise Stopped

    def start(self, name: str, *command: str, restarts: bool = True, nice: int = 0) -> Child:
        child = Child(name, command, restarts, nice)
        self.children.append(child)
        child.start()
        return child

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Start again whoever died, until Stopped, or until what was waited for has happened."""
        while True:
            done = until()
            self.check()
            for child in list(self.children):
                self._look_after(child)
            if done:
                return
            time.sleep(0.2)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.due_at:
            if now >= child.due_at:
                child.due_at = 0.0
                child.start()
            return
        if child.process is None or child.process.poll() is None:
            return
        if not child.restarts:
            self.children.remove(child)
            if child.process.returncode:
                self.say(f"{child.name} ended with {child.process.returncode}; its messages stand above.")
            return
        self._end_group(child)
        child.failures = 0 if now - child.started_at > STEADY_SECONDS else child.failures + 1
        wait = min(LONGEST_WAIT, 0.5 * child.failures)
        self.say(f"{child.name} ended with {child.process.returncode}; starting it again.")
        child.due_at = now + wait

    def stop(self) -> None:
        """Ask all, youngest first, wait, then insist. Whole groups, so that no grandchild stays."""
        for child in reversed(self.children):
            if child.is_alive and child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{child.name} did not stop by itself.")
            self._end_group(child)
            child.process.wait()
        self.children.clear()

    @staticmethod
    def _end_group(child: Child) -> None:
        if child.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)


def python(*words: str) -> list[str]:
    return [sys.executable, *words]
