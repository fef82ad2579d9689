"""A whole file from its transaction sets: ISA, GS, ST; the counts in SE, GE and IEA are ours."""

from collections.abc import Sequence
from datetime import datetime

from .errors import X12Error
from .headers import Group, Interchange, TransactionSet
from .segment import DEFAULT_DELIMITERS, Delimiters
from .writer import Element, segment_text


def write_interchange(
    interchange: Interchange,
    groups: Sequence[tuple[Group, Sequence[TransactionSet]]],
    delimiters: Delimiters = DEFAULT_DELIMITERS,
    *,
    line_end: str = "",
) -> str:
    """A whole file; the counts in SE, GE and IEA are ours to make."""
    texts: list[str] = [_isa_text(interchange, delimiters)]

    def put(*elements: Element) -> None:
        texts.append(segment_text(elements, delimiters))

    for group, transactions in groups:
        day, hour = _clock_texts(group.created_at, "%Y%m%d")
        put("GS", group.kind, group.sender, group.receiver, day, hour, group.control_number,
            "X", group.version)  # fmt: skip
        for transaction in transactions:
            put("ST", transaction.code, transaction.control_number, transaction.version)
            texts.extend(segment_text(elements, delimiters) for elements in transaction.segments)
            put("SE", str(len(transaction.segments) + 2), transaction.control_number)
        put("GE", str(len(transactions)), group.control_number)
    put("IEA", str(len(groups)), f"{int(interchange.control_number):09d}")
    return line_end.join(texts) + line_end


def _isa_text(interchange: Interchange, delimiters: Delimiters) -> str:
    delimiters.check(segment=1)
    for name, value in (
        ("sender", interchange.sender),
        ("receiver", interchange.receiver),
    ):
        if not value or len(value) > 15:
            raise X12Error(
                f"The {name} id {value!r} must have 1 to 15 characters.",
                tag="ISA",
                rule="length",
            )
    number = interchange.control_number
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise X12Error(
            "An interchange control number has up to nine digits.", tag="ISA", element=13,
            rule="control_number",
        )  # fmt: skip
    day, hour = _clock_texts(interchange.created_at, "%y%m%d")
    head = segment_text(
        (
            "ISA", "00", " " * 10, "00", " " * 10,
            f"{interchange.sender_qualifier:2}", f"{interchange.sender:15}",
            f"{interchange.receiver_qualifier:2}", f"{interchange.receiver:15}", day, hour,
        ),
        delimiters,
    )  # fmt: skip
    tail = (
        delimiters.repetition or "U", interchange.version, f"{int(number):09d}",
        "1" if interchange.acknowledgment_requested else "0", interchange.usage,
        delimiters.component,
    )  # fmt: skip
    return delimiters.element.join((head[:-1], *tail)) + delimiters.segment


def _clock_texts(moment: datetime | None, day_format: str) -> tuple[str, str]:
    if moment is None:
        raise X12Error("An interchange needs its date and time.", tag="ISA", rule="missing")
    return moment.strftime(day_format), moment.strftime("%H%M")
