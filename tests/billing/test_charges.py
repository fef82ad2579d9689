"""Charges: priced, posted on whoever owes them, changed by reversal, refused whole."""

from datetime import date
from decimal import Decimal

import pytest

from billing.services.charges import ChargeLine, capture_charges, change_charge, finish_charges, void_charge
from billing.services.diagnoses import set_diagnoses
from billing.services.submission import submit_claims
from clearinghouse.models import TradingPartner
from clinic.errors import ClinicError
from clinic.models import ChargeItem, Claim, Coverage, Event, FeeSchedule, Patient, User, Visit
from insurance.services.prior_auth import record_authorization
from ledger.models import JournalEntry
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from tests.billing.desk import capture, make_claim
from tests.factories.clinic import FeeFactory, FeeScheduleFactory

pytestmark = pytest.mark.usefixtures("morning", "fees")


def test_a_charge_takes_its_fee_and_stands_on_the_first_coverage(visit: Visit, coverage: Coverage, bill: User) -> None:
    charges = capture_charges(
        visit=visit, diagnoses=["E11.9", "I10"], by=bill,
        lines=[ChargeLine(code="g0439", modifiers=["25"], pointers=[2, 1]), ChargeLine(code="G0101", units=2)],
    )  # fmt: skip

    assert [(c.code, c.modifiers, c.units, c.amount, c.pointers) for c in charges] == [
        ("G0439", ["25"], 1, Decimal("150.00"), [2, 1]),
        ("G0101", [], 2, Decimal("160.00"), [1]),
    ]
    assert [owed_by_coverage(charge=c, coverage=coverage) for c in charges] == [Decimal("150.00"), Decimal("160.00")]
    assert owed_by_patient(guarantor=visit.guarantor) == Decimal("0.00")


def test_the_fee_of_the_day_and_of_the_modifier_counts(visit: Visit, coverage: Coverage, fees: FeeSchedule) -> None:
    FeeFactory(schedule=fees, code="G0439", modifier="52", amount=Decimal("75.00"))
    later = FeeScheduleFactory(starts_on=date(2026, 7, 1))
    FeeFactory(schedule=later, code="G0439", amount=Decimal("175.00"))

    plain, reduced = capture_charges(
        visit=visit, diagnoses=["E11.9"], by=None,
        lines=[ChargeLine(code="G0439"), ChargeLine(code="G0439", modifiers=["52"])],
    )  # fmt: skip

    assert (plain.amount, reduced.amount) == (Decimal("150.00"), Decimal("75.00"))


def test_a_self_pay_visit_is_the_patients(visit: Visit, coverage: Coverage) -> None:
    visit.is_self_pay = True
    visit.save()

    capture(visit, "G0439")

    assert owed_by_patient(visit=visit) == Decimal("150.00")


def test_a_patient_who_forbade_disclosure_owes_the_charge(visit: Visit, coverage: Coverage, patient: Patient) -> None:
    """45 CFR 164.522: paid in full by the patient, nothing goes to the plan."""
    patient.restricts_disclosure = True
    patient.save()

    capture(visit, "G0439")

    assert owed_by_patient(visit=visit) == Decimal("150.00")


def test_without_cover_somebody_must_say_that_the_patient_pays(visit: Visit) -> None:
    with pytest.raises(ClinicError, match="No coverage was in force on 03/02/2026"):
        capture(visit, "G0439")
    assert not ChargeItem.objects.exists()

    capture_charges(visit=visit, lines=[ChargeLine(code="G0439")], diagnoses=["E11.9"], bill_patient=True, by=None)

    assert owed_by_patient(visit=visit) == Decimal("150.00")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (ChargeLine(code="G04"), "five-character procedure code"),
        (ChargeLine(code="G9999"), "no fee is set for G9999"),
        (ChargeLine(code="G0439", pointers=[2]), "points to diagnosis 2, and the visit has 1"),
        (ChargeLine(code="G0439", units=0), "units are 1 to 999"),
        (ChargeLine(code="G0439", modifiers=["2"]), "two-character modifier"),
        (ChargeLine(code="G0439", modifiers=["25", "59", "76", "77", "91"]), "up to four modifiers"),
        (ChargeLine(code="J1100", ndc="12-34"), "eleven digits"),
        (ChargeLine(code="G0439", amount=Decimal("-1.00")), "cannot be negative"),
        (ChargeLine(code="G0439", amount=Decimal("1.005")), "more than two decimal places"),
    ],
)
def test_one_bad_line_leaves_nothing_half_written(
    visit: Visit, coverage: Coverage, line: ChargeLine, sentence: str
) -> None:
    good = ChargeLine(code="G0101")

    with pytest.raises(ClinicError, match=sentence):
        capture_charges(visit=visit, lines=[good, line], diagnoses=["E11.9"], by=None)

    assert not ChargeItem.objects.exists()
    assert not visit.diagnoses.exists()
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize("status", [Visit.Status.UNDONE, Visit.Status.LEFT])
def test_a_visit_that_never_happened_takes_no_charge(visit: Visit, coverage: Coverage, status: str) -> None:
    visit.status = status
    visit.save()

    with pytest.raises(ClinicError, match="undone or the patient left unseen"):
        capture(visit, "G0439")


def test_a_changed_charge_is_reversed_and_posted_again(visit: Visit, coverage: Coverage, bill: User) -> None:
    capture(visit, "G0439")
    charge = visit.charges.get()

    change_charge(charge=charge, changes={"units": 2}, by=bill)

    assert charge.amount == Decimal("300.00")
    assert owed_by_coverage(charge=charge, coverage=coverage) == Decimal("300.00")
    assert list(JournalEntry.objects.order_by("id").values_list("kind", flat=True)) == [
        "charge", "charge_undone", "charge",
    ]  # fmt: skip


def test_a_change_without_money_posts_nothing(visit: Visit, coverage: Coverage) -> None:
    capture(visit, "G0439")
    charge = visit.charges.get()

    change_charge(charge=charge, changes={"modifiers": ["25"]}, by=None)

    assert charge.modifiers == ["25"]
    assert JournalEntry.objects.count() == 1


def test_a_changed_charge_rewrites_its_unsent_claim(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    claim = make_claim(visit, "G0439")
    line_number = claim.lines.get().control_number

    change_charge(charge=visit.charges.get(), changes={"units": 2}, by=None)

    claim.refresh_from_db()
    line = claim.lines.get()
    assert (claim.total, line.units, line.amount, line.control_number) == (
        Decimal("300.00"), 2, Decimal("300.00"), line_number,
    )  # fmt: skip
    assert claim.status == Claim.Status.READY


def test_a_charge_at_the_payer_waits_for_the_answer(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    claim = make_claim(visit, "G0439")
    submit_claims(partner=partner, claims=[claim], by=None)

    with pytest.raises(ClinicError, match="with the payer"):
        change_charge(charge=visit.charges.get(), changes={"units": 2}, by=None)

    assert visit.charges.get().units == 1


def test_a_voided_charge_leaves_the_ledger_and_its_claim(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    claim = make_claim(visit, "G0439", "G0101")
    charge = visit.charges.get(code="G0101")

    void_charge(charge=charge, reason="not done", by=bill)
    void_charge(charge=charge, reason="not done", by=bill)

    claim.refresh_from_db()
    assert owed_by_coverage(charge=charge, coverage=coverage) == Decimal("0.00")
    assert (claim.total, claim.lines.count(), claim.status) == (Decimal("150.00"), 1, Claim.Status.READY)


def test_voiding_the_last_charge_voids_the_claim(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    claim = make_claim(visit, "G0439")

    void_charge(charge=visit.charges.get(), reason="wrong patient", by=None)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.VOIDED


def test_authorized_units_are_used_at_charge_and_given_back_at_void(visit: Visit, coverage: Coverage) -> None:
    authorization = record_authorization(
        coverage=coverage, number="A77", codes=["G0439"], units=2, starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30),
        by=None,
    )  # fmt: skip
    line = ChargeLine(code="G0439", units=2, prior_authorization_number="a77")
    (charge,) = capture_charges(visit=visit, lines=[line], diagnoses=["E11.9"], by=None)
    assert authorization.units_left == 0

    with pytest.raises(ClinicError, match="0 of 2 units left"):
        capture_charges(visit=visit, lines=[line], by=None)

    void_charge(charge=charge, reason="not done", by=None)
    assert authorization.units_left == 2


def test_pointers_follow_a_diagnosis_that_moves(visit: Visit, coverage: Coverage) -> None:
    capture(visit, "G0439", diagnoses=["E11.9", "I10"])

    set_diagnoses(visit=visit, codes=["I10", "E11.9"], by=None)

    assert visit.charges.get().pointers == [2]


def test_a_diagnosis_in_use_cannot_go(visit: Visit, coverage: Coverage) -> None:
    capture(visit, "G0439", diagnoses=["E11.9", "I10"])

    with pytest.raises(ClinicError, match=r"E11\.9 is the reason for G0439"):
        set_diagnoses(visit=visit, codes=["I10"], by=None)

    assert visit.diagnoses.count() == 2


def test_a_corrected_diagnosis_keeps_its_place(visit: Visit, coverage: Coverage) -> None:
    capture(visit, "G0439", diagnoses=["E11.9", "I10"])

    set_diagnoses(visit=visit, codes=["E11.65", "I10"], by=None)

    assert visit.charges.get().pointers == [1]


def test_closing_the_charges_is_a_fact_that_wakes_the_claim_maker(visit: Visit, coverage: Coverage, bill: User) -> None:
    visit.status = Visit.Status.CHECKED_OUT
    visit.save()
    capture(visit, "G0439")

    finish_charges(visit=visit, by=bill)

    assert visit.status == Visit.Status.CLOSED
    assert Event.objects.filter(kind="visit.charges_closed", record_id=visit.pk).count() == 1
    with pytest.raises(ClinicError, match="Reopen them first"):
        capture(visit, "G0101")
