"""Dollars and cents."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import money
from clinic.errors import ClinicError


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "abc", "", "25.005", "1e9", Decimal("-inf")])
def test_exact_refuses_what_is_no_sum_of_cents(bad):
    with pytest.raises(ClinicError):
        money.exact(bad)


@pytest.mark.parametrize("bad", ["-5", "0", "0.00"])
def test_positive_refuses_nothing_and_less(bad):
    with pytest.raises(ClinicError, match="more than"):
        money.positive(bad)


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        money.to_cents(0.1)


def test_rounding_is_half_up_away_from_zero():
    assert money.to_cents("1.005") == Decimal("1.01")
    assert money.to_cents("-1.005") == Decimal("-1.01")


@given(st.integers(-10_000_00, 10_000_00), st.integers(1, 60))
def test_even_parts_add_up_and_differ_by_at_most_a_cent(cents, parts):
    total = Decimal(cents) / 100

    shares = money.split_evenly(total, parts)

    assert sum(shares) == total
    assert max(shares) - min(shares) <= money.CENT


@given(st.integers(-10_000_00, 10_000_00), st.lists(st.integers(0, 10_000), min_size=1, max_size=20).filter(any))
def test_weighted_parts_add_up(cents, weights):
    total = Decimal(cents) / 100

    shares = money.split_by_weight(total, [Decimal(w) for w in weights])

    assert sum(shares) == total


def test_a_sum_has_no_fewer_than_one_part():
    with pytest.raises(ClinicError):
        money.split_evenly(Decimal("10.00"), 0)


def test_dollars_put_the_minus_before_the_sign():
    assert money.dollars(Decimal("-1204.5")) == "-$1,204.50"


@pytest.mark.parametrize(
    ("amount", "said"),
    [("185.60", "$186"), ("1204.50", "$1,205"), ("0.49", "$0"), ("-0.40", "$0"), ("-1643.51", "-$1,644")],
)
def test_reports_round_to_whole_dollars_and_cut_nothing_off(amount: str, said: str):
    assert money.whole_dollars(Decimal(amount)) == said
