"""Hostile input: only typed errors with a segment number, never a crash, never a silent half."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.x12 import samples_835, samples_837p
from x12 import EnvelopeReader, X12Error
from x12.claim_837p import read_batches, read_each_batch
from x12.remittance_835 import read_each_remittance, read_remittances

REMITTANCE = samples_835.file_of(samples_835.check_with_everything()).encode()
CLAIMS = samples_837p.file_of(samples_837p.batch_of(samples_837p.full_claim(), samples_837p.secondary_claim())).encode()
READERS = {"835": (REMITTANCE, read_remittances), "837P": (CLAIMS, read_batches)}


def read_all(source: bytes) -> Iterator[object]:
    """Through every reader; each must end in results or X12Error."""
    for reader in (read_each_remittance, read_each_batch):
        yield from reader(source)


def faults(source: bytes) -> list[X12Error]:
    return [item for item in read_all(source) if isinstance(item, X12Error)]


@pytest.mark.parametrize("kind", READERS)
def test_a_file_cut_anywhere_is_refused_with_a_segment_number(kind: str) -> None:
    whole, read = READERS[kind]
    complete = len(whole.rstrip()) - 1  # the very last terminator may be missing

    for length in range(complete):
        with pytest.raises(X12Error) as caught:
            list(read(whole[:length]))
        assert caught.value.segment > 0, length

    assert len(list(read(whole[:complete]))) == 1


@pytest.mark.parametrize("kind", READERS)
def test_a_missing_byte_anywhere_gives_a_result_or_a_typed_error(kind: str) -> None:
    whole, _ = READERS[kind]

    for at in range(len(whole)):
        assert all(fault.segment > 0 for fault in faults(whole[:at] + whole[at + 1 :]))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([REMITTANCE, CLAIMS]),
    st.lists(
        st.tuples(st.integers(0, 5000), st.sampled_from([b"*", b"~", b":", b"^", b"\x00", b"\xff", b"9", b"-", b"ISA*", b"ST*", b"SE*", b"HL*", b"\n"])),
        min_size=1,
        max_size=8,
    ),
)  # fmt: skip
def test_any_damage_gives_results_or_typed_errors(whole: bytes, damage: list[tuple[int, bytes]]) -> None:
    spoiled = bytearray(whole)
    for at, piece in damage:
        spoiled[at % len(spoiled) : at % len(spoiled) + 1] = piece

    assert all(fault.segment > 0 for fault in faults(bytes(spoiled)))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000))
def test_binary_gives_a_typed_error(noise: bytes) -> None:
    found = faults(noise) + faults(REMITTANCE[:106] + noise)

    assert len(found) >= 2
    assert all(fault.segment > 0 for fault in found)


def test_nested_transaction_sets_and_wrong_order_are_typed_errors() -> None:
    lines = REMITTANCE.decode().splitlines(keepends=True)

    for order in (lines[::-1], lines[:1] + lines[::-1], lines[:3] * 50 + lines[3:], lines[2:], lines[:5] + lines):
        found = faults("".join(order).encode())
        assert found
        assert all(fault.segment > 0 for fault in found)


def test_a_segment_of_65000_elements_is_one_segment() -> None:
    text = REMITTANCE.decode().replace("LQ*HE*N130", "LQ*HE*N130" + "*" * 60_000)

    (remittance,) = read_remittances(text)

    assert remittance.claims[0].lines[0].remark_codes == ("N130",)


def test_a_hundred_thousand_stray_segments_are_one_fault() -> None:
    stray = REMITTANCE.decode().replace("GS*", "REF*EV*X~" * 100_000 + "GS*", 1)

    found = faults(stray.encode())

    assert [fault.rule for fault in found if fault.rule == "outside"] == ["outside", "outside"]  # once per reader


@pytest.mark.parametrize(("at", "piece"), [("LX*1", "REF*EV*X~"), ("CLP*P101", "REF*EV*X~"), ("SE*63", "XX9*1~")])
def test_a_remittance_without_end_is_refused_in_bounded_memory(at: str, piece: str) -> None:
    text = REMITTANCE.decode().replace(at, piece * 60_000 + at, 1)
    tracemalloc.start()
    found = list(read_each_remittance(text))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [item.rule for item in found if isinstance(item, X12Error)] == ["too_many"]
    assert peak < 64_000_000


def test_an_unread_transaction_does_not_hide_its_neighbours() -> None:
    text = REMITTANCE.decode().replace("ST*835*0001", "ST*835*0001~\nN1*PR*\x02")

    assert [transaction.code for transaction in EnvelopeReader(text)] == ["835"]
