"""Implementation acknowledgment, 999 (005010X231A1): could the other side read our file."""

from .model import (
    ELEMENT_FAULTS,
    SEGMENT_FAULTS,
    SET_FAULTS,
    Acknowledgment,
    Context,
    ElementFault,
    SegmentFault,
    SetAcknowledgment,
    Verdict,
)
from .read import read_acknowledgment, read_acknowledgments, read_each_acknowledgment
from .write import (
    GROUP_KIND,
    VERSION,
    ReceivedSet,
    acknowledge_file,
    acknowledge_group,
    write_acknowledgment,
)

__all__ = [
    "ELEMENT_FAULTS",
    "GROUP_KIND",
    "SEGMENT_FAULTS",
    "SET_FAULTS",
    "VERSION",
    "Acknowledgment",
    "Context",
    "ElementFault",
    "ReceivedSet",
    "SegmentFault",
    "SetAcknowledgment",
    "Verdict",
    "acknowledge_file",
    "acknowledge_group",
    "read_acknowledgment",
    "read_acknowledgments",
    "read_each_acknowledgment",
    "write_acknowledgment",
]
