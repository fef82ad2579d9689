"""Loops of the 837P taken apart: what a reader asks for leaves the loop, the rest is unread."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from ..adjudication import Reference
from ..elements import read_period
from ..parties import Address, read_address
from ..segment import Segment
from .model import ClaimDate, Name

N = TypeVar("N", bound=Name)


class Loop:
    """The segments of one loop that nobody has read yet."""

    def __init__(self, segments: Iterable[Segment]) -> None:
        self.rest = list(segments)

    def take(self, tag: str, qualifier: str = "") -> Segment | None:
        """The first such segment (element 01 = qualifier), out of the loop."""
        for at, segment in enumerate(self.rest):
            if segment.elements[0] == tag and qualifier in ("", segment[1]):
                return self.rest.pop(at)
        return None

    def take_all(self, tag: str) -> list[Segment]:
        """Every such segment, out of the loop."""
        taken = [segment for segment in self.rest if segment.elements[0] == tag]
        self.rest = [segment for segment in self.rest if segment.elements[0] != tag]
        return taken

    def take_reference(self, qualifier: str) -> str:
        """REF02 of the first REF of this kind."""
        segment = self.take("REF", qualifier)
        return segment[2] if segment else ""

    def take_references(self) -> tuple[Reference, ...]:
        """The REFs that are left."""
        return tuple(Reference(segment[1], segment[2]) for segment in self.take_all("REF"))

    def take_address(self) -> Address | None:
        """N3 and N4."""
        street, city = self.take("N3"), self.take("N4")
        return read_address(street, city) if street or city else None

    def take_dates(self) -> tuple[ClaimDate, ...]:
        """The DTPs that are left and tell a date; one with a time stays unread."""
        found = []
        kept = []
        for segment in self.take_all("DTP"):
            period = read_period(segment, 2, 3) if segment[2] in ("D8", "RD8") else None
            if period:
                found.append(ClaimDate(qualifier=segment[1], first_day=period[0], last_day=period[1]))
            else:
                kept.append(segment)
        self.rest += kept
        return tuple(found)

    def take_note(self) -> str:
        """NTE*ADD."""
        segment = self.take("NTE", "ADD")
        return segment[2] if segment else ""


def split(segments: Sequence[Segment], starters: Collection[str]) -> tuple[list[Segment], list[list[Segment]]]:
    """What stands before the first starting tag, and a list for each segment that starts one."""
    head: list[Segment] = []
    loops: list[list[Segment]] = []
    for segment in segments:
        if segment.elements[0] in starters:
            loops.append([segment])
        elif loops:
            loops[-1].append(segment)
        else:
            head.append(segment)
    return head, loops


def take_name_loop(loops: list[list[Segment]], role: str) -> Loop | None:
    """The first NM1 loop of this role, out of the list."""
    for at, segments in enumerate(loops):
        if segments[0].elements[0] == "NM1" and segments[0][1] == role:
            return Loop(loops.pop(at))
    return None


def named(kind: Callable[..., N], name: Segment, **more: object) -> N:
    """A dataclass with a name, its name read from NM1."""
    return kind(
        last_name=name[3],  # NM103
        first_name=name[4],
        middle_name=name[5],
        suffix=name[7],
        is_person=name[2] == "1",
        **more,
    )
