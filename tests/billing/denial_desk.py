"""What tests of denials begin with: a simulated payer's member as our patient, and a denial by an 835 of our making."""

from datetime import date, datetime, timedelta
from typing import Any

from billing.models import Denial
from billing.services.corrections import work_open_denials
from billing.services.submission import submit_ready
from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.world import Member
from clinic import clock
from clinic.models import Claim, Coverage, Patient, Payer, Visit
from insurance.models import PayerRoute
from tests.billing.desk import MORNING, make_claim
from tests.billing.payer_desk import pay
from tests.factories.clinic import CoverageFactory, VisitFactory

LATER = MORNING + timedelta(hours=2)
RIGHT_ID = "M100200300"


def payer_of(book: Book, partner: TradingPartner, payer_id: str, **habits: Any) -> Payer:
    """Our row for a payer of the book, with a way to it."""
    known = book.payer(payer_id)
    assert known is not None
    payer = Payer.objects.create(
        name=known.name, payer_id=payer_id, filing_indicator=known.filing_indicator, is_medicare=known.is_medicare,
        is_medicaid=known.is_medicaid, **habits,
    )  # fmt: skip
    PayerRoute.objects.create(payer=payer, partner=partner, payer_id_there=payer_id)
    return payer


def member_of(patient: Patient, payer_id: str, plan_id: str, **facts: Any) -> Member:
    """How the payer knows our patient; `facts` say otherwise."""
    same = {
        "payer_id": payer_id, "plan_id": plan_id, "member_id": RIGHT_ID, "last_name": patient.last_name.upper(),
        "first_name": patient.first_name.upper(), "birth_date": patient.birth_date, "sex": patient.sex,
        "starts_on": date(2025, 1, 1),
    }  # fmt: skip
    return Member(**{**same, **facts})


def covered(patient: Patient, payer: Payer, member_id: str = RIGHT_ID, order: int = 1) -> Coverage:
    return CoverageFactory(patient=patient, payer=payer, member_id=member_id, order=order)


def seen(coverage: Coverage, provider: Any, **facts: Any) -> Visit:
    return VisitFactory(patient=coverage.patient, provider=provider, **facts)


def sent(visit: Visit, *codes: str, **changes: Any) -> Claim:
    """Before the payer, in a real file. `changes` stand on the claim as it goes out."""
    claim = make_claim(visit, *(codes or ("G0439",)))
    Claim.objects.filter(pk=claim.pk).update(status=Claim.Status.READY, **changes)
    submit_ready()
    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED, claim.findings
    return claim


def denied(claim: Claim, *lines: tuple[str, str], remarks: tuple[str, ...] = (), number: str = "ICN1") -> Denial:
    """By the payer's 835; its first open denial."""
    pay(claim, *lines, check=f"E{claim.number}", remarks=remarks, number=number)
    return Denial.objects.filter(claim=claim).order_by("created_at").select_related("claim").first()  # type: ignore[return-value]


def work(at: datetime = LATER) -> dict[str, int]:
    """The worker's turn."""
    with clock.at(at):
        return work_open_denials()
