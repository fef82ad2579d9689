"""Transaction sets 270 and 271 to inquiries and responses: the HL tree flattened, one row a person."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from ..adjudication import Reference
from ..elements import parse_date, read_amount, read_date, read_period, read_quantity
from ..envelope import EnvelopeReader, Transaction
from ..parties import Party, read_address, read_party
from ..reader import Source
from ..segment import Segment
from .model import Asked, Benefit, Inquiry, OtherPayer, Person, PlanDate, Rejection, Response

T = TypeVar("T")
LEVELS = {"20": "payer", "21": "provider", "22": "subscriber", "23": "dependent"}
TRACE_OF_THE_ASKER = "2"


def read_inquiries(source: Source) -> Iterator[Inquiry]:
    """Every person asked about, of every 270 in the source."""
    for transaction in EnvelopeReader(source):
        yield from _read(transaction, "270", _inquiry)


def read_responses(source: Source) -> Iterator[Response]:
    """Every person answered for, of every 271 in the source. A 271 refused at the top gives one response."""
    for transaction in EnvelopeReader(source):
        yield from _read(transaction, "271", _response)


@dataclass(slots=True)
class _Level:
    """One HL and the segments under it."""

    name: str
    position: int
    segments: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class _Path:
    """The levels above and at one person, and what the BHT said."""

    payer: _Level | None
    provider: _Level | None
    subscriber: _Level | None
    dependent: _Level | None
    heading: Segment | None
    position: int

    @property
    def own(self) -> list[Segment]:
        level = self.dependent or self.subscriber
        return level.segments if level else []


def _read(transaction: Transaction, code: str, build: Callable[[_Path], T]) -> Iterator[T]:
    if transaction.code != code:
        raise transaction.header.error(1, "kind", f"This is a {transaction.code}, not a {code}.")
    heading: Segment | None = None
    path: dict[str, _Level] = {}
    told = False
    for level_or_heading in _levels(transaction):
        if isinstance(level_or_heading, Segment):
            heading = level_or_heading
            continue
        level = level_or_heading
        for name in list(LEVELS.values())[list(LEVELS.values()).index(level.name) :]:
            path.pop(name, None)
        path[level.name] = level
        if _speaks(level):
            told = True
            yield build(_path(path, heading, level.position))
    if not told and path:
        yield build(_path(path, heading, transaction.position))


def _speaks(level: _Level) -> bool:
    """A person is asked or answered for at the level that carries EQ, EB, AAA, or a date to ask about."""
    return level.name in ("subscriber", "dependent") and any(s.tag in ("EQ", "EB", "AAA") for s in level.segments)


def _path(path: dict[str, _Level], heading: Segment | None, position: int) -> _Path:
    return _Path(
        path.get("payer"), path.get("provider"), path.get("subscriber"), path.get("dependent"), heading, position
    )


def _levels(transaction: Transaction) -> Iterator[_Level | Segment]:
    current: _Level | None = None
    for segment in transaction:
        if segment.tag == "HL":
            if current is not None:
                yield current
            name = LEVELS.get(segment[3])
            if name is None:
                raise segment.error(3, "level", f"HL03 {segment[3]!r} is no level of an eligibility file.")
            current = _Level(name, segment.position)
        elif current is not None:
            current.segments.append(segment)
        elif segment.tag == "BHT":
            yield segment
    if current is not None:
        yield current


def _inquiry(path: _Path) -> Inquiry:
    payer, provider = _party(path.payer), _party(path.provider)
    if payer is None or provider is None or path.subscriber is None:
        missing = "payer" if payer is None else "provider" if provider is None else "subscriber"
        where = path.heading or Segment(["HL"], path.position)
        raise where.error(0, "missing", f"The inquiry names no {missing}.")
    subscriber, unread = _person(path.subscriber.segments)
    dependent, more = _person(path.dependent.segments) if path.dependent else (None, [])
    trace, origin = _trace([*path.subscriber.segments, *path.own], "1")
    number, created = _heading(path.heading)
    return Inquiry(
        payer=payer, provider=provider, subscriber=subscriber, dependent=dependent, asked=_asked(path.own),
        trace_number=trace, trace_origin=origin, reference_number=number, created_at=created,
        position=path.position, unread=tuple(s for s in [*unread, *more] if s.tag not in ("EQ", "DTP", "TRN")),
    )  # fmt: skip


def _asked(segments: Sequence[Segment]) -> Asked:
    first = last = None
    kinds: list[str] = []
    for segment in segments:
        if segment.tag == "DTP" and segment[1] == "291":
            period = read_period(segment, 2, 3)
            if period:
                first, last = period[0], period[1] if period[1] != period[0] else None
        elif segment.tag == "EQ":
            kinds += segment.repetitions(1)
    return Asked(first_day=first, last_day=last, service_types=tuple(kinds) or ("30",))


def _response(path: _Path) -> Response:
    rejections = [
        r for level in (path.payer, path.provider, path.subscriber, path.dependent) for r in _rejections(level)
    ]
    subscriber, unread = _person(path.subscriber.segments) if path.subscriber else (None, [])
    dependent, more = _person(path.dependent.segments) if path.dependent else (None, [])
    above = path.subscriber.segments if path.subscriber else []
    trace, origin = _trace([*above, *path.own], TRACE_OF_THE_ASKER)
    number, created = _heading(path.heading)
    before, blocks = _benefit_blocks(path.own)
    dates = [d for s in before if s.tag == "DTP" for d in _dates(s)]
    return Response(
        payer=_party(path.payer), provider=_party(path.provider), subscriber=subscriber, dependent=dependent,
        rejections=tuple(rejections), dates=tuple(dates), benefits=tuple(_benefit(b) for b in blocks),
        trace_number=trace, trace_origin=origin, reference_number=number, created_at=created,
        position=path.position,
        unread=tuple(s for s in [*unread, *more] if s.tag not in ("DTP", "TRN", "AAA")),
    )  # fmt: skip


def _benefit_blocks(segments: Sequence[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    before: list[Segment] = []
    blocks: list[list[Segment]] = []
    for segment in segments:
        if segment.tag == "EB":
            blocks.append([segment])
        elif blocks:
            blocks[-1].append(segment)
        else:
            before.append(segment)
    return before, blocks


def _benefit(block: Sequence[Segment]) -> Benefit:
    eb = block[0]
    references: list[Reference] = []
    dates: list[PlanDate] = []
    messages: list[str] = []
    qualifiers: list[tuple[str, str]] = []
    others: list[OtherPayer] = []
    unread: list[Segment] = []
    for segment in block[1:]:
        if segment.tag == "MSG":
            messages.append(segment[1])
        elif segment.tag == "REF" and not others:
            references.append(Reference(segment[1], segment[2]))
        elif segment.tag == "DTP" and not others:
            dates += _dates(segment)
        elif segment.tag == "III":
            qualifiers.append((segment[1], segment[2]))
        elif segment.tag == "NM1":
            others.append(_other(segment))
        elif segment.tag not in ("LS", "LE"):
            unread.append(segment)
    return Benefit(
        information=eb[1], level=eb[2], service_types=tuple(eb.repetitions(3)), insurance_type=eb[4], plan=eb[5],
        period=eb[6], amount=read_amount(eb, 7), percent=read_quantity(eb, 8), quantity_kind=eb[9],
        quantity=read_quantity(eb, 10), needs_authorization=eb[11], in_network=eb[12],
        procedure=tuple(p for p in eb.components(13) if p) if eb[13] else (), messages=tuple(messages),
        references=tuple(references), dates=tuple(dates), qualifiers=tuple(qualifiers), others=tuple(others),
        position=eb.position, unread=tuple(unread),
    )  # fmt: skip


def _other(segment: Segment) -> OtherPayer:
    name = " ".join(p for p in (segment[4], segment[3]) if p) if segment[2] == "1" else segment[3]
    return OtherPayer(role=segment[1], name=name, identifier=segment[9], identifier_qualifier=segment[8])


def _rejections(level: _Level | None) -> list[Rejection]:
    if level is None:
        return []
    return [
        Rejection(level=level.name, reason=s[3], follow_up=s[4], is_valid=s[1] == "Y", position=s.position)
        for s in level.segments
        if s.tag == "AAA"
    ]


def _party(level: _Level | None) -> Party | None:
    if level is None:
        return None
    found = next((s for s in level.segments if s.tag == "NM1"), None)
    return read_party(found) if found else None


def _person(segments: Sequence[Segment]) -> tuple[Person, list[Segment]]:
    """The person's own segments, before the first EB; the rest is left to the caller."""
    person = Person()
    references: list[Reference] = []
    street: Segment | None = None
    city: Segment | None = None
    unread: list[Segment] = []
    named = False
    for segment in segments:
        if segment.tag == "EB":
            break
        if segment.tag == "NM1" and not named:
            named = True
            person = replace(
                person, last_name=segment[3], first_name=segment[4], middle_name=segment[5], suffix=segment[7],
                member_id=segment[9],
            )  # fmt: skip
        elif segment.tag == "DMG":
            person = replace(person, birth_date=_birth(segment), sex=segment[3])
        elif segment.tag == "INS":
            changed = segment[3] == "001" and segment[4] == "25"
            own = segment[2] if segment[1] == "N" else ""
            person = replace(person, relationship=own, is_changed=changed)
        elif segment.tag == "REF":
            references.append(Reference(segment[1], segment[2]))
        elif segment.tag == "N3":
            street = segment
        elif segment.tag == "N4":
            city = segment
        else:
            unread.append(segment)
    address = read_address(street, city) if street or city else None
    return replace(person, references=tuple(references), address=address), unread


def _birth(segment: Segment) -> date | None:
    return read_date(segment, 2) if segment[1] == "D8" else None


def _dates(segment: Segment) -> list[PlanDate]:
    period = read_period(segment, 2, 3)
    if period is None:
        return []
    return [PlanDate(segment[1], period[0], period[1] if period[1] != period[0] else None)]


def _trace(segments: Sequence[Segment], kind: str) -> tuple[str, str]:
    found = [s for s in segments if s.tag == "TRN" and s[1] == kind]
    found = found or [s for s in segments if s.tag == "TRN"]
    return (found[-1][2], found[-1][3]) if found else ("", "")


def _heading(segment: Segment | None) -> tuple[str, datetime | None]:
    if segment is None:
        return "", None
    day = parse_date(segment[4])
    hour = segment[5][:4]
    if day is None or not hour.isdigit() or len(hour) != 4 or int(hour[:2]) > 23 or int(hour[2:]) > 59:
        return segment[3], None
    return segment[3], datetime(day.year, day.month, day.day, int(hour[:2]), int(hour[2:]))  # noqa: DTZ001  (X12 has no zone)
