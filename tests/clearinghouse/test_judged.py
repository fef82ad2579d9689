"""Everything the simulated payers write is X12 that others accept: read back by x12, judged by pyx12."""

from datetime import date

import pytest

from clearinghouse.models import TradingPartner, Transmission
from clearinghouse.services import exchange
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICAID, MEDICARE, MEDIGAP, PRAIRIE, plant_payers
from clearinghouse.simulator.world import OtherCover
from tests.clearinghouse.clinic_side import ask, claim, line, member, on, payments, send, subscriber
from tests.x12.pyx12_judge import judge

pytestmark = pytest.mark.django_db
LATER = date(2026, 4, 30)


@pytest.fixture
def a_spring(partner: TradingPartner, book: Book) -> list[Transmission]:
    """Paid, denied, rejected, forwarded, reversed, taken back, asked about: one of each, as it came in."""
    plant_payers(book)
    other = OtherCover(payer_name="Prairie Mutual", payer_id=PRAIRIE)
    nina = book.add_member(member(LAKESHORE, "PPO500", group_number="G77"))
    two = book.add_member(member(LAKESHORE, "PPO500", member_id="M2", first_name="OLA", other_cover=other))
    gone = book.add_member(
        member(
            LAKESHORE,
            "PPO500",
            member_id="M3",
            first_name="IDA",
            ends_on=date(2026, 2, 15),
            ended_known_on=date(2026, 4, 6),
        )
    )
    old = book.add_member(member(MEDICARE, "PARTB", forwards_to=MEDIGAP, forwards_member_id="GP1", is_qmb=True))
    book.add_member(member(MEDIGAP, "PLANG", member_id="GP1"))
    poor = book.add_member(member(MEDICAID, "STATE"))
    emil = book.add_member(member(PRAIRIE, "CLASSIC", first_name="EMIL"))
    hugo = book.add_member(member(HARBOR, "HMO", first_name="HUGO"))
    send(
        partner,
        claim(nina, line(), line("G0444", "30.00", number=2), number="N1"),
        claim(two, number="T1"),
        claim(gone, number="G1"),
        claim(old, line("Z0214", "200.00"), number="O1"),
        claim(poor, line(), line("G0444", "30.00", number=2), number="P1"),
        claim(emil, line("G0168", "90.00"), number="E1"),
        claim(hugo, line("J1885", "9.00"), number="H1"),
        claim(hugo, subscriber=subscriber(hugo, member_id="WRONG"), number="H2"),
    )
    (paid,) = [each for each in payments(LATER) if each.patient_control_number == "N1"]
    send(
        partner, claim(nina, line("Z0214", "190.00"), number="N1", frequency="7", payer_claim_number=paid.payer_claim_number),
        day=date(2026, 5, 4),
    )  # fmt: skip
    for asked in (nina, two, gone, old):
        ask(partner, asked, day=date(2026, 5, 5))
    ask(partner, emil, member_id="WRONG")
    ask(partner, nina, member_id="WRONG")
    with on(date(2026, 6, 30)):
        exchange.collect_all()
    return list(Transmission.objects.filter(direction="in"))


def test_every_kind_is_among_them_and_none_is_unrecognised(a_spring: list[Transmission]) -> None:
    assert {file.kind for file in a_spring} == {"835", "999", "277CA", "271"}


def test_pyx12_accepts_what_the_payers_write(a_spring: list[Transmission]) -> None:
    complaints = {f"{file.kind} {file.pk}": judge(bytes(file.payload).decode("ascii")) for file in a_spring}

    assert {name: found for name, found in complaints.items() if found} == {}
