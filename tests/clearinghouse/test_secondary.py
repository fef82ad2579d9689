"""After the first payer: what the second one pays of what was left, and claims that travel by themselves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, MEDICAID, MEDICARE, MEDIGAP, plant_payers
from clearinghouse.simulator.world import Member
from tests.clearinghouse.clinic_side import claim, line, member, payments, remarks, send, subscriber, told
from x12.adjudication import Adjustment
from x12.claim_837p import Claim, LineAdjudication, OtherCoverage, OtherInsured, Payer, ServiceLine

pytestmark = pytest.mark.django_db
LATER = date(2026, 4, 30)


@pytest.fixture(autouse=True)
def payers(book: Book) -> None:
    plant_payers(book)


def after_medicare(
    person: Member, service: ServiceLine, adjudication: LineAdjudication | None, **changes: object
) -> Claim:
    """The claim to the second payer, with Medicare's answer on its line."""
    other = OtherCoverage(
        payer_sequence="P", relationship="18", filing_indicator="MB", adjudicated_on=date(2026, 2, 27) if adjudication else None,
        insured=OtherInsured(last_name=person.last_name, first_name=person.first_name, member_id="1EG4TE5MK73"),
        payer=Payer(name="FEDERAL PART B", identifier=MEDICARE), paid=adjudication.paid if adjudication else None,
    )  # fmt: skip
    with_answer = replace(service, adjudications=(adjudication,) if adjudication else ())
    return claim(
        person, with_answer, subscriber=subscriber(person, payer_sequence="S"), other_coverages=(other,), **changes
    )


def medicare_said(service: ServiceLine) -> LineAdjudication:
    """200 charged, 94.08 paid: story 4 of the ledger."""
    return LineAdjudication(
        payer_identifier=MEDICARE, paid=Decimal("94.08"), procedure=service.procedure, units=Decimal(1),
        adjustments=(
            Adjustment("CO", "45", Decimal("80.00")), Adjustment("CO", "253", Decimal("1.92")),
            Adjustment("PR", "2", Decimal("24.00")),
        ),
    )  # fmt: skip


def test_a_supplement_pays_what_the_first_payer_left_to_the_patient(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(MEDIGAP, "PLANG"))
    service = line("Z0214", "200.00")
    send(partner, after_medicare(nina, service, medicare_said(service)))

    (answer,) = payments(LATER)

    assert (answer.status, answer.paid) == ("2", Decimal("24.00"))
    assert told(answer) == ["OA-23 176.00"]


def test_medicaid_pays_only_up_to_its_own_fee(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(MEDICAID, "STATE"))
    service = line("Z0214", "200.00")
    send(partner, after_medicare(nina, service, medicare_said(service)))

    (answer,) = payments(LATER)

    assert (answer.status, answer.paid) == ("2", Decimal("0.00"))
    assert told(answer) == ["OA-23 176.00", "CO-45 24.00"]


def test_a_second_payer_without_the_first_ones_answer_denies_16_n4(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(HARBOR, "HMO"))
    send(partner, after_medicare(nina, line("Z0214", "200.00"), None))

    (answer,) = payments(LATER)

    assert told(answer) == ["CO-16 200.00"]
    assert remarks(answer) == {"N4"}


def test_medicare_forwards_to_the_supplement_it_knows_and_that_pays_by_itself(
    partner: TradingPartner, book: Book
) -> None:
    book.add_member(member(MEDIGAP, "PLANG", member_id="GP1"))
    nina = book.add_member(member(MEDICARE, "PARTB", forwards_to=MEDIGAP, forwards_member_id="GP1"))
    send(partner, claim(nina, line("Z0214", "200.00"), number="A"))

    first, second = payments(LATER)

    assert (first.status, first.is_forwarded, remarks(first)) == ("19", True, {"MA18"})
    assert first.crossover_carrier is not None
    assert first.crossover_carrier.identifier == MEDIGAP
    assert (second.status, second.patient_control_number, second.charge) == ("2", "A", Decimal("200.00"))
    assert second.paid == first.patient_responsibility
    assert told(second) == [f"OA-23 {Decimal('200.00') - second.paid}"]


def test_a_denied_claim_is_not_forwarded(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(MEDICARE, "PARTB", forwards_to=MEDIGAP, forwards_member_id="GP1"))
    send(partner, claim(nina, line("A4550", "20.00")))

    (only,) = payments(LATER)

    assert (only.status, only.crossover_carrier) == ("1", None)


def test_a_qualified_beneficiarys_share_carries_its_remark(partner: TradingPartner, book: Book) -> None:
    nina = book.add_member(member(MEDICARE, "PARTB", is_qmb=True))
    send(partner, claim(nina, line("Z0214", "200.00")))

    (answer,) = payments(LATER)

    assert told(answer) == ["CO-45 76.72", "PR-1 123.28"]
    assert remarks(answer) == {"N781"}


def test_the_second_payers_filing_clock_starts_at_the_first_ones_answer(partner: TradingPartner, book: Book) -> None:
    long_ago = date(2025, 8, 1)
    nina = book.add_member(member(HARBOR, "HMO"))
    service = line("Z0214", "200.00", first_day=long_ago, last_day=long_ago)
    send(partner, after_medicare(nina, service, medicare_said(service)))

    (answer,) = payments(LATER)

    assert answer.paid == Decimal("24.00")
