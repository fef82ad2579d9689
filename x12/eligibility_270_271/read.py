"""Transaction sets 270 and 271 to inquiries and responses, one for each person.

Segments that nobody foresaw are kept in `unread` and stop nothing; a date or an amount that is
none, and a level under the wrong parent, raise X12Error at its place.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final, TypeVar

from ..adjudication import Reference
from ..elements import parse_date, read_date, read_period
from ..envelope import EnvelopeReader, Transaction, read_each
from ..errors import X12Error
from ..parties import Contact, Party, read_address, read_contact, read_party
from ..reader import Source
from ..segment import Segment
from .hierarchy import Hierarchy, LevelLoop, read_hierarchy
from .model import Asked, Inquiry, Person, PlanDate, Rejection, Response, Trace
from .read_benefit import read_benefit, read_plan_dates, read_rejection

T = TypeVar("T")
ASKED_DATES: Final = ("291", "472", "307")  # the last two in older files
TRACE_OF_THE_ASKER: Final = {"270": "1", "271": "2"}


def read_inquiries(source: Source) -> Iterator[Inquiry]:
    """Every person asked about, of every 270 in the source."""
    for transaction in EnvelopeReader(source):
        yield from read_inquiry_set(transaction)


def read_each_inquiry(source: Source) -> Iterator[Inquiry | X12Error]:
    """The same, an X12Error standing where a transaction set is broken."""
    return _each(source, read_inquiry_set)


def read_responses(source: Source) -> Iterator[Response]:
    """Every person answered for, of every 271 in the source. A 271 refused at the top gives one response."""
    for transaction in EnvelopeReader(source):
        yield from read_response_set(transaction)


def read_each_response(source: Source) -> Iterator[Response | X12Error]:
    """The same, an X12Error standing where a transaction set is broken."""
    return _each(source, read_response_set)


def _each(source: Source, read: Callable[[Transaction], list[T]]) -> Iterator[T | X12Error]:
    for item in read_each(source, read):
        if isinstance(item, X12Error):
            yield item
        else:
            yield from item


def read_inquiry_set(transaction: Transaction) -> list[Inquiry]:
    """Every person asked about in one 270."""
    hierarchy = read_hierarchy(transaction, "270")
    return [_inquiry(hierarchy, level) for level in hierarchy.people()]


def read_response_set(transaction: Transaction) -> list[Response]:
    """Every person answered for in one 271."""
    hierarchy = read_hierarchy(transaction, "271")
    return [_response(hierarchy, level) for level in hierarchy.people()]


def _inquiry(hierarchy: Hierarchy, level: LevelLoop) -> Inquiry:
    unread = [*hierarchy.unread]
    payer, _ = _party(level.at("payer"), unread)
    provider, _ = _party(level.at("provider"), unread)
    subscriber, dependent = _people(level, unread)
    if payer is None or provider is None or subscriber is None:
        missing = "payer" if payer is None else "provider" if provider is None else "subscriber"
        raise level.header.error(0, "missing", f"The inquiry names no {missing}.")
    trace = _trace(_traces(level), TRACE_OF_THE_ASKER["270"])
    number, created = _heading(hierarchy.heading)
    return Inquiry(
        payer=payer,
        provider=provider,
        subscriber=subscriber,
        dependent=dependent,
        asked=_asked(level.segments),
        trace_number=trace.number,
        trace_origin=trace.origin,
        reference_number=number,
        created_at=created,
        position=level.position,
        unread=tuple(each for each in unread if each.tag not in ("EQ", "DTP", "TRN")),
    )


def _asked(segments: Sequence[Segment]) -> Asked:
    dates: dict[str, tuple[date, date] | None] = {}
    kinds: list[str] = []
    for segment in segments:
        if segment.tag == "DTP":
            dates.setdefault(segment[1], read_period(segment, 2, 3))
        elif segment.tag == "EQ":
            kinds += segment.repetitions(1)
    first, last = next((dates[each] for each in ASKED_DATES if dates.get(each)), None) or (None, None)
    return Asked(first_day=first, last_day=last if last != first else None, service_types=tuple(kinds) or ("30",))


def _response(hierarchy: Hierarchy, level: LevelLoop) -> Response:
    unread = [*hierarchy.unread]
    payer, contacts = _party(level.at("payer"), unread)
    provider, _ = _party(level.at("provider"), unread)
    subscriber, dependent = _people(level, unread)
    traces = _traces(level)
    trace = _trace(traces, TRACE_OF_THE_ASKER["271"])
    number, created = _heading(hierarchy.heading)
    head, blocks = _benefit_blocks(level.segments) if subscriber else (level.segments, [])
    dates: list[PlanDate] = []
    for segment in head:
        if segment.tag == "DTP":
            dates += read_plan_dates(segment)
    return Response(
        payer=payer,
        provider=provider,
        subscriber=subscriber,
        dependent=dependent,
        rejections=_rejections(level),
        dates=tuple(dates),
        benefits=tuple(read_benefit(block) for block in blocks),
        trace_number=trace.number,
        trace_origin=trace.origin,
        reference_number=number,
        created_at=created,
        payer_contacts=contacts,
        traces=traces,
        position=level.position,
        unread=tuple(each for each in unread if each.tag not in ("DTP", "TRN", "AAA")),
    )


def _benefit_blocks(segments: Sequence[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    head: list[Segment] = []
    blocks: list[list[Segment]] = []
    for segment in segments:
        if segment.tag == "EB":
            blocks.append([segment])
        elif blocks:
            blocks[-1].append(segment)
        else:
            head.append(segment)
    return head, blocks


def _rejections(level: LevelLoop) -> tuple[Rejection, ...]:
    """From the payer's level down to this one; those about one service hang on its EB."""
    found: list[Rejection] = []
    loop: LevelLoop | None = level
    while loop is not None:
        head, _ = _benefit_blocks(loop.segments)
        found[:0] = [read_rejection(each, loop.name) for each in head if each.tag == "AAA"]
        loop = loop.above
    return tuple(found)


def _party(level: LevelLoop | None, unread: list[Segment]) -> tuple[Party | None, tuple[Contact, ...]]:
    """The payer or provider, and whom to call there."""
    party: Party | None = None
    contacts: list[Contact] = []
    for segment in level.segments if level else ():
        if segment.tag == "NM1" and party is None:
            party = read_party(segment)
        elif segment.tag == "PER":
            contacts.append(read_contact(segment))
        else:
            unread.append(segment)
    return party, tuple(contacts)


def _people(level: LevelLoop, unread: list[Segment]) -> tuple[Person | None, Person | None]:
    """Subscriber and dependent; a subscriber above is named by a dependent's level."""
    found = []
    for name in ("subscriber", "dependent"):
        loop = level.at(name)
        found.append(_person(loop.segments, unread) if loop else None)
    return found[0], found[1]


def _person(segments: Sequence[Segment], unread: list[Segment]) -> Person:
    """The person's own segments, before the first EB."""
    person = Person()
    references: list[Reference] = []
    street = city = None
    named = False
    for segment in segments:
        match segment.tag:
            case "EB":
                break
            case "NM1" if not named:
                named = True
                person = replace(
                    person,
                    last_name=segment[3],
                    first_name=segment[4],
                    middle_name=segment[5],
                    suffix=segment[7],
                    member_id=segment[9],
                )
            case "DMG":
                born = read_date(segment, 2) if segment[1] == "D8" else None
                person = replace(person, birth_date=born, sex=segment[3])
            case "INS":
                changed = segment[3] == "001" and segment[4] == "25"
                person = replace(person, relationship=segment[2] if segment[1] == "N" else "", is_changed=changed)
            case "REF":
                references.append(Reference(segment[1], segment[2]))
            case "N3":
                street = segment
            case "N4":
                city = segment
            case _:
                unread.append(segment)
    address = read_address(street, city) if street or city else None
    return replace(person, references=tuple(references), address=address)


def _traces(level: LevelLoop) -> tuple[Trace, ...]:
    above = level.above.segments if level.above and level.name == "dependent" else []
    found = [each for each in (*above, *level.segments) if each.tag == "TRN"]
    return tuple(Trace(each[1], each[2], each[3]) for each in found)


def _trace(traces: Sequence[Trace], kind: str) -> Trace:
    """Ours among them: the last of the asker's kind, since a clearinghouse puts its own before."""
    of_kind = [each for each in traces if each.kind == kind] or traces
    return of_kind[-1] if of_kind else Trace("", "")


def _heading(segment: Segment | None) -> tuple[str, datetime | None]:
    """BHT03, and date and HHMM of the sender's clock; X12 names no zone."""
    if segment is None:
        return "", None
    on, hour = parse_date(segment[4]), segment[5]
    if on is None or not (len(hour) >= 4 and hour[:4].isascii() and hour[:4].isdigit()):
        return segment[3], None
    try:
        return segment[3], datetime.combine(on, time(int(hour[:2]), int(hour[2:4])))
    except ValueError:
        return segment[3], None
