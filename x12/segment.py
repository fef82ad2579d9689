"""A segment is a tag and its elements, read by position; the delimiters come from its ISA."""

import re
from dataclasses import dataclass
from typing import Final

from .errors import X12Error

ISA_SEPARATORS: Final = 16
LONGEST_ISA: Final = 250  # 106 by the standard; some senders pad too much
FIRST_VERSION_WITH_REPETITION: Final = "00402"
CONTROL_SEPARATORS: Final = "\x1c\x1d\x1e\x1f"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four characters that cut a file. `repetition` is empty before version 00402."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"

    def check(self, *, segment: int) -> None:
        """Refuse separators that a name or an amount may hold, and one character in two roles."""
        for element, role, character in (
            (0, "element", self.element),
            (16, "component", self.component),
            (11, "repetition", self.repetition),
            (16, "segment", self.segment),
        ):
            line_end = role == "segment" and character in "\r\n"
            if character and not (line_end or _may_separate(character)):
                raise X12Error(
                    f"The ISA names {character!r} as {role} separator; it cannot separate.",
                    segment=segment,
                    tag="ISA",
                    element=element,
                    rule="delimiter",
                )
        used = [c for c in (self.element, self.component, self.repetition, self.segment) if c]
        if len(set(used)) != len(used):
            raise X12Error(
                "The ISA names one character for two kinds of separator.",
                segment=segment,
                tag="ISA",
                rule="delimiter",
            )


DEFAULT_DELIMITERS: Final = Delimiters()


def _may_separate(character: str) -> bool:
    if character in CONTROL_SEPARATORS:
        return True
    return character.isascii() and character.isprintable() and not (character.isalnum() or character in " .-")


def delimiters_of_isa(text: str, *, segment: int) -> tuple[Delimiters, int] | None:
    """The delimiters of the ISA at the start of `text`, and where that segment ends.

    Found by counting its 16 separators, because senders do not all pad it to 106 characters.
    None when `text` is still too short to tell.
    """
    if len(text) < 4:
        return None
    separator = text[3]
    at = 3
    for number in range(2, ISA_SEPARATORS + 1):
        following = text.find(separator, at + 1, LONGEST_ISA)
        if following < 0:
            if len(text) < LONGEST_ISA:
                return None
            raise X12Error(
                f"The ISA has {number - 1} element separators, it must have {ISA_SEPARATORS}.",
                segment=segment,
                tag="ISA",
                rule="isa",
            )
        at = following
    if len(text) < at + 3:
        return None
    elements = text[:at].split(separator)
    repetition = ""
    if elements[12] >= FIRST_VERSION_WITH_REPETITION and not elements[11].isalnum():
        repetition = elements[11].strip()
        if len(repetition) > 1:
            raise X12Error(
                "The repetition separator must be one character.",
                segment=segment,
                tag="ISA",
                element=11,
                rule="delimiter",
            )
    found = Delimiters(separator, text[at + 1], repetition, text[at + 2])
    found.check(segment=segment)
    return found, at + 2


class Segment:
    """One segment as it was read. `segment[4]` is element 04; a missing one reads as ""."""

    __slots__ = ("delimiters", "elements", "position")

    def __init__(
        self,
        elements: list[str],
        position: int = 0,
        delimiters: Delimiters = DEFAULT_DELIMITERS,
    ) -> None:
        self.elements = elements
        self.position = position
        self.delimiters = delimiters

    @property
    def tag(self) -> str:
        """The segment's name, such as CLP."""
        return self.elements[0]

    def __getitem__(self, index: int) -> str:
        try:
            return self.elements[index]
        except IndexError:
            return ""

    def __len__(self) -> int:
        """Number of elements after the tag."""
        return len(self.elements) - 1

    def __eq__(self, other: object) -> bool:
        """Equal content; the position and the separators are the file's, not the segment's."""
        if not isinstance(other, Segment):
            return NotImplemented
        return self.canonical() == other.canonical()

    def __hash__(self) -> int:
        return hash(self.canonical())

    def __repr__(self) -> str:
        return f"Segment({self.position}, {self.delimiters.element.join(self.elements)!r})"

    def components(self, index: int) -> list[str]:
        """The parts of composite element `index`: HC:99213:25 gives HC, 99213, 25."""
        return self[index].split(self.delimiters.component)

    def component(self, index: int, part: int) -> str:
        """Part `part` (from 1) of composite element `index`, "" when absent."""
        parts = self.components(index)
        return parts[part - 1] if part <= len(parts) else ""

    def repetitions(self, index: int) -> list[str]:
        """The repeats of element `index`; none when it is empty."""
        value = self[index]
        if not value:
            return []
        separator = self.delimiters.repetition
        return value.split(separator) if separator else [value]

    def canonical(self) -> str:
        """The segment with separators no data can hold, trailing empties cut."""
        delimiters = self.delimiters
        text = "\x1d".join(self.elements)
        if delimiters.component in text:
            text = text.replace(delimiters.component, "\x1f")
        if delimiters.repetition and delimiters.repetition in text:
            text = text.replace(delimiters.repetition, "\x1e")
        return _TRAILING.sub("", text)

    def error(self, element: int, rule: str, sentence: str) -> X12Error:
        """An X12Error at this segment's element."""
        return X12Error(
            sentence,
            segment=self.position,
            tag=self.elements[0],
            element=element,
            rule=rule,
        )


_TRAILING: Final = re.compile(r"[\x1d\x1f\x1e]+$")
