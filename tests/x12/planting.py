"""One defect put into a clean file, and where `check` finds it."""

from dataclasses import dataclass
from pathlib import Path

from x12.check import SetReport, check

Found = tuple[int, int, str]
"""(segment, element, rule)"""


@dataclass(frozen=True)
class Base:
    """A clean file of one transaction set, a segment a line: the line is the segment's number."""

    lines: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> "Base":
        return cls(tuple((Path(__file__).parent / "samples" / name).read_text().splitlines()))

    @classmethod
    def written(cls, text: str) -> "Base":
        """What one of our writers made."""
        return cls(tuple(f"{part.strip()}~" for part in text.split("~") if part.strip()))

    def text(self, lines: list[str]) -> str:
        """The file, its SE counting what stands there."""
        first = next(n for n, line in enumerate(lines) if line.startswith("ST*"))
        last = next(n for n, line in enumerate(lines) if line.startswith("SE*"))
        counted = [f"SE*{last - first + 1}*0001~" if n == last else line for n, line in enumerate(lines)]
        return "\n".join(counted) + "\n"

    def changed(self, number: int, old: str, new: str) -> str:
        lines = list(self.lines)
        assert old in lines[number - 1], lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return self.text(lines)

    def swapped(self, old: str, new: str) -> tuple[str, int]:
        """The first segment that holds `old` changed; (the file, its number)."""
        number = next(n for n, line in enumerate(self.lines, 1) if old in line)
        return self.changed(number, old, new), number

    def without(self, number: int) -> str:
        return self.text([*self.lines[: number - 1], *self.lines[number:]])

    def with_line(self, number: int, line: str) -> str:
        """`line` becomes segment `number`."""
        return self.text([*self.lines[: number - 1], line, *self.lines[number - 1 :]])


def report_on(text: str) -> SetReport:
    (report,) = [each for each in check(text) if each.transaction]
    return report


def found(text: str) -> list[Found]:
    return [(each.segment, each.element, each.rule) for each in report_on(text).findings]
