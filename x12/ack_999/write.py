"""Acknowledgment to transaction set 999, and a 999 made from what a reader found wrong in a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..envelope import EnvelopeReader, Transaction
from ..errors import X12Error
from ..headers import Group, TransactionSet
from ..reader import Source
from ..writer import Element, Elements, Repeated
from .model import Acknowledgment, Context, ElementFault, SegmentFault, SetAcknowledgment, Verdict

VERSION: Final = "005010X231A1"
GROUP_KIND: Final = "FA"
_CODES_IN_A_SEGMENT: Final = 5

_SET_FAULTS: Final = {"no_se": "2", "control_number": "3", "count": "4", "kind": "1"}
"""Rules of the envelope to IK502; they concern the set, not a segment in it."""

_ELEMENT_FAULTS: Final = {
    "missing": "1",
    "too_long": "5",
    "length": "5",
    "character": "6",
    "amount": "6",
    "quantity": "6",
    "integer": "6",
    "code": "7",
    "date": "8",
    "time": "9",
}
"""Rules of our readers to IK403; any other is I12, "does not have the required form"."""


@dataclass(frozen=True, slots=True)
class ReceivedSet:
    """One transaction set as it came in, with what was found wrong. `position` is its ST in the file."""

    code: str
    control_number: str
    version: str = ""
    position: int = 0
    faults: tuple[X12Error, ...] = ()
    is_accepted: bool = True  # with faults: accepted, but errors are noted


def write_acknowledgment(acknowledgment: Acknowledgment, *, control_number: str) -> TransactionSet:
    """The 999 as a transaction set."""
    return TransactionSet("999", control_number, list(_segments(acknowledgment)), VERSION)


def acknowledge_file(source: Source, read: Callable[[Transaction], object]) -> list[tuple[Group, Acknowledgment]]:
    """What `read` thinks of every transaction set, as one acknowledgment for each group of the file.

    A fault of the envelope outside any set is for a TA1; it ends nothing here.
    """
    found: list[tuple[Group, list[ReceivedSet]]] = []
    reader = EnvelopeReader(source)
    while True:
        try:
            transaction = next(reader)
        except StopIteration:
            break
        except X12Error:
            continue
        faults: tuple[X12Error, ...] = ()
        try:
            read(transaction)
            for _ in transaction:  # a reader may stop early; the SE is judged all the same
                pass
        except X12Error as fault:
            faults = (fault,)
        if not found or found[-1][0] is not transaction.group:
            found.append((transaction.group, []))
        found[-1][1].append(
            ReceivedSet(
                transaction.code, transaction.control_number, transaction.version, transaction.position, faults,
                is_accepted=not faults,
            )
        )  # fmt: skip
    return [(group, acknowledge_group(group, sets)) for group, sets in found]


def acknowledge_group(group: Group, sets: Sequence[ReceivedSet]) -> Acknowledgment:
    """The acknowledgment of one group from what was found in its sets."""
    answers = tuple(_answer(each) for each in sets)
    accepted = sum(each.verdict.is_accepted for each in answers)
    if accepted == len(answers):
        noted = any(each.verdict is Verdict.ACCEPTED_WITH_ERRORS for each in answers)
        verdict = Verdict.ACCEPTED_WITH_ERRORS if noted else Verdict.ACCEPTED
    else:
        verdict = Verdict.PARTLY_ACCEPTED if accepted else Verdict.REJECTED
    return Acknowledgment(
        group_kind=group.kind,
        group_number=group.control_number,
        version=group.version,
        verdict=verdict,
        included=len(answers),
        received=len(answers),
        accepted=accepted,
        sets=answers,
    )


def _answer(received: ReceivedSet) -> SetAcknowledgment:
    if not received.faults:
        verdict = Verdict.ACCEPTED if received.is_accepted else Verdict.REJECTED
    else:
        verdict = Verdict.ACCEPTED_WITH_ERRORS if received.is_accepted else Verdict.REJECTED
    errors = []
    faults = []
    for fault in received.faults:
        if fault.rule in _SET_FAULTS:
            errors.append(_SET_FAULTS[fault.rule])
        else:
            errors.append("I5")
            faults.append(_segment_fault(fault, received.position))
    return SetAcknowledgment(
        code=received.code,
        control_number=received.control_number,
        version=received.version,
        verdict=verdict,
        faults=tuple(faults),
        errors=tuple(dict.fromkeys(errors))[:_CODES_IN_A_SEGMENT],
    )


def _segment_fault(fault: X12Error, position: int) -> SegmentFault:
    number = max(fault.segment - position + 1, 1)
    tag = fault.tag or "ST"
    if not fault.element:
        return SegmentFault(tag=tag, number=number, code="3" if fault.rule == "missing" else "2")
    code = _ELEMENT_FAULTS.get(fault.rule, "I12")
    return SegmentFault(tag=tag, number=number, code="8", elements=(ElementFault(code=code, element=fault.element),))


def _segments(acknowledgment: Acknowledgment) -> Iterator[Elements]:
    yield "AK1", acknowledgment.group_kind, acknowledgment.group_number, acknowledgment.version
    for each in acknowledgment.sets:
        yield "AK2", each.code, each.control_number, each.version
        for fault in each.faults:
            yield from _fault_segments(fault)
        yield "IK5", each.verdict.value, *_at_most_five(each.errors, "IK5")
    yield (
        "AK9",
        acknowledgment.verdict.value,
        str(acknowledgment.included),
        str(acknowledgment.received),
        str(acknowledgment.accepted),
        *_at_most_five(acknowledgment.errors, "AK9"),
    )


def _fault_segments(fault: SegmentFault) -> Iterator[Elements]:
    yield "IK3", fault.tag, str(fault.number), fault.loop, fault.code
    yield from _contexts(fault.contexts)
    for each in fault.elements:
        place = (str(each.element), _number(each.component), _number(each.repetition))
        yield "IK4", place, each.reference, each.code, each.value
        yield from _contexts(each.contexts)


def _contexts(contexts: Iterable[Context]) -> Iterator[Elements]:
    for each in contexts:
        yield "CTX", _names(each), each.tag, _number(each.number), each.loop, each.element, each.reference


def _names(context: Context) -> Element:
    if len(context.names) == 1:
        return context.names[0]
    if any(value for _, value in context.names):
        raise X12Error("Several contexts with values need a CTX each.", tag="CTX", element=1, rule="too_many")
    return Repeated(name for name, _ in context.names)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _at_most_five(codes: Sequence[str], tag: str) -> Sequence[str]:
    if len(codes) > _CODES_IN_A_SEGMENT:
        raise X12Error(f"{tag} has room for five error codes.", tag=tag, rule="too_many")
    return codes
