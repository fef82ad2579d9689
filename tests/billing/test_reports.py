"""The figures of the reports page on a small month worked out by hand."""

import re
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import ClaimSubmission
from billing.reports import report
from billing.services.submission import submit_ready
from clinic import clock
from clinic.models import Claim
from tests.billing.desk import make_claim
from tests.billing.payer_desk import pay
from tests.factories.clinic import CoverageFactory, PatientFactory, VisitFactory

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")


def sent(coverage, provider) -> Claim:
    person = PatientFactory()
    CoverageFactory(patient=person, payer=coverage.payer)
    claim = make_claim(VisitFactory(patient=person, provider=provider), "G0439")
    submit_ready()
    claim.refresh_from_db()
    return claim


@pytest.fixture
def month(coverage, provider):
    """Four claims of 150.00: one paid, one denied and then paid, one denied, one rejected before anybody decided."""
    paid, won, lost, rejected = (sent(coverage, provider) for _ in range(4))
    pay(paid, ("110", "CO-45 40"), check="A")
    pay(won, ("0", "CO-16 150"), check="B")
    pay(lost, ("0", "CO-197 150"), check="C")
    pay(won, ("110", "CO-45 40"), check="D", number="ICN2")
    rejected.move_to(Claim.Status.REJECTED, by=None)
    return clock.today() - timedelta(days=20), clock.today() + timedelta(days=30)


def figures(days):
    return {f.name: (f.value, f.counted) for f in report(*days).figures}


def test_each_rate_follows_its_formula(month):
    assert figures(month) == {
        "Clean-claim rate": (D("75.0"), "3 of 4"),
        "First-pass resolution": (D("33.3"), "1 of 3"),
        "Initial denial rate": (D("66.7"), "2 of 3"),
        "Initial denials, in dollars": (D("66.7"), "$300.00 of $450.00"),
        "Days in A/R": (D("45.0"), "$300.00 owed, $600.00 charged"),
    }


def test_a_claim_sent_twice_was_not_clean(month):
    once, *_, last = ClaimSubmission.objects.order_by("pk")
    ClaimSubmission.objects.create(
        claim=once.claim, transmission=last.transmission, attempt=2,
        interchange_number="9", group_number="9", transaction_number="9", content_sha256="x",
    )  # fmt: skip

    assert figures(month)["Clean-claim rate"] == (D("50.0"), "2 of 4")


def test_denials_by_category_payer_and_month_tell_what_came_back(month, coverage):
    shown = report(*month)

    assert [(r.name, r.count, r.amount, r.recovered, r.open_amount) for r in shown.by_category] == [
        ("Missing information", 1, D("150.00"), D("150.00"), D("0.00")),
        ("Prior authorization", 1, D("150.00"), D("0.00"), D("150.00")),
    ]
    assert [(r.name, r.count) for r in shown.by_payer] == [(coverage.payer.name, 2)]
    assert [(r.name, r.count) for r in shown.by_month] == [("March 2026", 2)]


def test_with_nothing_to_divide_by_a_rate_is_no_number(coverage):
    shown = report(clock.today(), clock.today())

    assert {f.value for f in shown.figures} == {None}


def test_the_page_has_figure_formula_chart_and_table(month, bill):
    client = Client()
    client.force_login(bill)
    first, last = (day.isoformat() for day in month)

    answer = client.get(reverse("billing:reports"), {"first": first, "last": last})

    html = answer.content.decode()
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "33.3%" in page
    assert "= claims that the first 835 resolved (paid or patient&#x27;s share, no denial) ÷ claims adjudicated" in page
    assert html.index('<svg class="chart"') < html.index("Denials by category")


def test_days_in_the_wrong_order_are_told(month, bill):
    client = Client()
    client.force_login(bill)

    answer = client.get(reverse("billing:reports"), {"first": "2026-03-05", "last": "2026-03-01"})

    assert "The first day lies after the last." in answer.content.decode()


def test_the_page_costs_the_same_for_a_fuller_month(month, coverage, provider, bill):
    client = Client()
    client.force_login(bill)
    url = reverse("billing:reports")

    def cost() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    before = cost()
    for n in range(2):
        pay(sent(coverage, provider), ("0", "CO-29 150"), check=f"M{n}")

    assert cost() == before


def test_a_collector_sees_no_billing_report(cora):
    client = Client()
    client.force_login(cora)

    assert client.get(reverse("billing:reports")).status_code == 403
