"""The notation of guide tables, the pattern made of it, and the walk of a transaction set through its table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from x12 import Delimiters, Segment
from x12.findings import Finding
from x12.guide import Guide, Walk, guide, loop, seg
from x12.guide.element import SEPARATOR, Notation, element_rule, segment_pattern

PLAIN = Delimiters()


def rules_of(notation: Notation, text: str) -> list[str]:
    return [rule for rule, _said, _part in element_rule(notation).faults(text, ":", "^")]


@pytest.mark.parametrize(("notation", "text", "rules"), [
    ("R AN 1-5", "", ["missing"]), ("S AN 1-5", "", []), ("S AN 1-5", "  ", ["blank"]), ("R AN 1-5", "abcde", []),
    ("R AN 2-5", "a", ["too_short"]), ("R AN 1-5", "abcdef", ["too_long"]), ("R AN 1-5", " abc", ["blank"]),
    ("R AN 1-5", "a:b", ["components"]), ("N", "x", ["not_used"]), ("N", "", []),
    ("R ID A B", "A", []), ("R ID A B", "C", ["code"]), ("R ID A B", "AB", ["code"]), ("R ID 2-3", "ABCD", ["too_long"]),
    ("R R", "12.50", []), ("R R", "-.5", []), ("R R", "1e2", ["number"]), ("R R", "NaN", ["number"]), ("R R", "+1", ["number"]),
    ("R R 1-3", "1.234", ["too_long"]), ("R M", "1.005", ["decimals"]), ("R M", "-12.5", []), ("R M", ".50", []), ("R R 1-3", "-1.23", []), ("R N 1-3", "12", []), ("R N 1-3", "1.0", ["number"]),
    ("R N 1-3", "1234", ["too_long"]), ("R DT", "20260229", ["date"]), ("R DT", "20240229", []), ("R DT", "260101", ["date"]),
    ("R TM", "2359", []), ("R TM", "2400", ["time"]), ("R TM", "235959", []), ("S*2 ID A B", "A^B", []),
    ("R AN 1-5", "A^B", ["repeats"]), ("S*2 ID A B", "A^B^A", ["repeats"]), ("S*2 ID A B", "A^C", ["code"]),
    (("R", "R ID HC", "R AN 1-5", "S AN 2-2"), "HC:G0463", []), (("R", "R ID HC", "R AN 1-5"), "HC", ["missing"]),
    (("R", "R ID HC", "R AN 1-5"), "HC:A:B", ["components"]), (("S", "R ID HC", "R AN 1-5"), "", []),
    (("R", "R ID HC", "R AN 1-5"), "XX:A", ["code"]),
])  # fmt: skip
def test_what_is_wrong_with_an_element(notation: Notation, text: str, rules: list[str]) -> None:
    assert rules_of(notation, text) == rules


@pytest.mark.parametrize("notation", ["", "Q AN 1-2", "R XX 1-2", "R AN", "R"])
def test_a_notation_that_nobody_can_read_is_refused(notation: str) -> None:
    with pytest.raises(ValueError):
        element_rule(notation)


NOTATIONS: list[Notation] = [
    "R AN 1-5", "S AN 2-4", "S ID A BB", "R ID A BB", "S R 1-4", "S M", "R N 1-3", "S DT", "S TM", "S*3 ID A BB", "N",
    ("S", "R ID HC", "S AN 1-3"), ("R", "R AN 1-3", "S ID X"),
]  # fmt: skip
VALUES = st.sampled_from([
    "", "A", "BB", "abc", "abcdef", " a", "12", "1.5", "1.005", "-3", "1e5", "20260101", "20260231", "1200", "2500", "A^BB", "HC:abc",
    "HC", "X:", ":X", "ab:X", "HC:abc:d",
])  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(NOTATIONS), min_size=1, max_size=5), st.lists(VALUES, max_size=6))
def test_the_pattern_of_a_segment_and_its_elements_one_by_one_agree(
    notations: list[Notation], values: list[str]
) -> None:
    rules = tuple(element_rule(each) for each in notations)
    text = SEPARATOR.join(["ABC", *values])
    padded = [*values, *[""] * (len(rules) - len(values))]
    faults = [f for rule, value in zip(rules, padded, strict=False) for f in rule.faults(value, ":", "^")]
    too_many = len(values) > len(rules)

    passes = bool(segment_pattern("ABC", rules, ":", "^").fullmatch(text))

    # a date of eight digits is left to the calendar, and an empty last element is nothing to tell of
    assert not passes or all(rule == "date" for rule, _said, _part in faults)
    assert passes or faults or too_many or any(":" in value for value in values)


TOY: Guide = guide(
    "TOY",
    seg("BHT", "R", 1, "R AN 1-4"),
    loop("A", "R", 0, seg("HL", "R", 1, "R AN 1-9", "S AN 1-9", "R ID 20"), seg("NM1", "R", 1, "R ID 85"),
         loop("B", "S", 2, seg("CLM", "R", 1, "R AN 1-9"), seg("REF", "S", 1, "R ID F8"), seg("REF", "R", 2, "R ID G1"),
              seg("AMT", "S", 1, "R ID F5", "R R"))),
    seg("END", "S", 1, "S AN 1-1"),
)  # fmt: skip


def walked(*lines: str) -> list[tuple[int, str]]:
    told: list[Finding] = []
    walk = Walk(TOY, PLAIN, told.append)
    segment = Segment(["ST"], 1)
    for number, line in enumerate(lines, 1):
        segment = Segment(line.split("*"), number)
        walk.step(segment)
    walk.end(segment)
    return [(each.segment, each.rule) for each in told]


CLAIM = ("CLM*1", "REF*G1")
BEGIN = ("BHT*1", "HL*1**20", "NM1*85")


@pytest.mark.parametrize(("lines", "told"), [
    ((*BEGIN, *CLAIM, "END*1"), []),
    ((*BEGIN, *CLAIM, *CLAIM, "HL*2**20", "NM1*85", *CLAIM), []),
    ((*BEGIN, "CLM*1", "REF*G1", "REF*F8", "REF*G1"), []),
    ((*BEGIN, *CLAIM, "REF*G1", "REF*G1"), [(7, "too_many")]),
    ((*BEGIN, *CLAIM, *CLAIM, *CLAIM), [(8, "too_many")]),
    ((*BEGIN, "CLM*1", "AMT*F5*1"), [(5, "missing_segment")]),
    ((*BEGIN, "CLM*1"), [(4, "missing_segment")]),
    (("BHT*1", "HL*1**20", *CLAIM), [(3, "missing_segment")]),
    (("BHT*1",), [(1, "missing_segment")]),
    ((*BEGIN, "CLM*1", "AMT*F5*1", "REF*G1"), [(5, "missing_segment"), (6, "order")]),
    ((*BEGIN, *CLAIM, "REF*XX"), [(6, "code")]),
    ((*BEGIN, *CLAIM, "ZZZ*1", "ZZZ*2"), [(6, "unknown_segment"), (7, "unknown_segment")]),
    ((*BEGIN, "AMT*F5*1", "REF*G1"), [(4, "unexpected")]),
    ((*BEGIN, *CLAIM, "END*1", "END*1"), [(7, "too_many")]),
])  # fmt: skip
def test_a_walk_tells_what_stands_where_it_should_not(lines: tuple[str, ...], told: list[tuple[int, str]]) -> None:
    assert walked(*lines) == told


def test_one_rule_may_stand_at_two_places() -> None:
    shared = seg("REF", "S", 1, "R ID G1")
    table = guide(
        "TOY", seg("BHT", "R", 1, "R AN 1-4"), loop("A", "S", 0, seg("CLM", "R", 1, "R AN 1-9"), shared,
        loop("B", "S", 0, seg("SV1", "R", 1, "R AN 1-9"), shared)),
    )  # fmt: skip
    told: list[Finding] = []
    walk = Walk(table, PLAIN, told.append)

    for number, line in enumerate(["BHT*1", "CLM*1", "REF*G1", "SV1*1", "REF*G1", "SV1*2", "CLM*2", "REF*G1"], 1):
        walk.step(Segment(line.split("*"), number))

    assert told == []
