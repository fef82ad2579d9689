"""Charges to claims: one per payer, place and clinician; scrubbed, held, voided; never half a claim."""

from datetime import date
from decimal import Decimal

import pytest

from billing.queries.worklists import unbilled_visits
from billing.services.charges import ChargeLine, capture_charges
from billing.services.claims import (
    create_claims,
    edit_claim,
    hold_claim,
    refresh_claim,
    release_claim,
    void_claim,
)
from billing.services.make import make_due_claims
from clearinghouse.models import TradingPartner
from clinic.errors import ClinicError
from clinic.models import ChargeItem, Claim, Coverage, Event, Location, Patient, Practice, User, Visit
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from tests.billing.desk import capture, make_claim, make_route
from tests.factories.clinic import (
    ChargeItemFactory,
    CoverageFactory,
    PatientFactory,
    PayerFactory,
    ProviderFactory,
    VisitFactory,
)

pytestmark = pytest.mark.usefixtures("morning", "fees")
Status = Claim.Status


def test_a_claim_mirrors_the_charges_and_is_ready(
    visit: Visit, coverage: Coverage, partner: TradingPartner, location: Location, bill: User
) -> None:
    capture(visit, "G0439", "G0101", diagnoses=["E11.9", "I10"])

    (claim,) = create_claims(visit=visit, by=bill)

    assert (claim.status, claim.total, claim.order, claim.frequency) == (Status.READY, Decimal("230.00"), 1, "1")
    assert claim.diagnosis_codes == ["E11.9", "I10"]
    assert (claim.control_number, claim.number, claim.sequence) == ("C26001", "C26001", 1)
    assert [(x.position, x.code, x.control_number) for x in claim.lines.all()] == [
        (1, "G0439", "C26001-1"), (2, "G0101", "C26001-2"),
    ]  # fmt: skip
    assert claim.file_by == date(2026, 8, 29)
    assert claim.clia_number == location.clia_number
    assert len(claim.content_sha256) == 64
    assert Event.objects.filter(kind="claim.ready", record_id=claim.pk).count() == 1


def test_charges_of_two_places_and_two_clinicians_are_three_claims(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    other = ProviderFactory(location=visit.location)
    capture_charges(
        visit=visit, diagnoses=["E11.9"], by=None,
        lines=[
            ChargeLine(code="G0439"), ChargeLine(code="G0101", rendering_provider=other),
            ChargeLine(code="Q0091", modifiers=["95"]),
        ],
    )  # fmt: skip

    claims = create_claims(visit=visit, by=None)

    assert [(c.place_of_service, c.rendering_provider, c.lines.get().code) for c in claims] == [
        ("11", visit.provider, "G0439"), ("11", other, "G0101"), ("10", visit.provider, "Q0091"),
    ]  # fmt: skip


def test_fifty_one_charges_are_two_claims(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    lines = [ChargeLine(code="G0439", modifiers=["76"]) for _ in range(51)]
    capture_charges(visit=visit, diagnoses=["E11.9"], lines=lines, by=None)

    claims = create_claims(visit=visit, by=None)

    assert [c.lines.count() for c in claims] == [50, 1]
    assert {c.status for c in claims} == {Status.READY}


def test_claims_are_made_once(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    make_claim(visit, "G0439")

    with pytest.raises(ClinicError, match="on a claim already"):
        create_claims(visit=visit, by=None)

    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "field", "value", "code"),
    [
        ("practice", "zip_code", "60613", "billing_zip"),
        ("practice", "npi", "1234567890", "billing_npi"),
        ("patient", "birth_date", None, "birth_date_missing"),
        ("patient", "city", "", "patient_address_missing"),
        ("provider", "npi", "1111111111", "rendering_npi"),
        ("payer", "is_active", False, "payer_inactive"),
        ("payer", "filing_days", 2, "filing_passed"),
        ("coverage", "relationship", "19", "subscriber_missing"),
    ],
)
def test_a_faulty_record_keeps_the_claim_back_with_the_reason(
    visit: Visit, coverage: Coverage, partner: TradingPartner, row: str, field: str, value: object, code: str
) -> None:
    rows = {
        "practice": Practice.objects.get(), "patient": visit.patient, "provider": visit.provider,
        "payer": coverage.payer, "coverage": coverage,
    }  # fmt: skip
    setattr(rows[row], field, value)
    rows[row].save()

    claim = make_claim(visit, "G0439")

    assert claim.status == Status.EDITS_FAILED
    assert [f["code"] for f in claim.findings if f["severity"] == "stop"] == [code]


def test_a_claim_without_a_diagnosis_needs_correction_and_is_ready_once_it_has_one(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    claim = make_claim(visit, "G0439", diagnoses=())
    assert claim.status == Status.EDITS_FAILED
    assert claim.findings[0]["sentence"] == "The claim has no diagnosis. Enter at least one ICD-10 code on the visit."

    capture_charges(visit=visit, lines=[], diagnoses=["E11.9"], by=None)
    claim.refresh_from_db()
    assert (claim.status, claim.findings, claim.lines.get().pointers) == (Status.READY, [], [1])


def test_a_visit_that_was_undone_makes_no_claim(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    capture(visit, "G0439")
    visit.status = Visit.Status.UNDONE
    visit.save()

    with pytest.raises(ClinicError, match="undone or the patient left unseen"):
        create_claims(visit=visit, by=None)

    assert not Claim.objects.exists()


def test_two_people_on_one_claim_are_refused_and_nothing_is_written(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    capture(visit, "G0439")
    ChargeItemFactory(visit=visit, patient=PatientFactory())

    with pytest.raises(ClinicError, match="belongs to another patient than the visit"):
        create_claims(visit=visit, by=None)

    assert not Claim.objects.exists()


def test_a_line_of_another_patient_that_got_onto_a_claim_stops_it(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    claim = make_claim(visit, "G0439")
    ChargeItem.objects.update(patient=PatientFactory())

    refresh_claim(claim=claim, by=None)

    assert claim.status == Status.EDITS_FAILED
    assert claim.findings[0]["code"] == "two_people"


def test_a_patient_who_forbade_disclosure_gets_no_claim(
    visit: Visit, coverage: Coverage, partner: TradingPartner, patient: Patient
) -> None:
    claim = make_claim(visit, "G0439")
    Patient.objects.filter(pk=patient.pk).update(restricts_disclosure=True)

    refresh_claim(claim=claim, by=None)
    assert claim.status == Status.EDITS_FAILED
    assert claim.findings[0]["code"] == "disclosure_restricted"

    other = VisitFactory(patient=Patient.objects.get(pk=patient.pk), provider=visit.provider)
    capture(other, "G0439")
    with pytest.raises(ClinicError, match=r"45 CFR 164\.522"):
        create_claims(visit=other, by=None)


def test_an_identical_claim_that_was_answered_stops_the_second(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    first = make_claim(visit, "G0439")
    Claim.objects.filter(pk=first.pk).update(status=Status.PAID)
    again = VisitFactory(patient=visit.patient, provider=visit.provider)

    second = make_claim(again, "G0439")

    assert second.status == Status.EDITS_FAILED
    assert second.findings[0]["sentence"] == (
        "The same claim was already answered: C26001, paid. Change it, correct that one, or appeal."
    )


def test_a_hold_needs_a_reason_and_release_scrubs_again(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    with pytest.raises(ClinicError, match="Say why the claim is held"):
        hold_claim(claim=claim, reason=" ", by=bill)

    hold_claim(claim=claim, reason="waiting for the operation report", by=bill)
    assert (claim.status, claim.hold_reason) == (Status.HELD, "waiting for the operation report")

    Practice.objects.update(zip_code="60613")
    release_claim(claim=claim, by=bill)
    assert (claim.status, claim.hold_reason) == (Status.EDITS_FAILED, "")
    assert [h.to_status for h in claim.history()] == ["draft", "ready", "held", "draft", "edits_failed"]


def test_a_voided_claim_frees_its_charges_for_another(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")

    void_claim(claim=claim, reason="wrong payer", by=bill)
    (again,) = create_claims(visit=visit, by=bill)

    assert claim.status == Status.VOIDED
    assert again.control_number != claim.control_number


def test_a_voided_claim_leaves_its_visit_on_the_list_of_unbilled(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    Visit.objects.filter(pk=visit.pk).update(status=Visit.Status.CLOSED)
    assert list(unbilled_visits()) == []

    void_claim(claim=claim, reason="wrong payer", by=bill)

    assert [v.pk for v in unbilled_visits()] == [visit.pk]


def test_voiding_for_a_restriction_makes_the_charge_the_patients(
    visit: Visit, coverage: Coverage, partner: TradingPartner, patient: Patient, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    Patient.objects.filter(pk=patient.pk).update(restricts_disclosure=True)

    void_claim(claim=claim, reason="the patient forbade it", by=bill)

    charge = visit.charges.get()
    assert owed_by_coverage(charge=charge, coverage=coverage) == Decimal("0.00")
    assert owed_by_patient(charge=charge) == Decimal("150.00")


def test_an_edited_claim_is_scrubbed_anew(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    claim = make_claim(visit, "G0439")

    edit_claim(claim=claim, changes={"place_of_service": "77"}, by=None)
    assert claim.status == Status.EDITS_FAILED

    edit_claim(claim=claim, changes={"place_of_service": "22"}, by=None)
    assert (claim.status, claim.place_of_service) == (Status.READY, "22")


def test_cover_that_moved_up_is_billed_and_takes_the_receivable_along(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    capture(visit, "G0439")
    payer = PayerFactory()
    make_route(payer, partner)
    coverage.order = 2
    coverage.save()
    found = CoverageFactory(patient=visit.patient, payer=payer, order=1)

    (claim,) = create_claims(visit=visit, by=None)

    charge = visit.charges.get()
    assert claim.coverage == found
    assert owed_by_coverage(charge=charge, coverage=found) == Decimal("150.00")
    assert owed_by_coverage(charge=charge, coverage=coverage) == Decimal("0.00")


def test_the_clock_makes_the_claims_of_closed_visits_once_and_passes_over_what_cannot_be_billed(
    visit: Visit, coverage: Coverage, partner: TradingPartner
) -> None:
    capture(visit, "G0439")
    self_pay = VisitFactory(patient=visit.patient, provider=visit.provider, is_self_pay=True)
    capture(self_pay, "G0439")
    still_open = VisitFactory(patient=visit.patient, provider=visit.provider)
    capture(still_open, "G0439")
    ended = VisitFactory(patient=visit.patient, provider=visit.provider, service_date=date(2020, 1, 1))
    ChargeItemFactory(visit=ended)
    Visit.objects.filter(pk__in=[visit.pk, self_pay.pk, ended.pk]).update(status=Visit.Status.CLOSED)

    assert make_due_claims() == 1
    assert make_due_claims() == 0

    assert list(Claim.objects.values_list("visit", flat=True)) == [visit.pk]


def test_a_claim_a_person_voided_is_not_made_again_by_the_clock(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439")
    Visit.objects.filter(pk=visit.pk).update(status=Visit.Status.CLOSED)

    void_claim(claim=claim, reason="not to be billed", by=bill)

    assert make_due_claims() == 0
