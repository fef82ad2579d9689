"""TA1, 999 and 277CA: each applied once, to the sending it is about; rejected is never denied."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest

from billing.models import Acknowledgment, ClaimSubmission
from billing.queries.worklists import no_answer, rejected
from billing.services.inbound import read_mail
from billing.services.resend import resend_rejected
from billing.services.submission import submit_ready
from clearinghouse.models import Mail, TradingPartner
from clearinghouse.services.exchange import keep_inbound
from clinic.models import Claim, Coverage, Event, User, Visit
from tests.billing.desk import make_claim
from tests.factories.clinic import CoverageFactory, PatientFactory, VisitFactory
from x12 import Group, Interchange, Party, TransactionSet, ack_277ca, ack_999, write_interchange
from x12.ack_277ca import AcknowledgedClaim, AcknowledgedProvider, ClaimAcknowledgment, StatusInformation
from x12.ack_277ca import Status as Said
from x12.ack_999 import Context, ElementFault, SegmentFault, SetAcknowledgment, Verdict
from x12.adjudication import Reference

pytestmark = pytest.mark.usefixtures("morning", "fees")
Status = Claim.Status
NOON = datetime(2026, 3, 5, 12, 0)
PAYER = Party("PR", False, "LAKESHORE HEALTH", identifier_qualifier="PI", identifier="LSH")
US = Party("41", False, "LAKEVIEW FAMILY CLINIC", identifier_qualifier="46", identifier="TANDEM")
CLINIC = Party("85", False, "LAKEVIEW FAMILY CLINIC", identifier_qualifier="XX", identifier="1990000010")
KARL = Party("QC", True, "JENSEN", "KARL", identifier_qualifier="MI", identifier="XOF1")
Deliver = Callable[[bytes], Acknowledgment | None]


@pytest.fixture
def sent(visit: Visit, coverage: Coverage, partner: TradingPartner) -> Claim:
    claim = make_claim(visit, "G0439")
    submit_ready()
    claim.refresh_from_db()
    return claim


def envelope(kind: str, version: str, sets: Sequence[TransactionSet], number: int) -> bytes:
    header = Interchange("ZZ", "LAKESIDE", "ZZ", "TANDEM", f"{number:09d}", NOON)
    group = Group(kind, "LAKESIDE", "TANDEM", str(number), NOON, version)
    return write_interchange(header, [(group, sets)]).encode()


def file_999(verdict: Verdict, *, group: str = "1", sets: Sequence[SetAcknowledgment] = (), number: int = 1) -> bytes:
    said = ack_999.Acknowledgment("HC", group, verdict, 1, 1, int(verdict.is_accepted), "005010X222A1", tuple(sets))
    return envelope("FA", ack_999.VERSION, [ack_999.write_acknowledgment(said, control_number="0001")], number)


def file_277ca(
    *claims: tuple[str, str, str],
    number: int = 50,
    batch: str = "0000000011",
    receiver: tuple[StatusInformation, ...] = (
        StatusInformation((Said("A1", "19", "PR"),), on=date(2026, 3, 5), action="WQ"),
    ),
    provider: tuple[StatusInformation, ...] = (),
) -> bytes:
    """`claims`: (control number, category, payer's claim number)."""
    listed = tuple(
        AcknowledgedClaim(
            patient=KARL, control_number=control,
            statuses=(
                StatusInformation(
                    (Said(category, "20" if category in ("A1", "A2") else "562", "85"),), on=date(2026, 3, 5),
                    action="U" if category in ("A3", "A4", "A6", "A7", "A8") else "WQ", amount=Decimal("150.00"),
                ),
            ),
            references=(Reference("1K", payer_number),) if payer_number else (),
        )
        for control, category, payer_number in claims
    )  # fmt: skip
    said = ClaimAcknowledgment(
        source=PAYER, receiver=US, reference_number="R1", created_at=NOON, source_trace="S1", received_on=date(2026, 3, 5),
        processed_on=date(2026, 3, 5), batch_number=batch, statuses=receiver,
        providers=(AcknowledgedProvider(party=CLINIC, trace="0", statuses=provider, claims=listed),),
    )  # fmt: skip
    return envelope(
        "HN", ack_277ca.VERSION, [ack_277ca.write_claim_acknowledgment(said, control_number="0001")], number
    )


def bring(partner: TradingPartner, payload: bytes) -> dict[str, int]:
    keep_inbound(partner=partner, payload=payload, name="in.x12")
    return read_mail()


def status_of(claim: Claim) -> str:
    claim.refresh_from_db()
    return str(claim.status)


def test_an_accepted_999_makes_the_claims_received(sent: Claim, partner: TradingPartner) -> None:
    assert bring(partner, file_999(Verdict.ACCEPTED)) == {"999": 1}

    assert status_of(sent) == Status.RECEIVED
    assert Mail.objects.get().status == Mail.Status.READ


@pytest.mark.parametrize("verdict", [Verdict.REJECTED, Verdict.REJECTED_ASSURANCE])
def test_a_refused_999_is_a_fault_of_the_file_and_no_denial(
    sent: Claim, partner: TradingPartner, verdict: Verdict
) -> None:
    fault = SegmentFault(
        "NM1", 22, "8", "2010BA", contexts=(Context((("CLM01", sent.control_number),)),),
        elements=(ElementFault("7", 9),),
    )  # fmt: skip
    refused = SetAcknowledgment("837", "0001", Verdict.REJECTED, faults=(fault,), errors=("5",))

    bring(partner, file_999(verdict, sets=[refused]))

    assert status_of(sent) == Status.SYNTAX_REJECTED
    (row,) = rejected()
    assert row.reason_sentence == "The file was refused: segment 22, NM109: not an allowed code; segments in error."


def test_a_partly_accepted_999_speaks_set_by_set(sent: Claim, partner: TradingPartner) -> None:
    other = ClaimSubmission.objects.get()
    claim = make_claim(VisitFactory(patient=sent.patient, provider=sent.rendering_provider), "G0101")
    ClaimSubmission.objects.create(
        claim=claim, transmission=other.transmission, attempt=1, interchange_number=other.interchange_number,
        group_number="1", transaction_number="0002", content_sha256="x",
    )  # fmt: skip
    claim.move_to(Status.SUBMITTED, by=None)
    sets = [
        SetAcknowledgment("837", "0001", Verdict.ACCEPTED),
        SetAcknowledgment("837", "0002", Verdict.REJECTED, errors=("4",)),
    ]

    bring(partner, file_999(Verdict.PARTLY_ACCEPTED, sets=sets))

    assert (status_of(sent), status_of(claim)) == (Status.RECEIVED, Status.SYNTAX_REJECTED)


def test_an_acknowledgment_of_no_file_of_ours_is_kept_and_moves_nothing(sent: Claim, partner: TradingPartner) -> None:
    bring(partner, file_999(Verdict.REJECTED, group="77"))

    assert status_of(sent) == Status.SUBMITTED
    assert Acknowledgment.objects.get().verdict == Acknowledgment.Verdict.UNMATCHED


def test_a_refused_interchange_takes_its_claims_back(sent: Claim, partner: TradingPartner) -> None:
    header = Interchange("ZZ", "LAKESIDE", "ZZ", "TANDEM", "000000009", NOON)
    empty = write_interchange(header, []).replace("IEA*0", "TA1*000000001*260305*0900*R*010~IEA*0")

    assert bring(partner, empty.encode()) == {"TA1": 1}

    assert status_of(sent) == Status.SYNTAX_REJECTED


def test_a2_accepts_with_the_payers_number_as_proof_of_timely_filing(sent: Claim, partner: TradingPartner) -> None:
    bring(partner, file_999(Verdict.ACCEPTED))
    bring(partner, file_277ca((sent.control_number, "A1", "")))
    assert status_of(sent) == Status.RECEIVED

    bring(partner, file_277ca((sent.control_number, "A2", "PCN778"), number=51))

    assert status_of(sent) == Status.ACCEPTED
    assert (sent.payer_claim_number, sent.accepted_at is not None) == ("PCN778", True)
    proof = Acknowledgment.objects.get(verdict=Acknowledgment.Verdict.ACCEPTED)
    assert (proof.payer_claim_number, proof.effective_on) == ("PCN778", date(2026, 3, 5))
    assert Event.objects.filter(kind="claim.accepted", record_id=sent.pk).count() == 1


@pytest.mark.parametrize("category", ["A3", "A6", "A7", "A8"])
def test_a_front_end_rejection_is_rejected_with_its_reason(sent: Claim, partner: TradingPartner, category: str) -> None:
    bring(partner, file_277ca((sent.control_number, category, "")))

    assert status_of(sent) == Status.REJECTED
    (row,) = rejected()
    assert row.reason_sentence.endswith("(billing provider)")
    assert Event.objects.filter(kind="claim.rejected", record_id=sent.pk).count() == 1
    assert not Event.objects.filter(kind="claim.denied").exists()


def test_not_found_asks_before_sending_again_and_moves_nothing(sent: Claim, partner: TradingPartner) -> None:
    bring(partner, file_277ca((sent.control_number, "A4", "")))

    assert status_of(sent) == Status.SUBMITTED
    assert [claim.pk for claim in no_answer()] == [sent.pk]


@pytest.mark.parametrize("category", ["F2", "P1", "R4", "E1"])
def test_categories_that_break_the_guide_only_warn(sent: Claim, partner: TradingPartner, category: str) -> None:
    bring(partner, file_277ca((sent.control_number, category, "")))

    assert status_of(sent) == Status.SUBMITTED
    assert Acknowledgment.objects.get().verdict == Acknowledgment.Verdict.NOTED


@pytest.mark.parametrize("level", ["receiver", "provider"])
def test_a_rejection_above_the_claims_rejects_every_claim_of_the_file(
    visit: Visit, coverage: Coverage, partner: TradingPartner, level: str
) -> None:
    first = make_claim(visit, "G0439")
    person = PatientFactory()
    CoverageFactory(patient=person, payer=coverage.payer)
    second = make_claim(VisitFactory(patient=person, provider=visit.provider), "G0439")
    submit_ready()
    refusal = (StatusInformation((Said("A3", "24", "85"),), on=date(2026, 3, 5), action="U"),)

    bring(
        partner,
        file_277ca(receiver=refusal) if level == "receiver" else file_277ca(provider=refusal),
    )

    assert (status_of(first), status_of(second)) == (Status.REJECTED, Status.REJECTED)


def test_a_file_read_twice_is_applied_once(sent: Claim, partner: TradingPartner, bill: User) -> None:
    payload = file_277ca((sent.control_number, "A7", ""))
    bring(partner, payload)
    assert status_of(sent) == Status.REJECTED

    Mail.objects.update(status=Mail.Status.UNREAD)
    read_mail()
    bring(partner, payload)

    assert Acknowledgment.objects.count() == 1
    assert Event.objects.filter(kind="claim.rejected").count() == 1


def test_a_late_answer_to_an_earlier_sending_moves_nothing(sent: Claim, partner: TradingPartner, bill: User) -> None:
    bring(partner, file_277ca((sent.control_number, "A7", "")))
    sent.refresh_from_db()
    resend_rejected(claim=sent, by=bill, reason="they asked for it", unchanged=True)
    submit_ready()

    bring(partner, file_277ca((sent.control_number, "A3", ""), number=60, batch="0000000011"))
    assert status_of(sent) == Status.SUBMITTED

    bring(partner, file_277ca((sent.control_number, "A2", "PCN9"), number=61, batch="0000000022"))
    assert status_of(sent) == Status.ACCEPTED


def test_a_claim_that_was_answered_by_an_835_is_not_moved_back(sent: Claim, partner: TradingPartner) -> None:
    sent.move_to(Status.PAID, by=None)

    bring(partner, file_277ca((sent.control_number, "A3", "")))

    assert status_of(sent) == Status.PAID


def test_a_broken_acknowledgment_is_noted_and_the_others_are_read(sent: Claim, partner: TradingPartner) -> None:
    broken = file_999(Verdict.ACCEPTED).replace(b"AK9*A*1*1*1", b"AK9*Q*1*1*1")
    keep_inbound(partner=partner, payload=broken, name="broken.x12")

    bring(partner, file_999(Verdict.ACCEPTED, number=2))

    assert status_of(sent) == Status.RECEIVED
    assert Acknowledgment.objects.filter(sentence__startswith="Not readable").count() == 1
