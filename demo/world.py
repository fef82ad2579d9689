"""The demo's ground: practice, staff, hours, payers with their habits, fees. The payers' side lies in their own book."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from django.conf import settings

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import FEES, PAYERS, RULES, SHARE_OF_AVERAGE, plant_payers
from clearinghouse.simulator.world import RuleKind
from clinic.models import Fee, FeeSchedule, Location, Payer, Practice, Provider, User
from clinic.money import to_cents
from clinic.services.staff import ensure_demo_users
from clinic.validators import is_npi
from insurance.models import PayerRoute
from scheduling.models import AppointmentType, Closure, Schedule

MARKUP = Decimal("1.60")
OPENS, LUNCH, AFTERNOON, LAST_HOUR, CLOSES = time(8), time(12), time(13), time(16), time(17)
PROVIDERS = (
    ("Maya", "Okafor", "MD", "207Q00000X"),
    ("Daniel", "Reyes", "DO", "207Q00000X"),
    ("Priya", "Raman", "NP", "363LF0000X"),
    ("Susan", "Whitfield", "PA-C", "363A00000X"),
)
TYPES = (("Office visit", 15, "98", "slate"), ("Annual wellness", 30, "98", "teal"), ("Procedure", 30, "98", "violet"))


@dataclass(frozen=True)
class World:
    practice: Practice
    location: Location
    west: Location
    providers: list[Provider]
    types: dict[str, AppointmentType]
    payers: dict[str, Payer]
    partner: TradingPartner
    users: dict[str, User]


def npi(seed: int) -> str:
    """A made-up NPI whose check digit is right."""
    stem = f"1{seed:08d}"
    return next(stem + digit for digit in "0123456789" if is_npi(stem + digit))


def build_world(book: Book, *, since: date) -> World:
    """Into an empty database and an empty book."""
    practice = Practice.objects.create(
        name="Lakeview Family Clinic", npi=npi(90_000_001), tax_id="361234567", taxonomy="207Q00000X",
        phone="3125550100", line1="100 Harbor Street", city="Chicago", state="IL", zip_code="606130001",
        time_zone=settings.PRACTICE_TIME_ZONE,
    )  # fmt: skip
    location = Location.objects.create(
        practice=practice, name="Lakeview", line1="100 Harbor Street", city="Chicago", state="IL", zip_code="606130001",
        clia_number="14D0000001", phone="3125550100", timezone=settings.PRACTICE_TIME_ZONE,
    )  # fmt: skip
    west = Location.objects.create(
        practice=practice, name="Lakeview West", line1="2200 Harbor Street", city="Chicago", state="IL",
        zip_code="606130002", phone="3125550200", timezone=settings.PRACTICE_TIME_ZONE,
    )  # fmt: skip
    providers = [
        Provider.objects.create(
            npi=npi(50_000_000 + n), first_name=first, last_name=last, credential=credential, taxonomy=taxonomy,
            location=location,
        )
        for n, (first, last, credential, taxonomy) in enumerate(PROVIDERS)
    ]  # fmt: skip
    _hours((location, west), providers, since)
    types = {
        name: AppointmentType.objects.create(
            name=name, minutes=minutes, service_type=service, colour=colour, position=position
        )
        for position, (name, minutes, service, colour) in enumerate(TYPES)
    }
    partner = TradingPartner.objects.create(
        name="Lakeside Clearing", driver=TradingPartner.Driver.SIMULATOR, sender_id="TANDEM", receiver_id="LAKESIDE",
        is_test=True,
    )  # fmt: skip
    payers = _payers(partner)
    _fees(since)
    _contracts(payers, since)
    plant_payers(book)
    users = ensure_demo_users()
    dee = next((u for u in users if u.role == "clinician"), None)
    if dee is not None and dee.provider_id is None:
        dee.provider = providers[0]
        dee.save(update_fields=["provider", "updated_at"])
    return World(practice, location, west, providers, types, payers, partner, {u.role: u for u in users})


def _hours(locations: tuple[Location, Location], providers: list[Provider], since: date) -> None:
    """Everybody at the main site; the last hour of the day at the second."""
    location, west = locations
    stretches = ((location, OPENS, LUNCH), (location, AFTERNOON, LAST_HOUR), (west, LAST_HOUR, CLOSES))
    for provider in providers:
        for weekday in range(5):
            for place, opens, closes in stretches:
                Schedule.objects.create(
                    provider=provider,
                    location=place,
                    weekday=weekday,
                    opens_at=opens,
                    closes_at=closes,
                    starts_on=since,
                )
    Closure.objects.create(
        location=location, kind=Closure.Kind.LUNCH, title="Lunch", starts_on=since, opens_at=LUNCH, closes_at=AFTERNOON
    )


def _payers(partner: TradingPartner) -> dict[str, Payer]:
    made = {}
    for theirs in PAYERS:
        habits = theirs.habits
        payer = Payer.objects.create(
            name=theirs.name, payer_id=theirs.payer_id, filing_indicator=theirs.filing_indicator, line1=theirs.street,
            city=theirs.city, state=theirs.state, zip_code=theirs.zip_code, filing_days=habits.filing_days,
            corrected_days=habits.corrected_days, corrected_clock=habits.corrected_clock,
            replacement=habits.replacement, expected_answer_days=habits.payment_days + 10,
            is_medicare=theirs.is_medicare, is_medicaid=theirs.is_medicaid,
        )  # fmt: skip
        PayerRoute.objects.create(payer=payer, partner=partner, payer_id_there=theirs.payer_id)
        made[theirs.payer_id] = payer
    return made


def _fees(since: date) -> None:
    ours = FeeSchedule.objects.create(name="Our charges", starts_on=since)
    Fee.objects.bulk_create(
        [
            Fee(schedule=ours, code=code, amount=max(to_cents(Decimal(average) * MARKUP), Decimal("2.00")))
            for code, (average, _service, _shares) in FEES.items()
        ]
    )


def _contracts(payers: dict[str, Payer], since: date) -> None:
    """What each payer's contract allows, and which codes it wants to be asked about beforehand."""
    asked = {(payer, code) for payer, kind, code, _value in RULES if kind is RuleKind.AUTHORIZATION}
    for payer_id, payer in payers.items():
        schedule = FeeSchedule.objects.create(name=f"{payer.name} contract", payer=payer, starts_on=since)
        share = SHARE_OF_AVERAGE[payer_id]
        Fee.objects.bulk_create(
            [
                Fee(
                    schedule=schedule, code=code, amount=to_cents(Decimal(average) * share),
                    needs_authorization=(payer_id, code) in asked,
                )
                for code, (average, _service, _shares) in FEES.items()
            ]
        )  # fmt: skip
