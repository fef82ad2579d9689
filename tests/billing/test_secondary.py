"""After the first payer, the next: the answer goes along in balance; what was forwarded is not billed again."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.services.secondary import bill_forwarded, create_secondary
from billing.services.submission import submit_ready
from clearinghouse.models import TradingPartner, Transmission
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, User, Visit
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from tests.billing.desk import MORNING, make_claim, make_route
from tests.billing.payer_desk import advice, answer, pay, post, take
from tests.factories.clinic import CoverageFactory, PayerFactory
from tests.x12.pyx12_judge import judge
from x12.claim_837p import Claim as Said
from x12.claim_837p import read_batch
from x12.envelope import EnvelopeReader
from x12.parties import Party

pytestmark = pytest.mark.usefixtures("morning", "fees")
Status = Claim.Status
D = Decimal
ANSWER = (("100.00", "CO-45 20.00, PR-2 30.00"), ("60.00", "CO-45 10.00, PR-3 10.00"))


@pytest.fixture
def second(coverage: Coverage, partner: TradingPartner) -> Coverage:
    payer = PayerFactory()
    make_route(payer, partner)
    return CoverageFactory(patient=coverage.patient, payer=payer, order=2)


@pytest.fixture
def primary(visit: Visit, coverage: Coverage, partner: TradingPartner) -> Claim:
    """Two lines of 150.00 and 80.00, sent."""
    claim = make_claim(visit, "G0439", "G0101")
    submit_ready()
    claim.refresh_from_db()
    return claim


def text_of(file: Transmission) -> str:
    return bytes(file.payload).decode("ascii")


def said_in(file: Transmission) -> Said:
    (batch,) = [read_batch(t) for t in EnvelopeReader(bytes(file.payload))]
    return batch.claims[0]


def secondary_claim(primary: Claim) -> Claim:
    return Claim.objects.get(after=primary)


def test_the_next_payers_claim_carries_the_answer_in_balance(primary: Claim, second: Coverage) -> None:
    with clock.at(MORNING + timedelta(days=20)):
        pay(primary, *ANSWER)
        made = secondary_claim(primary)
        assert (made.status, made.order, made.coverage, made.total) == (Status.READY, 2, second, D("230.00"))
        assert made.file_by == date(2026, 3, 20) + timedelta(days=90)

        (file,) = submit_ready().files

    said = said_in(file)
    (other,) = said.other_coverages
    assert judge(text_of(file)) == []
    assert (said.subscriber.payer_sequence, other.payer_sequence) == ("S", "P")
    assert (other.paid, other.remaining_patient_liability, other.payer_claim_number) == (
        D("160.00"), D("40.00"), "ICN1",
    )  # fmt: skip
    for line, paid in zip(said.lines, (D("100.00"), D("60.00")), strict=True):
        (decision,) = line.adjudications
        assert decision.paid == paid
        assert decision.paid + sum(a.amount for a in decision.adjustments) == line.charge
        assert decision.adjudicated_on == date(2026, 3, 20)


def test_the_receivable_waits_at_the_second_payer_and_not_at_the_patient(
    primary: Claim, second: Coverage, visit: Visit
) -> None:
    pay(primary, *ANSWER)

    assert sum(owed_by_coverage(charge=c, coverage=second) for c in visit.charges.all()) == D("40.00")
    assert owed_by_patient(visit=visit) == D("0.00")


@pytest.mark.parametrize("how", ["status", "carrier", "remark"])
def test_a_forwarded_claim_waits_and_is_not_sent(primary: Claim, second: Coverage, how: str, bill: User) -> None:
    told: dict[str, object] = {
        "status": {"status": "19"},
        "carrier": {"crossover_carrier": Party("TT", False, "NEXT HEALTH", identifier_qualifier="PI", identifier="NX")},
        "remark": {"remarks": ("MA18",)},
    }[how]  # type: ignore[assignment]
    pay(primary, *ANSWER, **told)  # type: ignore[arg-type]

    made = secondary_claim(primary)

    assert made.status == Status.FORWARDED
    assert submit_ready().claims == 0

    bill_forwarded(claim=made, by=bill, reason="they have nothing on file, said Ann")
    assert (made.status, made.findings) == (Status.READY, [])


def test_nothing_left_for_the_next_payer_makes_no_claim(primary: Claim, second: Coverage) -> None:
    pay(primary, ("130.00", "CO-45 20.00"), ("70.00", "CO-45 10.00"))

    assert not Claim.objects.filter(after=primary).exists()


def test_a_denied_claim_does_not_go_on_by_itself(primary: Claim, second: Coverage, bill: User) -> None:
    pay(primary, ("0.00", "CO-16 150.00"), ("0.00", "CO-16 80.00"))

    assert not Claim.objects.filter(after=primary).exists()
    with pytest.raises(ClinicError, match="asked after this one has answered"):
        create_secondary(primary=primary, by=bill)


def test_the_next_claim_is_made_once(primary: Claim, second: Coverage, bill: User) -> None:
    pay(primary, *ANSWER)

    again = create_secondary(primary=primary, by=bill)

    assert again == secondary_claim(primary)


def test_cover_found_after_the_answer_takes_over_what_the_patient_owes(
    primary: Claim, visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    pay(primary, *ANSWER)
    assert owed_by_patient(visit=visit) == D("40.00")
    payer = PayerFactory()
    make_route(payer, partner)
    found = CoverageFactory(patient=coverage.patient, payer=payer, order=2)

    made = create_secondary(primary=primary, by=bill)

    assert (made.status, made.coverage) == (Status.READY, found)
    assert owed_by_patient(visit=visit) == D("0.00")
    assert sum(owed_by_coverage(charge=c, coverage=found) for c in visit.charges.all()) == D("40.00")


def test_without_a_next_coverage_there_is_no_next_claim(primary: Claim, bill: User) -> None:
    pay(primary, *ANSWER)

    with pytest.raises(ClinicError, match="No further coverage was in force"):
        create_secondary(primary=primary, by=bill)


def test_medicare_second_needs_to_know_why(primary: Claim, second: Coverage) -> None:
    payer = second.payer
    payer.is_medicare, payer.filing_indicator = True, "MB"
    payer.save()

    pay(primary, *ANSWER)

    made = secondary_claim(primary)
    assert made.status == Status.EDITS_FAILED
    assert [f["code"] for f in made.findings] == ["medicare_secondary_type"]

    Coverage.objects.filter(pk=second.pk).update(medicare_secondary_type="12")
    create_secondary(primary=primary, by=None)
    (file,) = submit_ready().files
    assert judge(text_of(file)) == []
    assert "SBR*S*18***12****MB" in text_of(file)


def test_an_answer_in_two_parts_is_put_together(primary: Claim, second: Coverage) -> None:
    """One claim may come back as several CLPs, one line each (X12 RFI 137)."""
    whole = answer(primary, *ANSWER)
    parts = [
        replace(whole, lines=(line,), paid=line.paid, charge=line.charge,
                patient_responsibility=sum((a.amount for a in line.adjustments if a.group == "PR"), D("0.00")))
        for line in whole.lines
    ]  # fmt: skip

    post(take(advice(parts, payer_id=primary.payer.payer_id)))

    made = secondary_claim(primary)
    assert made.status == Status.READY
    (file,) = submit_ready().files
    (other,) = said_in(file).other_coverages
    assert other.paid == D("160.00")
    assert judge(text_of(file)) == []
