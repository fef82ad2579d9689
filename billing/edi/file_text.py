"""One claim's own segments out of a file of many, as text, for a person to read."""

from collections.abc import Iterator

from x12.reader import read_segments

ABOVE = ("HL", "CLM", "SE")


def claim_segments(payload: bytes, control_number: str) -> Iterator[str]:
    """From its CLM to the next claim or level. What stands above (provider, subscriber) is shared and left out."""
    inside = False
    for segment in read_segments(payload):
        if segment.tag in ABOVE:
            inside = segment.tag == "CLM" and segment[1] == control_number  # CLM01
        if inside:
            yield segment.delimiters.element.join(segment.elements)


def part_segments(payload: bytes, position: int) -> Iterator[str]:
    """The ST..SE that begins with segment `position` of the file (ISA is 1)."""
    inside = False
    for segment in read_segments(payload):
        inside = inside or segment.position == position
        if inside:
            yield segment.delimiters.element.join(segment.elements)
            if segment.tag == "SE":
                return
