"""ISA, GS and ST read: who wrote to whom, with every count and control number checked.

Reading is a stream: `EnvelopeReader` yields a `Transaction` for each ST, whose segments are
read while you iterate it. A fault inside one transaction set does not stop the next one:
catch the X12Error and ask the reader again, or let `read_each` do it.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time
from hashlib import sha256
from typing import Final, TypeVar

from .elements import parse_date, read_integer
from .envelope_write import write_interchange
from .errors import X12Error
from .headers import Group, Interchange, InterchangeAcknowledgment, TransactionSet
from .reader import SegmentReader, Source
from .segment import Segment

__all__ = [
    "EnvelopeReader",
    "Group",
    "Interchange",
    "InterchangeAcknowledgment",
    "Transaction",
    "TransactionSet",
    "canonical",
    "digest",
    "read_each",
    "read_interchange_acknowledgments",
    "write_interchange",
]

T = TypeVar("T")
ENVELOPE_TAGS: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA"})


class Transaction:
    """One ST..SE being read. Iterate it for the segments between ST and SE."""

    def __init__(
        self,
        reader: "EnvelopeReader",
        interchange: Interchange,
        group: Group,
        header: Segment,
    ) -> None:
        self.interchange = interchange
        self.group = group
        self.header = header
        self.trailer: Segment | None = None
        self.watch: Callable[[Segment], None] | None = None
        """Is shown every segment between ST and SE in passing."""
        self.trailer_fault: Callable[[X12Error], None] | None = None
        """Is handed what is wrong with the SE, which is raised otherwise."""
        self._reader = reader
        self._open = True
        self._count = 1

    @property
    def code(self) -> str:
        """ST01: 835, 837, 999, 277 ..."""
        return self.header[1]

    @property
    def control_number(self) -> str:
        """ST02."""
        return self.header[2]

    @property
    def version(self) -> str:
        """The guide: ST03 when given, else GS08."""
        return self.header[3] or self.group.version

    @property
    def position(self) -> int:
        """The segment number of the ST."""
        return self.header.position

    def __iter__(self) -> Iterator[Segment]:
        """Goes on where an earlier iteration stopped."""
        while self._open:
            segment = self._reader.take()
            if segment is None:
                self._open = False
                raise self.header.error(0, "no_se", "The file ends before this ST has its SE.")
            tag = segment.elements[0]
            if tag not in ENVELOPE_TAGS:
                self._count += 1
                if self.watch is not None:
                    self.watch(segment)
                yield segment
                continue
            self._open = False
            if tag != "SE":
                self._reader.put_back(segment)
                raise segment.error(
                    0,
                    "no_se",
                    f"{tag} comes before the ST of segment {self.position} has its SE.",
                )
            self.trailer = segment
            self._judge_trailer(segment)

    def _judge_trailer(self, segment: Segment) -> None:
        for judge in (
            lambda: _check_count(segment, self._count + 1, "segments in this transaction set"),
            lambda: _check_control_number(segment, self.control_number, "ST02"),
        ):
            try:
                judge()
            except X12Error as fault:
                if self.trailer_fault is None:
                    raise
                self.trailer_fault(fault)

    def skip(self) -> None:
        """Go past the SE without judging what stands before it."""
        while self._open:
            try:
                segment = self._reader.take()
            except X12Error:
                continue
            if segment is None:
                self._open = False
            elif segment.elements[0] in ENVELOPE_TAGS:
                self._open = False
                if segment.elements[0] != "SE":
                    self._reader.put_back(segment)


class EnvelopeReader:
    """Iterates the transaction sets of a source, whatever interchanges and groups hold them."""

    def __init__(self, source: Source) -> None:
        self.acknowledgments: list[InterchangeAcknowledgment] = []
        self._segments = SegmentReader(source)
        self._returned: Segment | None = None
        self._interchange: Interchange | None = None
        self._group: Group | None = None
        self._group_count = 0
        self._transaction_count = 0
        self._last: Segment | None = None
        self._current: Transaction | None = None

    @property
    def is_at_end(self) -> bool:
        """Nothing more can be read, because a fault ended it."""
        return self._segments.failed

    def take(self) -> Segment | None:
        """The next segment, None at the end. For Transaction only."""
        if self._returned is not None:
            returned, self._returned = self._returned, None
            return returned
        segment = next(self._segments, None)
        if segment is not None:
            self._last = segment
        return segment

    def put_back(self, segment: Segment) -> None:
        """Give a segment back that belongs to what follows."""
        self._returned = segment

    def __iter__(self) -> "EnvelopeReader":
        return self

    def __next__(self) -> Transaction:
        if self._current is not None:
            self._current.skip()
            self._current = None
        while True:
            segment = self.take()
            if segment is None:
                self._end()
                raise StopIteration
            match segment.elements[0]:
                case "ISA":
                    self._open_interchange(segment)
                case "GS":
                    self._open_group(segment)
                case "ST":
                    self._current = self._open_transaction(segment)
                    return self._current
                case "GE":
                    self._close_group(segment)
                case "IEA":
                    self._close_interchange(segment)
                case "TA1":
                    self.acknowledgments.append(
                        InterchangeAcknowledgment(segment[1], segment[4], segment[5], segment.position)
                    )
                case _:
                    self._pass_strays()
                    raise segment.error(0, "outside", f"{segment.tag} stands outside a transaction set.")

    def _open_interchange(self, segment: Segment) -> None:
        unclosed, self._interchange = self._interchange, _interchange_of(segment)
        self._group = None
        self._group_count = 0
        if unclosed is not None:
            raise segment.error(
                0,
                "no_iea",
                f"Interchange {unclosed.control_number} ends without its IEA.",
            )

    def _open_group(self, segment: Segment) -> None:
        unclosed, self._group = self._group, _group_of(segment)
        self._group_count += 1
        self._transaction_count = 0
        if unclosed is not None:
            raise segment.error(0, "no_ge", f"Group {unclosed.control_number} ends without its GE.")

    def _open_transaction(self, segment: Segment) -> Transaction:
        self._transaction_count += 1
        if self._interchange is None or self._group is None:
            self._pass_strays()
            raise segment.error(0, "no_gs", "This ST stands outside a functional group (GS).")
        return Transaction(self, self._interchange, self._group, segment)

    def _close_group(self, segment: Segment) -> None:
        group, self._group = self._group, None
        if group is None:
            raise segment.error(0, "no_gs", "This GE has no GS.")
        _check_count(segment, self._transaction_count, "transaction sets in this group")
        _check_control_number(segment, group.control_number, "GS06")

    def _close_interchange(self, segment: Segment) -> None:
        interchange, self._interchange = self._interchange, None
        unclosed, self._group = self._group, None
        if interchange is None:
            raise segment.error(0, "no_isa", "This IEA has no ISA.")
        if unclosed is not None:
            raise segment.error(0, "no_ge", f"Group {unclosed.control_number} ends without its GE.")
        only_acknowledges = self._group_count == 0 and segment[1] == "1" and self.acknowledgments
        if not only_acknowledges:  # TA1 alone: some senders count it as a group
            _check_count(segment, self._group_count, "groups in this interchange")
        _check_control_number(segment, interchange.control_number, "ISA13")

    def _pass_strays(self) -> None:
        while True:
            try:
                segment = self.take()
            except X12Error:
                continue
            if segment is None:
                return
            if segment.elements[0] in ENVELOPE_TAGS and segment.elements[0] != "SE":
                self.put_back(segment)
                return

    def _end(self) -> None:
        unclosed, self._interchange = self._interchange, None
        if unclosed is not None and self._last is not None and not self._segments.failed:
            raise X12Error(
                f"The file ends before interchange {unclosed.control_number} has its IEA.",
                segment=self._last.position,
                tag=self._last.tag,
                rule="no_iea",
            )


def read_each(source: Source, read: Callable[[Transaction], T]) -> Iterator[T | X12Error]:
    """What `read` makes of every transaction set; for a broken one its X12Error instead.

    So one bad ST is refused and its good neighbours are kept. A fault of the envelope comes as
    an X12Error of its own, at the place where it was found.
    """
    reader = EnvelopeReader(source)
    while True:
        try:
            transaction = next(reader)
            result = read(transaction)
            for _ in transaction:  # a reader may stop early; the SE is judged all the same
                pass
        except StopIteration:
            return
        except X12Error as fault:
            yield fault
        else:
            yield result


def read_interchange_acknowledgments(source: Source) -> list[InterchangeAcknowledgment]:
    """The TA1s of a file."""
    reader = EnvelopeReader(source)
    for transaction in reader:
        transaction.skip()
    return reader.acknowledgments


def canonical(segments: Iterable[Segment]) -> bytes:
    """The segments between ST and SE without the accidents of the wire.

    Separators and line ends are normalised, trailing empties cut, the envelope left out (a
    clearinghouse renumbers it): two sendings of one 835 give the same bytes.
    """
    return "\x1c".join(segment.canonical() for segment in segments if segment.elements[0] not in ENVELOPE_TAGS).encode()


def digest(segments: Iterable[Segment]) -> str:
    """SHA-256 of `canonical`, in hex: the identity of a transaction set."""
    return sha256(canonical(segments)).hexdigest()


def _interchange_of(segment: Segment) -> Interchange:
    return Interchange(
        sender_qualifier=segment[5].strip(),
        sender=segment[6].strip(),
        receiver_qualifier=segment[7].strip(),
        receiver=segment[8].strip(),
        control_number=segment[13].strip(),
        created_at=_moment("20" + segment[9], segment[10]),
        usage=segment[15],
        acknowledgment_requested=segment[14] == "1",
        version=segment[12],
    )


def _group_of(segment: Segment) -> Group:
    return Group(
        kind=segment[1],
        sender=segment[2],
        receiver=segment[3],
        control_number=segment[6],
        created_at=_moment(segment[4], segment[5]),
        version=segment[8],
    )


def _moment(day: str, hour: str) -> datetime | None:
    """Date and HHMM of the sender's clock; X12 names no zone."""
    on = parse_date(day)
    if on is None or not (len(hour) >= 4 and hour[:4].isascii() and hour[:4].isdigit()):
        return None
    try:
        return datetime.combine(on, time(int(hour[:2]), int(hour[2:4])))
    except ValueError:
        return None


def _check_count(segment: Segment, counted: int, what: str) -> None:
    said = read_integer(segment, 1)
    if said != counted:
        raise segment.error(
            1,
            "count",
            f"{segment.tag}01 says {segment[1] or 'nothing'}, there are {counted} {what}.",
        )


def _check_control_number(segment: Segment, expected: str, source: str) -> None:
    found = segment[2].strip()
    if found.lstrip("0") != expected.strip().lstrip("0"):
        raise segment.error(
            2,
            "control_number",
            f"{segment.tag}02 is {found[:15]!r}, but {source} is {expected[:15]!r}.",
        )
