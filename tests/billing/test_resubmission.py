"""Sending again in its kinds: 7 with F8, 1 as new, one line, 8, another payer; and what is refused with a sentence."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from billing.models import Correction, Denial
from billing.services.correction_preview import enter_payer_claim_number, preview_correction
from billing.services.resubmission import bill_other_payer, correct_claim, kind_in_words, void_at_payer
from billing.services.submission import submit_ready
from clearinghouse.models import TradingPartner, Transmission
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Claim, Coverage, Payer, User, Visit
from insurance.services import coverage as coverages
from ledger.queries.balances import owed_by_coverage
from tests.billing.denial_desk import denied, sent
from tests.billing.desk import make_route, secondary_of
from tests.billing.payer_desk import advice, answer, pay, post, reversal, take
from tests.factories.clinic import PayerFactory
from x12.claim_837p import read_batch
from x12.envelope import EnvelopeReader

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")
Status = Claim.Status


@pytest.fixture
def refuse(visit: Visit, coverage: Coverage) -> Callable[..., Claim]:
    """A claim over 150.00 (or more lines) that its payer has denied."""

    def make(*codes: str, remarks: tuple[str, ...] = (), number: str = "ICN1", **payer: Any) -> Claim:
        Payer.objects.filter(pk=coverage.payer_id).update(**payer)
        claim = sent(visit, *(codes or ("G0439",)))
        lines = [("0", f"CO-16 {line.amount}") for line in claim.lines.order_by("position")]
        denied(claim, *lines, remarks=remarks, number=number)
        claim.refresh_from_db()
        return Claim.objects.select_related("payer", "coverage").get(pk=claim.pk)

    return make


def corrected(claim: Claim, **changes: Any) -> Claim:
    return correct_claim(
        claim=claim, changes=changes or {"prior_authorization_number": "A7"}, reason="put right", by=None
    )


def as_written(claim: Claim) -> Any:
    """The claim as its file says it to the payer."""
    file = Transmission.objects.filter(kind="837P").latest("id")
    batches = [read_batch(t) for t in EnvelopeReader(bytes(file.payload))]
    return next(c for b in batches for c in b.claims if c.patient_control_number == claim.control_number)


def test_a_payer_that_takes_replacements_gets_a_7_with_its_number(refuse: Callable[..., Claim]) -> None:
    old = refuse(replacement="frequency_7")

    made = corrected(old)

    assert (made.number, made.control_number, made.sequence) == (f"{old.number}-2", old.control_number, 2)
    assert (made.frequency, made.original_reference, made.status) == ("7", "ICN1", Status.READY)
    submit_ready()
    said = as_written(made)
    assert (said.frequency, said.payer_claim_number) == ("7", "ICN1")


@pytest.mark.parametrize("replacement", ["new_claim", "reopening"])
def test_a_payer_that_takes_none_gets_a_new_claim_without_f8(refuse: Callable[..., Claim], replacement: str) -> None:
    made = corrected(refuse(replacement=replacement))

    assert (made.frequency, made.original_reference) == ("1", "")
    submit_ready()
    said = as_written(made)
    assert (said.frequency, said.payer_claim_number) == ("1", "")


def test_an_unprocessable_claim_goes_as_a_new_one_whatever_the_payer_takes(refuse: Callable[..., Claim]) -> None:
    made = corrected(refuse(replacement="frequency_7", remarks=("MA130", "N290")))

    assert (made.frequency, made.original_reference) == ("1", "")


def test_a_line_by_line_payer_gets_the_one_denied_line(visit: Visit, coverage: Coverage) -> None:
    Payer.objects.filter(pk=coverage.payer_id).update(replacement="line_by_line")
    old = sent(visit, "G0439", "G0101")
    denied(old, ("110", "CO-45 40"), ("0", "CO-197 80"))
    old.refresh_from_db()

    made = corrected(old)

    assert [(line.code, line.amount) for line in made.lines.all()] == [("G0101", D("80.00"))]
    assert (made.frequency, made.total) == ("7", D("80.00"))
    was = old.lines.get(charge__code="G0101")
    assert made.lines.get().control_number == was.control_number  # by it the payer knows which line is meant


@pytest.mark.parametrize("replacement", ["new_claim", "reopening"])
def test_a_new_claim_asks_only_for_what_is_open(visit: Visit, coverage: Coverage, replacement: str) -> None:
    Payer.objects.filter(pk=coverage.payer_id).update(replacement=replacement)
    old = sent(visit, "G0439", "G0101")
    denied(old, ("110", "CO-45 40"), ("0", "CO-16 80"))
    old.refresh_from_db()

    made = corrected(old)

    assert [(line.code, line.amount) for line in made.lines.all()] == [("G0101", D("80.00"))]
    assert made.total == D("80.00")
    submit_ready()
    pay(made, ("60", "CO-45 20"), check="E2", number="ICN2")
    assert set(Claim.objects.values_list("status", flat=True)) == {Status.CLOSED, Status.PAID}
    assert Denial.objects.get().status == Denial.Status.OVERTURNED


def test_a_paid_line_that_a_person_changes_goes_with_the_new_claim(visit: Visit, coverage: Coverage) -> None:
    Payer.objects.filter(pk=coverage.payer_id).update(replacement="new_claim")
    old = sent(visit, "G0439", "G0101")
    denied(old, ("110", "CO-45 40"), ("0", "CO-16 80"))
    old.refresh_from_db()
    paid = old.lines.get(charge__code="G0439")

    made = correct_claim(
        claim=old, changes={}, line_changes={paid.charge_id: {"modifiers": ["25"]}}, reason="modifier", by=None
    )

    assert [(line.code, line.modifiers) for line in made.lines.all()] == [("G0439", ["25"]), ("G0101", [])]


def test_one_line_sent_again_unchanged_is_refused_like_a_whole_claim(visit: Visit, coverage: Coverage) -> None:
    Payer.objects.filter(pk=coverage.payer_id).update(replacement="line_by_line")
    old = sent(visit, "G0439", "G0101")
    denied(old, ("110", "CO-45 40"), ("0", "CO-197 80"))
    old.refresh_from_db()

    with pytest.raises(ClinicError, match="Nothing differs"):
        correct_claim(claim=old, changes={}, reason="again", by=None)


def test_two_denied_lines_at_a_line_by_line_payer_go_one_after_the_other(refuse: Callable[..., Claim]) -> None:
    with pytest.raises(ClinicError, match="one replaced line a claim"):
        corrected(refuse("G0439", "G0101", replacement="line_by_line"))


def test_without_the_payers_number_no_replacement_until_it_is_entered(refuse: Callable[..., Claim], bill: User) -> None:
    old = refuse(number="")
    with pytest.raises(ClinicError, match="none is on file"):
        corrected(old)
    assert "Enter it first" in kind_in_words(old)

    enter_payer_claim_number(claim=old, number=" icn9 ", version=old.version, by=bill)

    old.refresh_from_db()
    assert corrected(old).original_reference == "ICN9"


def test_a_number_on_file_is_not_typed_over(refuse: Callable[..., Claim], bill: User) -> None:
    old = refuse()

    with pytest.raises(ClinicError, match="is on file: ICN1"):
        enter_payer_claim_number(claim=old, number="X", version=old.version, by=bill)


def test_a_payers_number_is_entered_on_the_version_that_was_seen(refuse: Callable[..., Claim], bill: User) -> None:
    old = refuse(number="")

    with pytest.raises(Conflict):
        enter_payer_claim_number(claim=old, number="X", version=old.version + 1, by=bill)


def test_the_same_content_again_is_refused_and_leaves_nothing(refuse: Callable[..., Claim]) -> None:
    old = refuse()

    with pytest.raises(ClinicError, match="Nothing differs from the claim that was denied"):
        correct_claim(claim=old, changes={"place_of_service": "11"}, reason="again", by=None)

    assert Claim.objects.count() == 1
    assert Denial.objects.get().status == Denial.Status.OPEN


def test_what_was_corrected_on_the_record_is_a_difference_and_told(
    refuse: Callable[..., Claim], coverage: Coverage, bill: User
) -> None:
    old = refuse()
    coverages.change_member_id(coverage=coverage, member_id="NEW12345", by=bill)
    old.coverage.refresh_from_db()

    correct_claim(claim=old, changes={}, reason="id from the card", by=bill)

    assert list(Correction.objects.get().diff) == ["Member id"]


def test_a_fifth_sending_is_a_telephone_call(refuse: Callable[..., Claim]) -> None:
    old = refuse()
    Claim.objects.filter(pk=old.pk).update(sequence=4)

    with pytest.raises(ClinicError, match="sent four times"):
        corrected(old)


def test_while_a_correction_is_on_its_way_no_second_one_is_made(refuse: Callable[..., Claim]) -> None:
    old = refuse()
    corrected(old)

    with pytest.raises(ClinicError, match="still on its way"):
        corrected(old, prior_authorization_number="B8")


def test_a_claim_without_an_answer_is_changed_not_corrected(visit: Visit, coverage: Coverage) -> None:
    with pytest.raises(ClinicError, match="A corrected claim follows an answer"):
        corrected(sent(visit))


def test_a_stale_version_is_a_conflict(refuse: Callable[..., Claim]) -> None:
    old = refuse()

    with pytest.raises(Conflict):
        correct_claim(claim=old, changes={"clia_number": "14D0000009"}, reason="x", version=old.version + 1, by=None)


@pytest.mark.parametrize("changes", [{"payer_id": "x"}, {"total": "1"}, {"status": "paid"}])
def test_only_what_belongs_to_a_claim_is_changed(refuse: Callable[..., Claim], changes: dict[str, Any]) -> None:
    with pytest.raises(ClinicError, match="cannot be changed on a claim"):
        corrected(refuse(), **changes)


def test_a_changed_amount_moves_the_receivable_before_it_goes_out(
    refuse: Callable[..., Claim], coverage: Coverage, bill: User
) -> None:
    old = refuse()
    charge = ChargeItem.objects.get()

    made = correct_claim(
        claim=old,
        changes={},
        line_changes={charge.pk: {"units": 2, "amount": D("300.00")}},
        reason="two units",
        by=bill,
    )

    charge.refresh_from_db()
    assert (made.total, charge.amount) == (D("300.00"), D("300.00"))
    assert owed_by_coverage(charge=charge, coverage=coverage) == D("300.00")


def test_a_preview_shows_the_difference_and_leaves_nothing(refuse: Callable[..., Claim], bill: User) -> None:
    old = refuse()

    shown = preview_correction(
        claim=old,
        changes={"prior_authorization_number": "A7"},
        line_changes={},
        reason="x",
        version=old.version,
        by=bill,
    )

    assert [(c.what, c.before, c.now) for c in shown.changes] == [("Authorization", "–", "A7")]
    assert (Claim.objects.count(), Correction.objects.count()) == (1, 0)
    assert Denial.objects.get().status == Denial.Status.OPEN


def test_an_answered_replacement_ends_what_it_replaces(refuse: Callable[..., Claim]) -> None:
    old = refuse()
    made = corrected(old)
    submit_ready()
    made.refresh_from_db()

    again = [
        reversal(old, ("0", "CO-16 150"), patient_responsibility=D("0")),
        answer(made, ("110", "CO-45 40"), number="ICN2"),
    ]
    post(take(advice(again, payer_id=old.payer.payer_id, check="LATER")))

    old.refresh_from_db()
    made.refresh_from_db()
    assert (old.status, made.status) == (Status.REPLACED, Status.PAID)
    assert Denial.objects.get().status == Denial.Status.OVERTURNED
    assert owed_by_coverage(charge=ChargeItem.objects.get(), coverage=old.coverage) == D("0.00")


def test_a_claim_is_taken_back_with_an_8_that_names_it(refuse: Callable[..., Claim], bill: User) -> None:
    old = refuse()

    made = void_at_payer(claim=old, reason="wrong patient", by=bill)

    assert (made.frequency, made.original_reference, made.total) == ("8", "ICN1", old.total)
    submit_ready()
    assert as_written(made).frequency == "8"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [({"number": ""}, "an 8 cannot name the claim"), ({"replacement": "reopening"}, "takes no void"), ({"replacement": "new_claim"}, "takes no void")],
)  # fmt: skip
def test_no_8_without_a_number_or_to_a_payer_that_takes_none(
    refuse: Callable[..., Claim], bill: User, facts: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ClinicError, match=sentence):
        void_at_payer(claim=refuse(**facts), reason="wrong patient", by=bill)


def test_another_payer_gets_a_new_claim_and_the_old_one_closes_at_nothing(
    refuse: Callable[..., Claim], coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    payer = PayerFactory()
    make_route(payer, partner)
    other = secondary_of(coverage, payer)
    old = refuse("G0439", "G0101")

    made = bill_other_payer(claim=old, coverage=other, reason="the patient says so", by=bill)

    old.refresh_from_db()
    assert (made.frequency, made.original_reference, made.replaces, made.order) == ("1", "", None, 1)
    assert made.control_number != old.control_number
    assert old.status == Status.CLOSED
    charges = list(ChargeItem.objects.all())
    assert {owed_by_coverage(charge=c, coverage=coverage) for c in charges} == {D("0.00")}
    assert sum(owed_by_coverage(charge=c, coverage=other) for c in charges) == D("230.00")
    assert {d.status for d in Denial.objects.all()} == {Denial.Status.TO_PAYER}


def test_another_payer_is_not_billed_for_what_the_first_has_paid(
    visit: Visit, coverage: Coverage, partner: TradingPartner, bill: User
) -> None:
    payer = PayerFactory()
    make_route(payer, partner)
    other = secondary_of(coverage, payer)
    old = sent(visit, "G0439", "G0101")
    denied(old, ("110", "CO-45 40"), ("0", "CO-22 80"))
    old.refresh_from_db()

    with pytest.raises(ClinicError, match="has paid a line of this claim"):
        bill_other_payer(claim=old, coverage=other, reason="x", by=bill)


def test_a_cover_that_was_not_in_force_is_not_billed(
    refuse: Callable[..., Claim], coverage: Coverage, bill: User
) -> None:
    other = secondary_of(coverage, PayerFactory(), ends_on=date(2025, 12, 31))

    with pytest.raises(ClinicError, match="not in force on the date of service"):
        bill_other_payer(claim=refuse(), coverage=other, reason="x", by=bill)
