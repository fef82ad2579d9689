"""The page Work: checks that could not be posted are parked with their error and go back by hand."""

import pytest

from billing.models import Remittance
from billing.queries.work import denials_to_look_at, remittances_to_post
from billing.services import posting
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, User, Visit
from tests.billing.desk import make_claim
from tests.billing.payer_desk import advice, answer, pay, take

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")


@pytest.fixture
def claim(visit: Visit, coverage: Coverage) -> Claim:
    made = make_claim(visit, "G0439")
    made.move_to(Claim.Status.SUBMITTED, by=None)
    return made


@pytest.fixture
def parked(claim: Claim) -> Remittance:
    """As five failed turns of the worker leave it."""
    take(advice([answer(claim, ("85", "CO-45 40, PR-3 25"))], payer_id=claim.payer.payer_id))
    Remittance.objects.update(tries=posting.TRIES, error="the disk is full")
    return Remittance.objects.get()


def test_a_check_that_failed_five_times_is_parked_with_its_error(parked: Remittance) -> None:
    state = remittances_to_post()

    assert state.waiting_count == 0
    assert [(row.label, row.error, row.tries) for row in state.parked] == [("Check EFT1", "the disk is full", 5)]
    assert posting.post_due() == 0


def test_put_back_by_hand_it_is_posted_once(parked: Remittance, bill: User) -> None:
    posting.try_again(parked.pk, bill)

    assert posting.post_due() == 1
    assert Remittance.objects.get().status == Remittance.Status.POSTED


def test_what_is_posted_is_not_tried_again(claim: Claim, bill: User) -> None:
    pay(claim, ("85", "CO-45 40, PR-3 25"))

    with pytest.raises(ClinicError, match="does not wait"):
        posting.try_again(Remittance.objects.get().pk, bill)


def test_a_new_denial_waits_for_the_workers_look(claim: Claim) -> None:
    pay(claim, ("0", "CO-16 150"))

    assert denials_to_look_at().waiting_count == 1
