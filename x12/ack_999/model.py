"""Implementation acknowledgment (005010X231A1) as frozen dataclasses; a 997 reads into the same.

It says whether the other side could read our file. A rejected transaction set is a fault of our
writer, never a denied claim: nothing in it went further.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ..segment import Segment


class Verdict(StrEnum):
    """IK501 and AK901."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    PARTLY_ACCEPTED = "P"  # of a group only
    REJECTED = "R"
    REJECTED_AUTHENTICATION = "M"
    REJECTED_ASSURANCE = "W"
    REJECTED_DECRYPTION = "X"

    @property
    def is_accepted(self) -> bool:
        """What was sent goes on, perhaps with a remark."""
        return self in (Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_ERRORS)

    @property
    def is_rejected(self) -> bool:
        """Nothing of what was sent goes on."""
        return not self.is_accepted and self is not Verdict.PARTLY_ACCEPTED


@dataclass(frozen=True, slots=True)
class Context:
    """CTX: what the fault belongs to, such as ("CLM01", "our claim number"), or the rule that called for it."""

    names: tuple[tuple[str, str], ...]  # CTX01: name and value, up to ten
    tag: str = ""  # CTX02
    number: int | None = None  # CTX03, counted like IK302
    loop: str = ""  # CTX04
    element: tuple[str, ...] = ()  # CTX05: element, component, repetition
    reference: tuple[str, ...] = ()  # CTX06


@dataclass(frozen=True, slots=True)
class ElementFault:
    """IK4."""

    code: str  # IK403, see ELEMENT_FAULTS
    element: int  # IK401: place in the segment
    component: int | None = None
    repetition: int | None = None
    reference: str = ""  # IK402: number of the element in the X12 dictionary
    value: str = ""  # IK404: the bad data, if the sender repeats it
    contexts: tuple[Context, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """IK3 with the CTX and IK4 under it."""

    tag: str  # IK301
    number: int  # IK302: segments from the ST, which is 1
    code: str  # IK304, see SEGMENT_FAULTS
    loop: str = ""  # IK303
    contexts: tuple[Context, ...] = ()
    elements: tuple[ElementFault, ...] = ()
    position: int = field(default=0, compare=False)

    @property
    def claim_number(self) -> str:
        """CLM01 of the claim at fault, when the sender names it."""
        for context in self.contexts:
            for name, value in context.names:
                if name == "CLM01":
                    return value
        return ""

    def sentences(self) -> Iterator[str]:
        """The fault for a person: "segment 22, CLM02: not an allowed code"."""
        place = f"segment {self.number}, {self.tag}"
        if not self.elements:
            yield f"{place}: {SEGMENT_FAULTS.get(self.code, f'fault {self.code}')}"
        for each in self.elements:
            yield f"{place}{each.element:02d}: {ELEMENT_FAULTS.get(each.code, f'fault {each.code}')}"


@dataclass(frozen=True, slots=True)
class SetAcknowledgment:
    """AK2 to IK5: the verdict on one transaction set."""

    code: str  # AK201
    control_number: str  # AK202 = our ST02
    verdict: Verdict
    version: str = ""  # AK203
    faults: tuple[SegmentFault, ...] = ()
    errors: tuple[str, ...] = ()  # IK502 to 506, see SET_FAULTS
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """AK1 to AK9: the verdict on one functional group of ours.

    A set that is not listed in `sets` shares the verdict of the group.
    """

    group_kind: str  # AK101 = our GS01
    group_number: str  # AK102 = our GS06
    verdict: Verdict
    included: int  # AK902
    received: int
    accepted: int
    version: str = ""  # AK103
    sets: tuple[SetAcknowledgment, ...] = ()
    errors: tuple[str, ...] = ()  # AK905 to 909
    control_number: str = field(default="", compare=False)
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    def verdict_on(self, control_number: str) -> Verdict:
        """The verdict on the set with this ST02; leading zeros do not count."""
        wanted = control_number.strip().lstrip("0")
        for each in self.sets:
            if each.control_number.strip().lstrip("0") == wanted:
                return each.verdict
        return self.verdict


SEGMENT_FAULTS = {
    "1": "no such segment",
    "2": "not expected here",
    "3": "a required segment is missing",
    "4": "loop repeated too often",
    "5": "segment repeated too often",
    "6": "not part of this transaction set",
    "7": "wrong order",
    "8": "an element is wrong",
    "I4": "the guide does not use this segment",
    "I6": "missing, needed because of other data",
    "I7": "loop not repeated often enough",
    "I8": "segment not repeated often enough",
    "I9": "present, not allowed because of other data",
}

ELEMENT_FAULTS = {
    "1": "a required element is missing",
    "2": "missing, needed because of another element",
    "3": "too many elements",
    "4": "too short",
    "5": "too long",
    "6": "a character that is not allowed",
    "7": "not an allowed code",
    "8": "not a date",
    "9": "not a time",
    "10": "excludes another element",
    "12": "repeated too often",
    "13": "too many components",
    "I6": "not an allowed code by the guide",
    "I9": "missing, needed because of other data",
    "I10": "the guide does not use this element",
    "I11": "not repeated often enough",
    "I12": "does not have the required form",
    "I13": "present, not allowed because of other data",
}

SET_FAULTS = {
    "1": "transaction set not supported",
    "2": "trailer (SE) missing",
    "3": "control numbers of ST and SE differ",
    "4": "number of segments in SE is wrong",
    "5": "segments in error",
    "6": "ST01 missing or wrong",
    "7": "ST02 missing or wrong",
    "18": "does not belong in this group",
    "23": "control number used twice in the group",
    "I5": "segments break the guide",
    "I6": "guide not supported",
}
