"""Segments, delimiters, dates, amounts and identifiers."""

import pickle
from datetime import date
from decimal import Decimal

import pytest

from x12 import Delimiters, Repeated, Segment, X12Error, read_segments, segment_text
from x12.elements import (
    amount_text,
    clean_text,
    is_npi,
    need_amount,
    quantity_text,
    read_amount,
    read_date,
    read_period,
    read_quantity,
)

PIPES = Delimiters(element="|", component=">", repetition="!", segment="\n")


def test_a_missing_element_reads_as_empty() -> None:
    segment = Segment(["CLP", "P1", "1"], 7)

    assert (segment[2], segment[3], segment[40], len(segment)) == ("1", "", "", 2)


def test_composites_and_repetitions_are_cut_by_the_files_own_separators() -> None:
    segment = Segment(["EB", "1", "30!98", "HC>99213>25"], 7, PIPES)

    assert segment.repetitions(2) == ["30", "98"]
    assert segment.components(3) == ["HC", "99213", "25"]
    assert (segment.component(3, 3), segment.component(3, 4)) == ("25", "")


def test_equal_segments_are_equal_whatever_separates_them() -> None:
    assert Segment(["SVC", "HC>1"], 3, PIPES) == Segment(["SVC", "HC:1", ""], 9)
    assert Segment(["SVC", "HC>1"], 3, PIPES) != Segment(["SVC", "HC>1"], 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [("79.04", "79.04"), ("100", "100.00"), (".5", "0.50"), ("5.", "5.00"), ("-12.3", "-12.30"), ("0", "0.00")],
)
def test_an_amount_reads_as_decimal_with_two_places(text: str, value: str) -> None:
    assert str(read_amount(Segment(["AMT", "D", text]), 2)) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "1e9",
        "-0",
        "-0.00",
        "1.005",
        "1,000",
        "+5",
        "--1",
        ".",
        "-",
        " 5",
        "5 ",
        "0x1",
        "٣",
        "9" * 40,
    ],
)
def test_what_is_no_amount_of_money_names_its_segment_and_element(text: str) -> None:
    with pytest.raises(X12Error) as caught:
        read_amount(Segment(["AMT", "D", text], 12), 2)

    assert (caught.value.segment, caught.value.tag, caught.value.element, caught.value.rule) == (12, "AMT", 2, "amount")


def test_an_amount_that_must_be_there_is_asked_for() -> None:
    with pytest.raises(X12Error, match="segment 5, CLP03: An amount is missing"):
        need_amount(Segment(["CLP", "1", "1"], 5), 3)


@pytest.mark.parametrize("text", ["20260230", "2026021", "202602010", "abcdefgh", "20261301", "00000101"])
def test_a_day_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(X12Error) as caught:
        read_date(Segment(["DTM", "405", text], 4), 2)

    assert caught.value.rule == "date"


def test_a_period_reads_as_two_days_and_a_day_as_both() -> None:
    assert read_period(Segment(["DTP", "472", "D8", "20240229"]), 2, 3) == (date(2024, 2, 29), date(2024, 2, 29))
    assert read_period(Segment(["DTP", "472", "RD8", "20260101-20260103"]), 2, 3) == (
        date(2026, 1, 1),
        date(2026, 1, 3),
    )
    with pytest.raises(X12Error):
        read_period(Segment(["DTP", "472", "RD8", "20260103-20260101"]), 2, 3)


def test_quantities_keep_their_places_and_refuse_exponents() -> None:
    assert read_quantity(Segment(["SVC", "1.5"]), 1) == Decimal("1.5")
    with pytest.raises(X12Error):
        read_quantity(Segment(["SVC", "1E3"]), 1)


def test_numbers_are_written_without_trailing_zeros_or_exponent() -> None:
    assert [amount_text(Decimal(x)) for x in ("100.00", "79.50", "0.00", "-0.00", "-3.10", "1E+3")] == [
        "100", "79.5", "0", "0", "-3.1", "1000",
    ]  # fmt: skip
    assert quantity_text(Decimal("2.250")) == "2.25"


@pytest.mark.parametrize("value", [Decimal("1.005"), Decimal("NaN"), Decimal("Infinity")])
def test_part_of_a_cent_is_never_written(value: Decimal) -> None:
    with pytest.raises(X12Error):
        amount_text(value)


@pytest.mark.parametrize(
    ("npi", "good"),
    [("1234567893", True), ("1999999984", True), ("1234567890", False), ("123456789", False), ("12345678 3", False)],
)
def test_an_npi_is_known_by_its_check_digit(npi: str, good: bool) -> None:
    assert is_npi(npi) is good


def test_desk_text_is_made_fit_to_travel() -> None:
    assert clean_text("José  Núñez: 12*B~\n", 60) == "Jose Nunez 12 B"
    assert clean_text("ABCDEF", 3) == "ABC"


def test_the_writer_cuts_empty_ends_of_segments_and_composites() -> None:
    assert segment_text(["SV1", ("HC", "99213", "", ""), "100", "", ""]) == "SV1*HC:99213*100~"
    assert segment_text(["EB", "1", Repeated(("30", "98"))]) == "EB*1*30^98~"


@pytest.mark.parametrize("text", ["A*B", "A:B", "A^B", "A~B", "A\nB", "NÚÑEZ", "A\x00"])
def test_the_writer_refuses_data_that_would_break_the_file(text: str) -> None:
    with pytest.raises(X12Error) as caught:
        segment_text(["N3", text])

    assert (caught.value.tag, caught.value.element) == ("N3", 1)


def test_what_was_read_can_be_written_again(plain_835: str) -> None:
    from x12.writer import rewritable, write_segments

    body = [segment for segment in read_segments(plain_835) if segment.tag != "ISA"]

    assert write_segments(map(rewritable, body)) == "".join(plain_835.splitlines()[1:])


def test_an_error_survives_pickling_with_its_place() -> None:
    fault = pickle.loads(pickle.dumps(X12Error("Bad.", segment=4, tag="CLP", element=3, rule="amount")))

    assert (fault.place, fault.sentence, fault.rule) == ("segment 4, CLP03", "Bad.", "amount")
