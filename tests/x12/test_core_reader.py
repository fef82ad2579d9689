"""Text, bytes and files to segments: whatever comes in, segments or an X12Error come out."""

import io
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from x12 import X12Error, read_segments
from x12.reader import LONGEST_SEGMENT

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*1200*^*00501*000000001*0*P*:~"


def tags(source: str | bytes) -> list[str]:
    return [segment.tag for segment in read_segments(source)]


def fault_of(source: str | bytes) -> X12Error:
    with pytest.raises(X12Error) as caught:
        list(read_segments(source))
    return caught.value


def test_positions_count_from_the_isa(plain_835: str) -> None:
    segments = list(read_segments(plain_835))

    assert [segment.position for segment in segments] == list(range(1, len(segments) + 1))
    assert (segments[0].tag, segments[-1].tag) == ("ISA", "IEA")


def test_text_bytes_and_files_give_the_same(plain_835: str) -> None:
    expected = list(read_segments(plain_835))

    assert list(read_segments(plain_835.encode())) == expected
    assert list(read_segments(io.StringIO(plain_835))) == expected
    assert list(read_segments(io.BytesIO(plain_835.encode()))) == expected


def dressed(text: str) -> Iterator[tuple[str, str | bytes]]:
    one_line = text.replace("\n", "")
    yield "no line ends", one_line
    yield "CRLF", text.replace("\n", "\r\n")
    yield "indented", text.replace("\n", "\r\n    \t")
    yield "byte order mark", "\ufeff" + text
    yield "UTF-8 byte order mark", b"\xef\xbb\xbf" + text.encode()
    yield "wrapped at 80 columns", "\r\n".join(one_line[at : at + 80] for at in range(0, len(one_line), 80))
    yield "end-of-file mark", text + "\x1a"
    yield "no last terminator", one_line[:-1]
    yield "blank segments", text.replace("~", "~~", 3)


@pytest.mark.parametrize("case", range(9))
def test_dress_does_not_change_what_is_read(plain_835: str, case: int) -> None:
    name, text = list(dressed(plain_835))[case]

    assert list(read_segments(text)) == list(read_segments(plain_835)), name


def test_an_isa_that_is_not_106_long_is_read_by_counting_its_separators() -> None:
    short = "ISA*00**00**ZZ*A*ZZ*B*260105*1200*^*00501*1*0*P*>~GS*HP~"

    segments = list(read_segments(short))

    assert [segment.tag for segment in segments] == ["ISA", "GS"]
    assert (segments[0].delimiters.component, segments[0].delimiters.repetition) == (">", "^")


def test_before_version_00402_nothing_repeats() -> None:
    (isa,) = read_segments(ISA.replace("*^*00501*", "*U*00401*"))

    assert isa.delimiters.repetition == ""


def test_each_interchange_has_its_own_separators() -> None:
    second = ISA.replace("*", "|").replace("~", "\n").replace(":", ">")

    assert tags(ISA + "GS*1~IEA*1*1~" + second + "GS|1\nIEA|1|1\n") == ["ISA", "GS", "IEA", "ISA", "GS", "IEA"]
    assert tags(ISA + "GS*1~" + second.replace("\n", "~") + "GS|1~") == ["ISA", "GS", "ISA", "GS"]


def test_utf_8_and_latin_1_names_are_both_read() -> None:
    for encoding in ("utf-8", "latin-1"):
        segments = list(read_segments((ISA + "N3*CALLE NÚÑEZ~").encode(encoding)))

        assert segments[1][1] == "CALLE NÚÑEZ", encoding


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("", "truncated"),
        (b"", "truncated"),
        ("   \r\n ", "truncated"),
        ("%PDF-1.7 binary", "isa"),
        (bytes(range(256)) * 40, "isa"),
        (ISA.encode("utf-16"), "isa"),
        ("ISA", "truncated"),
        (ISA[:60], "truncated"),
        (ISA.replace("*", "A"), "delimiter"),
        (ISA.replace("*", " "), "delimiter"),
        (ISA.replace("*", "é"), "delimiter"),
        (ISA.replace(":~", "*~"), "delimiter"),
        (ISA.replace(":~", ":9"), "delimiter"),
        (ISA.replace(":~", "::"), "delimiter"),
        (ISA.replace("*^*", "*:*"), "delimiter"),
        (ISA.replace("*^*", "*^^*"), "delimiter"),
        (ISA.replace("SENDER", "S" * 1_000_000), "isa"),
        ("ISA*" + "x" * 500, "isa"),
    ],
)
def test_a_hostile_isa_is_refused_at_segment_1(source: str | bytes, rule: str) -> None:
    fault = fault_of(source)

    assert (fault.segment, fault.rule) == (1, rule)


def test_a_control_character_names_its_segment_and_the_next_one_can_be_read() -> None:
    reader = read_segments(ISA + "GS*HP~N1*PR*BAD\x00NAME~N1*PE~")

    assert next(reader).tag == "ISA"
    assert next(reader).tag == "GS"
    with pytest.raises(X12Error) as caught:
        next(reader)
    assert (caught.value.segment, caught.value.tag, caught.value.rule) == (3, "N1", "control_character")
    assert next(reader)[1] == "PE"


@pytest.mark.parametrize("tag", ["", "9A", "N1LONG", "n1", "N", "Ñ1"])
def test_a_segment_without_a_tag_is_refused(tag: str) -> None:
    fault = fault_of(ISA + f"GS*HP~{tag}*PR~")

    assert (fault.segment, fault.rule) == (3, "tag")


def test_a_file_that_ends_inside_a_segment_names_it() -> None:
    fault = fault_of(ISA + "GS*HP~CLP*1*2")

    assert (fault.segment, fault.tag, fault.rule) == (3, "CLP", "truncated")


def test_text_after_the_last_interchange_is_refused() -> None:
    fault = fault_of(ISA + "IEA*0*1~GARBAGE")

    assert (fault.segment, fault.rule) == (3, "isa")


def test_a_file_opened_as_text_in_the_wrong_encoding_gives_a_typed_error() -> None:
    file = io.TextIOWrapper(io.BytesIO((ISA + "N3*NÚÑEZ~").encode("latin-1")), encoding="utf-8")

    with pytest.raises(X12Error) as caught:
        list(read_segments(file))

    assert caught.value.rule == "encoding"


def test_a_segment_without_end_is_refused_in_bounded_memory_and_time() -> None:
    class Endless(io.RawIOBase):
        """100 MB of one segment, made as it is read."""

        def __init__(self) -> None:
            self.given = 0

        def read(self, size: int = -1) -> bytes:
            if self.given == 0:
                self.given = 1
                return ISA.encode() + b"NTE*"
            self.given += size
            return b"" if self.given > 100_000_000 else b"x" * size

    endless = Endless()
    tracemalloc.start()
    with pytest.raises(X12Error) as caught:
        list(read_segments(endless))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (caught.value.segment, caught.value.rule) == (2, "too_long")
    assert endless.given < 4 * LONGEST_SEGMENT
    assert peak < 4_000_000


def test_a_segment_just_short_of_the_limit_is_read() -> None:
    long = "NTE*ADD*" + "x" * (LONGEST_SEGMENT - 100)

    assert tags(ISA + long + "~") == ["ISA", "NTE"]


def test_a_million_segments_stream_in_linear_time_and_constant_memory() -> None:
    def seconds(count: int) -> float:
        source = io.StringIO(ISA + "REF*EV*X~" * count)
        started = time.process_time()
        assert sum(1 for _ in read_segments(source)) == count + 1
        return time.process_time() - started

    small = min(seconds(20_000) for _ in range(3))

    assert seconds(1_000_000) < max(50 * small * 3, 2.0)

    source = io.StringIO(ISA + "REF*EV*X~" * 200_000)
    tracemalloc.start()
    for _ in read_segments(source):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
