"""Rejected is not denied: corrected, the claim goes again as an original; unchanged it does not."""

from datetime import timedelta

import pytest

from billing.models import ClaimSubmission
from billing.services.charges import change_charge
from billing.services.rescrub import rescrub_changed
from billing.services.resend import changes_since_sent, resend_rejected, send_again
from billing.services.submission import submit_ready
from clearinghouse.models import TradingPartner
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, Patient, Practice, User, Visit
from tests.billing.desk import MORNING, make_claim

pytestmark = pytest.mark.usefixtures("morning", "fees")
Status = Claim.Status


@pytest.fixture
def rejected(visit: Visit, coverage: Coverage, partner: TradingPartner) -> Claim:
    claim = make_claim(visit, "G0439")
    submit_ready()
    claim.refresh_from_db()
    return claim.move_to(Status.REJECTED, by=None, reason="Rejected: something is wrong: member id")


def test_a_corrected_rejection_goes_again_as_an_original_with_what_changed(rejected: Claim, bill: User) -> None:
    Coverage.objects.filter(pk=rejected.coverage_id).update(member_id_last4="9999", member_id_fingerprint="f" * 64)
    change_charge(charge=rejected.lines.get().charge, changes={"modifiers": ["25"]}, by=bill)
    rejected.refresh_from_db()
    assert rejected.status == Status.REJECTED

    changes = changes_since_sent(rejected)
    resend_rejected(claim=rejected, by=bill, reason="member id from the card")
    submit_ready()

    rejected.refresh_from_db()
    assert [(c.what, c.now) for c in changes] == [
        ("Member id", "…9999 ffffffffffff"), ("Line 1", "G0439-25 1 × $150.00 on 2026-03-02 for 1"),
    ]  # fmt: skip
    assert (rejected.status, rejected.frequency, rejected.original_reference) == (Status.SUBMITTED, "1", "")
    assert rejected.control_number == "C26001"
    assert list(ClaimSubmission.objects.order_by("attempt").values_list("attempt", flat=True)) == [1, 2]


def test_an_unchanged_rejection_is_not_sent_again(rejected: Claim, bill: User) -> None:
    with pytest.raises(ClinicError, match="Nothing has changed since it was rejected"):
        resend_rejected(claim=rejected, by=bill, reason="try again")

    rejected.refresh_from_db()
    assert rejected.status == Status.REJECTED


def test_a_person_may_send_it_unchanged_the_worker_may_not(rejected: Claim, bill: User) -> None:
    with pytest.raises(ClinicError, match="Nothing has changed"):
        resend_rejected(claim=rejected, by=None, reason="again", unchanged=True)

    resend_rejected(claim=rejected, by=bill, reason="their enrolment file was late, said Ann", unchanged=True)

    assert rejected.status == Status.READY


def test_a_correction_that_breaks_something_else_needs_correction(rejected: Claim, bill: User) -> None:
    Patient.objects.filter(pk=rejected.patient_id).update(city="")

    resend_rejected(claim=rejected, by=bill, reason="address")

    assert rejected.status == Status.EDITS_FAILED
    assert rejected.findings[0]["code"] == "patient_address_missing"


def test_only_a_rejected_claim_is_sent_again_as_an_original(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")

    with pytest.raises(ClinicError, match="a denied one is corrected"):
        resend_rejected(claim=claim, by=bill, reason="x")


def test_a_claim_without_any_word_is_sent_again_only_when_overdue(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    submit_ready()
    claim.refresh_from_db()
    with pytest.raises(ClinicError, match="still has time to answer"):
        send_again(claim=claim, by=bill, reason="nervous")

    with clock.at(MORNING + timedelta(days=22)):
        send_again(claim=claim, by=bill, reason="payer has no record, said Ann")

    assert claim.status == Status.READY


def test_a_mended_record_frees_the_claim_by_itself(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    practice = Practice.objects.get()
    practice.zip_code = "60613"
    practice.save()
    claim = make_claim(visit, "G0439")
    assert claim.status == Status.EDITS_FAILED

    with clock.at(MORNING + timedelta(minutes=1)):
        practice.zip_code = "606130001"
        practice.save()
    with clock.at(MORNING + timedelta(minutes=2)):
        assert (rescrub_changed(), rescrub_changed()) == (1, 0)

    claim.refresh_from_db()
    assert claim.status == Status.READY


def test_a_restriction_set_after_the_scrub_stops_the_claim_at_the_door(
    visit: Visit, coverage: Coverage, partner: TradingPartner, patient: Patient
) -> None:
    claim = make_claim(visit, "G0439")
    Patient.objects.filter(pk=patient.pk).update(restricts_disclosure=True)

    sent = submit_ready()

    claim.refresh_from_db()
    assert (sent.files, claim.status) == ([], Status.EDITS_FAILED)
    assert not ClaimSubmission.objects.exists()
