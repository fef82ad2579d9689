"""Many hands at once: eight workers leave one claim a visit and send every claim in one file; the books agree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from billing.models import ClaimSubmission
from billing.services.charges import ChargeLine, capture_charges, change_charge, void_charge
from billing.services.make import make_due_claims
from billing.services.submission import submit_ready
from clearinghouse.models import Transmission
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import ChargeItem, Claim, Coverage, Payer, Visit
from ledger.checks import Finding, all_checks
from tests.billing.desk import MORNING, make_fees, make_partner, make_route
from tests.factories.clinic import CoverageFactory, PatientFactory, PayerFactory, ProviderFactory, VisitFactory

WORKERS = 4


@pytest.fixture
def payer(fresh_database: str) -> Payer:
    payer: Payer = PayerFactory()
    make_route(payer, make_partner())
    make_fees()
    return payer


def closed_visits(payer: Payer, count: int) -> list[Visit]:
    provider = ProviderFactory()
    found = []
    for _ in range(count):
        coverage: Coverage = CoverageFactory(patient=PatientFactory(), payer=payer)
        visit: Visit = VisitFactory(patient=coverage.patient, provider=provider)
        capture_charges(visit=visit, diagnoses=["E11.9"], lines=[ChargeLine(code="G0439")], by=None)
        found.append(visit)
    Visit.objects.filter(pk__in=[v.pk for v in found]).update(status=Visit.Status.CLOSED)
    return found


def findings() -> list[Finding]:
    return [finding for check in all_checks().values() for finding in check()]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    def one(act: Callable[[], Any]) -> Any:
        clock.set_to(MORNING)
        try:
            return act()
        except ClinicError as error:
            return error
        finally:
            clock.set_to(None)
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_many_workers_make_one_claim_a_visit_and_send_each_once(payer: Payer) -> None:
    with clock.at(MORNING):
        visits = closed_visits(payer, 12)

    at_once(*[make_due_claims] * WORKERS)
    at_once(*[submit_ready] * WORKERS)

    assert Claim.objects.count() == len(visits)
    assert set(Claim.objects.values_list("status", flat=True)) == {Claim.Status.SUBMITTED}
    assert ClaimSubmission.objects.count() == len(visits)
    files = Transmission.objects.count()
    assert Transmission.objects.values("control_number").distinct().count() == files


def test_two_who_change_and_void_one_charge_leave_the_books_whole(payer: Payer) -> None:
    with clock.at(MORNING):
        closed_visits(payer, 1)
        make_due_claims()
    charge = ChargeItem.objects.get()

    at_once(
        lambda: change_charge(charge=ChargeItem.objects.get(), changes={"units": 2}, by=None),
        lambda: change_charge(charge=ChargeItem.objects.get(), changes={"units": 3}, by=None),
        lambda: void_charge(charge=ChargeItem.objects.get(), reason="not done", by=None),
    )

    charge.refresh_from_db()
    assert charge.is_void
    assert [finding for finding in findings() if finding.cents_off] == []


def test_a_charge_that_is_booked_wrong_is_found(payer: Payer) -> None:
    with clock.at(MORNING):
        closed_visits(payer, 1)
    ChargeItem.objects.update(amount=Decimal("151.00"))

    (finding,) = [f for f in findings() if f.where.startswith("charge ")]

    assert finding.cents_off == Decimal("1.00")
