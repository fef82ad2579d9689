"""The day sheet's shapes: what stands in which row of the grid, and how it looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from clinic import clock
from clinic.models import Location, Provider, Visit
from scheduling.models import Appointment

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
    """A glyph on an appointment: something to know before the patient comes. `tone` is "", warn or bad; `word` its tag."""

    glyph: str
    label: str
    tone: str = ""
    word: str = ""


@dataclass(frozen=True)
class Block:
    """One appointment on the grid. `row` and `rows` count five minutes from the top of the sheet."""

    appointment: Appointment
    visit: Visit | None
    row: int
    rows: int
    side: str
    flags: Sequence[Flag]
    is_next: bool = False

    @property
    def status(self) -> str:
        """The visit's stage once there is one, else the appointment's state."""
        return self.visit.status if self.visit is not None else self.appointment.status

    @property
    def status_label(self) -> str:
        return str((self.visit or self.appointment).get_status_display())

    @property
    def look(self) -> str:
        return LOOKS[self.status][0]

    @property
    def glyph(self) -> str:
        return LOOKS[self.status][1]

    @property
    def size(self) -> str:
        return "s" if self.rows <= 3 else "m" if self.rows <= 8 else "l"


@dataclass(frozen=True)
class Closed:
    title: str
    row: int
    rows: int


@dataclass(frozen=True)
class Opening:
    """A free quarter of an hour: press it to book."""

    start: datetime
    row: int
    value: str
    rows: int = 3
    is_opening = True


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
        return sorted([*self.blocks, *self.openings], key=lambda item: (item.row, getattr(item, "side", "")))


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
