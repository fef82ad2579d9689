"""The night's snapshot equals the ledger's aging, by three clocks, also for nights that were missed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from collections_app.models import AgingSnapshot
from collections_app.queries.aged import aged_by_patient, aged_by_payer, days_in_ar, months_before
from collections_app.reports import stacked, trend
from collections_app.services.aging import age_receivables
from collections_app.services.payment_plans import open_plan
from collections_app.services.statements import issue_statement
from ledger.queries.aging import age
from ledger.services.payments import receive_payment
from tests.collections.conftest import START, after, another
from tests.factories.ledger import PatientAccount, visit_on

D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_books")]


@pytest.fixture
def practice_month(acct: PatientAccount) -> PatientAccount:
    """150 at the payer, 60 due from a patient, 40 on a plan, 25 credit."""
    old = visit_on(acct, START - timedelta(days=100))
    acct.charge("150.00", visit=old, service_date=old.service_date)
    acct.owed("60.00")
    planned = acct.owed("40.00")
    open_plan(guarantor=acct.guarantor, parts=1, lines=[(planned, D("40.00"))], by=None)
    return acct


def amounts(**of: object) -> dict[str, Decimal]:
    return {s.bucket: s.amount for s in AgingSnapshot.objects.filter(**of)}


def test_snapshot_keeps_side_clock_and_bucket(practice_month: PatientAccount):
    age_receivables(day=START)

    assert amounts(side="insurance", anchor="service", payer=practice_month.payer) == {"91-120": D("150.00")}
    assert amounts(side="insurance", anchor="first_bill") == {"0-30": D("150.00")}
    assert amounts(side="patient", anchor="responsibility") == {"0-30": D("60.00"), "on plan": D("40.00")}


def test_snapshot_again_is_the_same_snapshot(practice_month: PatientAccount):
    first = age_receivables(day=START)
    again = age_receivables(day=START)

    assert first == again
    assert AgingSnapshot.objects.count() == first["rows"]


def test_snapshot_of_a_night_that_was_missed_is_what_stood_then(practice_month: PatientAccount):
    with after(1):
        practice_month.owed("500.00")
    with after(9):
        age_receivables(day=START)
        age_receivables(day=START + timedelta(days=1))

    assert amounts(side="patient", anchor="responsibility", as_of=START)["0-30"] == D("60.00")
    assert amounts(side="patient", anchor="responsibility", as_of=START + timedelta(days=1))["0-30"] == D("560.00")


def test_snapshot_adds_up_to_the_ledger(practice_month: PatientAccount):
    with after(45):
        age_receivables(day=START + timedelta(days=45))
        for side in ("insurance", "patient"):
            for anchor in ("service", "first_bill", "responsibility"):
                kept = AgingSnapshot.objects.filter(side=side, anchor=anchor).aggregate(s=Sum("amount"))["s"]

                assert kept == age(side=side, anchor=anchor)[-1].total  # type: ignore[arg-type]


def test_page_rows_by_payer_carry_the_patients_as_one_row(practice_month: PatientAccount):
    aged = aged_by_payer("service")

    assert [(r.name, r.row.total) for r in aged.rows] == [
        (practice_month.payer.name, D("150.00")), ("Patient balances", D("100.00")),
    ]  # fmt: skip
    assert (aged.total.row.total, aged.total.over_90, aged.total.over_90_percent) == (D("250.00"), D("150.00"), 71)


def test_page_rows_by_patient_name_the_guarantors(practice_month: PatientAccount):
    other = another(practice_month)
    other.owed("99.00")

    aged = aged_by_patient("responsibility")

    assert [(r.guarantor_id, r.row.total) for r in aged.rows] == [
        (practice_month.guarantor.pk, D("100.00")), (other.guarantor.pk, D("99.00")),
    ]  # fmt: skip


def test_first_bill_clock_of_a_patient_starts_with_the_first_statement(acct: PatientAccount):
    with after(0):
        acct.owed("60.00")
    with after(40):
        issue_statement(guarantor=acct.guarantor, by=None)
    with after(75):
        by_bill = aged_by_patient("first_bill").total.row.buckets
        by_debt = aged_by_patient("responsibility").total.row.buckets

    assert (by_bill["31-60"], by_debt["61-90"]) == (D("60.00"), D("60.00"))


def test_days_in_ar_is_receivables_over_a_days_charges(practice_month: PatientAccount):
    total = aged_by_payer("service").total.row

    assert total.total == D("250.00")
    assert days_in_ar(total) == D("225.0")  # 250 over (60 + 40 in 90 days) / 90; the 150 are 100 days old


def test_bars_are_as_long_as_their_amounts(practice_month: PatientAccount):
    chart = stacked(aged_by_payer("service").rows)

    assert chart is not None
    (payer,), (patients,) = (row.bars for row in chart.rows)
    assert (payer.look, patients.look) == ("b4", "b1")
    assert (Decimal(payer.width) + D("1.5")) / (Decimal(patients.width) + D("1.5")) == pytest.approx(D("2.5"))
    assert payer.says.endswith("91–120 days: $150")


def test_the_scale_reaches_past_the_longest_bar(acct: PatientAccount):
    acct.charge("155.00", visit=visit_on(acct, START), service_date=START)

    chart = stacked(aged_by_payer("service").rows)

    assert chart is not None
    assert chart.ticks[-1][1] == "$200"
    assert Decimal(chart.rows[0].bars[0].width) < D("620") * 155 / 200


def test_nothing_owed_draws_nothing():
    assert stacked([]) is None
    assert trend([]) == []


def test_trend_shows_the_last_night_of_each_month(practice_month: PatientAccount):
    for n in (0, 1, 35):
        with after(n):
            age_receivables(day=START + timedelta(days=n))

    months = months_before("service", patients_only=False)

    assert [m.as_of for m in months] == [START + timedelta(days=1), START + timedelta(days=35)]
    assert [c.month for c in trend(months)] == ["Mar", "Apr"]


def test_money_that_lies_on_no_line_shows_among_the_credits(acct: PatientAccount):
    acct.owed("60.00")
    receive_payment(
        guarantor=acct.guarantor, amount=D("25.00"), method="cash", kind="copay", key="c1", by=None, visit=acct.visit
    )

    aged = aged_by_payer("responsibility")

    assert (aged.unapplied, aged.credits) == (D("25.00"), D("-25.00"))
    assert aged.total.row.total == D("60.00")
