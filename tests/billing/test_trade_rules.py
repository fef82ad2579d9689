"""Rules of the trade where a dollar is easily lost: whose denial ends, who is billed twice, what nobody leaves."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Denial, Remittance
from billing.queries.coordination import decision_on
from billing.services import check_desk, denials, posting, resubmission
from billing.services.judgement import Reason, Told, judge
from billing.services.secondary import create_secondary
from billing.services.submission import submit_one, submit_ready
from clearinghouse.models import TradingPartner
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, Payer, User, Visit
from ledger.queries.balances import owed_by_coverage, owed_by_patient
from tests.billing.desk import make_claim, make_partner, make_route, secondary_of
from tests.billing.payer_desk import advice, answer, cas, pay, post, reversal, take
from tests.factories.clinic import PayerFactory

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")
Status = Claim.Status
ZERO = D("0.00")


def sent(visit: Visit, *codes: str) -> Claim:
    claim = make_claim(visit, *(codes or ("G0439",)))
    assert claim.status == Status.READY, claim.findings
    claim.move_to(Status.SUBMITTED, by=None)
    return claim


@pytest.fixture
def claim(visit: Visit, coverage: Coverage) -> Claim:
    """150.00, before the payer."""
    return sent(visit)


@pytest.fixture
def second(coverage: Coverage, partner: TradingPartner) -> Coverage:
    payer = PayerFactory(name="Second")
    make_route(payer, partner)
    return secondary_of(coverage, payer)


def owed(claim: Claim, coverage: Coverage | None = None) -> D:
    lines = claim.lines.select_related("charge")
    return sum((owed_by_coverage(charge=x.charge, coverage=coverage or claim.coverage) for x in lines), ZERO)


def test_a_capitated_service_is_contractual_and_no_denial() -> None:
    told = Told(D("150.00"), ZERO, (Reason("CO", "24", D("150.00")),))

    verdict = judge(told, open_before=D("150.00"), capitated=True)

    assert (verdict.outcome, verdict.contractual, verdict.denied) == ("adjudicated", D("150.00"), ())


def test_money_that_a_denied_line_takes_from_the_check_is_posted() -> None:
    told = Told(D("150.00"), D("-10.00"), (Reason("CO", "16", D("160.00")),))

    verdict = judge(told, open_before=D("150.00"))

    assert (verdict.outcome, verdict.paid, verdict.left) == ("denied", D("-10.00"), D("160.00"))


def test_a_second_payers_denial_leaves_the_first_payers_denial_open(claim: Claim, second: Coverage) -> None:
    pay(claim, ("85", "CO-45 20, PR-2 20, CO-97 25"))
    following = Claim.objects.get(after=claim)
    following.move_to(Status.SUBMITTED, by=None)

    pay(following, ("0", "OA-23 130, CO-16 20"), check="E2", status="2", number="S1")

    assert Denial.objects.get(claim=claim).status == Denial.Status.OPEN
    assert Denial.objects.get(claim=following).status == Denial.Status.OPEN
    assert owed(claim) == D("25.00")


def test_an_answer_to_the_corrected_claim_still_ends_the_denial_before_it(claim: Claim) -> None:
    pay(claim, ("0", "CO-16 150"))
    corrected = correct(claim)

    pay(corrected, ("0", "CO-50 150"), check="E2", number="ICN2")

    assert Denial.objects.get(claim=claim).status == Denial.Status.CLOSED
    assert Denial.objects.get(claim=corrected).status == Denial.Status.OPEN


def correct(claim: Claim, changes: dict[str, object] | None = None) -> Claim:
    made = resubmission.correct_claim(
        claim=claim, changes=changes or {"prior_authorization_number": "A1"}, reason="mended", by=None
    )
    made.move_to(Status.SUBMITTED, by=None)
    return made


def test_a_denial_closed_as_duplicate_leaves_no_claim_unsettled(claim: Claim, visit: Visit, bill: User) -> None:
    pay(claim, ("0", "OA-18 150"))
    twin = replicate(claim)
    denial = Denial.objects.get(claim=claim)

    denials.close(denial=denial, by=bill, why=f"Duplicate of {twin.number}.")

    claim.refresh_from_db()
    assert claim.status == Status.CLOSED


def replicate(claim: Claim) -> Claim:
    """Another claim for the same line, before the payer."""
    from billing.services.claim_writing import new_claim

    made = new_claim(
        visit=claim.visit, coverage=claim.coverage, order=1, charges=[x.charge for x in claim.lines.all()],
        place_of_service="11", rendering=claim.rendering_provider, by=None,
    )  # fmt: skip
    made.move_to(Status.READY, by=None)
    return made.move_to(Status.SUBMITTED, by=None)


def test_a_line_replaced_alone_leaves_the_other_lines_of_its_claim_where_they_are(
    visit: Visit, coverage: Coverage
) -> None:
    Payer.objects.filter(pk=coverage.payer_id).update(replacement=Payer.Replacement.LINE_BY_LINE)
    claim = sent(visit, "G0439", "G0101")
    pay(claim, ("110", "CO-45 40"), ("0", "CO-16 80"))
    claim = Claim.objects.get(pk=claim.pk)
    corrected = correct(claim)

    pay(corrected, ("60", "CO-45 20"), check="E2", number="ICN2")

    claim.refresh_from_db()
    assert claim.status == Status.CLOSED
    from billing.services.claims import unclaimed_charges

    assert unclaimed_charges(visit) == []


def test_the_second_denied_line_can_be_replaced_after_the_first(visit: Visit, coverage: Coverage) -> None:
    Payer.objects.filter(pk=coverage.payer_id).update(replacement=Payer.Replacement.LINE_BY_LINE)
    claim = sent(visit, "G0439", "G0101")
    pay(claim, ("0", "CO-16 150"), ("0", "CO-16 80"))
    first = Denial.objects.get(charge__code="G0439")
    Denial.objects.filter(pk=first.pk).update(status=Denial.Status.CLOSED)
    corrected = correct(Claim.objects.get(pk=claim.pk))
    Denial.objects.filter(pk=first.pk).update(status=Denial.Status.OPEN)

    pay(corrected, ("60", "CO-45 20"), check="E2", number="ICN2")

    claim.refresh_from_db()
    assert claim.status == Status.DENIED
    assert correct(claim).lines.get().code == "G0439"


def test_a_corrected_primary_does_not_bill_the_next_payer_twice(visit: Visit, second: Coverage) -> None:
    claim = sent(visit, "G0439", "G0101")
    pay(claim, ("110", "CO-45 20, PR-2 20"), ("0", "CO-16 80"))
    following = Claim.objects.get(after=claim)
    corrected = correct(Claim.objects.get(pk=claim.pk))

    pay(corrected, ("110", "CO-45 20, PR-2 20"), ("60", "CO-45 20"), check="E2", number="ICN2")

    assert list(Claim.objects.filter(coverage=second)) == [following]
    following.refresh_from_db()
    assert following.after == corrected


@pytest.mark.parametrize("status", [Status.READY, Status.SUBMITTED, Status.ACCEPTED])
def test_a_claim_that_a_payer_may_still_pay_is_not_billed_to_another(
    status: str, visit: Visit, second: Coverage, bill: User
) -> None:
    claim = make_claim(visit)
    Claim.objects.filter(pk=claim.pk).update(status=status)

    with pytest.raises(ClinicError, match=r"answer|sent"):
        resubmission.bill_other_payer(claim=claim, coverage=second, reason="theirs", by=bill)

    assert Claim.objects.count() == 1


def test_two_people_bill_the_other_payer_once(claim: Claim, second: Coverage, bill: User) -> None:
    pay(claim, ("0", "CO-109 150"))
    resubmission.bill_other_payer(claim=claim, coverage=second, reason="theirs", by=bill)

    with pytest.raises(ClinicError, match="already"):
        resubmission.bill_other_payer(claim=claim, coverage=second, reason="theirs", by=bill)

    assert Claim.objects.filter(coverage=second).count() == 1


def test_a_denial_without_lines_is_no_payment_and_another_payer_may_be_billed(
    claim: Claim, second: Coverage, bill: User
) -> None:
    whole = replace(answer(claim, ("0", "CO-109 150")), lines=(), adjustments=cas("CO-109 150"))
    post(take(advice([whole], payer_id=claim.payer.payer_id)))

    made = resubmission.bill_other_payer(claim=claim, coverage=second, reason="theirs", by=bill)

    assert owed(made) == D("150.00")


def test_claims_go_by_the_partner_that_is_in_use(visit: Visit, coverage: Coverage, partner: TradingPartner) -> None:
    make_claim(visit)
    TradingPartner.objects.filter(pk=partner.pk).update(is_active=False)
    make_route(coverage.payer, make_partner("New Clearing", "TANDEM2"))

    assert submit_ready().claims == 1


def test_the_patient_is_not_billed_before_the_second_payer_was_asked(
    claim: Claim, second: Coverage, bill: User, visit: Visit
) -> None:
    pay(claim, ("0", "PR-204 150"))

    with pytest.raises(ClinicError, match="Second"):
        denials.bill_patient(denial=Denial.objects.get(), by=bill, why="not covered")

    assert owed_by_patient(visit=visit) == ZERO


def test_after_the_second_payers_denial_the_patient_may_be_billed(
    claim: Claim, second: Coverage, bill: User, visit: Visit
) -> None:
    pay(claim, ("0", "PR-204 150"))
    made = resubmission.bill_other_payer(claim=claim, coverage=second, reason="may cover it", by=bill)
    assert made.status == Status.READY, made.findings
    made.move_to(Status.SUBMITTED, by=None)
    pay(made, ("0", "PR-204 150"), check="E2", number="S1")

    denials.bill_patient(denial=Denial.objects.get(claim=made), by=bill, why="covered by nobody")

    assert owed_by_patient(visit=visit) == D("150.00")


@pytest.mark.parametrize(("why", "remarks"), [("PR-209 150", ()), ("PR-303 150", ()), ("PR-96 150", ("N782",))])
def test_what_no_statement_may_ask_is_never_moved_to_the_patient(
    why: str, remarks: tuple[str, ...], claim: Claim, bill: User, visit: Visit
) -> None:
    pay(claim, ("0", why), remarks=remarks)

    with pytest.raises(ClinicError):
        denials.bill_patient(denial=Denial.objects.get(), by=bill, why="they said PR")

    assert owed_by_patient(visit=visit) == ZERO


def test_a_held_share_is_somebodys_work_and_the_claim_stays_paid(claim: Claim, bill: User, visit: Visit) -> None:
    pay(claim, ("85", "CO-45 40, PR-2 25"), remarks=("N782",))

    work = Denial.objects.get(claim=claim)

    assert (work.group, work.reason_code, work.amount) == ("PR", "2", D("25.00"))
    with pytest.raises(ClinicError):
        denials.bill_patient(denial=work, by=bill, why="they said PR")
    claim.refresh_from_db()
    assert claim.status == Status.PAID


def test_a_held_share_goes_to_the_payer_that_is_found_for_it(
    claim: Claim, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    pay(claim, ("85", "CO-45 40, PR-2 25"), remarks=("N782",))
    medicaid = secondary_of(coverage, PayerFactory(name="Medicaid", is_medicaid=True))

    made = create_secondary(primary=Claim.objects.get(pk=claim.pk), by=bill)

    assert (owed(claim), owed(made, medicaid)) == (ZERO, D("25.00"))
    assert Denial.objects.get().status == Denial.Status.TO_PAYER


def test_a_takeback_without_our_line_number_finds_its_line(claim: Claim) -> None:
    pay(claim, ("110", "CO-45 40"))
    back = reversal(claim, ("110", "CO-45 40"))
    back = replace(back, lines=tuple(replace(x, references=()) for x in back.lines))

    post(take(advice([back], payer_id=claim.payer.payer_id, check="E2", plb="FB X -110")))

    assert owed(claim) == D("150.00")


def test_posting_locks_its_own_claim_and_nobody_elses_payer(claim: Claim) -> None:
    row = take(advice([answer(claim, ("110", "CO-45 40"))], payer_id=claim.payer.payer_id))[0].remittance

    with CaptureQueriesContext(
        connection,
    ) as seen:
        posting.post_remittance(remittance=row, by=None)

    locks = [q["sql"] for q in seen if "FOR UPDATE" in q["sql"] and 'JOIN "clinic_payer"' in q["sql"]]
    assert locks
    assert all('FOR UPDATE OF "clinic_claim"' in sql for sql in locks)


def test_a_check_whose_answers_are_placed_one_by_one_is_posted_each_time(
    claim: Claim, visit: Visit, coverage: Coverage, bill: User
) -> None:
    strangers = [
        answer(claim, ("0", "CO-45 40, PR-1 110"), patient_control_number=f"X-{n}", number=f"X{n}") for n in range(7)
    ]
    (row,) = post(take(advice(strangers, payer_id=claim.payer.payer_id)))
    for response in list(row.responses.all())[:6]:
        check_desk.dismiss(response=response, reason="a typing error of theirs", by=bill)
        posting.post_remittance(remittance=row, by=bill)
        row.refresh_from_db()

    check_desk.assign_claim(response=row.responses.get(status="held"), claim_id=claim.pk, by=bill)
    posting.post_due()

    row.refresh_from_db()
    assert row.status == Remittance.Status.POSTED


def test_a_check_is_done_when_its_last_held_answer_is_dismissed(claim: Claim, bill: User) -> None:
    stranger = answer(claim, ("110", "CO-45 40"), patient_control_number="X-1")
    (row,) = post(take(advice([stranger], payer_id=claim.payer.payer_id)))

    check_desk.dismiss(response=row.responses.get(), reason="another clinic's", by=bill)
    posting.post_due()

    row.refresh_from_db()
    assert row.status == Remittance.Status.POSTED


def test_a_void_ends_when_the_payer_takes_the_payment_back(claim: Claim, bill: User) -> None:
    pay(claim, ("110", "CO-45 40"))
    voiding = resubmission.void_at_payer(claim=claim, reason="wrong patient", by=bill)
    submit_one(claim=voiding, by=bill)

    post(
        take(advice([reversal(claim, ("110", "CO-45 40"))], payer_id=claim.payer.payer_id, check="E2", plb="FB X -110"))
    )

    voiding.refresh_from_db()
    claim.refresh_from_db()
    assert (claim.status, voiding.status) == (Status.VOIDED, Status.VOIDED)


def test_equal_parts_of_one_claim_are_reversed_on_their_own_lines(visit: Visit, coverage: Coverage) -> None:
    claim = make_claim(visit, "G0439", "G0439")
    Claim.objects.filter(pk=claim.pk).update(status=Status.SUBMITTED)
    whole = answer(claim, ("110", "CO-45 40"), ("110", "CO-45 40"))
    parts = [replace(whole, lines=(x,), charge=x.charge, paid=x.paid, patient_responsibility=ZERO) for x in whole.lines]
    post(take(advice(parts, payer_id=claim.payer.payer_id)))
    back = reversal(claim, ("110", "CO-45 40"), ("110", "CO-45 40"))
    first = replace(back, lines=back.lines[:1], charge=D("-150.00"), paid=D("-110.00"), patient_responsibility=ZERO)

    post(take(advice([first], payer_id=claim.payer.payer_id, check="E2", plb="FB X -110")))

    open_now = [
        owed_by_coverage(charge=x.charge, coverage=coverage)
        for x in claim.lines.select_related("charge").order_by("position")
    ]
    assert open_now == [D("150.00"), ZERO]


def test_of_two_checks_posted_at_one_moment_the_later_one_speaks(claim: Claim) -> None:
    stranger = answer(claim, ("110", "CO-45 40"), patient_control_number="X-1")
    denied = answer(claim, ("0", "CO-16 150"))
    paid = answer(claim, ("110", "CO-45 40"), number="ICN2")

    post(take(advice([stranger, denied], payer_id=claim.payer.payer_id, check="E1")))
    post(take(advice([paid], payer_id=claim.payer.payer_id, check="E2")))

    claim.refresh_from_db()
    assert claim.status == Status.PAID
    assert decision_on(claim).paid == D("110.00")
