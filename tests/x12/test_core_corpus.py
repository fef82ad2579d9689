"""Files written by others (../shared/x12/corpus): a typed result or an X12Error, never anything else.

The manifest beside the corpus says how many claims each file holds and which of its balances
hold, counted by other programs; where a file is whole, our count must agree.
"""

import csv
import re
from pathlib import Path

import pytest

from x12 import X12Error
from x12.claim_837p import read_each_batch
from x12.remittance_835 import Remittance, check_balance, read_each_remittance

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "x12" / "corpus"


def manifest(transaction: str) -> list[dict[str, str]]:
    if not CORPUS.is_dir():
        pytest.skip("the corpus of foreign files is absent (../shared/x12/corpus)")
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["transaction"] == transaction]
    assert rows
    return rows


def contents(row: dict[str, str]) -> bytes:
    return (CORPUS.parent / row["path"]).read_bytes()


def test_every_foreign_835_gives_remittances_or_typed_errors() -> None:
    whole = 0
    for row in manifest("835"):
        items = list(read_each_remittance(contents(row)))
        assert items, row["path"]
        for item in items:
            assert isinstance(item, Remittance) or item.segment > 0, row["path"]
        whole += all(isinstance(item, Remittance) for item in items)

    assert whole >= 15


def test_the_claims_and_balances_of_foreign_835s_agree_with_the_manifest() -> None:
    compared = 0
    for row in manifest("835"):
        items = list(read_each_remittance(contents(row)))
        remittances = [item for item in items if isinstance(item, Remittance)]
        shares = re.search(r"check (\d+)/(\d+) claim (\d+)/(\d+) line (\d+)/(\d+)", row["balance"])
        if len(remittances) < len(items) or shares is None:
            continue
        good_checks, checks, good_claims, claims, good_lines, lines = map(int, shares.groups())
        findings = [finding.level for remittance in remittances for finding in check_balance(remittance)]

        assert sum(len(remittance.claims) for remittance in remittances) == claims, row["path"]
        assert findings.count("check") == checks - good_checks, row["path"]
        assert findings.count("claim") == claims - good_claims, row["path"]
        assert findings.count("line") == lines - good_lines, row["path"]
        compared += 1

    assert compared >= 15


def test_every_foreign_837p_gives_claims_or_typed_errors() -> None:
    whole = 0
    for row in manifest("837P"):
        items = list(read_each_batch(contents(row)))
        assert items, row["path"]
        good = [item for item in items if not isinstance(item, X12Error)]
        assert all(item.segment > 0 for item in items if isinstance(item, X12Error)), row["path"]
        if len(good) == len(items) and row["claims_or_items"].isdigit():
            assert sum(len(batch.claims) for batch in good) == int(row["claims_or_items"]), row["path"]
            whole += 1

    assert whole >= 30


def test_what_the_strict_outside_judge_accepts_we_accept_too() -> None:
    for transaction, read in (("835", read_each_remittance), ("837P", read_each_batch)):
        for row in manifest(transaction):
            if row["pyx12_overlay_normalised"] == "OK":
                assert not [item for item in read(contents(row)) if isinstance(item, X12Error)], row["path"]
