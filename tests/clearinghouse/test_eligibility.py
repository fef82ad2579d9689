"""A 270 gets one of three answers: active with the plan's terms, inactive, or no answer with its reason."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clearinghouse.models import TradingPartner, Transmission
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICARE, PRAIRIE, plant_payers
from clearinghouse.simulator.world import OtherCover
from tests.clearinghouse.clinic_side import MONDAY, ask, claim, line, member, payments, send
from x12.eligibility_270_271 import Benefit, Response

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def payers(book: Book) -> None:
    plant_payers(book)


def found(response: Response, information: str, *, period: str = "") -> list[Benefit]:
    return [b for b in response.benefits if b.information == information and period in ("", b.period)]


def test_active_cover_is_told_with_copay_deductible_coinsurance_and_stop_loss(
    partner: TradingPartner, book: Book
) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))

    answer = ask(partner, nina)

    assert answer.rejections == ()
    assert answer.trace_number == "T1"
    assert found(answer, "1")[0].service_types == ("30",)
    assert [(b.service_types, b.amount) for b in found(answer, "B")] == [
        (("98",), Decimal("25.00")), (("UC",), Decimal("60.00")),
    ]  # fmt: skip
    assert [b.percent for b in found(answer, "A")] == [Decimal("0.20")]
    assert [b.amount for b in found(answer, "C", period="29")] == [Decimal("500.00")]
    assert [b.amount for b in found(answer, "G", period="23")] == [Decimal("4000.00")]


def test_remaining_deductible_falls_with_what_was_decided(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "HDHP"))
    send(partner, claim(nina, line("Z0213", "150.00")))
    (paid,) = payments(date(2026, 3, 20))

    answer = ask(partner, nina, day=date(2026, 3, 20))

    assert paid.patient_responsibility == Decimal("108.10")
    assert found(answer, "C", period="29")[0].amount == Decimal("3000.00") - Decimal("108.10")


def test_ended_cover_is_inactive_and_names_the_policy_that_follows(partner: TradingPartner, book: Book) -> None:
    follows = OtherCover(payer_name="Harbor Advantage HMO", payer_id=HARBOR, starts_on=date(2026, 2, 1))
    nina = book.add_member(member(LAKESHORE, "PPO500", ends_on=date(2026, 1, 31), other_cover=follows))

    answer = ask(partner, nina)

    assert [b.information for b in answer.benefits] == ["6", "R"]
    assert answer.benefits[1].others[0].identifier == HARBOR
    assert [d.qualifier for d in answer.dates] == ["346", "347"]


def test_a_primary_elsewhere_is_told_beside_active_cover(partner: TradingPartner, book: Book) -> None:
    first = OtherCover(payer_name="Lakeshore Health PPO", payer_id=LAKESHORE)
    nina = book.add_member(member(MEDICARE, "PARTB", other_cover=first))

    answer = ask(partner, nina)

    assert found(answer, "1")
    assert [(o.role, o.identifier) for o in found(answer, "R")[0].others] == [("PRP", LAKESHORE)]


def test_a_payer_that_finds_by_name_returns_the_right_id(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))

    answer = ask(partner, nina, member_id="M100200399")

    assert answer.subscriber is not None
    assert (answer.subscriber.member_id, answer.subscriber.is_changed) == ("M100200300", True)
    assert found(answer, "1")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"member_id": "M100200399"}, "72"),
        ({"birth_date": date(1980, 5, 18)}, "71"),
        ({"last_name": "ABARRA"}, "73"),
        ({"member_id": "", "first_name": "ROSE"}, "75"),
        ({"birth_date": None}, "58"),
    ],
)
def test_a_strict_payer_says_what_does_not_fit(
    partner: TradingPartner, book: Book, asked: dict[str, object], reason: str
) -> None:
    nina = book.add_member(member(PRAIRIE, "CLASSIC"))

    answer = ask(partner, nina, **asked)

    assert [(r.level, r.reason) for r in answer.rejections] == [("subscriber", reason)]
    assert answer.benefits == ()


def test_two_people_of_one_name_and_birth_date_are_not_guessed(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))
    book.add_member(replace(nina, member_id="M555"))

    answer = ask(partner, nina, member_id="M9")

    assert [r.reason for r in answer.rejections] == ["68"]


def test_a_payer_whose_system_is_down_is_no_answer(partner: TradingPartner, book: Book) -> None:
    payer = book.payer(LAKESHORE)
    assert payer is not None
    book.add_payer(replace(payer, answers_eligibility=False))
    nina = book.add_member(member(LAKESHORE, "PPO500"))

    answer = ask(partner, nina)

    assert [(r.level, r.reason, r.follow_up) for r in answer.rejections] == [("payer", "42", "R")]


def test_an_end_not_yet_known_is_still_active(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500", ends_on=date(2026, 1, 31), ended_known_on=date(2026, 6, 1)))

    assert found(ask(partner, nina), "1")
    assert found(ask(partner, nina, day=date(2026, 6, 1), service_day=MONDAY), "6")


def test_question_and_answer_are_kept_and_the_same_key_asks_once(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))

    first = ask(partner, nina, key="check-7")
    book.change_member(nina, ends_on=date(2026, 1, 1))
    second = ask(partner, nina, key="check-7")

    assert first == second
    assert sorted(Transmission.objects.values_list("direction", "kind")) == [("in", "271"), ("out", "270")]


def test_what_the_payer_will_not_pay_and_what_needs_asking_is_told_by_code(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(LAKESHORE, "PPO500"))

    answer = ask(partner, nina)

    assert [b.procedure for b in found(answer, "I")] == [("HC", "G0447")]
    assert {b.procedure[1] for b in answer.benefits if b.needs_authorization == "Y"} == {"G0168", "G0283"}
