"""Interchanges, groups and transaction sets: counts and control numbers, in and out."""

from collections.abc import Callable
from datetime import datetime

import pytest

from x12 import (
    Delimiters,
    EnvelopeReader,
    Group,
    Interchange,
    TransactionSet,
    X12Error,
    canonical,
    digest,
    read_each,
    read_interchange_acknowledgments,
    write_interchange,
)

AT = datetime(2026, 1, 5, 12, 0)
INTERCHANGE = Interchange("ZZ", "SENDER", "30", "RECEIVER", "000000042", AT, usage="T", acknowledgment_requested=True)
GROUP = Group("HP", "SENDER", "RECEIVER", "7", AT, "005010X221A1")


def transaction(number: str, *references: str) -> TransactionSet:
    return TransactionSet("835", number, [["REF", "EV", each] for each in references])


def written(*sets: TransactionSet, delimiters: Delimiters | None = None) -> str:
    return write_interchange(INTERCHANGE, [(GROUP, sets)], delimiters or Delimiters(), line_end="\n")


TWO = written(transaction("0001", "A", "B"), transaction("0002", "C"))


def test_what_is_written_reads_back_with_its_headers() -> None:
    found = [(each.control_number, [segment[2] for segment in each]) for each in EnvelopeReader(TWO)]
    first = next(EnvelopeReader(TWO))

    assert found == [("0001", ["A", "B"]), ("0002", ["C"])]
    assert (first.interchange, first.group, first.code) == (INTERCHANGE, GROUP, "835")
    assert (first.version, first.position) == ("005010X221A1", 3)


def test_the_isa_is_106_characters_and_names_its_separators() -> None:
    text = written(transaction("0001", "A"), delimiters=Delimiters("|", ">", "!", "\n"))

    assert text[103:106] == "|>\n"
    assert text.splitlines()[0].split("|")[11] == "!"
    assert [len(list(each)) for each in EnvelopeReader(text)] == [1]


def test_several_groups_and_interchanges_are_walked_in_order() -> None:
    other = Group("HC", "S", "R", "8", AT, "005010X222A1")
    one = write_interchange(
        INTERCHANGE, [(GROUP, [transaction("0001")]), (other, [transaction("0002"), transaction("0003")])]
    )

    found = [(each.group.kind, each.control_number) for each in EnvelopeReader(one + "\r\n" + TWO)]

    assert found == [("HP", "0001"), ("HC", "0002"), ("HC", "0003"), ("HP", "0001"), ("HP", "0002")]


def change(old: str, new: str) -> Callable[[str], str]:
    def apply(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return apply


@pytest.mark.parametrize(
    ("damage", "rule", "segment", "tag"),
    [
        (change("SE*4*0001", "SE*5*0001"), "count", 6, "SE"),
        (change("SE*4*0001", "SE*x*0001"), "integer", 6, "SE"),
        (change("SE*4*0001", "SE"), "count", 6, "SE"),
        (change("SE*4*0001", "SE*4*0009"), "control_number", 6, "SE"),
        (change("SE*4*0001~\n", ""), "no_se", 6, "ST"),
        (change("REF*EV*B", "ST*835*0009"), "no_se", 5, "ST"),
        (change("REF*EV*B", "GS*HP*A*B*20260105*1200*9*X*V"), "no_se", 5, "GS"),
        (change("GE*2*7", "GE*3*7"), "count", 10, "GE"),
        (change("GE*2*7", "GE*2*8"), "control_number", 10, "GE"),
        (change("GE*2*7~\n", ""), "no_ge", 10, "IEA"),
        (change("IEA*1*000000042", "IEA*2*000000042"), "count", 11, "IEA"),
        (change("IEA*1*000000042", "IEA*1*000000043"), "control_number", 11, "IEA"),
        (change("IEA*1*000000042~\n", ""), "no_iea", 10, "GE"),
        (change("GS*HP", "REF*HP"), "outside", 2, "REF"),
        (change("GS*HP*SENDER*RECEIVER*20260105*1200*7*X*005010X221A1~\n", ""), "no_gs", 2, "ST"),
    ],
)
def test_a_broken_envelope_names_the_segment(damage: Callable[[str], str], rule: str, segment: int, tag: str) -> None:
    with pytest.raises(X12Error) as caught:
        for each in EnvelopeReader(damage(TWO)):
            list(each)

    assert (caught.value.rule, caught.value.segment, caught.value.tag) == (rule, segment, tag)


def contents(text: str) -> list[str]:
    def read(each: object) -> str:
        return "".join(segment[2] for segment in each)  # type: ignore[attr-defined]

    return [item.rule if isinstance(item, X12Error) else item for item in read_each(text, read)]


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (change("SE*4*0001", "SE*5*0001"), ["count", "C"]),
        (change("REF*EV*B", "REF*EV*\x01"), ["control_character", "C"]),
        (change("REF*EV*B", "ST*835*0009"), ["no_se", "count", "C", "count"]),
        (change("GE*2*7", "GE*3*7"), ["AB", "C", "count"]),
        (change("SE*3*0002~\n", ""), ["AB", "no_se"]),
        (change("GS*HP", "REF*HP"), ["outside", "no_gs", "no_gs", "no_gs", "count"]),
    ],
)
def test_one_bad_transaction_set_is_refused_and_its_neighbours_are_kept(
    damage: Callable[[str], str], found: list[str]
) -> None:
    assert contents(damage(TWO)) == found


def test_a_transaction_set_left_unread_is_passed_over() -> None:
    assert [each.control_number for each in EnvelopeReader(TWO)] == ["0001", "0002"]


def test_identity_ignores_separators_line_ends_and_the_envelope() -> None:
    plain = written(transaction("0001", "A", "B"))
    dressed = written(transaction("0777", "A", "B"), delimiters=Delimiters("|", ">", "!", "\r"))
    other = written(transaction("0001", "A", "C"))

    one, two, three = (digest(list(next(EnvelopeReader(text)))) for text in (plain, dressed, other))

    assert one == two
    assert one != three
    assert canonical(list(next(EnvelopeReader(plain)))) == b"REF\x1dEV\x1dA\x1cREF\x1dEV\x1dB"


def test_interchange_acknowledgments_are_read() -> None:
    head = TWO.splitlines()[0] + "TA1*000000905*260105*1200*R*006~"

    for count in ("0", "1"):
        (found,) = read_interchange_acknowledgments(head + f"IEA*{count}*000000042~")

        assert (found.control_number, found.code, found.note, found.position) == ("000000905", "R", "006", 2)
        assert found.is_rejected


@pytest.mark.parametrize(
    "interchange",
    [
        Interchange("ZZ", "S" * 16, "ZZ", "R", "1", AT),
        Interchange("ZZ", "", "ZZ", "R", "1", AT),
        Interchange("ZZ", "S", "ZZ", "R", "1234567890", AT),
        Interchange("ZZ", "S", "ZZ", "R", "x", AT),
        Interchange("ZZ", "S", "ZZ", "R", "1", None),
    ],
)
def test_an_impossible_isa_is_not_written(interchange: Interchange) -> None:
    with pytest.raises(X12Error):
        write_interchange(interchange, [])
