"""Replacements, voids, claims sent anew, and what each payer makes of them by its habit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICAID, MEDICARE, PRAIRIE, plant_payers
from clearinghouse.simulator.world import Habits
from tests.clearinghouse.clinic_side import claim, line, member, payments, remittances, send, told
from x12.claim_837p import Drug

pytestmark = pytest.mark.django_db
LATER, MUCH_LATER = date(2026, 4, 30), date(2026, 6, 30)
MAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def payers(book: Book) -> None:
    plant_payers(book)


def habit(book: Book, payer_id: str, **changes: object) -> None:
    payer = book.payer(payer_id)
    assert payer is not None
    habits: Habits = replace(payer.habits, **changes)  # type: ignore[arg-type]
    book.add_payer(replace(payer, habits=habits))


def test_replacement_of_a_denied_claim_reverses_it_and_pays(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(nina, rendering_provider=None))
    (denied,) = payments(LATER)
    send(partner, claim(nina, frequency="7", payer_claim_number=denied.payer_claim_number), day=MAY)

    reversal, corrected = payments(MUCH_LATER)

    assert (reversal.status, reversal.payer_claim_number) == ("22", denied.payer_claim_number)
    assert told(reversal) == ["CO-16 -150.00"]
    assert (corrected.status, corrected.paid) == ("1", Decimal("83.10"))
    assert corrected.payer_claim_number != denied.payer_claim_number
    assert corrected.patient_control_number == denied.patient_control_number


def test_replacement_at_a_payer_that_only_corrects_shows_no_reversal(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(HARBOR, "HMO"))
    send(partner, claim(nina, line("Z0213", "150.00")))
    (first,) = payments(LATER)
    send(
        partner,
        claim(nina, line("Z0214", "200.00"), frequency="7", payer_claim_number=first.payer_claim_number),
        day=MAY,
    )

    (corrected,) = payments(MUCH_LATER)

    assert (corrected.status, corrected.charge, corrected.frequency) == ("1", Decimal("200.00"), "7")


def test_replacement_of_a_paid_claim_nets_the_check(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(nina, line("Z0213", "150.00")))
    (first,) = payments(LATER)
    send(
        partner,
        claim(nina, line("Z0214", "200.00"), frequency="7", payer_claim_number=first.payer_claim_number),
        day=MAY,
    )

    (check,) = remittances(MUCH_LATER)

    assert [each.paid for each in check.claims] == [Decimal("-83.10"), Decimal("129.10")]
    assert check.payment_amount == Decimal("46.00")


def test_void_takes_the_payment_back_and_carries_the_rest_forward(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(nina, number="A"))
    (first,) = payments(LATER)
    send(partner, claim(nina, number="A", frequency="8", payer_claim_number=first.payer_claim_number), day=MAY)
    (check,) = remittances(MUCH_LATER)
    send(partner, claim(nina, line("Z0215", "300.00"), number="B"), day=date(2026, 7, 1))
    (later,) = remittances(date(2026, 8, 1))

    assert [(each.status, each.paid) for each in check.claims] == [("22", Decimal("-83.10"))]
    assert [(p.code, p.amount) for p in check.provider_adjustments] == [("FB", Decimal("-83.10"))]
    assert check.payment_amount == Decimal("0.00")
    assert [(p.code, p.amount) for p in later.provider_adjustments] == [("FB", Decimal("83.10"))]
    assert later.payment_amount == later.claims[0].paid - Decimal("83.10")


def test_what_a_void_undid_may_be_billed_anew(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(nina, number="A"))
    (first,) = payments(LATER)
    send(partner, claim(nina, number="A", frequency="8", payer_claim_number=first.payer_claim_number), day=MAY)
    payments(MUCH_LATER)
    send(partner, claim(nina, number="B"), day=date(2026, 7, 1))

    (again,) = payments(date(2026, 8, 1))

    assert again.paid > 0


@pytest.mark.parametrize("payer_id", [MEDICARE, PRAIRIE])
def test_a_payer_that_takes_originals_only_never_decides_a_replacement(
    partner: TradingPartner, book: Book, payer_id: str
) -> None:
    nina = book.add_member(member(payer_id, {MEDICARE: "PARTB", PRAIRIE: "CLASSIC"}[payer_id]))
    send(partner, claim(nina))
    (first,) = payments(LATER)
    send(partner, claim(nina, frequency="7", payer_claim_number=first.payer_claim_number), day=MAY)

    assert payments(MUCH_LATER) == []


def test_unprocessable_claim_sent_anew_as_original_is_paid(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(MEDICARE, "PARTB"))
    send(partner, claim(nina, line("G0439", "180.00"), rendering_provider=None))
    (refused,) = payments(LATER)
    send(partner, claim(nina, line("G0439", "180.00")), day=MAY)

    (paid,) = payments(MUCH_LATER)

    assert (refused.paid, paid.paid) == (Decimal("0.00"), Decimal("120.81"))


def test_a_lost_claim_is_never_answered_and_the_same_claim_again_is(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500", claims_to_lose=1))
    send(partner, claim(nina))
    lost = payments(LATER)
    send(partner, claim(nina), day=MAY)

    (found,) = payments(MUCH_LATER)

    assert lost == []
    assert found.paid == Decimal("83.10")


def test_late_replacement_is_denied_by_the_clock_of_corrections(partner: TradingPartner, book: Book) -> None:
    habit(book, LAKESHORE, corrected_days=30, corrected_clock="remit", reversal="correct_only")
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(nina, rendering_provider=None))
    (denied,) = payments(LATER)
    send(partner, claim(nina, frequency="7", payer_claim_number=denied.payer_claim_number), day=MAY)

    (late,) = payments(MUCH_LATER)

    assert told(late) == ["CO-29 150.00"]


def test_a_line_by_line_payer_replaces_the_one_line_and_leaves_the_others(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(MEDICAID, "STATE"))
    injection = line("J1885", "20.00", number=2)
    send(partner, claim(nina, line(), injection))
    visit_paid, injection_denied = payments(LATER)
    drug = Drug(ndc="00409379601", quantity=Decimal(1), unit="ML")
    corrected = claim(
        nina, replace(injection, drug=drug), frequency="7", payer_claim_number=injection_denied.payer_claim_number
    )
    send(partner, corrected, day=MAY)
    send(partner, claim(nina, number="AGAIN"), day=date(2026, 5, 5))

    reversal, injection_paid, visit_again = payments(MUCH_LATER)

    assert visit_paid.paid > 0
    assert (reversal.status, told(reversal)) == ("22", ["CO-16 -20.00"])
    assert injection_paid.paid > 0
    assert told(visit_again) == ["OA-18 150.00"]
