"""The benchmarks still run, on a practice of a thousandth: every goal is a line of JSON. What they take is not tested."""

import json
import subprocess
import sys

from bench.__main__ import BENCHES

KEYS = {"name", "value", "unit", "floor", "ratio", "goal", "ok"}
GOALS = {
    "x12_835": {"x12_835", "x12_835_memory"},
    "x12_check": {"x12_check_835", "x12_check_837p", "x12_check_memory"},
    "ledger_post": {"ledger_post"},
    "remittance": {"remittance", "remittance_memory"},
    "aging": {"aging", "aging_as_of"},
    "booking": {"booking", "booking_race"},
    "day_page": {"day_page", "day_page_queries"},
}


def test_every_benchmark_gives_its_goals_one_line_each(process_env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--scale", "0.001", "--rounds", "1"],
        env=process_env, capture_output=True, text=True, timeout=240,
    )  # fmt: skip

    assert done.returncode in (0, 1), done.stderr  # 1: a goal was missed, which a laptop under load may do
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert {r["name"] for r in results} == set().union(*GOALS.values())
    assert all(set(r) == KEYS for r in results)
    assert all(r["value"] >= 0 for r in results)
    assert next(r for r in results if r["name"] == "day_page_queries")["ok"]


def test_every_benchmark_is_in_the_table() -> None:
    assert set(GOALS) == set(BENCHES)


def test_an_unknown_benchmark_is_named() -> None:
    done = subprocess.run([sys.executable, "-m", "bench", "warp"], capture_output=True, text=True)

    assert done.returncode == 2
    assert "no such benchmark: warp" in done.stderr
