"""Ready claims leave in one 837P per partner, once; an outside judge accepts every file."""

from datetime import date
from decimal import Decimal

import pytest

from billing.models import ClaimSubmission
from billing.services.charges import ChargeLine, capture_charges
from billing.services.claims import create_claims, hold_claim
from billing.services.submission import submit_claims, submit_one, submit_ready
from clearinghouse.models import Delivery, TradingPartner, Transmission
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, Event, Practice, User, Visit
from insurance.models import PayerRoute
from tests.billing.desk import make_claim, make_partner, make_route
from tests.factories.clinic import CoverageFactory, PatientFactory, PayerFactory, ProviderFactory, VisitFactory
from tests.x12.pyx12_judge import judge
from x12.claim_837p import read_batch
from x12.envelope import EnvelopeReader

pytestmark = pytest.mark.usefixtures("morning", "fees")
Status = Claim.Status


def text_of(file: Transmission) -> str:
    return bytes(file.payload).decode("ascii")


def claims_in(file: Transmission) -> list[str]:
    (batch,) = [read_batch(transaction) for transaction in EnvelopeReader(bytes(file.payload))]
    return [claim.patient_control_number for claim in batch.claims]


def another_claim(visit: Visit, coverage: Coverage, **patient: object) -> Claim:
    person = PatientFactory(**patient)
    CoverageFactory(patient=person, payer=coverage.payer)
    return make_claim(VisitFactory(patient=person, provider=visit.provider), "G0439")


def test_all_ready_claims_of_a_partner_go_in_one_file_that_the_judge_accepts(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    claims = [make_claim(visit, "G0439", "G0328"), another_claim(visit, coverage, last_name="Núñez*Ruiz")]

    sent = submit_ready()

    (file,) = sent.files
    assert sent.claims == 2
    assert claims_in(file) == [c.control_number for c in claims]
    assert judge(text_of(file)) == []
    assert "NUNEZ RUIZ" in text_of(file)
    assert Delivery.objects.get().transmission == file


def test_a_sent_claim_keeps_its_file_its_numbers_and_its_first_bill_date(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    claim = make_claim(visit, "G0439")

    submit_ready()

    claim.refresh_from_db()
    sending = ClaimSubmission.objects.get()
    assert (claim.status, claim.first_billed_on) == (Status.SUBMITTED, date(2026, 3, 5))
    assert (sending.interchange_number, sending.group_number, sending.transaction_number, sending.attempt) == (
        "000000001", "1", "0001", 1,
    )  # fmt: skip
    assert sending.content["lines"][0]["code"] == "G0439"
    assert Event.objects.filter(kind="claim.submitted", record_id=claim.pk).count() == 1


def test_a_second_turn_sends_nothing(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    make_claim(visit, "G0439")

    submit_ready()
    again = submit_ready()

    assert (again.files, again.claims) == ([], 0)
    assert Transmission.objects.count() == 1


def test_the_same_batch_key_is_the_same_file_and_moves_nothing(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    first, other = make_claim(visit, "G0439"), another_claim(visit, coverage)
    file = submit_claims(partner=partner, claims=[first], by=None, key="batch-1")

    again = submit_claims(partner=partner, claims=[other], by=None, key="batch-1")

    other.refresh_from_db()
    assert again == file
    assert other.status == Status.READY
    assert ClaimSubmission.objects.count() == 1


def test_a_claim_the_writer_refuses_goes_back_and_the_others_leave(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    good, bad = make_claim(visit, "G0439"), another_claim(visit, coverage)
    Claim.objects.filter(pk=bad.pk).update(total=Decimal("151.00"))

    sent = submit_ready()

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (sent.claims, sent.refused) == (1, 1)
    assert (good.status, bad.status) == (Status.SUBMITTED, Status.EDITS_FAILED)
    assert bad.findings[0]["sentence"] == (
        f"Claim {bad.control_number}: the charge 151.00 is not the sum of its lines, 150.00."
    )
    assert not ClaimSubmission.objects.filter(claim=bad).exists()


def test_two_partners_get_a_file_each_with_their_own_payer_id(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    other_partner = make_partner("Uptown Clearing", "TANDEM2")
    payer = PayerFactory()
    PayerRoute.objects.create(payer=payer, partner=other_partner, payer_id_there="UP77")
    make_claim(visit, "G0439")
    person = PatientFactory()
    CoverageFactory(patient=person, payer=payer)
    make_claim(VisitFactory(patient=person, provider=visit.provider), "G0101")

    sent = submit_ready()

    assert {f.partner_id for f in sent.files} == {partner.pk, other_partner.pk}
    theirs = next(f for f in sent.files if f.partner == other_partner)
    assert "UP77" in text_of(theirs)


def test_a_payer_with_two_partners_is_sent_by_one(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    make_route(coverage.payer, make_partner("Uptown Clearing", "TANDEM2"))
    make_claim(visit, "G0439")

    sent = submit_ready()

    assert [f.partner for f in sent.files] == [partner]


def test_a_held_claim_stays(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    hold_claim(claim=make_claim(visit, "G0439"), reason="asked the clinician", by=None)

    assert submit_ready().claims == 0


def test_a_dependents_claim_is_accepted_by_the_judge(visit: Visit, partner: TradingPartner, coverage: Coverage) -> None:
    Coverage.objects.filter(pk=coverage.pk).update(
        relationship="19", subscriber_first_name="Ada", subscriber_last_name="Jensen",
        subscriber_birth_date=date(1950, 1, 1), subscriber_sex="F", group_number="G77",
    )  # fmt: skip
    make_claim(visit, "G0439")

    (file,) = submit_ready().files

    assert judge(text_of(file)) == []
    assert "PAT*19" in text_of(file)


def test_everything_a_claim_may_carry_is_accepted_by_the_judge(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    secondary = PayerFactory()
    CoverageFactory(patient=visit.patient, payer=secondary, order=2)
    visit.location.line1 = "9 Branch Road"
    visit.location.save()
    Visit.objects.filter(pk=visit.pk).update(
        is_accident=True, accident_state="IL", accident_date=date(2026, 3, 1), referring_provider=ProviderFactory()
    )
    lines = [
        ChargeLine(code="J1100", ndc="00641-0367-21", units=3), ChargeLine(code="81002", modifiers=["QW"]),
        ChargeLine(code="G0101", prior_authorization_number="AUTH-9"),
    ]  # fmt: skip
    capture_charges(visit=Visit.objects.get(pk=visit.pk), diagnoses=["E11.9", "I10"], lines=lines, by=None)
    create_claims(visit=visit, by=None)

    (file,) = submit_ready().files

    text = text_of(file)
    assert judge(text) == []
    for piece in ("LIN**N4*00641036721", "REF*X4*14D0000001", "REF*G1*AUTH-9", "NM1*DN", "NM1*77", "CLM*", "SBR*S*18"):
        assert piece in text


def test_a_person_may_send_one_claim_now(visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User) -> None:
    claim = make_claim(visit, "G0439")

    file = submit_one(claim=claim, by=bill)

    assert claims_in(file) == [claim.control_number]
    with pytest.raises(ClinicError, match="only a ready claim can be sent"):
        submit_one(claim=claim, by=bill)


def test_a_broken_practice_stops_every_claim_with_the_sentence_and_sends_no_file(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    claim = make_claim(visit, "G0439")
    Practice.objects.update(zip_code="60613")

    sent = submit_ready()

    claim.refresh_from_db()
    assert (sent.files, claim.status) == ([], Status.EDITS_FAILED)
    assert "ZIP must have nine digits" in claim.findings[0]["sentence"]
