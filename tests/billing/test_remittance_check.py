"""verify_ledger finds a check that is not posted whole and a denied line that is nobody's work."""

from decimal import Decimal as D

import pytest

from billing.models import ClaimResponse, Denial, Remittance
from billing.services import denials
from clinic.models import Claim, Visit
from ledger.models import JournalEntry
from ledger.services.entries import bank_deposit
from ledger.services.journal import reverse
from ledger.services.verification import verify
from tests.billing.desk import make_claim
from tests.billing.payer_desk import advice, answer, pay, post, reversal, take

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")


@pytest.fixture
def claim(visit: Visit, coverage) -> Claim:
    made = make_claim(visit, "G0439")
    made.move_to(Claim.Status.SUBMITTED, by=None)
    return made


def faults() -> dict[str, int]:
    return {name: len(found) for name, found in verify().findings.items() if found}


def test_a_posted_deposited_check_with_a_kept_amount_holds(claim):
    pay(claim, ("85", "CO-45 40, PR-3 25"), plb="WO A 10")
    row = Remittance.objects.get()
    bank_deposit(payer=row.payer, reference=row.reference, amount=D("75.00"), key="d", by=None)

    assert faults() == {}


def test_a_check_with_a_reversal_and_a_correction_holds(claim):
    pay(claim, ("85", "CO-45 40, PR-3 25"), check="EFT1")
    again = [reversal(claim, ("85", "CO-45 40, PR-3 25")), answer(claim, ("90", "CO-45 40, PR-3 20"), number="ICN2")]
    post(take(advice(again, payer_id=claim.payer.payer_id, check="EFT2")))

    assert faults() == {}


def test_an_answer_that_lost_its_posting_is_found(claim):
    pay(claim, ("85", "CO-45 40, PR-3 25"))
    entry = JournalEntry.objects.get(kind=JournalEntry.Kind.INSURANCE_PAYMENT)

    reverse(entry=entry, key="by mistake", by=None)

    assert faults() == {"posted checks stand in the books": 1}


def test_an_answer_missing_from_a_posted_check_is_found(claim):
    pay(claim, ("85", "CO-45 40, PR-3 25"))

    ClaimResponse.objects.update(paid=D("80.00"))

    assert faults() == {"posted checks are posted whole": 1, "posted checks stand in the books": 1}


def test_a_denied_line_with_an_open_denial_is_owned(claim):
    pay(claim, ("0", "CO-16 150"))

    assert faults() == {}


def test_a_denied_line_whose_denial_ended_with_dollars_open_is_nobodys(claim):
    pay(claim, ("0", "CO-16 150"))

    Denial.objects.update(status=Denial.Status.CLOSED)

    assert faults() == {"every denied line has an owner": 1}


def test_a_written_off_line_needs_no_owner(claim, bill, mona):
    pay(claim, ("0", "CO-16 150"))

    denials.write_off_denial(denial=Denial.objects.get(), requested_by=bill, approved_by=mona, why="too small")

    assert faults() == {}
