"""Transaction set 999 (or 997) to acknowledgment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..elements import need_text, read_integer
from ..envelope import EnvelopeReader, Transaction, read_each
from ..errors import X12Error
from ..reader import Source
from ..segment import Segment
from .model import Acknowledgment, Context, ElementFault, SegmentFault, SetAcknowledgment, Verdict

_OLD_TAGS: Final = {"AK3": "IK3", "AK4": "IK4", "AK5": "IK5"}  # of the 997
_VERDICTS: Final = {each.value: each for each in Verdict}


def read_acknowledgments(source: Source) -> Iterator[Acknowledgment]:
    """One per ST..SE; raises at the first broken rule."""
    for transaction in EnvelopeReader(source):
        yield read_acknowledgment(transaction)


def read_each_acknowledgment(source: Source) -> Iterator[Acknowledgment | X12Error]:
    """Every acknowledgment of the file, an X12Error standing where one is broken."""
    return read_each(source, read_acknowledgment)


@dataclass(slots=True)
class _Fault:
    segment: Segment
    contexts: list[Context] = field(default_factory=list)
    elements: list[tuple[Segment, list[Context]]] = field(default_factory=list)


@dataclass(slots=True)
class _Set:
    header: Segment
    faults: list[_Fault] = field(default_factory=list)


def read_acknowledgment(transaction: Transaction) -> Acknowledgment:
    """The whole of one 999."""
    if transaction.code not in ("999", "997"):
        raise transaction.header.error(1, "kind", "This is not a file acknowledgment (999).")
    group: Segment | None = None
    trailer: Segment | None = None
    current: _Set | None = None
    sets: list[SetAcknowledgment] = []
    unread: list[Segment] = []
    for segment in transaction:
        tag = _OLD_TAGS.get(segment.tag, segment.tag)
        if trailer is not None:
            raise segment.error(0, "order", f"{segment.tag} stands after the AK9.")
        if group is None and tag != "AK1":
            raise segment.error(0, "order", f"{segment.tag} stands before the AK1.")
        if tag in ("IK3", "IK4", "IK5", "CTX") and current is None:
            raise segment.error(0, "order", f"This {segment.tag} has no AK2.")
        match tag:
            case "AK1" if group is None:
                group = segment
            case "AK2" | "AK9" if current is not None:
                raise segment.error(0, "missing", f"The AK2 of segment {current.header.position} has no IK5.")
            case "AK2":
                current = _Set(segment)
            case "AK9":
                trailer = segment
            case "IK5" if current is not None:
                sets.append(_set(current, segment))
                current = None
            case "IK3" if current is not None:
                current.faults.append(_Fault(segment))
            case "IK4" | "CTX" if current is not None:
                _add(current, segment, tag)
            case _:
                unread.append(segment)
    if group is None:
        raise transaction.header.error(0, "missing", "The acknowledgment has no AK1.")
    if trailer is None:
        raise group.error(0, "missing", "The acknowledgment has no AK9.")
    return Acknowledgment(
        group_kind=need_text(group, 1),
        group_number=need_text(group, 2),
        version=group[3],
        verdict=_verdict(trailer),
        included=_count(trailer, 2),
        received=_count(trailer, 3),
        accepted=_count(trailer, 4),
        errors=_codes(trailer, 5),
        sets=tuple(sets),
        control_number=transaction.control_number,
        position=transaction.position,
        unread=tuple(unread),
    )


def _add(current: _Set, segment: Segment, tag: str) -> None:
    if not current.faults:
        raise segment.error(0, "order", f"This {segment.tag} has no IK3.")
    fault = current.faults[-1]
    if tag == "IK4":
        fault.elements.append((segment, []))
    else:
        contexts = fault.elements[-1][1] if fault.elements else fault.contexts
        contexts.append(_context(segment))


def _set(read: _Set, trailer: Segment) -> SetAcknowledgment:
    header = read.header
    return SetAcknowledgment(
        code=need_text(header, 1),
        control_number=need_text(header, 2),
        version=header[3],
        verdict=_verdict(trailer),
        faults=tuple(_fault(each) for each in read.faults),
        errors=_codes(trailer, 2),
        position=header.position,
    )


def _fault(read: _Fault) -> SegmentFault:
    segment = read.segment
    return SegmentFault(
        tag=need_text(segment, 1),
        number=_count(segment, 2),
        loop=segment[3],
        code=segment[4],
        contexts=tuple(read.contexts),
        elements=tuple(_element(each, contexts) for each, contexts in read.elements),
        position=segment.position,
    )


def _element(segment: Segment, contexts: Sequence[Context]) -> ElementFault:
    place = segment.components(1)
    numbers = [int(part) if part.isascii() and part.isdigit() else None for part in place]
    numbers += [None] * (3 - len(numbers))
    if numbers[0] is None:
        raise segment.error(1, "integer", "The place of the wrong element is missing.")
    return ElementFault(
        element=numbers[0],
        component=numbers[1],
        repetition=numbers[2],
        reference=segment[2],
        code=need_text(segment, 3),
        value=segment[4],
        contexts=tuple(contexts),
    )


def _context(segment: Segment) -> Context:
    names = []
    for repeat in segment.repetitions(1):
        name, _, value = repeat.partition(segment.delimiters.component)
        names.append((name, value))
    return Context(
        names=tuple(names),
        tag=segment[2],
        number=read_integer(segment, 3),
        loop=segment[4],
        element=tuple(segment.components(5)) if segment[5] else (),
        reference=tuple(segment.components(6)) if segment[6] else (),
    )


def _verdict(segment: Segment) -> Verdict:
    verdict = _VERDICTS.get(segment[1])
    of_group_only = verdict is Verdict.PARTLY_ACCEPTED and segment.tag != "AK9"
    if verdict is None or of_group_only:
        raise segment.error(1, "code", f"{segment[1][:5]!r} is no verdict.")
    return verdict


def _count(segment: Segment, index: int) -> int:
    number = read_integer(segment, index)
    if number is None:
        raise segment.error(index, "missing", "A number is missing here.")
    return number


def _codes(segment: Segment, first: int) -> tuple[str, ...]:
    return tuple(code for code in segment.elements[first : first + 5] if code)
