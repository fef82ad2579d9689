"""The HL tree of the sets that have one: levels counted, each under its own, HL04 true."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from .findings import Finding, Severity
from .segment import Segment

Tell = Callable[[Finding], None]


class HierarchyRules:
    """HL01 counts from 1, HL02 names a level that is open above, HL04 tells the truth about levels below."""

    TAGS: Final = frozenset({"HL"})

    def __init__(self, levels: Mapping[str, str], tell: Tell) -> None:
        """`levels`: the HL03 of each level, and of the one it belongs to."""
        self._levels = levels
        self._tell = tell
        self._count = 0
        self._open: dict[str, Segment] = {}
        self._last: Segment | None = None

    def see(self, segment: Segment) -> None:
        """The next HL."""
        self._count += 1
        for finding in self._findings(segment):
            self._tell(finding)
        self._open[segment[3]] = segment
        self._last = segment

    def end(self) -> None:
        """The SE."""
        if self._last is not None and self._last[4] == "1":
            self._tell(_wrong(self._last, 4, "HL04 says that levels follow below it; none does."))

    def _findings(self, segment: Segment) -> Iterator[Finding]:
        if segment[1] != str(self._count):
            yield _wrong(segment, 1, f"HL01 is {segment[1]!r}; this is level {self._count} of the set.")
        above = self._open.get(self._levels.get(segment[3], ""))
        if segment[3] in self._levels and (above is None or segment[2] != above[1]):
            yield _wrong(
                segment, 2, f"HL02 is {segment[2]!r}; the level it belongs to is {above[1] if above else 'none'}."
            )
        last = self._last
        if last is not None:
            is_below = segment[2] == last[1]
            if is_below and last[4] == "0":
                yield _wrong(last, 4, "HL04 says that no level follows below it; one does.")
            elif not is_below and last[4] == "1":
                yield _wrong(last, 4, "HL04 says that levels follow below it; none does.")


def _wrong(segment: Segment, element: int, message: str) -> Finding:
    return Finding(segment.position, "HL", element, "hierarchy", Severity.ERROR, message)
