"""Lists of elements to X12 text; refuses what X12 cannot carry, because it knows no escape."""

from collections.abc import Iterable, Sequence

from .errors import X12Error
from .segment import DEFAULT_DELIMITERS, Delimiters, Segment


class Repeated(tuple[str, ...]):
    """The repeats of one element: EB03 as Repeated(("30", "98"))."""

    __slots__ = ()


Element = str | Sequence[str]
"""A simple element, a composite (any tuple or list of parts) or a `Repeated`."""

Elements = Sequence[Element]
"""One segment to be written: its tag, then its elements."""


def segment_text(elements: Elements, delimiters: Delimiters = DEFAULT_DELIMITERS) -> str:
    """One segment with its terminator; empty parts at the end of it and of composites are cut."""
    tag = str(elements[0])
    parts = [tag]
    for index, element in enumerate(elements[1:], start=1):
        if isinstance(element, str):
            parts.append(_checked(element, tag, index, delimiters))
            continue
        joint = delimiters.repetition if isinstance(element, Repeated) else delimiters.component
        if isinstance(element, Repeated) and not joint and len(element) > 1:
            raise X12Error(
                "These separators have none for repeated elements.",
                tag=tag,
                element=index,
                rule="delimiter",
            )
        pieces = [_checked(piece, tag, index, delimiters) for piece in element]
        while pieces and not pieces[-1]:
            pieces.pop()
        parts.append(joint.join(pieces))
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return delimiters.element.join(parts) + delimiters.segment


def write_segments(
    segments: Iterable[Elements],
    delimiters: Delimiters = DEFAULT_DELIMITERS,
    *,
    line_end: str = "",
) -> str:
    """Segments to text. `line_end` follows each terminator; "\\n" makes the file readable."""
    return "".join(segment_text(elements, delimiters) + line_end for elements in segments)


def rewritable(segment: Segment) -> list[Element]:
    """A segment that was read, as the writer takes it, so that it can go out unchanged."""
    out: list[Element] = [segment.elements[0]]
    for index, text in enumerate(segment.elements[1:], start=1):
        repeats = segment.repetitions(index)
        if len(repeats) > 1:
            out.append(Repeated(repeats))
        elif segment.delimiters.component in text:
            out.append(tuple(segment.components(index)))
        else:
            out.append(text)
    return out


def _checked(text: str, tag: str, index: int, delimiters: Delimiters) -> str:
    if text.isascii() and text.isprintable():
        for separator in (
            delimiters.element,
            delimiters.component,
            delimiters.repetition,
            delimiters.segment,
        ):
            if separator and separator in text:
                raise X12Error(
                    f"The text {text[:40]!r} holds {separator!r}, which separates X12. Remove it.",
                    tag=tag,
                    element=index,
                    rule="separator_in_data",
                )
        return text
    raise X12Error(
        f"The text {text[:40]!r} holds characters that X12 cannot carry. Use plain letters.",
        tag=tag,
        element=index,
        rule="character",
    )
