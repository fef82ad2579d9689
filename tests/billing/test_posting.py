"""Remittance to ledger, to the cent (ledger_stories.md 1-8), through the files payers send."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.models import ClaimResponse, Denial, Remittance
from billing.services import posting
from clinic import clock
from clinic.models import Claim
from ledger.accounts import Account
from ledger.queries.balances import balance, credit_of, owed_by_coverage, owed_by_patient
from ledger.services.payments import receive_payment
from tests.billing.desk import make_claim, secondary_of
from tests.billing.payer_desk import PAID_ON, advice, answer, pay, post, reversal, take
from tests.factories.clinic import CoverageFactory, PayerFactory

ZERO = D("0.00")


@pytest.fixture
def claim(visit, coverage, fees, partner, morning):
    """150.00, before the payer."""
    made = make_claim(visit, "G0439")
    made.move_to(Claim.Status.SUBMITTED, by=None)
    return made


def remit(claim):
    return balance(Account.REMIT, payer=claim.payer)


def owed(claim, coverage=None):
    return owed_by_coverage(charge=claim.lines.get().charge, coverage=coverage or claim.coverage)


def copay(visit, amount="25.00"):
    return receive_payment(
        guarantor=visit.guarantor,
        visit=visit,
        amount=D(amount),
        method="cash",
        kind="copay",
        key=f"copay-{visit.pk}",
        by=None,
    )


def test_copay_visit_ends_with_nothing_open_anywhere_but_the_check(claim, visit):
    copay(visit)

    pay(claim, ("85", "CO-45 40, PR-3 25"))

    assert claim.status == Claim.Status.PAID
    assert (owed(claim), owed_by_patient(visit=visit), credit_of(visit.guarantor, visit)) == (ZERO, ZERO, ZERO)
    assert (remit(claim), balance(Account.CTR)) == (D("85.00"), D("40.00"))


def test_a_smaller_copay_share_leaves_the_rest_as_credit(claim, visit):
    copay(visit)

    pay(claim, ("90", "CO-45 40, PR-3 20"))

    assert credit_of(visit.guarantor, visit) == D("5.00")


def test_all_to_the_deductible_is_adjudicated_and_no_denial(claim, visit):
    pay(claim, ("0", "CO-45 40, PR-1 110"))

    assert claim.status == Claim.Status.ADJUDICATED
    assert owed_by_patient(visit=visit) == D("110.00")
    assert not Denial.objects.exists()
    assert Remittance.objects.get().deposited_on == PAID_ON


def test_a_denied_line_posts_nothing_not_even_its_contractual_part(claim):
    response = pay(claim, ("0", "CO-45 40, CO-16 110"), remarks=("N290",))

    assert claim.status == Claim.Status.DENIED
    assert (owed(claim), response.entry) == (D("150.00"), None)
    denial = Denial.objects.get()
    assert (denial.amount, denial.reason_code, denial.next_step) == (D("150.00"), "16", "correct")
    assert denial.due_on <= denial.deadline_on
    assert denial.owner_role == "biller"


@pytest.mark.parametrize("style", ["reversal and correction", "correction only"])
def test_denied_then_paid_ends_equal_in_both_styles(claim, style):
    pay(claim, ("0", "CO-16 150"), check="EFT1")
    right = answer(claim, ("85", "CO-45 40, PR-3 25"), number="ICN2")
    wrong = reversal(claim, ("0", "CO-16 150"), patient_responsibility=ZERO)

    claims = [wrong, right] if style.startswith("reversal") else [right]
    post(take(advice(claims, payer_id=claim.payer.payer_id, check="EFT2")))

    claim.refresh_from_db()
    assert (claim.status, owed(claim), remit(claim)) == (Claim.Status.PAID, ZERO, D("85.00"))
    assert Denial.objects.get().status == Denial.Status.OVERTURNED


def test_a_duplicate_of_what_is_settled_denies_nothing_and_leaves_it_paid(claim):
    pay(claim, ("85", "CO-45 40, PR-3 25"))

    pay(claim, ("0", "OA-18 150"), check="EFT2")

    assert (claim.status, owed(claim)) == (Claim.Status.PAID, ZERO)
    assert not Denial.objects.exists()


def test_contractual_alone_for_the_whole_charge_is_a_denial(claim):
    pay(claim, ("0", "CO-45 150"))

    assert claim.status == Claim.Status.DENIED
    assert owed(claim) == D("150.00")


def test_paid_line_with_a_denied_part_is_partially_paid_with_an_open_denial(claim):
    pay(claim, ("60", "CO-45 40, CO-151 50"))

    assert claim.status == Claim.Status.PARTIALLY_PAID
    assert owed(claim) == D("50.00")
    assert Denial.objects.get().amount == D("50.00")


def test_pr_with_another_reason_stays_at_the_payer(claim, visit):
    pay(claim, ("0", "PR-27 150"))

    assert owed_by_patient(visit=visit) == ZERO
    assert Denial.objects.get().category == "Eligibility"


def test_a_second_coverage_owes_the_share_before_the_patient(claim, visit, coverage):
    second = secondary_of(coverage, PayerFactory(name="Medigap"))
    copay(visit)

    pay(claim, ("94.08", "CO-45 30, CO-253 1.92, PR-2 24"))

    assert (owed(claim, second), owed_by_patient(visit=visit)) == (D("24.00"), ZERO)
    assert credit_of(visit.guarantor, visit) == D("25.00")
    assert balance(Account.SEQ) == D("1.92")


@pytest.mark.parametrize(
    ("told", "contractual", "share"),
    [
        (("24", "OA-23 126"), "0.00", "0.00"),
        (("0", "OA-23 126, CO-45 24"), "24.00", "0.00"),
        (("5", "CO-45 145"), "19.00", "0.00"),
        (("0", "PR-2 37.65, PR-23 -13.65, OA-23 126"), "0.00", "24.00"),
    ],
    ids=["medigap pays it", "medicaid gives it up", "medicaid repeats", "negative PR-23"],
)
def test_second_payer_posts_up_to_what_is_open(claim, visit, coverage, told, contractual, share):
    second = secondary_of(coverage, PayerFactory(name="Second"))
    pay(claim, ("86", "CO-45 40, PR-2 24"))
    following = Claim.objects.exclude(pk=claim.pk).get(coverage=second)
    following.status = Claim.Status.SUBMITTED
    following.save(update_fields=["status"])
    before = balance(Account.CTR)

    pay(following, told, check="EFT2", status="2")

    assert owed(claim, second) == ZERO
    assert balance(Account.CTR) - before == D(contractual)
    assert owed_by_patient(visit=visit) == D(share)


def test_reversal_and_correction_of_a_paid_claim_sets_the_copay_free_and_applies_it_again(claim, visit):
    copay(visit)
    pay(claim, ("85", "CO-45 40, PR-3 25"))
    back = reversal(claim, ("85", "CO-45 40, PR-3 25"))
    again = answer(claim, ("60", "CO-45 40, PR-1 50"), number="ICN2")

    post(take(advice([back, again], payer_id=claim.payer.payer_id, check="EFT2", plb="WO ICN1 -25", amount="0")))

    claim.refresh_from_db()
    assert claim.status == Claim.Status.PAID
    assert owed_by_patient(visit=visit) == D("25.00")
    assert credit_of(visit.guarantor, visit) == ZERO
    assert remit(claim) == D("85.00") + D("-85.00") + D("60.00") + D("25.00")


def test_old_style_reversal_takes_its_groups_from_our_posting(claim, visit):
    pay(claim, ("85", "CO-45 40, PR-3 25"))
    back = reversal(claim, ("85", "CR-45 65"), patient_responsibility=ZERO)

    post(take(advice([back], payer_id=claim.payer.payer_id, check="EFT2", plb="FB X -85", amount="0")))

    assert (owed(claim), owed_by_patient(visit=visit)) == (D("150.00"), ZERO)
    assert balance(Account.RECOUP, payer=claim.payer) == D("-85.00")


def test_a_reversal_of_what_we_never_posted_holds_the_pair(claim):
    back = reversal(claim, ("70", "CO-45 80"))
    again = answer(claim, ("60", "CO-45 90"), number="ICN2")

    row = post(take(advice([back, again], payer_id=claim.payer.payer_id, check="EFT2", plb="WO X -10", amount="0")))[0]

    assert row.status == Remittance.Status.PART_HELD
    assert set(ClaimResponse.objects.values_list("status", flat=True)) == {"held"}
    assert owed(claim) == D("150.00")


def test_takeback_announced_then_taken_leaves_the_recoupment_at_zero(claim):
    pay(claim, ("110", "CO-45 40"))
    back, denied = reversal(claim, ("110", "CO-45 40")), answer(claim, ("0", "CO-27 150"), number="ICN2")
    post(take(advice([back, denied], payer_id=claim.payer.payer_id, check="EFT2", plb="WO ICN1 -110", amount="0")))
    assert balance(Account.RECOUP, payer=claim.payer) == D("-110.00")

    other = take(advice([], payer_id=claim.payer.payer_id, check="EFT3", plb="WO ICN1 110, L6 INT -110"))
    post(other)

    assert balance(Account.RECOUP, payer=claim.payer) == ZERO
    assert owed(claim) == D("150.00")
    assert balance(Account.INT) == D("110.00")


def test_interest_never_touches_the_line(claim):
    pay(claim, ("110", "CO-45 40"), plb="L6 LATE -3.20")

    assert (owed(claim), remit(claim), balance(Account.INT)) == (ZERO, D("113.20"), D("3.20"))


def test_a_refund_check_acknowledged_by_72_and_wo_is_a_memo(claim):
    pay(claim, ("110", "CO-45 40"), plb="WO REF1 85, 72 REF1 -85")

    assert remit(claim) == D("110.00")
    assert balance(Account.RECOUP, payer=claim.payer) == ZERO


def test_an_unknown_adjustment_goes_to_suspense_and_is_never_refused(claim):
    pay(claim, ("110", "CO-45 40"), plb="ZZ WHY 10")

    assert (remit(claim), balance(Account.PLBX)) == (D("100.00"), D("10.00"))


def test_both_paid_as_primary_leaves_a_credit_at_the_second(claim, visit, coverage):
    second = secondary_of(coverage, PayerFactory(name="Second"))
    pay(claim, ("110", "CO-45 40"))
    other = make_like(claim, second)

    pay(other, ("110", "CO-45 40"), check="EFT2", status="1")

    assert owed(claim, second) == D("-110.00")


def make_like(claim, coverage):
    from billing.services.claim_writing import new_claim

    made = new_claim(
        visit=claim.visit, coverage=coverage, order=2, charges=[claim.lines.get().charge], place_of_service="11",
        rendering=claim.rendering_provider, by=None, after=claim,
    )  # fmt: skip
    made.move_to(Claim.Status.READY, by=None)
    return made.move_to(Claim.Status.SUBMITTED, by=None)


def test_share_that_differs_from_clp05_is_held_and_the_rest_is_posted(claim, visit):
    response = pay(claim, ("85", "CO-45 40, PR-3 25"), patient_responsibility=D("30.00"))

    assert response.patient_leg_held
    assert (owed(claim), owed_by_patient(visit=visit)) == (D("25.00"), ZERO)


def test_a_qualified_medicare_beneficiary_is_never_billed_the_cost_share(claim, visit):
    response = pay(claim, ("85", "CO-45 40, PR-2 25"), remarks=("N782",))

    assert "Qualified Medicare" in response.patient_leg_held
    assert owed_by_patient(visit=visit) == ZERO


def test_posting_twice_posts_once(claim):
    post(take(advice([answer(claim, ("110", "CO-45 40"))], payer_id=claim.payer.payer_id)))

    posting.post_remittance(remittance=Remittance.objects.get(), by=None)
    posting.post_due()

    assert remit(claim) == D("110.00")


def test_one_answer_that_cannot_be_posted_does_not_stop_the_others(claim, visit, fees):
    stranger = answer(claim, ("110", "CO-45 40"), patient_control_number="X-999")
    good = answer(claim, ("110", "CO-45 40"))

    row = post(take(advice([stranger, good], payer_id=claim.payer.payer_id)))[0]

    assert row.status == Remittance.Status.PART_HELD
    assert owed(claim) == ZERO


def test_another_persons_claim_number_is_held_and_not_posted(claim):
    CoverageFactory()
    from x12.parties import Party

    other = answer(claim, ("110", "CO-45 40"), patient=Party("QC", True, "NGUYEN", "LINH"))

    post(take(advice([other], payer_id=claim.payer.payer_id)))

    assert owed(claim) == D("150.00")
    assert "another patient" in ClaimResponse.objects.get().held_reason


def test_a_forwarded_payers_answer_that_came_first_is_matched_when_its_claim_stands(claim, visit, coverage):
    second = secondary_of(coverage, PayerFactory(name="Medigap"))
    early = answer(claim, ("24", "OA-23 126"), status="2", number="MG1")
    held = post(take(advice([early], payer_id=second.payer.payer_id, check="MG-EFT")))[0]
    assert held.status == Remittance.Status.PART_HELD

    with clock.at(clock.now() + timedelta(hours=1)):
        pay(claim, ("86", "CO-45 40, PR-2 24"), status="19", check="EFT1")
        posting.post_due()

    held.refresh_from_db()
    assert held.status == Remittance.Status.POSTED
    assert (owed(claim), owed(claim, second)) == (ZERO, ZERO)
    assert balance(Account.REMIT, payer=second.payer) == D("24.00")
