"""The front end: the file acknowledged, each claim accepted with a number or sent back with its reason."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from clearinghouse.connect import connect
from clearinghouse.models import TradingPartner
from clearinghouse.services import exchange
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICAID, MEDICARE, PRAIRIE, plant_payers
from clearinghouse.simulator.world import Member
from tests.clearinghouse.clinic_side import MONDAY, claim, line, mail, member, on, payments, send, subscriber
from x12.ack_277ca import ClaimAcknowledgment, ClaimStatus, read_claim_acknowledgments
from x12.ack_999 import Acknowledgment, Verdict, read_acknowledgments
from x12.claim_837p import Claim, Payer
from x12.codes.claim_status import Outcome

pytestmark = pytest.mark.django_db
LATER = date(2026, 4, 30)


@pytest.fixture(autouse=True)
def payers(book: Book) -> None:
    plant_payers(book)


@pytest.fixture
def nina(book: Book) -> Member:
    return book.add_member(member(LAKESHORE, "PPO500"))


def file_answers(day: date = MONDAY) -> list[Acknowledgment]:
    return [each for payload in mail(day, "999") for each in read_acknowledgments(payload)]


def claim_files(day: date = MONDAY) -> list[ClaimAcknowledgment]:
    return [each for payload in mail(day, "277CA") for each in read_claim_acknowledgments(payload)]


def claim_answers(day: date = MONDAY) -> list[ClaimStatus]:
    return [status for each in claim_files(day) for status in each.claim_statuses()]


def reason(status: ClaimStatus) -> str:
    (only,) = status.effective.reasons
    return f"{only.category}:{only.code}:{only.entity}".rstrip(":")


def test_a_readable_file_is_accepted_as_a_whole(partner: TradingPartner, nina: Member) -> None:
    send(partner, claim(nina))

    (answer,) = file_answers()

    assert (answer.verdict, answer.group_number, answer.accepted) == (Verdict.ACCEPTED, "1", 1)


def test_a_broken_file_is_rejected_and_nothing_in_it_goes_further(
    partner: TradingPartner, nina: Member, book: Book
) -> None:
    with on(MONDAY):
        good = send(partner, claim(nina, number="GOOD")).payload
        bad = bytes(good).replace(b"CLM*GOOD*150", b"CLM*BAD*15O").replace(b"000000001", b"000000002")
        exchange.post_file(partner=partner, kind="837P", key="bad", write=lambda _: bad)
        exchange.deliver_due()

    accepted, rejected = file_answers()

    assert (accepted.verdict, rejected.verdict) == (Verdict.ACCEPTED, Verdict.REJECTED)
    assert [f"{f.tag}{e.element:02d}" for f in rejected.sets[0].faults for e in f.elements] == ["CLM02"]
    assert [each.control_number for each in claim_answers(LATER)] == ["GOOD"]
    assert [each.patient_control_number for each in payments(LATER)] == ["GOOD"]


def test_an_accepted_claim_gets_the_payers_number_that_the_835_repeats(partner: TradingPartner, nina: Member) -> None:
    send(partner, claim(nina))

    (file,) = claim_files()
    (accepted,) = file.claim_statuses()
    (paid,) = payments(LATER)

    assert (file.batch_number, file.source.identifier, file.received_on) == ("B1", LAKESHORE, MONDAY)
    assert (accepted.outcome, accepted.control_number, reason(accepted)) == (Outcome.ACCEPTED, "C1", "A2:20:PR")
    assert accepted.claim.payer_claim_number == paid.payer_claim_number


def test_each_payer_answers_for_its_own_claims(partner: TradingPartner, nina: Member, book: Book) -> None:
    emil = book.add_member(member(PRAIRIE, "CLASSIC", first_name="EMIL"))
    send(partner, claim(nina, number="A"), claim(emil, number="B"))

    first_day = claim_files(MONDAY)
    second_day = claim_files(date(2026, 3, 3))

    assert [(f.source.identifier, len(f.claims)) for f in first_day] == [(LAKESHORE, 1)]
    assert [(f.source.identifier, len(f.claims)) for f in second_day] == [(PRAIRIE, 1)]


def rejected_and_unpaid(partner: TradingPartner, sent: Claim) -> str:
    send(partner, sent, day=date(2026, 3, 3))
    (status,) = claim_answers(date(2026, 3, 6))
    assert status.outcome is Outcome.REJECTED
    assert payments(LATER) == []
    return reason(status)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"member_id": "M999"}, "A7:33:IL"), ({"last_name": "QUIST"}, "A7:125:IL")],
)
def test_a_wrong_identity_is_sent_back(
    partner: TradingPartner, nina: Member, changes: dict[str, Any], expected: str
) -> None:
    assert rejected_and_unpaid(partner, claim(nina, subscriber=subscriber(nina, **changes))) == expected


def test_an_unknown_payer_is_sent_back_by_the_clearinghouse(partner: TradingPartner, nina: Member) -> None:
    assert rejected_and_unpaid(partner, claim(nina, payer=Payer(name="NOBODY", identifier="NOBDY"))) == "A3:116:PR"


def test_a_service_in_the_future_is_sent_back(partner: TradingPartner, nina: Member) -> None:
    tomorrow = date(2026, 3, 9)

    assert rejected_and_unpaid(partner, claim(nina, line(first_day=tomorrow, last_day=tomorrow))) == "A7:187"


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("Z0213", {"rendering_provider": None}, "A6:562:82"),
        ("G0328", {}, "A6:142:85"),
        ("J1885", {}, "A6:218"),
    ],
)
def test_a_missing_element_is_sent_back_where_that_is_the_habit(
    partner: TradingPartner, book: Book, code: str, changes: dict[str, Any], expected: str
) -> None:
    ola = book.add_member(member(HARBOR, "HMO"))

    assert rejected_and_unpaid(partner, claim(ola, line(code), **changes)) == expected


@pytest.mark.parametrize("payer_id", [MEDICARE, PRAIRIE])
def test_a_replacement_is_sent_back_by_who_takes_originals_only(
    partner: TradingPartner, book: Book, payer_id: str
) -> None:
    ola = book.add_member(member(payer_id, {MEDICARE: "PARTB", PRAIRIE: "CLASSIC"}[payer_id]))

    assert rejected_and_unpaid(partner, claim(ola, frequency="7", payer_claim_number="X1")) == "A7:535"


def test_a_replacement_of_what_nobody_knows_is_sent_back(partner: TradingPartner, nina: Member) -> None:
    assert rejected_and_unpaid(partner, claim(nina, frequency="7", payer_claim_number="X1")) == "A7:464:PR"


def test_a_replacement_under_another_claims_number_is_sent_back(partner: TradingPartner, nina: Member) -> None:
    send(partner, claim(nina, number="A"), day=date(2026, 2, 27))
    (paid,) = payments(date(2026, 3, 13))
    send(partner, claim(nina, number="B", frequency="7", payer_claim_number=paid.payer_claim_number))

    assert [reason(s) for s in claim_answers(LATER)] == ["A2:20:PR", "A7:464:PR"]


def test_a_replacement_before_the_original_is_decided_is_sent_back(partner: TradingPartner, nina: Member) -> None:
    send(partner, claim(nina))
    (accepted,) = claim_answers()
    send(partner, claim(nina, frequency="7", payer_claim_number=accepted.claim.payer_claim_number))

    (status,) = claim_answers()

    assert (status.outcome, reason(status)) == (Outcome.REJECTED, "A3:464:PR")


def test_two_lines_in_one_replacement_are_sent_back_by_who_wants_one(partner: TradingPartner, book: Book) -> None:
    ola = book.add_member(member(MEDICAID, "STATE"))
    lines = (line(), line("G0444", number=2))

    assert rejected_and_unpaid(partner, claim(ola, *lines, frequency="7", payer_claim_number="X1")) == "A7:535"


def test_a_lost_claim_is_not_among_the_answers(partner: TradingPartner, nina: Member, book: Book) -> None:
    book.change_member(nina, claims_to_lose=1)
    send(partner, claim(nina))

    assert [answer.verdict for answer in file_answers()] == [Verdict.ACCEPTED]
    assert claim_answers(LATER) == []


def test_a_file_that_arrives_twice_is_counted_and_worked_once(
    partner: TradingPartner, nina: Member, book: Book
) -> None:
    file = send(partner, claim(nina))
    with on(MONDAY):
        connect(partner).send(control_number=file.control_number, name="again", payload=bytes(file.payload))

    assert book.duplicates() == 1
    assert len(payments(LATER)) == 1


def test_a_file_without_envelope_is_kept_and_answered_by_nobody(partner: TradingPartner, book: Book) -> None:
    with on(MONDAY):
        exchange.post_file(partner=partner, kind="837P", key="junk", write=lambda _: b"no X12 at all")
        exchange.deliver_due()

    assert book.files.payload(1) == b"no X12 at all"
    assert file_answers(LATER) == []


def test_rejection_costs_no_number_in_the_register(partner: TradingPartner, nina: Member, book: Book) -> None:
    send(partner, claim(nina, subscriber=subscriber(nina, member_id="M9")), claim(replace(nina), number="C2"))

    assert [each.outcome for each in claim_answers()] == [Outcome.REJECTED, Outcome.ACCEPTED]
    assert [each.control_number for each in book.claims.by_control_number("C1")] == []
