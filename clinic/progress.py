"""How far the demo month has been played, for the banner: `report` from the player, `current` from the pages.

It stands in the state folder, not in the database, because the player's transactions are the thing being waited for.
"""

import os
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings

from clinic import clock
from clinic.embedded.state import STATE, read_note, write_note


@dataclass(frozen=True)
class Progress:
    done: int
    of: int
    sentence: str

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.of) if self.of else 0


def _note(name: str = "demo_progress") -> str:
    """Tests beside a running demo see their own."""
    return f"{name}-test-{os.getpid()}" if settings.TESTING else name


def report(done: int, of: int, sentence: str) -> None:
    if settings.DEMO_SIGN_INS:
        write_note(_note(), asdict(Progress(done, of, sentence)))


def current() -> Progress | None:
    """None when nothing is being played."""
    note = read_note(_note()) if settings.DEMO_SIGN_INS else {}
    return Progress(int(note["done"]), int(note["of"]), str(note["sentence"])) if note else None


def finish() -> None:
    """The clock, which waited for the month, begins now."""
    clock_begins()
    (STATE / f"{_note()}.json").unlink(missing_ok=True)


_CLOCK = "clock_began"


def clock_begins() -> None:
    """Whoever starts the clock says so: until its first round is due nobody can call it late."""
    write_note(_note(_CLOCK), {"at": clock.now().isoformat()})


def clock_began() -> datetime | None:
    said = read_note(_note(_CLOCK)).get("at")
    return datetime.fromisoformat(said) if said else None


_UNFINISHED = "demo_unfinished"


def begun() -> None:
    """From now until `finished`, the database holds half a month that nobody should work with."""
    write_note(_UNFINISHED, {"begun": True})


def finished() -> None:
    (STATE / f"{_UNFINISHED}.json").unlink(missing_ok=True)


def is_unfinished() -> bool:
    return bool(read_note(_UNFINISHED))
