"""Each answer of a payer has its cause in the book or on the claim. One test for each rule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICAID, MEDICARE, PRAIRIE, plant_payers
from clearinghouse.simulator.world import AuthorizationOnFile, OtherCover
from tests.clearinghouse.clinic_side import (
    DOCTOR,
    MONDAY,
    claim,
    line,
    member,
    payments,
    remarks,
    remittances,
    send,
    subscriber,
    told,
)
from x12.claim_837p import Drug, Provider, ServiceLine
from x12.remittance_835 import ClaimPayment

pytestmark = pytest.mark.django_db
LATER = date(2026, 4, 30)
REFERRER = Provider(last_name="REED", first_name="ROY", npi="1234567893")


@pytest.fixture(autouse=True)
def payers(book: Book) -> None:
    plant_payers(book)


@pytest.fixture
def decide(partner: TradingPartner, book: Book) -> Any:
    """Send one claim of one new member and give the payer's answer."""

    def sent(
        payer_id: str, plan_id: str, *lines: ServiceLine, about: dict[str, Any] | None = None, **changes: Any
    ) -> ClaimPayment:
        person = book.add_member(member(payer_id, plan_id, **(about or {})))
        send(partner, claim(person, *lines, **changes))
        (answer,) = payments(LATER)
        return answer

    return sent


def test_visit_with_copay_is_paid_by_fee_less_copay(decide: Any) -> None:
    answer = decide(LAKESHORE, "PPO500", line("Z0213", "150.00"))

    assert (answer.status, answer.paid, answer.patient_responsibility) == ("1", Decimal("83.10"), Decimal("25.00"))
    assert told(answer) == ["CO-45 41.90", "PR-3 25.00"]
    assert answer.lines[0].allowed == Decimal("108.10")
    assert (answer.patient_control_number, answer.lines[0].control_number) == ("C1", "L1")
    assert answer.payer_claim_number != ""


def test_one_copay_for_two_office_services_of_a_visit(decide: Any) -> None:
    answer = decide(LAKESHORE, "PPO500", line("Z0213", "150.00"), line("G0506", "100.00", number=2))

    assert answer.patient_responsibility == Decimal("25.00")


def test_deductible_comes_before_coinsurance(decide: Any) -> None:
    answer = decide(PRAIRIE, "CLASSIC", line("G0168", "90.00"), line("G0403", "400.00", number=2), diagnoses=("J069",))

    assert [told(each) for each in answer.lines][1] == ["CO-45 380.56", "PR-1 19.44"]


def test_deductible_met_leaves_coinsurance(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(MEDICARE, "PARTB"))
    send(partner, claim(person, line("Z0215", "600.00", units=Decimal(2)), number="A"))
    send(partner, claim(person, line("Z0213", "150.00"), number="B"))

    first, second = payments(LATER)

    assert told(first) == ["CO-45 257.76", "CO-253 1.36", "PR-1 257.00", "PR-2 17.05"]
    assert told(second) == ["CO-45 63.52", "CO-253 1.38", "PR-2 17.30"]


def test_all_to_the_deductible_is_paid_zero_and_no_denial(decide: Any) -> None:
    answer = decide(LAKESHORE, "HDHP", line("Z0213", "150.00"))

    assert (answer.status, answer.paid) == ("1", Decimal("0.00"))
    assert told(answer) == ["CO-45 41.90", "PR-1 108.10"]


def test_out_of_pocket_limit_ends_the_patients_share(partner: TradingPartner, book: Book) -> None:
    plan = replace(book.plan(member(LAKESHORE, "PPO500")), out_of_pocket=Decimal("30.00"))
    book.add_plan(plan)
    person = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(person, number="A"))
    send(partner, claim(person, line(first_day=MONDAY, last_day=MONDAY), number="B"))

    first, second = payments(LATER)

    assert (first.patient_responsibility, second.patient_responsibility) == (Decimal("25.00"), Decimal("5.00"))


def test_preventive_service_costs_the_patient_nothing(decide: Any) -> None:
    answer = decide(LAKESHORE, "HDHP", line("G0439", "180.00"))

    assert answer.patient_responsibility == Decimal("0.00")


def test_medicare_withholds_two_percent_of_its_payment(decide: Any) -> None:
    answer = decide(MEDICARE, "PARTB", line("G0439", "180.00"))

    assert told(answer) == ["CO-45 56.72", "CO-253 2.47"]
    assert answer.paid == Decimal("120.81")


def test_a_code_without_fee_is_allowed_at_a_part_of_its_charge(decide: Any) -> None:
    answer = decide(MEDICAID, "STATE", line("G9999", "100.00"))

    assert answer.paid == Decimal("70.00")


def only_denial(answer: ClaimPayment) -> str:
    assert answer.paid == Decimal("0.00")
    (adjustment,) = {(each.group, each.reason) for each in answer.lines[0].adjustments}
    assert sum((each.amount for each in answer.lines[0].adjustments), Decimal(0)) == answer.lines[0].charge
    return "-".join(adjustment)


def test_unknown_member_is_denied_31_with_status_4(decide: Any) -> None:
    stranger = subscriber(member(HARBOR, "HMO"), member_id="M999")

    answer = decide(HARBOR, "HMO", subscriber=stranger)

    assert (only_denial(answer), answer.status) == ("CO-31", "4")


def test_id_of_somebody_else_is_denied_140(decide: Any) -> None:
    other = subscriber(member(HARBOR, "HMO"), last_name="QUIST")

    assert only_denial(decide(HARBOR, "HMO", subscriber=other)) == "CO-140"


@pytest.mark.parametrize(
    ("cover", "reason"),
    [({"ends_on": date(2026, 2, 25)}, "CO-27"), ({"starts_on": date(2026, 2, 27)}, "CO-26")],
)
def test_no_cover_on_the_day_is_denied(decide: Any, cover: dict[str, date], reason: str) -> None:
    assert only_denial(decide(LAKESHORE, "PPO500", about=cover)) == reason


def test_another_primary_is_denied_22_and_named(decide: Any) -> None:
    other = OtherCover(payer_name="Prairie Mutual", payer_id=PRAIRIE)

    answer = decide(LAKESHORE, "PPO500", about={"other_cover": other})

    assert only_denial(answer) == "CO-22"
    assert answer.corrected_payer is not None
    assert answer.corrected_payer.identifier == PRAIRIE


def test_an_advantage_plan_instead_is_denied_24(decide: Any) -> None:
    plan = OtherCover(payer_name="Harbor Advantage HMO", payer_id=HARBOR, replaces_this_payer=True)

    assert only_denial(decide(MEDICARE, "PARTB", about={"other_cover": plan})) == "CO-24"


def test_a_primary_elsewhere_that_has_ended_stops_nothing(decide: Any) -> None:
    other = OtherCover(payer_name="Prairie Mutual", payer_id=PRAIRIE, ends_on=date(2026, 1, 31))

    assert decide(LAKESHORE, "PPO500", about={"other_cover": other}).paid > 0


def test_too_late_is_denied_29(decide: Any) -> None:
    long_ago = date(2025, 10, 30)

    old = line(first_day=long_ago, last_day=long_ago)

    assert only_denial(decide(HARBOR, "HMO", old)) == "CO-29"


@pytest.mark.parametrize(
    ("code", "missing", "remark", "given"),
    [
        ("Z0213", {"rendering_provider": None}, "N290", {"rendering_provider": DOCTOR}),
        ("G0179", {}, "N286", {"referring_provider": REFERRER}),
        ("G0328", {}, "MA120", {"clia_number": "14D0000001"}),
    ],
)
def test_a_missing_element_is_denied_16_with_the_remark_that_names_it(
    decide: Any,
    partner: TradingPartner,
    book: Book,
    code: str,
    missing: dict[str, Any],
    remark: str,
    given: dict[str, Any],
) -> None:
    answer = decide(MEDICARE, "PARTB", line(code), **missing)

    assert only_denial(answer) == "CO-16"
    assert remarks(answer) == {remark, "MA130"}
    (person,) = book.members(MEDICARE)
    send(partner, claim(person, line(code), **given), day=date(2026, 5, 4))
    (corrected,) = payments(date(2026, 6, 30))
    assert "CO-16" not in " ".join(told(corrected))


def test_a_drug_without_its_ndc_is_denied_16_m119(decide: Any) -> None:
    answer = decide(MEDICAID, "STATE", line("J1885", "20.00"))

    assert only_denial(answer) == "CO-16"
    assert remarks(answer) == {"M119"}


def test_a_drug_with_its_ndc_is_paid(decide: Any) -> None:
    drug = Drug(ndc="00409379601", quantity=Decimal(1), unit="ML")

    assert decide(MEDICAID, "STATE", line("J1885", "20.00", drug=drug)).paid > 0


def grant(book: Book, **changes: Any) -> AuthorizationOnFile:
    fields: dict[str, Any] = {
        "payer_id": LAKESHORE, "number": "PA77", "member_id": "M100200300", "code": "G0283",
        "starts_on": date(2026, 1, 1), "ends_on": date(2026, 6, 30), "units": 2,
    }  # fmt: skip
    return book.add_authorization(AuthorizationOnFile(**{**fields, **changes}))


def test_no_authorization_is_denied_197(decide: Any) -> None:
    assert only_denial(decide(LAKESHORE, "PPO500", line("G0283", "40.00"))) == "CO-197"


@pytest.mark.parametrize(
    "other",
    [{"number": "PA78"}, {"member_id": "M2"}, {"code": "G0168"}, {"ends_on": date(2026, 2, 25)}],
    ids=["number", "member", "code", "period"],
)
def test_an_authorization_that_does_not_fit_is_denied_15(decide: Any, book: Book, other: dict[str, Any]) -> None:
    grant(book, **other)

    assert only_denial(decide(LAKESHORE, "PPO500", line("G0283", "40.00"), prior_authorization="PA77")) == "CO-15"


def test_authorized_units_are_paid_until_they_are_used_up(partner: TradingPartner, book: Book) -> None:
    grant(book)
    person = book.add_member(member(LAKESHORE, "PPO500"))
    for day in (23, 24, 25):
        service = line("G0283", "40.00", first_day=date(2026, 2, day), last_day=date(2026, 2, day))
        send(partner, claim(person, service, number=f"C{day}", prior_authorization="PA77"))

    answers = payments(LATER)

    assert ["CO-198" in " ".join(told(each)) for each in answers] == [False, False, True]


@pytest.mark.parametrize(
    ("payer_id", "plan_id", "code", "reason"),
    [
        (LAKESHORE, "PPO500", "A4550", "CO-96"),
        (LAKESHORE, "PPO500", "G0447", "PR-96"),
        (HARBOR, "HMO", "G0402", "PR-204"),
        (MEDICAID, "STATE", "G0168", "CO-252"),
        (LAKESHORE, "PPO500", "G0127", "CO-50"),
    ],
)
def test_a_service_the_payer_does_not_pay(decide: Any, payer_id: str, plan_id: str, code: str, reason: str) -> None:
    answer = decide(payer_id, plan_id, line(code, "200.00"))

    assert only_denial(answer) == reason
    assert remarks(answer)


def test_a_supporting_diagnosis_makes_it_necessary(decide: Any) -> None:
    answer = decide(LAKESHORE, "PPO500", line("G0127", "90.00"), diagnoses=("B351",))

    assert told(answer) == ["CO-45 64.70", "PR-1 25.30"]


def test_bundled_service_is_denied_97_unless_marked_as_its_own(
    decide: Any, partner: TradingPartner, book: Book
) -> None:
    answer = decide(HARBOR, "HMO", line("G0438", "200.00"), line("G2211", "30.00", number=2))

    assert [told(each) for each in answer.lines][1] == ["CO-97 30.00"]
    (person,) = book.members(HARBOR)
    apart = date(2026, 2, 27)
    send(
        partner,
        claim(
            person,
            line("G0438", "200.00", first_day=apart, last_day=apart),
            line("G2211", "30.00", number=2, modifiers=["25"], first_day=apart, last_day=apart),
            number="C2",
        ),
        day=date(2026, 5, 4),
    )
    (second,) = payments(date(2026, 6, 30))
    assert second.lines[1].paid > 0


def test_a_modifier_the_payer_does_not_take_is_denied_4(decide: Any) -> None:
    answer = decide(PRAIRIE, "CLASSIC", line("Q0091", "70.00", modifiers=["25"]))

    assert "CO-4" in " ".join(told(answer))


def test_yearly_limit_is_denied_119(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(person, line("G0439", "180.00"), number="A"))
    again = line("G0439", "180.00", first_day=MONDAY, last_day=MONDAY)
    send(partner, claim(person, again, number="B"))

    first, second = payments(LATER)

    assert first.paid > 0
    assert only_denial(second) == "PR-119"


def test_the_same_service_again_is_denied_18_and_paid_once(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(person, number="A"))
    send(partner, claim(person, number="A"))

    first, second = payments(LATER)

    assert first.paid > 0
    assert only_denial(second) == "OA-18"


def test_another_modifier_is_another_service(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(person, number="A"))
    send(partner, claim(person, line(modifiers=["25"]), number="B"))

    assert all(each.paid > 0 for each in payments(LATER))


def test_a_payer_may_show_the_contractual_part_beside_its_denial(decide: Any) -> None:
    answer = decide(PRAIRIE, "CLASSIC", line("G0168", "90.00"))

    assert told(answer) == ["CO-252 62.64", "CO-45 27.36"]


def test_medicaid_answers_line_by_line_under_one_claim_number(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(MEDICAID, "STATE"))
    send(partner, claim(person, line(), line("G0444", "30.00", number=2)))

    first, second = payments(LATER)

    assert (first.patient_control_number, first.payer_claim_number) == (
        second.patient_control_number, second.payer_claim_number,
    )  # fmt: skip
    assert (len(first.lines), len(second.lines)) == (1, 1)


def test_payment_comes_on_the_payers_own_day(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(PRAIRIE, "CLASSIC"))
    send(partner, claim(person), day=MONDAY)

    (check,) = remittances(LATER)

    assert check.paid_on is not None
    assert (check.paid_on, check.paid_on.strftime("%A")) == (date(2026, 3, 19), "Thursday")
    assert (check.method, check.payment_amount) == ("CHK", check.claims[0].paid)


def test_a_check_over_nothing_is_no_payment(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(LAKESHORE, "HDHP"))
    send(partner, claim(person))

    (check,) = remittances(LATER)

    assert (check.method, check.payment_amount) == ("NON", Decimal("0.00"))


def test_days_before_the_payment_day_bring_nothing(partner: TradingPartner, book: Book) -> None:
    person = book.add_member(member(LAKESHORE, "PPO500"))
    send(partner, claim(person), day=MONDAY)

    assert remittances(date(2026, 3, 11)) == []
    assert len(remittances(date(2026, 3, 12))) == 1
    assert remittances(date(2026, 3, 13)) == []
