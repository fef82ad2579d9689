"""The whole road, walked by the clock against the simulated payers: charge, claim, file, answers, money."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing import tasks
from billing.models import ClaimSubmission
from billing.services.charges import ChargeLine, capture_charges, finish_charges
from billing.services.resend import resend_rejected
from clearinghouse.models import TradingPartner
from clearinghouse.services import exchange
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import LAKESHORE, plant_payers
from clearinghouse.simulator.world import Member
from clinic import clock
from clinic.fields import fingerprint
from clinic.models import Claim, Coverage, Payer, User, Visit
from insurance.models import PayerRoute
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from tests.factories.clinic import CoverageFactory, PatientFactory, VisitFactory

pytestmark = pytest.mark.django_db
Status = Claim.Status
SEEN_ON = date(2026, 2, 26)
MONDAY = date(2026, 3, 2)


@pytest.fixture
def book(tmp_path: Path, settings: Any) -> Iterator[Book]:
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    with Book() as opened:
        plant_payers(opened)
        yield opened


@pytest.fixture
def lakeshore(book: Book) -> Payer:
    payer = Payer.objects.create(name="Lakeshore Health PPO", payer_id=LAKESHORE, filing_indicator="12")
    partner = TradingPartner.objects.create(
        name="Relay Point", driver=TradingPartner.Driver.SIMULATOR, sender_id="TANDEM01", receiver_id="RELAYPOINT"
    )
    PayerRoute.objects.create(payer=payer, partner=partner, payer_id_there=LAKESHORE)
    return payer


@pytest.fixture
def nina(book: Book, lakeshore: Payer) -> Coverage:
    """Her deductible is met; an office visit costs her 25.00."""
    member = book.add_member(
        Member(
            payer_id=LAKESHORE, plan_id="PPO500", member_id="M100200300", last_name="ABARA", first_name="NINA",
            birth_date=date(1980, 5, 17), sex="F", starts_on=date(2025, 1, 1),
        )
    )  # fmt: skip
    patient = PatientFactory(
        first_name=member.first_name.title(), last_name=member.last_name.title(), birth_date=member.birth_date, sex="F"
    )
    return CoverageFactory(patient=patient, payer=lakeshore, member_id="M100200300")


def closed_visit(coverage: Coverage, provider: Any, *codes: tuple[str, str]) -> Visit:
    visit = VisitFactory(patient=coverage.patient, provider=provider, service_date=SEEN_ON, status="checked_out")
    lines = [ChargeLine(code=code, amount=Decimal(amount)) for code, amount in codes]
    capture_charges(visit=visit, diagnoses=["J06.9"], lines=lines, by=None)
    return finish_charges(visit=visit, by=None)


def turn(day: date, at: time = time(9, 30)) -> None:
    """One round of the clock on that day: what the workers do by themselves."""
    with clock.at(clock.at_local(day, at)):
        tasks.make_claims()
        tasks.submit_ready()
        exchange.deliver_due()
        exchange.collect_all()
        tasks.read_mail()
        tasks.post_remittances()


def turns(first: date, days: int) -> None:
    for n in range(days):
        turn(first + timedelta(days=n), time(18, 0))


def the_claim() -> Claim:
    return Claim.objects.get()


def test_a_clean_visit_runs_to_money_without_a_hand(nina: Coverage, provider: Any) -> None:
    visit = closed_visit(nina, provider, ("Z0213", "150.00"))

    turn(MONDAY)
    sent = the_claim()
    assert sent.status in (Status.SUBMITTED, Status.RECEIVED, Status.ACCEPTED)

    turns(MONDAY, 25)

    paid = the_claim()
    charge = visit.charges.get()
    assert paid.status in (Status.PAID, Status.ADJUDICATED)
    assert paid.payer_claim_number
    assert paid.accepted_at is not None
    assert owed_by_coverage(charge=charge, coverage=nina) == Decimal("0.00")
    assert ClaimSubmission.objects.count() == 1
    assert {h.to_status for h in paid.history()} >= {"ready", "submitted", "received", "accepted"}


def test_a_wrong_member_id_is_rejected_corrected_sent_again_as_original_and_paid(
    nina: Coverage, provider: Any, bill: User
) -> None:
    Coverage.objects.filter(pk=nina.pk).update(
        member_id="M999", member_id_fingerprint=fingerprint("M999"), member_id_last4="M999"
    )
    visit = closed_visit(nina, provider, ("Z0213", "150.00"))
    turns(MONDAY, 3)
    rejected = the_claim()
    assert rejected.status == Status.REJECTED
    assert "insured" in rejected.acknowledgments.get(verdict="rejected").sentence  # type: ignore[attr-defined]

    Coverage.objects.filter(pk=nina.pk).update(
        member_id="M100200300", member_id_fingerprint=fingerprint("M100200300"), member_id_last4="0300"
    )
    with clock.at(clock.at_local(date(2026, 3, 5), time(10, 0))):
        resend_rejected(claim=rejected, by=bill, reason="member id from the card")
    turns(date(2026, 3, 5), 25)

    paid = the_claim()
    assert paid.status in (Status.PAID, Status.ADJUDICATED)
    assert (paid.frequency, paid.control_number) == ("1", rejected.control_number)
    assert ClaimSubmission.objects.count() == 2
    assert owed_by_coverage(charge=visit.charges.get(), coverage=nina) == Decimal("0.00")


def test_the_same_day_twice_sends_and_posts_nothing_twice(nina: Coverage, provider: Any, book: Book) -> None:
    visit = closed_visit(nina, provider, ("Z0213", "150.00"))
    turns(MONDAY, 20)
    owed = owed_by_patient(visit=visit)

    turns(MONDAY + timedelta(days=19), 3)

    assert owed_by_patient(visit=visit) == owed
    assert ClaimSubmission.objects.count() == 1
    assert book.duplicates() == 0
