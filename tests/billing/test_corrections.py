"""The worker mends a denial alone only on evidence, and leaves everything else to a person with why."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from billing.models import Correction, Denial
from clearinghouse.models import TradingPartner, Transmission
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICARE, PRAIRIE, plant_payers
from clearinghouse.simulator.world import OtherCover
from clinic import clock
from clinic.models import ChargeItem, Claim, Coverage, Location, Patient, Payer, Provider
from insurance.models import EligibilityCheck
from insurance.services import eligibility
from insurance.services.prior_auth import record_authorization
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from tests.billing.denial_desk import LATER, RIGHT_ID, covered, denied, member_of, payer_of, seen, sent, work
from tests.billing.desk import MORNING, make_partner
from tests.factories.clinic import FeeFactory, ProviderFactory

pytestmark = pytest.mark.usefixtures("morning", "fees")
Status = Denial.Status
DONE = {"sent": 0, "closed": 0, "left": 0}
LEFT, SENT, CLOSED = {**DONE, "left": 1}, {**DONE, "sent": 1}, {**DONE, "closed": 1}


@pytest.fixture
def book(tmp_path: Path, settings: Any) -> Iterator[Book]:
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    with Book() as opened:
        plant_payers(opened)
        yield opened


@pytest.fixture
def partner(db: None, book: Book) -> TradingPartner:
    return make_partner()


@pytest.fixture
def lakeshore(book: Book, partner: TradingPartner) -> Payer:
    return payer_of(book, partner, LAKESHORE)


@pytest.fixture
def harbor(book: Book, partner: TradingPartner) -> Payer:
    return payer_of(book, partner, HARBOR)


@pytest.fixture
def karl(book: Book, patient: Patient, lakeshore: Payer) -> Coverage:
    """Known to Lakeshore exactly as to us."""
    book.add_member(member_of(patient, LAKESHORE, "PPO500"))
    return covered(patient, lakeshore)


def refused(coverage: Coverage, provider: Provider, why: str, *remarks: str, **facts: Any) -> Denial:
    """One line over 150.00, denied whole."""
    return denied(sent(seen(coverage, provider, **facts)), ("0", f"{why} 150"), remarks=remarks)


def the_correction() -> Correction:
    return Correction.objects.get()


def newest() -> Claim:
    return Claim.objects.latest("created_at", "sequence")


# --- 31, 140: the member id


def test_31_takes_the_id_that_the_payers_own_271_returns(
    book: Book, patient: Patient, lakeshore: Payer, provider: Provider
) -> None:
    book.add_member(member_of(patient, LAKESHORE, "PPO500"))
    coverage = covered(patient, lakeshore, "M999")
    denial = refused(coverage, provider, "CO-31")

    assert work() == SENT

    coverage.refresh_from_db()
    denial.refresh_from_db()
    made = Claim.objects.get(replaces=denial.claim)
    told = the_correction()
    assert (coverage.member_id, denial.status) == (RIGHT_ID, Status.WAITING)
    assert (made.status, made.frequency, made.original_reference) == (Claim.Status.READY, "7", "ICN1")
    assert (told.rule, told.by_worker) == ("member id", True)
    assert told.evidence == {"eligibility_check": str(EligibilityCheck.objects.get().pk)}
    assert list(told.diff) == ["Member id"]


def test_31_is_left_when_the_payer_names_no_other_id(karl: Coverage, provider: Provider) -> None:
    refused(karl, provider, "CO-31")

    assert work() == LEFT
    assert the_correction().sentence == (
        "The payer's answer gives no other member id for this very name and birth date."
    )


def test_140_is_left_when_a_strict_payer_does_not_find_the_patient(
    book: Book, partner: TradingPartner, patient: Patient, provider: Provider
) -> None:
    prairie = payer_of(book, partner, PRAIRIE)
    book.add_member(member_of(patient, PRAIRIE, "CLASSIC"))
    coverage = covered(patient, prairie, "M999")
    refused(coverage, provider, "CO-140")

    assert work() == LEFT
    coverage.refresh_from_db()
    assert coverage.member_id == "M999"
    assert "does not confirm the patient" in the_correction().sentence


def test_31_is_left_when_the_answer_is_for_another_birth_date(
    book: Book, patient: Patient, lakeshore: Payer, provider: Provider
) -> None:
    book.add_member(member_of(patient, LAKESHORE, "PPO500", birth_date=date(1990, 1, 1)))
    refused(covered(patient, lakeshore, "M999"), provider, "CO-31")

    assert work() == LEFT


def test_the_payer_is_asked_anew_after_the_denial(karl: Coverage, provider: Provider) -> None:
    with clock.at(MORNING - timedelta(hours=1)):
        eligibility.verify(coverage=karl, on=clock.today(), by=None)
    refused(karl, provider, "CO-31")

    work()

    assert EligibilityCheck.objects.filter(created_at__gt=MORNING).count() == 1


# --- 26, 27: other cover


def ended(book: Book, patient: Patient, **facts: Any) -> None:
    book.add_member(member_of(patient, LAKESHORE, "PPO500", ends_on=date(2026, 1, 31), **facts))


def test_27_bills_the_other_coverage_on_file_that_its_own_payer_confirms(
    book: Book, patient: Patient, lakeshore: Payer, harbor: Payer, provider: Provider
) -> None:
    ended(book, patient)
    book.add_member(member_of(patient, HARBOR, "HMO"))
    first, second = covered(patient, lakeshore), covered(patient, harbor, order=2)
    denial = refused(first, provider, "CO-27")

    assert work() == SENT

    denial.refresh_from_db()
    denial.claim.refresh_from_db()
    made = Claim.objects.get(payer=harbor)
    assert (made.frequency, made.original_reference, made.replaces) == ("1", "", None)
    assert (denial.status, denial.claim.status) == (Status.TO_PAYER, Claim.Status.CLOSED)
    assert owed_by_coverage(charge=denial.charge, coverage=first) == D("0.00")
    assert owed_by_coverage(charge=denial.charge, coverage=second) == D("150.00")
    assert the_correction().evidence["coverage"] == str(second.pk)


def test_27_without_other_cover_is_left(book: Book, patient: Patient, lakeshore: Payer, provider: Provider) -> None:
    ended(book, patient)
    refused(covered(patient, lakeshore), provider, "CO-27")

    assert work() == LEFT
    assert the_correction().sentence == "No other cover is active on the date of service."


def test_26_is_left_when_the_other_payer_does_not_know_the_patient(
    book: Book, patient: Patient, lakeshore: Payer, harbor: Payer, provider: Provider
) -> None:
    ended(book, patient)
    covered(patient, harbor, order=2)
    refused(covered(patient, lakeshore), provider, "CO-26")

    assert work() == LEFT
    assert not Claim.objects.filter(payer=harbor).exists()


def test_27_after_an_accident_is_a_persons_question(
    book: Book, patient: Patient, lakeshore: Payer, harbor: Payer, provider: Provider
) -> None:
    ended(book, patient)
    book.add_member(member_of(patient, HARBOR, "HMO"))
    first = covered(patient, lakeshore)
    covered(patient, harbor, order=2)
    refused(first, provider, "CO-27", is_accident=True, accident_date=date(2026, 3, 1))

    assert work() == LEFT
    assert "accident" in the_correction().sentence


def a_271_naming(denial: Denial, payer: Payer, *, is_primary: bool = False) -> EligibilityCheck:
    """The first payer's answer after the denial, with the other payer's member id (EB*R, NM109)."""
    with clock.at(LATER - timedelta(minutes=5)):
        return EligibilityCheck.objects.create(
            key="hint", coverage=denial.claim.coverage, patient=denial.claim.patient, on=denial.charge.service_date,
            answer="active" if is_primary else "inactive", answered_at=clock.now(), other_payer_id=payer.payer_id,
            other_payer_name=payer.name, other_member_id=RIGHT_ID, other_payer_is_primary=is_primary,
        )  # fmt: skip


def test_27_bills_a_payer_that_only_the_271_names_once_that_payer_confirms(
    book: Book, patient: Patient, lakeshore: Payer, harbor: Payer, provider: Provider
) -> None:
    ended(book, patient)
    book.add_member(member_of(patient, HARBOR, "HMO"))
    denial = refused(covered(patient, lakeshore), provider, "CO-27")
    a_271_naming(denial, harbor)

    assert work() == SENT
    assert Claim.objects.get(payer=harbor).coverage.member_id == RIGHT_ID


def test_a_cover_that_only_the_271_named_is_not_kept_unconfirmed(
    book: Book, patient: Patient, lakeshore: Payer, harbor: Payer, provider: Provider
) -> None:
    ended(book, patient)
    denial = refused(covered(patient, lakeshore), provider, "CO-27")
    a_271_naming(denial, harbor)

    assert work() == LEFT
    assert list(Coverage.objects.on(denial.charge.service_date).filter(payer=harbor)) == []


# --- 22, 24, 109: who pays first


def elsewhere_first(book: Book, patient: Patient) -> None:
    first = OtherCover(payer_name="Harbor Advantage HMO", payer_id=HARBOR)
    book.add_member(member_of(patient, LAKESHORE, "PPO500", other_cover=first))


def test_22_bills_the_primary_that_the_271_names_and_puts_it_first(
    book: Book, patient: Patient, lakeshore: Payer, harbor: Payer, provider: Provider
) -> None:
    elsewhere_first(book, patient)
    book.add_member(member_of(patient, HARBOR, "HMO"))
    was_first, is_first = covered(patient, lakeshore), covered(patient, harbor, order=2)
    denial = refused(was_first, provider, "CO-22")

    assert work() == SENT

    is_first.refresh_from_db()
    was_first.refresh_from_db()
    assert (is_first.order, was_first.order) == (1, 2)
    made = Claim.objects.get(payer=harbor)
    assert (made.order, made.frequency) == (1, "1")
    assert owed_by_coverage(charge=denial.charge, coverage=is_first) == D("150.00")


def test_22_is_left_when_the_payer_does_not_say_who_is_first(karl: Coverage, provider: Provider) -> None:
    refused(karl, provider, "CO-22")

    assert work() == LEFT
    assert the_correction().sentence == "The payer does not say who pays first. Ask the patient."


def test_22_is_left_and_the_order_stays_when_the_named_payer_does_not_confirm(
    book: Book, patient: Patient, lakeshore: Payer, harbor: Payer, provider: Provider
) -> None:
    elsewhere_first(book, patient)
    was_first, named = covered(patient, lakeshore), covered(patient, harbor, order=2)
    refused(was_first, provider, "CO-22")

    assert work() == LEFT
    named.refresh_from_db()
    assert (named.order, named.is_active) == (2, True)


# --- 16: one element that stood on file


def test_16_ma120_sends_the_clia_number_of_the_site(karl: Coverage, provider: Provider) -> None:
    claim = sent(seen(karl, provider), "G0328", clia_number="")
    denied(claim, ("0", "CO-16 20"), remarks=("MA120",))

    assert work() == SENT
    made = Claim.objects.get(replaces=claim)
    assert made.clia_number == provider.location.clia_number
    assert the_correction().evidence == {"element": "clia_number"}


def test_16_ma120_is_left_when_the_site_has_none(karl: Coverage, provider: Provider) -> None:
    denial = refused(karl, provider, "CO-16", "MA120")
    Location.objects.update(clia_number="")
    Claim.objects.filter(pk=denial.claim_id).update(clia_number="")

    assert work() == LEFT
    assert "No value for clia number is on file" in the_correction().sentence


def test_16_m119_sends_the_drug_code_that_stood_on_the_charge(karl: Coverage, provider: Provider) -> None:
    denial = refused(karl, provider, "CO-16", "M119")
    ChargeItem.objects.update(ndc="00641036725")

    assert work() == SENT
    assert Claim.objects.get(replaces=denial.claim).lines.get().ndc == "00641036725"


def test_16_n286_sends_the_referrer_of_the_visit(karl: Coverage, provider: Provider) -> None:
    doctor = ProviderFactory(location=provider.location)
    denial = refused(karl, provider, "CO-16", "N286")
    denial.claim.visit.referring_provider = doctor
    denial.claim.visit.save()

    assert work() == SENT
    assert Claim.objects.get(replaces=denial.claim).referring_provider == doctor


@pytest.mark.parametrize("remarks", [("MA120", "N286"), ("N56",), ()])
def test_16_that_points_to_several_elements_or_to_none_is_left(
    karl: Coverage, provider: Provider, remarks: tuple[str, ...]
) -> None:
    refused(karl, provider, "CO-16", *remarks)

    assert work() == LEFT
    assert the_correction().sentence == "The remark codes do not point to one element."


# --- 15, 197: authorization


def approval(coverage: Coverage, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "number": "PA7788", "codes": ["G0439"], "units": 2, "starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)
    }  # fmt: skip
    record_authorization(coverage=coverage, by=None, **{**facts, **changes})


def refused_without_number(coverage: Coverage, provider: Provider) -> Denial:
    """Denied one hour after the morning."""
    claim = sent(seen(coverage, provider), prior_authorization_number="")
    with clock.at(MORNING + timedelta(hours=1)):
        return denied(claim, ("0", "CO-197 150"))


def test_197_sends_the_number_that_was_on_file_before_the_denial(karl: Coverage, provider: Provider) -> None:
    claim = sent(seen(karl, provider))
    approval(karl)
    with clock.at(MORNING + timedelta(hours=1)):
        denied(claim, ("0", "CO-197 150"))

    assert work() == SENT
    assert Claim.objects.get(replaces=claim).prior_authorization_number == "PA7788"
    assert list(the_correction().evidence) == ["authorization"]


def test_197_is_left_when_the_approval_came_after_the_denial(karl: Coverage, provider: Provider) -> None:
    refused_without_number(karl, provider)
    with clock.at(MORNING + timedelta(minutes=90)):
        approval(karl)

    assert work() == LEFT
    assert "on file before the denial" in the_correction().sentence


@pytest.mark.parametrize("changes", [{"codes": ["G0101"]}, {"ends_on": date(2026, 1, 31)}])
def test_197_is_left_when_the_approval_is_for_another_code_or_time(
    karl: Coverage, provider: Provider, changes: dict[str, Any]
) -> None:
    approval(karl, **changes)
    refused_without_number(karl, provider)

    assert work() == LEFT


def test_15_is_left_when_the_claim_carried_that_number_already(karl: Coverage, provider: Provider) -> None:
    claim = sent(seen(karl, provider), prior_authorization_number="PA7788")
    approval(karl)
    with clock.at(MORNING + timedelta(hours=1)):
        denied(claim, ("0", "CO-15 150"))

    assert work() == LEFT
    assert the_correction().sentence == "The claim carried that number already."


# --- 18: duplicate


def twice(karl: Coverage, provider: Provider, status: str = Claim.Status.ACCEPTED) -> Denial:
    """The same charge on two claims; the second is denied as a duplicate of the first, which stands at `status`."""
    first = sent(seen(karl, provider))
    second = Claim.objects.get(pk=first.pk)
    second.number = second.control_number = "C26900"
    second.id = Claim._meta.get_field("id").get_default()
    second._state.adding = True
    second.save()
    line = first.lines.get()
    line.pk, line.claim, line.control_number = type(line)._meta.get_field("id").get_default(), second, "C26900-1"
    line._state.adding = True
    line.save()
    Claim.objects.filter(pk=first.pk).update(status=status, payer_claim_number="ICN0")
    return denied(second, ("0", "OA-18 150"))


def test_18_is_closed_and_nothing_sent_while_the_original_is_before_the_payer(
    karl: Coverage, provider: Provider
) -> None:
    denial = twice(karl, provider)

    assert work() == CLOSED
    denial.refresh_from_db()
    assert denial.status == Status.CLOSED
    assert Claim.objects.count() == 2
    assert the_correction().evidence.keys() == {"original"}


def test_18_without_an_original_of_ours_is_left(karl: Coverage, provider: Provider) -> None:
    refused(karl, provider, "OA-18")

    assert work() == LEFT
    assert "no original of ours is paid or pending" in the_correction().sentence


def test_18_is_left_when_the_other_claim_bills_another_charge(karl: Coverage, provider: Provider) -> None:
    sent(seen(karl, provider))
    denied(sent(seen(karl, provider)), ("0", "OA-18 150"))

    assert work() == LEFT
    assert "another charge of the same day" in the_correction().sentence


# --- 96, 49, 204 with PR: a true exclusion


def excluded(karl: Coverage, provider: Provider, fees: Any, why: str = "PR-96") -> Denial:
    FeeFactory(schedule=fees, code="G0447", amount=D("150.00"))
    return denied(sent(seen(karl, provider), "G0447"), ("0", f"{why} 150"))


def test_pr_96_goes_to_the_patient_when_the_271_lists_the_code_as_not_covered(
    karl: Coverage, provider: Provider, fees: Any
) -> None:
    eligibility.verify(coverage=karl, on=clock.today(), by=None)
    denial = excluded(karl, provider, fees)

    assert work() == CLOSED
    denial.refresh_from_db()
    assert denial.status == Status.TO_PATIENT
    assert owed_by_patient(visit=denial.claim.visit) == D("150.00")
    assert the_correction().evidence == {"benefit": "I"}


def test_pr_96_without_that_evidence_is_left(karl: Coverage, provider: Provider, fees: Any) -> None:
    denial = excluded(karl, provider, fees)

    assert work() == LEFT
    assert owed_by_patient(visit=denial.claim.visit) == D("0.00")


def test_co_96_is_never_moved_to_the_patient(karl: Coverage, provider: Provider, fees: Any) -> None:
    eligibility.verify(coverage=karl, on=clock.today(), by=None)
    denial = excluded(karl, provider, fees, "CO-96")

    assert work() == LEFT
    assert owed_by_patient(visit=denial.claim.visit) == D("0.00")


def test_pr_96_is_left_when_another_coverage_may_pay(
    karl: Coverage, harbor: Payer, provider: Provider, fees: Any
) -> None:
    eligibility.verify(coverage=karl, on=clock.today(), by=None)
    covered(karl.patient, harbor, order=2)
    excluded(karl, provider, fees)

    assert work() == LEFT


def test_medicares_pr_96_needs_a_look_at_the_signed_notice(
    book: Book, partner: TradingPartner, patient: Patient, provider: Provider, fees: Any
) -> None:
    medicare = payer_of(book, partner, MEDICARE)
    book.add_member(member_of(patient, MEDICARE, "PARTB"))
    excluded(covered(patient, medicare), provider, fees)

    assert work() == LEFT
    assert "notice they signed" in the_correction().sentence


# --- what it never does


def test_a_claim_with_a_paid_line_is_left(karl: Coverage, provider: Provider) -> None:
    claim = sent(seen(karl, provider), "G0439", "G0328", clia_number="")
    denied(claim, ("110", "CO-45 40"), ("0", "CO-16 20"), remarks=("MA120",))

    assert work() == LEFT
    assert "could take that back" in the_correction().sentence


def test_a_payer_whose_switch_is_off_gets_nothing(karl: Coverage, provider: Provider) -> None:
    denial = refused(karl, provider, "CO-16", "M119")
    ChargeItem.objects.update(ndc="00641036725")
    Payer.objects.filter(pk=karl.payer_id).update(auto_correction=False)

    assert work() == LEFT
    assert "are switched off" in the_correction().sentence
    assert not Claim.objects.filter(replaces=denial.claim).exists()


def test_past_the_payers_deadline_nothing_is_sent(karl: Coverage, provider: Provider) -> None:
    denial = refused(karl, provider, "CO-16", "M119")
    ChargeItem.objects.update(ndc="00641036725")
    Denial.objects.filter(pk=denial.pk).update(deadline_on=clock.today() - timedelta(days=1))

    assert work() == LEFT
    assert the_correction().sentence == "The payer's time limit has passed."


@pytest.mark.parametrize("why", ["CO-50", "CO-97", "CO-4", "CO-29", "CO-252", "CO-B7"])
def test_what_needs_a_coder_records_or_an_appeal_is_left(karl: Coverage, provider: Provider, why: str) -> None:
    refused(karl, provider, why)

    assert work() == LEFT
    assert the_correction().rule == "no rule"
    assert Transmission.objects.filter(kind="270").count() == 0


def test_a_denial_is_looked_at_once(karl: Coverage, provider: Provider) -> None:
    refused(karl, provider, "CO-50")

    assert [work(), work(LATER + timedelta(days=1))] == [LEFT, DONE]


def test_a_claim_that_was_sent_four_times_is_left(karl: Coverage, provider: Provider) -> None:
    denial = refused(karl, provider, "CO-16", "M119")
    ChargeItem.objects.update(ndc="00641036725")
    Claim.objects.filter(pk=denial.claim_id).update(sequence=4)

    assert work() == LEFT
    assert "sent four times" in the_correction().sentence


def test_a_correction_that_would_change_nothing_is_left(karl: Coverage, provider: Provider) -> None:
    """The number was on the claim as sent and fell off our row afterwards: the payer has read it already."""
    denial = refused(karl, provider, "CO-16", "MA120")
    Claim.objects.filter(pk=denial.claim_id).update(clia_number="")

    assert work() == LEFT
    assert "Nothing differs" in the_correction().sentence


def test_a_corrected_claim_that_fails_its_edits_is_not_made(
    book: Book, patient: Patient, lakeshore: Payer, provider: Provider
) -> None:
    """The cover ended before the visit, by our own record: the edits stop the corrected claim, so nothing is kept."""
    book.add_member(member_of(patient, LAKESHORE, "PPO500"))
    coverage = covered(patient, lakeshore, "M999")
    denial = refused(coverage, provider, "CO-31")
    Patient.objects.filter(pk=patient.pk).update(line1="", city="")

    assert work() == LEFT
    coverage.refresh_from_db()
    assert coverage.member_id == "M999"
    assert not Claim.objects.filter(replaces=denial.claim).exists()


def test_a_payer_that_cannot_answer_now_leaves_it_to_a_person(
    book: Book, karl: Coverage, lakeshore: Payer, provider: Provider
) -> None:
    known = book.payer(LAKESHORE)
    assert known is not None
    book.add_payer(replace(known, answers_eligibility=False))
    refused(karl, provider, "CO-31")

    assert work() == LEFT


def test_what_the_payer_names_but_cannot_be_put_on_file_is_left_to_a_person(
    book: Book, karl: Coverage, harbor: Payer, provider: Provider
) -> None:
    refused(karl, provider, "CO-27")
    with clock.at(LATER):
        EligibilityCheck.objects.create(
            key="said", coverage=karl, patient=karl.patient, on=Denial.objects.get().charge.service_date,
            answer=EligibilityCheck.Answer.INACTIVE, answered_at=clock.now(), other_payer_id=harbor.payer_id,
            other_payer_name="HARBOR", other_member_id="#?", created_at=clock.now(),
        )  # fmt: skip

    assert work() == LEFT
    assert "member id" in the_correction().sentence
