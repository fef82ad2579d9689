"""How far the demo month has been played, for the banner: `report` from the player, `current` from the pages.

It stands in the state folder, not in the database, because the player's transactions are the thing being waited for.
"""

from dataclasses import asdict, dataclass

from clinic.embedded.state import STATE, read_note, write_note

_NOTE = "demo_progress"


@dataclass(frozen=True)
class Progress:
    done: int
    of: int
    sentence: str

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.of) if self.of else 0


def report(done: int, of: int, sentence: str) -> None:
    write_note(_NOTE, asdict(Progress(done, of, sentence)))


def current() -> Progress | None:
    """None when nothing is being played."""
    note = read_note(_NOTE)
    return Progress(int(note["done"]), int(note["of"]), str(note["sentence"])) if note else None


def finish() -> None:
    (STATE / f"{_NOTE}.json").unlink(missing_ok=True)
