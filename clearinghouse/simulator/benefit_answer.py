"""The EB segments of a 271: status, cost share with what is left of it, what is not covered, who else pays."""

from collections.abc import Iterator
from datetime import date

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.world import ZERO, Member, OtherCover, RuleKind, SimulatedPayer
from x12.eligibility_270_271 import Benefit, OtherPayer, PlanDate

ACTIVE, INACTIVE = "1", "6"  # EB01
COINSURANCE, COPAY, DEDUCTIBLE, OUT_OF_POCKET, NOT_COVERED, OTHER_PAYER = "A", "B", "C", "G", "I", "R"
PLAN = ("30",)
ALWAYS_TOLD = ("1", "33", "47", "86", "88", "98", "AL", "MH", "UC")  # with 30, by the CORE operating rules
CALENDAR_YEAR, REMAINING, VISIT = "23", "29", "27"  # EB06
IN_NETWORK = "Y"


def benefits_on(book: Book, payer: SimulatedPayer, member: Member, day: date, today: date) -> Iterator[Benefit]:
    """What the payer says of that person's cover on that day, knowing what it knows today."""
    plan = book.plan(member)
    other = member.other_cover
    if not member.covered_on(day, known_on=today):
        yield Benefit(
            information=INACTIVE, level="IND", service_types=PLAN, insurance_type=plan.insurance_type, plan=plan.name
        )
        if other is not None and other.holds_on(day):
            yield _other_payer(other)
        return
    yield Benefit(
        information=ACTIVE, level="IND", service_types=PLAN, insurance_type=plan.insurance_type, plan=plan.name
    )
    yield Benefit(information=ACTIVE, level="IND", service_types=ALWAYS_TOLD, insurance_type=plan.insurance_type)
    if member.is_qmb:
        yield Benefit(information=ACTIVE, level="IND", service_types=PLAN, insurance_type="QM")
    yield from _cost_share(book, member, day)
    yield from _procedures(book, payer, member)
    if other is not None and other.holds_on(day):
        yield _other_payer(other)


def _cost_share(book: Book, member: Member, day: date) -> Iterator[Benefit]:
    plan = book.plan(member)
    deductible_met, share_met = book.claims.met(member.id, day.year, except_claim=0)
    for service_type, copay in sorted(plan.copays.items()):
        yield Benefit(
            information=COPAY, level="IND", service_types=(service_type,), period=VISIT, amount=copay,
            in_network=IN_NETWORK,
        )  # fmt: skip
    yield Benefit(
        information=COINSURANCE, level="IND", service_types=PLAN, percent=plan.coinsurance, in_network=IN_NETWORK
    )
    yearly = [(DEDUCTIBLE, plan.deductible, deductible_met)]
    if plan.out_of_pocket is not None:
        yearly.append((OUT_OF_POCKET, plan.out_of_pocket, share_met))
    for information, total, met in yearly:
        for period, amount in ((CALENDAR_YEAR, total), (REMAINING, max(total - met, ZERO))):
            yield Benefit(
                information=information, level="IND", service_types=PLAN, period=period, amount=amount,
                in_network=IN_NETWORK,
            )  # fmt: skip


def _procedures(book: Book, payer: SimulatedPayer, member: Member) -> Iterator[Benefit]:
    """Codes that are excluded for the patient's account, and codes that need an authorization."""
    for code, group in book.rules_of(payer.payer_id, RuleKind.NOT_COVERED):
        if group == "PR":
            yield Benefit(information=NOT_COVERED, level="IND", procedure=("HC", code))
    for code, plan_id in book.rules_of(payer.payer_id, RuleKind.NOT_IN_PLAN):
        if plan_id == member.plan_id:
            yield Benefit(information=NOT_COVERED, level="IND", procedure=("HC", code))
    for code, _ in book.rules_of(payer.payer_id, RuleKind.AUTHORIZATION):
        yield Benefit(information=ACTIVE, level="IND", needs_authorization="Y", procedure=("HC", code))


def _other_payer(other: OtherCover) -> Benefit:
    dates = () if other.starts_on is None else (PlanDate("291", other.starts_on, other.ends_on),)
    named = OtherPayer(
        role="PRP" if other.is_primary else "SEP", name=other.payer_name, identifier=other.payer_id,
        identifier_qualifier="PI",
    )  # fmt: skip
    return Benefit(information=OTHER_PAYER, level="IND", service_types=PLAN, dates=dates, others=(named,))
