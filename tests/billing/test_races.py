"""Many hands at once: eight workers leave one claim a visit and send every claim in one file; the books agree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event, Timer
from typing import Any

import pytest
from django.db import connections, transaction

from billing.models import ClaimResponse, ClaimSubmission, Denial, Remittance
from billing.services import denials
from billing.services.charges import ChargeLine, capture_charges, change_charge, void_charge
from billing.services.make import make_due_claims
from billing.services.posting import post_remittance, post_response
from billing.services.submission import submit_ready
from clearinghouse.models import Transmission
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import ChargeItem, Claim, Coverage, Payer, Visit
from ledger.accounts import Account
from ledger.checks import Finding, all_checks
from ledger.models import OpenItem
from ledger.services.journal import lock_accounts
from ledger.services.recoupments import accept_recoupment
from tests.billing.desk import MORNING, make_claim, make_fees, make_partner, make_route
from tests.billing.payer_desk import advice, answer, pay, post, take
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


@pytest.fixture
def claim(payer: Payer) -> Claim:
    """One line of 150.00, before the payer."""
    with clock.at(MORNING):
        coverage: Coverage = CoverageFactory(patient=PatientFactory(), payer=payer)
        made = make_claim(VisitFactory(patient=coverage.patient))
        return made.move_to(Claim.Status.SUBMITTED, by=None)


def waits_to_be_posted(claim: Claim, *lines: tuple[str, str]) -> Remittance:
    """A new check that answers this claim."""
    file = advice([answer(claim, *lines, number="ICN2")], payer_id=claim.payer.payer_id, check="E2")
    row = take(file)[0].remittance
    assert row is not None
    return row


def test_an_answer_is_judged_by_what_is_open_when_its_turn_comes(claim: Claim) -> None:
    with clock.at(MORNING):
        pay(claim, ("110", "CO-45 40"))
        taken_back = advice([], payer_id=claim.payer.payer_id, check="E1", plb="WO OLD 85, L6 INT -85")
        post(take(taken_back))
        check = waits_to_be_posted(claim, ("60", "CO-45 90"))
    accepted = Event()

    def accept() -> None:
        item = OpenItem.objects.get(account=Account.RECOUP)
        with transaction.atomic():
            accept_recoupment(item=item, claim_number=claim.number, key="found", by=None)
            accepted.set()
            Event().wait(1)

    def worker() -> ClaimResponse:
        accepted.wait(5)
        return post_response(response=check.responses.get(), by=None)

    failed = [each for each in at_once(accept, worker) if isinstance(each, Exception)]

    assert failed == []
    assert OpenItem.objects.get(account=Account.INS).balance == Decimal("0.00")


def test_the_desk_and_the_posting_take_a_claim_and_its_account_in_one_order(claim: Claim) -> None:
    with clock.at(MORNING):
        pay(claim, ("0", "PR-27 150"))
        check = waits_to_be_posted(claim, ("110", "CO-45 40"))
    guarantor = claim.visit.guarantor_id
    taken, go = Event(), Event()

    def till() -> None:
        with transaction.atomic():
            lock_accounts([guarantor])
            taken.set()
            go.wait(5)

    def desk() -> None:
        taken.wait(5)
        denials.bill_patient(denial=Denial.objects.get(), by=None, why="no other cover")

    def worker() -> Remittance:
        taken.wait(5)
        Event().wait(0.3)
        Timer(1.5, go.set).start()
        return post_remittance(remittance=check, by=None)

    at_once(till, desk, worker)  # a deadlock would be raised here

    assert Denial.objects.get().status in (Denial.Status.TO_PATIENT, Denial.Status.OVERTURNED)
    assert findings() == []
