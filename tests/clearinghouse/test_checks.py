"""What stands on a check beside its claims: interest, money taken back, balances carried forward."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import LAKESHORE, MEDICARE, PRAIRIE, plant_payers
from clearinghouse.simulator.world import Member
from tests.clearinghouse.clinic_side import claim, line, member, payments, remittances, send, told
from x12.remittance_835 import Remittance

pytestmark = pytest.mark.django_db
ENDED, KNOWN = date(2026, 2, 15), date(2026, 4, 6)
APRIL, MAY, JUNE = date(2026, 4, 30), date(2026, 5, 4), date(2026, 6, 30)


@pytest.fixture(autouse=True)
def payers(book: Book) -> None:
    plant_payers(book)


def kept(check: Remittance) -> list[tuple[str, str, Decimal]]:
    return [(each.code, each.reference, each.amount) for each in check.provider_adjustments]


def covered_too_long(book: Book, payer_id: str, plan_id: str) -> Member:
    """The payer learns on 6 April that cover had ended on 15 February."""
    return book.add_member(member(payer_id, plan_id, ends_on=ENDED, ended_known_on=KNOWN))


def test_late_payment_brings_interest_beside_the_claim(partner: TradingPartner, book: Book) -> None:
    payer = book.payer(LAKESHORE)
    assert payer is not None
    book.add_payer(replace(payer, habits=replace(payer.habits, payment_days=59)))
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(nina))

    (check,) = remittances(APRIL)

    assert check.paid_on == APRIL  # 59 days after receipt: 29 days late
    assert check.claims[0].interest == Decimal("0.66")
    assert kept(check) == [("L6", check.claims[0].payer_claim_number, Decimal("-0.66"))]
    assert check.payment_amount == Decimal("83.76")


def test_announced_takeback_reverses_now_and_keeps_from_a_later_check(partner: TradingPartner, book: Book) -> None:
    nina = covered_too_long(book, LAKESHORE, "PPO500")
    send(partner, claim(nina))
    first, announced = remittances(APRIL)
    other = book.add_member(member(LAKESHORE, "PPO500", member_id="M2", first_name="OLA"))
    send(partner, claim(other, line("Z0215", "300.00"), number="B"), day=MAY)
    (taken,) = remittances(JUNE)

    reference = first.claims[0].payer_claim_number
    assert first.payment_amount == Decimal("83.10")
    assert [(p.status, p.paid, told(p)) for p in announced.claims] == [
        ("22", Decimal("-83.10"), ["CO-45 -41.90", "PR-3 -25.00"]),
        ("1", Decimal("0.00"), ["CO-27 150.00"]),
    ]
    assert announced.claims[1].payer_claim_number != reference
    assert (kept(announced), announced.payment_amount) == ([("WO", reference, Decimal("-83.10"))], Decimal("0.00"))
    assert kept(taken) == [("WO", reference, Decimal("83.10"))]
    assert taken.payment_amount == taken.claims[0].paid - Decimal("83.10")


def test_unexplained_takeback_only_makes_the_next_check_smaller(partner: TradingPartner, book: Book) -> None:
    nina = covered_too_long(book, PRAIRIE, "CLASSIC")
    send(partner, claim(nina))
    (first,) = remittances(APRIL)
    other = book.add_member(member(PRAIRIE, "CLASSIC", member_id="M2", first_name="OLA"))
    send(partner, claim(other, line("Z0215", "300.00"), number="B"), day=MAY)

    (smaller,) = remittances(JUNE)

    assert [p.status for p in smaller.claims] == ["1"]
    assert kept(smaller) == [("WO", first.claims[0].payer_claim_number, first.payment_amount)]


def test_negative_rest_is_carried_forward_until_it_is_taken(partner: TradingPartner, book: Book) -> None:
    nina = covered_too_long(book, MEDICARE, "PARTB")
    send(partner, claim(nina, line("G0439", "180.00")))
    first, reversed_check = remittances(APRIL)
    other = book.add_member(member(MEDICARE, "PARTB", member_id="M2", first_name="OLA"))
    send(partner, claim(other, line("Q0091", "60.00"), number="B"), day=MAY)
    send(partner, claim(other, line("G0438", "300.00"), number="C"), day=date(2026, 5, 11))
    small, large = remittances(JUNE)

    owed = first.payment_amount
    assert [p.status for p in reversed_check.claims] == ["22", "1"]
    assert [(code, amount) for code, _, amount in kept(reversed_check)] == [("FB", -owed)]
    assert (small.payment_amount, kept(small)[0][2]) == (Decimal("0.00"), small.claims[0].paid)
    assert kept(large)[0][2] == owed - small.claims[0].paid


def test_takeback_is_worked_once(partner: TradingPartner, book: Book) -> None:
    nina = covered_too_long(book, LAKESHORE, "PPO500")
    send(partner, claim(nina))

    assert len(payments(APRIL)) == 3
    assert payments(JUNE) == []


def test_claims_of_a_day_share_a_check_and_checks_are_numbered(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(nina, number="A"), claim(nina, line("G0439", "180.00"), number="B"))
    send(partner, claim(nina, line("G0444", "30.00"), number="C"), day=date(2026, 3, 3))

    first, second = remittances(APRIL)

    assert [len(first.claims), len(second.claims)] == [2, 1]
    assert (first.trace_number, second.trace_number) == ("LHP00000001", "LHP00000002")
    assert first.payee.npi == "1234567893"
    assert first.payer_identifier == "1364000001"


def test_payers_do_not_share_checks(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    emil = book.add_member(member(PRAIRIE, "CLASSIC", first_name="EMIL"))
    send(partner, claim(nina, number="A"), claim(emil, number="B"))

    assert sorted(each.payer.name for each in remittances(APRIL)) == ["Lakeshore Health PPO", "Prairie Mutual"]
