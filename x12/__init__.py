"""X12 health care transactions in pure Python: read and written as frozen dataclasses.

Needs the standard library only. Every fault is an X12Error with its segment number.
"""

from .envelope import (
    EnvelopeReader,
    Group,
    Interchange,
    InterchangeAcknowledgment,
    Transaction,
    TransactionSet,
    canonical,
    digest,
    read_each,
    read_interchange_acknowledgments,
    write_interchange,
)
from .errors import X12Error
from .parties import Address, Contact, Party
from .reader import Source, read_segments
from .segment import DEFAULT_DELIMITERS, Delimiters, Segment
from .writer import Element, Elements, Repeated, segment_text, write_segments

__all__ = [
    "DEFAULT_DELIMITERS",
    "Address",
    "Contact",
    "Delimiters",
    "Element",
    "Elements",
    "EnvelopeReader",
    "Group",
    "Interchange",
    "InterchangeAcknowledgment",
    "Party",
    "Repeated",
    "Segment",
    "Source",
    "Transaction",
    "TransactionSet",
    "X12Error",
    "canonical",
    "digest",
    "read_each",
    "read_interchange_acknowledgments",
    "read_segments",
    "segment_text",
    "write_interchange",
    "write_segments",
]
