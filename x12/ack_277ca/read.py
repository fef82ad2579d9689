"""Transaction set 277 (005010X214) to claim acknowledgments, one for each source and receiver in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Final

from ..elements import need_text, parse_date, read_date
from ..envelope import EnvelopeReader, Transaction, read_each
from ..errors import X12Error
from ..parties import Party, read_party
from ..reader import Source
from ..segment import Segment
from .model import AcknowledgedClaim, AcknowledgedProvider, ClaimAcknowledgment
from .read_claim import read_claims, read_references, read_statuses, read_totals

STRUCTURE: Final = "0085"  # BHT01; the claim status response (X212) has 0010
_PARENTS: Final = {"20": "", "21": "20", "19": "21", "PT": "19"}
_ORDER: Final = tuple(_PARENTS)


@dataclass(slots=True)
class Loop:
    """One HL, the segments under it and the loops below it."""

    header: Segment
    segments: list[Segment] = field(default_factory=list)
    below: list["Loop"] = field(default_factory=list)


def read_claim_acknowledgments(source: Source) -> Iterator[ClaimAcknowledgment]:
    """Every acknowledgment of the file; raises at the first broken rule."""
    for transaction in EnvelopeReader(source):
        yield from read_claim_acknowledgment(transaction)


def read_each_claim_acknowledgment(source: Source) -> Iterator[ClaimAcknowledgment | X12Error]:
    """Every acknowledgment of the file, an X12Error standing where a transaction set is broken."""
    for item in read_each(source, read_claim_acknowledgment):
        if isinstance(item, X12Error):
            yield item
        else:
            yield from item


def read_claim_acknowledgment(transaction: Transaction) -> tuple[ClaimAcknowledgment, ...]:
    """One ST..SE: by the guide one acknowledgment; some senders put several sources into it."""
    if transaction.code != "277":
        raise transaction.header.error(1, "kind", "This is not a claim acknowledgment (277CA).")
    heading, sources, unread = _hierarchy(transaction)
    if heading is None:
        raise transaction.header.error(0, "missing", "The acknowledgment has no BHT.")
    if heading[1] != STRUCTURE:
        raise heading.error(1, "kind", "This 277 answers a question; it is not a claim acknowledgment.")
    found = [_acknowledgment(transaction, heading, source, receiver) for source in sources for receiver in source.below]
    if not found:
        raise transaction.header.error(0, "missing", "The acknowledgment names no receiver (HL03 21).")
    if unread:
        found[0] = replace(found[0], unread=(*unread, *found[0].unread))
    return tuple(found)


def _hierarchy(transaction: Transaction) -> tuple[Segment | None, list[Loop], list[Segment]]:
    heading: Segment | None = None
    sources: list[Loop] = []
    unread: list[Segment] = []
    path: dict[str, Loop] = {}
    current: Loop | None = None
    for segment in transaction:
        tag = segment.tag
        if tag == "HL":
            current = _open(segment, path, sources)
        elif current is not None:
            current.segments.append(segment)
        elif tag == "BHT" and heading is None:
            heading = segment
        else:
            unread.append(segment)
    return heading, sources, unread


def _open(segment: Segment, path: dict[str, Loop], sources: list[Loop]) -> Loop:
    """A new level under its parent. A wrong parent would reject the wrong claims, so it is refused."""
    level = segment[3]
    if level not in _PARENTS:
        raise segment.error(3, "hierarchy", f"{level[:5]!r} is no level of a claim acknowledgment.")
    loop = Loop(segment)
    above = _PARENTS[level]
    parent = path.get(above)
    if not above:
        sources.append(loop)
    elif parent is None:
        raise segment.error(3, "hierarchy", f"Level {level} stands without the level {above} above it.")
    elif segment[2] != parent.header[1]:
        raise segment.error(2, "hierarchy", f"HL02 is {segment[2][:12]!r}, the level above is {parent.header[1]!r}.")
    else:
        parent.below.append(loop)
    for lower in _ORDER[_ORDER.index(level) :]:
        path.pop(lower, None)
    path[level] = loop
    return loop


def _acknowledgment(transaction: Transaction, heading: Segment, source: Loop, receiver: Loop) -> ClaimAcknowledgment:
    received_on = processed_on = None
    source_trace = ""
    unread: list[Segment] = []
    source_party, rest = _party(source, "source")
    for segment in rest:
        match segment.tag, segment[1]:
            case "TRN", _:
                source_trace = segment[2]
            case "DTP", "050":
                received_on = read_date(segment, 3)
            case "DTP", "009":
                processed_on = read_date(segment, 3)
            case _:
                unread.append(segment)
    party, rest = _party(receiver, "receiver")
    statuses, rest = read_statuses(rest)
    totals, rest = read_totals(rest, accepted="90", rejected="AA")
    batch_number, rest = _trace(rest)
    return ClaimAcknowledgment(
        source=source_party,
        receiver=party,
        reference_number=heading[3],
        created_at=_moment(heading),
        source_trace=source_trace,
        received_on=received_on,
        processed_on=processed_on,
        batch_number=batch_number,
        statuses=statuses,
        totals=totals,
        providers=tuple(_provider(each) for each in receiver.below),
        control_number=transaction.control_number,
        position=transaction.position,
        unread=(*unread, *rest),
    )


def _provider(loop: Loop) -> AcknowledgedProvider:
    party, rest = _party(loop, "provider")
    statuses, rest = read_statuses(rest)
    references, rest = read_references(rest)
    totals, rest = read_totals(rest, accepted="QA", rejected="QC")
    trace, rest = _trace(rest)
    claims: list[AcknowledgedClaim] = []
    for each in loop.below:
        patient, segments = _party(each, "patient")
        claims += read_claims(patient, each.header, segments)
    return AcknowledgedProvider(
        party=party,
        trace=trace,
        statuses=statuses,
        references=references,
        totals=totals,
        claims=tuple(claims),
        position=loop.header.position,
        unread=tuple(rest),
    )


def _party(loop: Loop, what: str) -> tuple[Party, list[Segment]]:
    """The first NM1 of a loop, and what else stands in it."""
    for at, segment in enumerate(loop.segments):
        if segment.tag == "NM1":
            return read_party(segment), [*loop.segments[:at], *loop.segments[at + 1 :]]
    raise loop.header.error(0, "missing", f"This level names no {what} (NM1).")


def _trace(segments: Sequence[Segment]) -> tuple[str, list[Segment]]:
    trace = next((segment for segment in segments if segment.tag == "TRN"), None)
    if trace is None:
        return "", list(segments)
    return need_text(trace, 2), [segment for segment in segments if segment is not trace]


def _moment(heading: Segment) -> datetime | None:
    """Date and HHMM of the sender's clock; X12 names no zone."""
    on, hour = parse_date(heading[4]), heading[5]
    if on is None or not (len(hour) >= 4 and hour[:4].isascii() and hour[:4].isdigit()):
        return None
    try:
        return datetime.combine(on, time(int(hour[:2]), int(hour[2:4])))
    except ValueError:
        return None
