"""The day sheet's shapes: what stands in which row of the grid, and how it looks."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from clinic import clock
from clinic.models import Location, Provider, Visit
from scheduling.models import Appointment

LABELS = {**dict(Appointment.Status.choices), **dict(Visit.Status.choices)}

LOOKS = {
    "booked": ("expected", "st-expected"),
    "confirmed": ("confirmed", "st-confirmed"),
    "arrived": ("arrived", "st-arrived"),
    "checked_in": ("arrived", "st-arrived"),
    "in_room": ("roomed", "st-roomed"),
    "with_provider": ("provider", "st-provider"),
    "ready_for_checkout": ("checkout", "st-checkout"),
    "checked_out": ("done", "st-done"),
    "closed": ("done", "st-done"),
    "fulfilled": ("done", "st-done"),
    "no_show": ("noshow", "st-noshow"),
    "left": ("noshow", "st-noshow"),
    "undone": ("expected", "st-expected"),
}
"""Colour class and glyph of a state: future appointments are slate, so colour means "in the building now"."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A glyph on an appointment: something to know before the patient comes. `tone` is "", warn or bad; `word` its tag.

    `to_fix` says what the desk has to settle before the visit, `about` with whom.
    """

    glyph: str
    label: str
    tone: str = ""
    word: str = ""
    to_fix: str = ""
    about: str = ""

    @property
    def css(self) -> str:
        return self.tone or "plain"


class Entry(NamedTuple):
    """What the sheet needs of one appointment: six hundred rows of a big day are no place for whole models.

    `pk` is the id as addresses carry it.
    """

    pk: str
    start: datetime
    end: datetime
    lane: int
    status: str
    reason: str
    patient_id: uuid.UUID
    patient_name: str
    provider_id: uuid.UUID
    kind: str
    colour: str

    @property
    def is_expected(self) -> bool:
        return self.status in Appointment.EXPECTED


class Block(NamedTuple):
    """One appointment on the grid. `row` and `rows` count five minutes from the top of the sheet.

    `status` is the visit's stage once there is one, else the appointment's state; `wall` the time without AM or PM.
    """

    appointment: Entry
    provider: Provider
    status: str
    row: int
    rows: int
    side: str
    wall: str
    flags: Sequence[Flag]
    is_next: bool = False

    @property
    def is_opening(self) -> bool:
        return False

    @property
    def status_label(self) -> str:
        return LABELS[self.status]

    @property
    def look(self) -> str:
        return LOOKS[self.status][0]

    @property
    def glyph(self) -> str:
        return LOOKS[self.status][1]

    @property
    def size(self) -> str:
        return "s" if self.rows <= 3 else "m" if self.rows <= 8 else "l"

    @property
    def css(self) -> str:
        """Its classes: look, size, side by side or not, place."""
        return f"ap {self.look} {self.size} {self.side} r{self.row} s{self.rows}"


@dataclass(frozen=True)
class Closed:
    title: str
    row: int
    rows: int


class Opening(NamedTuple):
    """A free quarter of an hour: press it to book. `wall` is its time as the desk says it."""

    start: datetime
    row: int
    value: str
    wall: str
    rows: int = 3
    side: str = ""

    @property
    def is_opening(self) -> bool:
        return True

    @property
    def css(self) -> str:
        return f"free r{self.row} s{self.rows}"


@dataclass(frozen=True)
class Column:
    provider: Provider
    blocks: Sequence[Block]
    closed: Sequence[Closed]
    openings: Sequence[Opening]
    open_minutes: int
    booked_minutes: int

    @property
    def full(self) -> int:
        """Booked part of the hours open to booking, in per cent."""
        return min(100, round(100 * self.booked_minutes / self.open_minutes)) if self.open_minutes else 0

    @property
    def items(self) -> list[Block | Opening]:
        """Bookings and openings in the order of the clock: what the arrow keys walk through."""
        return sorted([*self.blocks, *self.openings], key=lambda item: (item.row, item.side))


@dataclass(frozen=True)
class DaySheet:
    location: Location
    day: date
    top: datetime
    hours: int
    columns: Sequence[Column]
    now: datetime
    now_row: int | None
    blocks: Sequence[Block] = field(default_factory=tuple)

    @property
    def query(self) -> str:
        """The query string of this sheet's page."""
        return f"d={self.day:%Y-%m-%d}&at={self.location.pk}"

    def count(self, *statuses: str) -> int:
        return sum(1 for block in self.blocks if block.status in statuses)

    @property
    def booked(self) -> int:
        return len(self.blocks)

    @property
    def here(self) -> int:
        return self.count(*Visit.OPEN)

    @property
    def completed(self) -> int:
        return self.count("fulfilled", "checked_out", "closed")

    @property
    def missed(self) -> int:
        return self.count("no_show", "left")

    @property
    def open_slots(self) -> int:
        return sum(len(column.openings) for column in self.columns)

    @property
    def hour_marks(self) -> list[tuple[int, str]]:
        """(row, `8 am`) by the wall clock."""
        first = clock.local(self.top, self.location).hour
        return [(n * 12, f"{time(first + n):%-I %p}".lower()) for n in range(self.hours)]

    @property
    def now_label(self) -> str:
        return f"{clock.local(self.now, self.location):%-I:%M}"
