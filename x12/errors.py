"""The one error of this package: what is wrong, in which segment, at which element."""


class X12Error(ValueError):
    """A broken rule in an X12 file that was read, or in data that was to be written.

    `segment` counts from the start of the file, ISA being 1; it is 0 when the fault was found
    before anything was written. `element` counts as the trade does: 4 with tag CLP is CLP04.
    `rule` is a short steady name (for 999s, tests and work lists), `sentence` is for a person.
    """

    def __init__(
        self,
        sentence: str,
        *,
        segment: int = 0,
        tag: str = "",
        element: int = 0,
        rule: str,
    ) -> None:
        super().__init__(sentence, segment, tag, element, rule)
        self.sentence = sentence
        self.segment = segment
        self.tag = tag
        self.element = element
        self.rule = rule

    @property
    def place(self) -> str:
        """Where it is, as a biller would say it: "segment 12, CLP04"."""
        name = f"{self.tag}{self.element:02d}" if self.tag and self.element else self.tag
        where = f"segment {self.segment}" if self.segment else ""
        return ", ".join(part for part in (where, name) if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (
            self.sentence,
            self.segment,
            self.tag,
            self.element,
            self.rule,
        )


def _rebuild(sentence: str, segment: int, tag: str, element: int, rule: str) -> X12Error:
    return X12Error(sentence, segment=segment, tag=tag, element=element, rule=rule)
