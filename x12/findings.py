"""What `check` says of a file: each fault with its place, its rule and how much it matters."""

from dataclasses import dataclass, field
from enum import StrEnum

from .errors import X12Error


class Severity(StrEnum):
    """FATAL: not to be read further, or money that cannot be told. ERROR: the guide is broken. WARNING: a habit of
    payers that costs nothing.
    """

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `segment` counts from the ISA, which is 1; `element` 4 with tag CLP is CLP04, 0 the segment itself.

    `rule` is a short steady name, `message` is for a person. `component` is the part of a composite, from 1.
    """

    segment: int
    tag: str
    element: int
    rule: str
    severity: Severity
    message: str
    component: int = field(default=0, compare=False)

    @property
    def place(self) -> str:
        """As a biller would say it: "segment 12, CLP04"."""
        name = f"{self.tag}{self.element:02d}" if self.tag and self.element else self.tag
        part = f"-{self.component}" if self.component else ""
        where = f"segment {self.segment}" if self.segment else ""
        return ", ".join(text for text in (where, name + part) if text)


def finding_of(fault: X12Error, severity: Severity) -> Finding:
    """The finding that says what an X12Error says."""
    return Finding(fault.segment, fault.tag, fault.element, fault.rule, severity, fault.sentence)
