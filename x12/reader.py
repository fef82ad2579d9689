"""Text, bytes or an open file to Segments, a chunk at a time.

Memory stays at one chunk and one segment, time is linear, and whatever comes in, the only
exception is X12Error. A fault inside one segment (a control character, no tag) can be stepped
over: ask for the next segment. Any other fault ends the reading.
"""

import re
from collections.abc import Iterator
from typing import IO, Final

from .errors import X12Error
from .segment import Delimiters, Segment, delimiters_of_isa

Source = str | bytes | IO[str] | IO[bytes]

LONGEST_SEGMENT: Final = 64 * 1024  # characters; real ones stay under 1,000
CHUNK: Final = 64 * 1024
BETWEEN_SEGMENTS: Final = " \t\r\n"
AFTER_INTERCHANGE: Final = " \t\r\n\x1a\ufeff"
_UTF8_BOM: Final = "\xef\xbb\xbf"  # as it looks when bytes are taken one to one
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_TAG: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}")


class SegmentReader:
    """Iterates the segments of a source; `failed` says that a fault ended the reading."""

    def __init__(self, source: Source) -> None:
        self.failed = False
        self._items = _scan(_chunks(source))

    def __iter__(self) -> "SegmentReader":
        return self

    def __next__(self) -> Segment:
        try:
            item = next(self._items)
        except X12Error:
            self.failed = True
            raise
        if isinstance(item, X12Error):
            raise item
        return item


def read_segments(source: Source) -> SegmentReader:
    """All segments of a file, in order, across interchanges."""
    return SegmentReader(source)


def _chunks(source: Source) -> Iterator[str]:
    """Pieces of text. Bytes are taken one to one; `_repair` finds the UTF-8 in them later."""
    if isinstance(source, str | bytes):
        for start in range(0, len(source), CHUNK):
            piece = source[start : start + CHUNK]
            yield piece if isinstance(piece, str) else piece.decode("latin-1")
        return
    while True:
        try:
            read = source.read(CHUNK)
        except UnicodeDecodeError as fault:
            raise X12Error(
                "The file is not text in the expected encoding. Open it in binary.",
                rule="encoding",
            ) from fault
        if not read:
            return
        yield read if isinstance(read, str) else read.decode("latin-1")


def _repair(text: str) -> str:
    """UTF-8 that was taken byte by byte becomes itself; anything else stays Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _scan(chunks: Iterator[str]) -> Iterator[Segment | X12Error]:
    buffer = next(chunks, "").removeprefix(_UTF8_BOM)
    delimiters: Delimiters | None = None
    position = 0
    start = 0
    while True:
        opens_interchange = delimiters is None
        if delimiters is None:
            buffer = buffer[start:].lstrip(AFTER_INTERCHANGE).removeprefix(_UTF8_BOM)
            start = 0
            while (found := _interchange_start(buffer, position + 1)) is None:
                more = next(chunks, "")
                if not more:
                    _refuse_rest(buffer, position + 1)
                    return
                buffer = (buffer + more).lstrip(AFTER_INTERCHANGE)
            delimiters, end = found
        else:
            end = buffer.find(delimiters.segment, start)
            if end < 0:
                more = next(chunks, "")
                if more:
                    buffer = buffer[start:] + more
                    start = 0
                    if len(buffer) - len(more) > LONGEST_SEGMENT:
                        raise _too_long(position + 1)
                    continue
                end = len(buffer)
                rest = buffer[start:].strip(AFTER_INTERCHANGE)
                if not rest:
                    return
                if not rest.startswith("IEA"):
                    raise X12Error(
                        "The file ends inside this segment. Ask the sender for it again.",
                        segment=position + 1,
                        tag=_tag_of(rest, delimiters),
                        rule="truncated",
                    )
            if end - start > LONGEST_SEGMENT:
                raise _too_long(position + 1)
        text = buffer[start:end].lstrip(BETWEEN_SEGMENTS)
        if not opens_interchange and text.startswith("ISA"):
            start = end - len(text)
            delimiters = None
            continue
        start = end + 1
        if not text:
            continue
        position += 1
        if not text.isascii():
            text = _repair(text)
        if not text.isprintable():
            text = _without_line_ends(text, delimiters)
            if _holds_control(text, delimiters):
                yield X12Error(
                    "This segment holds control characters; it was damaged on the way.",
                    segment=position,
                    tag=_tag_of(text, delimiters),
                    rule="control_character",
                )
                continue
        elements = text.split(delimiters.element)
        if not _TAG.fullmatch(elements[0]):
            yield X12Error(
                f"A segment must begin with its tag, this one begins with {elements[0][:12]!r}.",
                segment=position,
                rule="tag",
            )
            continue
        yield Segment(elements, position, delimiters)
        if elements[0] == "IEA":
            delimiters = None


def _interchange_start(buffer: str, position: int) -> tuple[Delimiters, int] | None:
    """The delimiters of the ISA that opens `buffer`; None when more text is needed."""
    if len(buffer) >= 3 and not buffer.startswith("ISA"):
        raise X12Error(
            "This is not X12: an interchange begins with ISA.",
            segment=position,
            rule="isa",
        )
    return delimiters_of_isa(buffer, segment=position)


def _refuse_rest(buffer: str, position: int) -> None:
    if not buffer and position > 1:
        return
    sentence = "The file ends inside its ISA." if buffer else "The file is empty."
    raise X12Error(sentence, segment=position, tag="ISA", rule="truncated")


def _without_line_ends(text: str, delimiters: Delimiters) -> str:
    """Some senders wrap the file at 80 columns: a line end inside a segment is no data."""
    for character in "\r\n":
        if character != delimiters.segment:
            text = text.replace(character, "")
    return text


def _holds_control(text: str, delimiters: Delimiters) -> bool:
    own = {delimiters.element, delimiters.component, delimiters.repetition}
    return any(character not in own for character in _CONTROL.findall(text))


def _tag_of(text: str, delimiters: Delimiters) -> str:
    match = _TAG.match(text.split(delimiters.element, 1)[0])
    return match.group() if match else ""


def _too_long(position: int) -> X12Error:
    return X12Error(
        f"This segment is longer than {LONGEST_SEGMENT} characters; no real one is.",
        segment=position,
        rule="too_long",
    )
