"""Damaged 999, 277CA and 271 files: a typed result or an X12Error with its place, never anything else."""

import random

import pytest

from tests.x12 import test_ack_277ca, test_ack_999, test_eligibility_answers
from x12 import X12Error
from x12.ack_277ca import read_each_claim_acknowledgment
from x12.ack_999 import read_each_acknowledgment
from x12.eligibility_270_271 import read_each_inquiry, read_each_response

FILES = {
    "999": (test_ack_999.text_of(test_ack_999.PARTLY), read_each_acknowledgment),
    "277CA": (test_ack_277ca.text_of(test_ack_277ca.ANSWER), read_each_claim_acknowledgment),
    "271": (test_eligibility_answers.file_of(test_eligibility_answers.ANSWER), read_each_response),
    "271 as 270": (
        test_eligibility_answers.file_of(test_eligibility_answers.ANSWER).replace("ST*271", "ST*270"),
        read_each_inquiry,
    ),
}


def damaged(text: str, dice: random.Random) -> str:
    """One to three segments lost, doubled, swapped or cut; the count is mended, so that the readers see them."""
    head, *lines, tail_se, tail_ge, tail_iea = text.splitlines()
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(2, len(lines))
        match dice.randrange(5):
            case 0 if len(lines) > 4:
                del lines[at]
            case 1:
                lines.insert(at, lines[dice.randrange(2, len(lines))])
            case 2:
                other = dice.randrange(2, len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                parts = lines[at].rstrip("~").split("*")
                parts[dice.randrange(len(parts))] = dice.choice(["", "9", "X:Y", "20260230", "-", "^^"])
                lines[at] = "*".join(parts) + "~"
            case _:
                parts = lines[at].rstrip("~").split("*")
                lines[at] = "*".join(parts[: dice.randint(1, len(parts))]) + "~"
    number = tail_se.split("*")[2]
    return "\n".join([head, *lines, f"SE*{len(lines)}*{number}", tail_ge, tail_iea])


@pytest.mark.parametrize("kind", FILES)
def test_damage_ends_in_a_result_or_a_placed_fault(kind: str) -> None:
    text, read = FILES[kind]
    refused = 0
    for seed in range(1500):
        bad = damaged(text, random.Random(seed))
        for item in read(bad):
            if isinstance(item, X12Error):
                refused += 1
                assert item.segment > 0, (seed, str(item))

    assert refused > 100
