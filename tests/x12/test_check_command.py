"""`python -m x12 check`: what it prints, its exit codes, and that nothing in a file brings it down."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.x12.test_core_corpus import CORPUS, manifest
from x12.check import SetReport, check
from x12.command import main

SAMPLES = Path(__file__).parent / "samples"
CLEAN = SAMPLES / "835_reversal_and_recoup.edi"
KEYS = ["file", "transaction", "version", "control_number", "claims", "charge", "paid", "balanced", "findings"]


def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", "-m", "x12", *words]  # -S: no package of anybody else is there
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_clean_file_is_one_line_and_exit_0() -> None:
    done = run("check", str(CLEAN))

    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith(
        "835, 005010X221A1, 0001, 3 claims, charge 251.00, paid 106.27, balanced, clean"
    )
    assert done.stdout.count("\n") == 1


def test_findings_stand_under_their_set_and_exit_is_1() -> None:
    bad = CLEAN.read_bytes().replace(b"*85**1~", b"*84**1~", 1)

    done = run("check", "-", stdin=bad)

    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.endswith("NOT BALANCED, 1 finding")
    assert second == (
        "  error: segment 23, SVC03: Line G0463 is paid 84.00, charge less adjustments gives 85.00 (difference -1.00)."
        " [balance_line]"
    )


def test_json_is_one_object_a_set_with_the_same_keys(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", "--json", str(SAMPLES)])

    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 1
    assert all(list(each) == KEYS for each in objects)
    assert {each["transaction"] for each in objects} >= {"835", "837P"}
    told = [finding for each in objects for finding in each["findings"]]
    assert all(list(f) == ["segment", "tag", "element", "rule", "severity", "message"] for f in told)


def test_a_file_that_is_not_there_is_said_and_exit_is_2_and_the_others_are_read() -> None:
    done = run("check", "nowhere.edi", str(CLEAN))

    assert done.returncode == 2
    assert done.stderr == "nowhere.edi: No such file or directory\n"
    assert "balanced, clean" in done.stdout


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xfe\x00I\x00S\x00A", b"ISA*00*", b"\x00" * 1000, b"%PDF-1.7"]
)
def test_what_is_no_x12_is_a_finding_not_a_traceback(content: bytes) -> None:
    done = run("check", "-", stdin=content)

    assert (done.returncode, done.stderr) == (1, "")
    assert "segment 1" in done.stdout


def test_other_sets_are_named_and_not_misread() -> None:
    institutional = CLEAN.read_text().replace("ST*835*", "ST*837*").replace("005010X221A1", "005010X223A2")

    (report,) = check(institutional)

    assert (report.transaction, [f.rule for f in report.findings]) == ("837I", ["not_judged"])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_is_cut_out_or_put_in_check_answers(data: st.DataObject) -> None:
    text = CLEAN.read_bytes()
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(len(text), at + 40)))
    mutated = text[:at] + data.draw(st.binary(max_size=12)) + text[until:]

    reports = list(check(mutated))

    assert reports
    assert all(isinstance(report, SetReport) and f.message for report in reports for f in report.findings)


def test_truncation_at_every_byte_answers_at_once() -> None:
    text = CLEAN.read_bytes()

    for length in range(len(text)):
        assert list(check(text[:length])), length


def test_every_file_of_the_corpus_gets_a_verdict_and_the_balances_agree_with_the_manifest() -> None:
    for row in manifest("835"):
        reports = [r for r in check((CORPUS.parent / row["path"]).read_bytes()) if r.transaction]
        assert reports, row["path"]
        if row["balance"].startswith("balanced"):
            assert all(r.balanced for r in reports), row["path"]
        elif row["balance"].startswith("UNBALANCED"):
            assert not all(r.balanced for r in reports), row["path"]


def test_where_the_other_judge_finds_nothing_neither_do_we_but_what_no_table_says() -> None:
    for row in [row for name in ("270", "276", "277", "277CA", "835", "837P", "999") for row in manifest(name)]:
        if row["pyx12_overlay_normalised"] != "OK" or not row["version"].startswith("005010"):
            continue
        findings = [f for r in check((CORPUS.parent / row["path"]).read_bytes()) for f in r.findings]
        assert {f.rule for f in findings} <= {"npi", "zip", "state"}, (row["path"], findings)
