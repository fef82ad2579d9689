"""The month's visits before they happen: who, when, with whom, for what, and which of them hold a cause."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from clinic import clock
from demo.causes import Planted, quotas
from demo.people import MIX, SELF_PAY

WORKING_DAYS = 21
CERTIFICATE_DAY = 8
"""Working days of the month until the second site's CLIA number is put on file."""
WELL = (("G0439",), "Z00.00", "Annual wellness")
OFFICE = (
    (("Z0213",), "I10", "Office visit"),
    (("Z0212",), "J06.9", "Office visit"),
    (("Z0214", "G0444"), "E11.9", "Office visit"),
    (("Z0213", "G0008"), "Z23", "Office visit"),
    (("Z0203",), "R51.9", "Office visit"),
    (("Z0214",), "M25.561", "Office visit"),
)
REASONS = {
    "Z00.00": "Yearly check-up",
    "I10": "Blood pressure check",
    "J06.9": "Cough and fever",
    "E11.9": "Diabetes follow-up",
    "Z23": "Flu shot",
    "R51.9": "Headaches for two weeks",
    "M25.561": "Right knee hurts",
    "E66.9": "Advice on losing weight",
    "G0168": "Cut on the hand",
    "G0283": "Therapy for the back",
    "G0127": "Nail care",
}
"""What the patient says on the phone when the visit is booked, by the procedure or else by what comes out of it."""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    nth: int
    day: date
    provider: int
    payer_id: str
    codes: tuple[str, ...]
    diagnosis: str
    kind: str
    planted: Planted | None = None
    booked_before: int = 7
    """Days between booking and visit; 0 is a walk-in, whose cover nobody could ask about in time."""
    same_person_as: int | None = None
    """The earlier visit of the same person, where the cause lies in that one."""
    at_west: bool = False
    """At the second site, whose laboratory certificate is not on file yet."""

    @property
    def modifiers(self) -> tuple[str, ...]:
        return self.planted.cause.modifiers if self.planted else ()

    @property
    def reason(self) -> str:
        return REASONS.get(self.codes[0]) or REASONS[self.diagnosis]

    @property
    def cause(self) -> str:
        return self.planted.cause.name if self.planted else ""


def working_days(begins: date) -> list[date]:
    days: list[date] = []
    day = begins
    while len(days) < WORKING_DAYS:
        if clock.is_business_day(day):
            days.append(day)
        day += timedelta(days=1)
    return days


def plan_month(
    *, visits: int, denial_rate: float, begins: date, dice: Random, days: list[date] | None = None
) -> list[PlannedVisit]:
    """`round(rate × insured visits)` of them hold a cause; the seed chooses where, nothing else is left to it.

    `days` share the visits evenly, in place of the month's working days; a day that is named twice gets twice as many.
    """
    days = days or working_days(begins)
    payers = [MIX[n % len(MIX)] for n in range(visits)]
    insured = sum(1 for p in payers if p != SELF_PAY)
    planted = quotas(round(denial_rate * insured))
    slots = [n for n, p in enumerate(payers) if p != SELF_PAY]
    chosen = dict(zip(sorted(dice.sample(slots, len(planted))), planted, strict=True))
    dealt = list(chosen.values())
    dice.shuffle(dealt)
    where = dict(zip(chosen, dealt, strict=True))
    made = []
    for n in range(visits):
        day = days[n * len(days) // visits]
        if n in where and where[n].cause.name == "clia_late":
            day = days[where[n].nth % CERTIFICATE_DAY]
        made.append(_visit(n, day, payers[n], where.get(n), dice))
    return _with_earlier_visits(made)


def _with_earlier_visits(plan: list[PlannedVisit]) -> list[PlannedVisit]:
    """A benefit is used up by an earlier visit of the same person at the same payer: take the nearest healthy one."""
    taken: set[int] = set()
    made = list(plan)
    for visit in plan:
        if visit.cause != "benefit_used":
            continue
        before = [
            v
            for v in made
            if v.planted is None and v.nth not in taken and v.payer_id == visit.payer_id and v.day < visit.day
        ]
        after = [
            v for v in made if v.planted is None and v.nth not in taken and v.payer_id == visit.payer_id and v.day > visit.day
        ]  # fmt: skip
        first = before[-1] if before else None
        if first is None and after:  # too early in the month: the two change days
            other = after[0]
            made[other.nth] = replace(other, day=visit.day)
            made[visit.nth] = replace(visit, day=other.day)
            first = made[other.nth]
        if first is None:
            continue
        taken.add(first.nth)
        made[first.nth] = replace(made[first.nth], codes=WELL[0], diagnosis=WELL[1], kind=WELL[2])
        made[visit.nth] = replace(made[visit.nth], same_person_as=first.nth)
    return made


def _visit(n: int, day: date, payer_id: str, planted: Planted | None, dice: Random) -> PlannedVisit:
    provider = n % 4
    if planted is not None:
        walk_in = planted.escapes and planted.cause.name in ("member_id", "other_primary", "unknown_primary")
        return PlannedVisit(
            n, day, provider, planted.payer, planted.cause.codes, planted.cause.diagnosis,
            "Procedure" if planted.cause.codes[0] in ("G0168", "G0283", "G0127") else "Office visit", planted,
            booked_before=0 if walk_in else 7, at_west=planted.cause.name == "clia_late",
        )  # fmt: skip
    codes, diagnosis, kind = WELL if n % 5 == 4 else OFFICE[dice.randrange(len(OFFICE))]
    return PlannedVisit(n, day, provider, payer_id, codes, diagnosis, kind, booked_before=dice.choice((2, 5, 7, 10)))
