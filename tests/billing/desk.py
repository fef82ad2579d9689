"""What most billing tests begin with: a visit checked out, its charges, its claim, and a partner that takes it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from billing.services.charges import ChargeLine, capture_charges
from billing.services.claims import create_claims
from clearinghouse.models import TradingPartner
from clinic.models import Claim, Coverage, FeeSchedule, Payer, Visit
from insurance.models import PayerRoute
from tests.factories.clinic import FeeFactory, FeeScheduleFactory

MORNING = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
FEES = {"G0439": "150.00", "G0101": "80.00", "G0328": "20.00", "J1100": "12.50", "Q0091": "45.00", "81002": "9.00"}


def make_partner(name: str = "Lakeside Clearing", sender: str = "TANDEM") -> TradingPartner:
    return TradingPartner.objects.create(
        name=name, driver=TradingPartner.Driver.SIMULATOR, sender_id=sender, receiver_id="LAKESIDE", is_test=True
    )


def make_route(payer: Payer, partner: TradingPartner) -> PayerRoute:
    return PayerRoute.objects.create(payer=payer, partner=partner, payer_id_there=payer.payer_id)


def make_fees() -> FeeSchedule:
    schedule = FeeScheduleFactory()
    for code, amount in FEES.items():
        FeeFactory(schedule=schedule, code=code, amount=Decimal(amount))
    return schedule


def capture(visit: Visit, *codes: str, diagnoses: Sequence[str] = ("E11.9",)) -> Visit:
    """Charges by code from our fee schedule, all pointing to the first diagnosis."""
    capture_charges(visit=visit, lines=[ChargeLine(code=code) for code in codes], diagnoses=diagnoses, by=None)
    return visit


def make_claim(visit: Visit, *codes: str, diagnoses: Sequence[str] = ("E11.9",)) -> Claim:
    capture(visit, *(codes or ("G0439",)), diagnoses=diagnoses)
    claim = create_claims(visit=visit, by=None)[0]
    claim.refresh_from_db()
    return claim


def secondary_of(coverage: Coverage, payer: Payer, **facts: object) -> Coverage:
    from tests.factories.clinic import CoverageFactory

    return CoverageFactory(patient=coverage.patient, payer=payer, order=2, **facts)
