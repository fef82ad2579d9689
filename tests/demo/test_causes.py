"""The mix is dealt by quota, not by dice."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from demo.causes import CAUSES, quotas
from demo.plan import plan_month, working_days

BEGINS = date(2026, 3, 2)


@pytest.mark.parametrize("count", [0, 1, 7, 36, 120])
def test_quotas_add_up_and_follow_the_shares(count):
    planted = quotas(count)

    whole = sum(c.share for c in CAUSES)
    dealt = Counter(p.cause.name for p in planted)
    assert len(planted) == count
    assert all(abs(dealt[c.name] - count * float(c.share / whole)) < 1 for c in CAUSES)


def test_the_seed_chooses_where_and_nothing_else():
    first = plan_month(visits=100, denial_rate=0.12, begins=BEGINS, dice=Random(1))
    second = plan_month(visits=100, denial_rate=0.12, begins=BEGINS, dice=Random(2))

    assert Counter(v.cause for v in first) == Counter(v.cause for v in second)
    assert [v.cause for v in first] != [v.cause for v in second]
    assert first == plan_month(visits=100, denial_rate=0.12, begins=BEGINS, dice=Random(1))


def test_every_visit_is_booked_for_a_reason_that_says_more_than_its_kind():
    plan = plan_month(visits=300, denial_rate=0.12, begins=BEGINS, dice=Random(1))

    assert {v.kind for v in plan} == {"Office visit", "Annual wellness", "Procedure"}
    assert {v.reason for v in plan}.isdisjoint({v.kind for v in plan} | {""})


def test_a_used_up_benefit_has_an_earlier_visit_of_the_same_person():
    plan = plan_month(visits=300, denial_rate=0.12, begins=BEGINS, dice=Random(3))

    used = [v for v in plan if v.cause == "benefit_used"]
    assert used
    for visit in used:
        assert visit.same_person_as is not None
        earlier = plan[visit.same_person_as]
        assert earlier.day < visit.day
        assert earlier.payer_id == visit.payer_id


def test_a_month_has_twenty_one_working_days_without_holidays():
    days = working_days(date(2026, 5, 18))

    assert len(days) == 21
    assert date(2026, 5, 25) not in days  # Memorial Day
