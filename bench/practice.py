"""One generator of a big practice: a million claims, a million open items, and a full day of fifty providers.

Rows are made by the server (`INSERT ... SELECT generate_series`), every trigger, constraint and index in place: the
journal's guards hold here as anywhere, and `verify_ledger` finds nothing. The same size gives the same rows
on every machine. Most claims have one line; those that the 835s answer have three. Kept out: the histories (audit,
events, status changes) of the old rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from bench.harness import ROUNDS, Size
from clinic import clock
from clinic.models import Location, Payer, Practice, Provider, Role, Tick, User
from clinic.validators import is_npi
from scheduling.models import AppointmentType, Closure, Schedule

TODAY = date(2026, 3, 2)
"""The practice's day: a Monday. Benchmarks inside one process stop the clock there at one o'clock."""
SINCE = date(2024, 1, 1)
PAYERS = 20
PROVIDERS = 50
APPOINTMENTS_EACH = 12
LINES_ANSWERED = 3
PAYEE_NPI = "1990000014"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How many rows. Claims are numbered by age, the oldest is 1; the last `batches * answered` are answered by 835s."""

    claims: int
    self_pay: int
    patients: int
    answered: int
    batches: int

    @classmethod
    def of(cls, size: Size) -> "Plan":
        claims = size.of(1_000_000, least=1_000)
        return cls(
            claims=claims, self_pay=claims // 10, patients=size.of(100_000, least=800),
            answered=size.of(10_000, least=20), batches=ROUNDS,
        )  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{self.claims} claims, {self.claims + self.self_pay + 2 * self.batches * self.answered} open items,"
            f" {self.patients} patients"
        )

    def batch(self, number: int) -> range:
        """The claims of one 835."""
        first = self.claims - (self.batches - number) * self.answered + 1
        return range(first, first + self.answered)

    @property
    def first_answered(self) -> int:
        return self.batch(0).start


def moment() -> datetime:
    return clock.at_local(TODAY, time(13))


def generate(plan: Plan, tell: Tell) -> None:
    """Into an empty, migrated database."""
    from bench import practice_money, practice_rows

    with clock.at(moment()):
        _people()
        practice_rows.fill(plan, tell)
        practice_money.fill(plan, tell)
        practice_rows.fill_day()
        practice_rows.settle(tell)


def _people() -> None:
    """The practice, its staff and payers, made through the ORM."""
    practice = Practice.objects.create(
        name="Lakeview Family Clinic", npi=PAYEE_NPI, tax_id="361234567", taxonomy="207Q00000X", phone="3125550100",
        line1="100 Harbor Street", city="Chicago", state="IL", zip_code="606130001",
    )  # fmt: skip
    place = Location.objects.create(
        practice=practice, name="Lakeview", line1="100 Harbor Street", city="Chicago", state="IL",
        zip_code="606130001", clia_number="14D0000001",
    )  # fmt: skip
    _providers(place)
    _payers()
    for username, role in (("fran", Role.FRONT_DESK), ("bill", Role.BILLER), ("mona", Role.BILLING_MANAGER)):
        User.objects.create_user(username, first_name=username.title(), last_name="Bench", role=role)
    for position, (name, minutes) in enumerate((("Follow-up", 15), ("Office visit", 30), ("Procedure", 45))):
        AppointmentType.objects.create(name=name, minutes=minutes, position=position)
    Tick.objects.create(task="bench", ticked_at=clock.now())


def _providers(place: Location) -> None:
    """Fifty who work from eight to five, lunch at noon; tell them apart by NPI order."""
    stems = (f"1{50_000_000 + n:08d}" for n in range(PROVIDERS))
    for n, stem in enumerate(stems):
        npi = next(stem + digit for digit in "0123456789" if is_npi(stem + digit))
        provider = Provider.objects.create(
            npi=npi,
            first_name="Dee",
            last_name=f"Okafor-{n:02d}",
            credential="MD",
            taxonomy="207Q00000X",
            location=place,
        )
        Schedule.objects.bulk_create(
            Schedule(
                provider=provider,
                location=place,
                weekday=weekday,
                opens_at=time(8),
                closes_at=time(17),
                starts_on=SINCE,
            )
            for weekday in range(5)
        )
    Closure.objects.create(
        location=place, kind=Closure.Kind.LUNCH, title="Lunch", starts_on=SINCE, opens_at=time(12), closes_at=time(13)
    )


def _payers() -> None:
    for n in range(PAYERS):
        Payer.objects.create(
            name=f"Lakeshore Health {n:02d}", payer_id=f"LSH{n:02d}", line1="1 Insurance Plaza", city="Chicago",
            state="IL", zip_code="60601",
        )  # fmt: skip


def next_working_day() -> date:
    """The first Monday to Friday after today by the real calendar: what is booked over HTTP lies there."""
    return next(d for d in islice((clock.today() + timedelta(days=n) for n in range(1, 9)), 8) if d.weekday() < 5)
