"""The synthetic samples: good ones read whole and balance, each fault is named at its place."""

from pathlib import Path

import pytest

from x12 import X12Error
from x12.claim_837p import ClaimBatch, claim_faults, read_each_batch
from x12.remittance_835 import Remittance, check_balance, read_each_remittance

SAMPLES = Path(__file__).parent / "samples"

FAULTS = {
    "835_segment_count_off_by_one.edi": ["segment 65, SE01"],
    "835_29_february_that_is_none.edi": ["segment 20, DTM02"],
    "835_masked_amount.edi": ["segment 25, CAS03"],
    "835_one_bad_check_of_two.edi": ["segment 35, CLP03", "EFT1002"],
    "835_interchange_numbers_differ.edi": ["EFT1001", "segment 67, IEA02"],
    "837p_pointer_is_a_letter.edi": ["segment 29, SV107"],
    "837p_claim_without_subscriber.edi": ["segment 23, CLM"],
}


def read(name: str) -> list[Remittance | ClaimBatch | X12Error]:
    source = (SAMPLES / name).read_bytes()
    return [*(read_each_remittance(source) if "835_" in name else read_each_batch(source))]


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("83*.edi")))
def test_a_good_sample_is_read_whole_and_holds_its_own_rules(name: str) -> None:
    (item,) = read(name)

    if isinstance(item, Remittance):
        assert check_balance(item) == []
    else:
        assert isinstance(item, ClaimBatch)
        assert [fault for claim in item.claims for fault in claim_faults(claim)] == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_sample_names_its_place_and_keeps_the_good_neighbour(name: str) -> None:
    found = [
        item.place if isinstance(item, X12Error) else getattr(item, "trace_number", "")
        for item in read(f"faults/{name}")
    ]

    assert found == FAULTS[name]
