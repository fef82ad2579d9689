"""The HL tree of a 270 or 271, walked person by person.

A person is asked or answered for at the level where the EQ or EB stands, else at the lowest one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ..envelope import Transaction
from ..segment import Segment

LEVELS: Final = {"20": "payer", "21": "provider", "22": "subscriber", "23": "dependent"}
_ORDER: Final = tuple(LEVELS.values())
_SPEAKING: Final = frozenset({"EQ", "EB"})


@dataclass(slots=True)
class LevelLoop:
    """One HL, the segments under it, the level above."""

    name: str
    header: Segment
    above: "LevelLoop | None"
    segments: list[Segment] = field(default_factory=list)
    has_below: bool = False

    @property
    def position(self) -> int:
        """The segment number of the HL."""
        return self.header.position

    @property
    def concerns_a_person(self) -> bool:
        """A question or an answer hangs here, not only the name of the person above."""
        if any(segment.tag in _SPEAKING for segment in self.segments):
            return True
        return not self.has_below

    def at(self, name: str) -> "LevelLoop | None":
        """This level or the one above it of that name."""
        loop: LevelLoop | None = self
        while loop is not None and loop.name != name:
            loop = loop.above
        return loop


@dataclass(slots=True)
class Hierarchy:
    """What stands between ST and SE."""

    heading: Segment | None
    levels: list[LevelLoop]
    unread: list[Segment]

    def people(self) -> Iterator[LevelLoop]:
        """The levels to make an inquiry or response of; a 271 refused at the top has one as well."""
        for level in self.levels:
            if level.concerns_a_person:
                yield level


def read_hierarchy(transaction: Transaction, code: str) -> Hierarchy:
    """The levels of one transaction set. A wrong parent would give one person another's cover: refused."""
    if transaction.code != code:
        raise transaction.header.error(1, "kind", f"This is a {transaction.code}, not a {code}.")
    found = Hierarchy(None, [], [])
    path: dict[str, LevelLoop] = {}
    for segment in transaction:
        if segment.tag == "HL":
            found.levels.append(_open(segment, path))
        elif found.levels:
            found.levels[-1].segments.append(segment)
        elif segment.tag == "BHT" and found.heading is None:
            found.heading = segment
        else:
            found.unread.append(segment)
    if not found.levels:
        raise transaction.header.error(0, "missing", f"This {code} names nobody (no HL).")
    return found


def _open(segment: Segment, path: dict[str, LevelLoop]) -> LevelLoop:
    name = LEVELS.get(segment[3])
    if name is None:
        raise segment.error(3, "level", f"HL03 {segment[3][:5]!r} is no level of an eligibility file.")
    at = _ORDER.index(name)
    above = path.get(_ORDER[at - 1]) if at else None
    if at and above is None:
        raise segment.error(3, "hierarchy", f"The {name} stands without the {_ORDER[at - 1]} above.")
    if above is not None:
        if segment[2] != above.header[1]:
            expected = above.header[1]
            raise segment.error(2, "hierarchy", f"HL02 is {segment[2][:12]!r}, the {above.name} above is {expected!r}.")
        above.has_below = True
    for lower in _ORDER[at:]:
        path.pop(lower, None)
    loop = LevelLoop(name, segment, above)
    path[name] = loop
    return loop
