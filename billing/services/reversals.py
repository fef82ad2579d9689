"""CLP02 22: the payer takes an answer back. We undo what *we* posted for it, dated today, or hold the pair."""

from billing.models import ClaimResponse
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, User
from clinic.money import dollars
from clinic.services.events import emit
from ledger.services.entries import reverse_insurance_payment


def post_reversal(*, response: ClaimResponse, claim: Claim, by: User | None) -> ClaimResponse:
    """Old-style reversals (group CR, no PR) post by the groups of our own posting, like any other.

    Unequal amounts or an answer we never posted: refused with a sentence, so that the pair is held, never half.
    """
    original = _what_it_reverses(response)
    response.reverses = original
    response.save(update_fields=["reverses", "updated_at"])
    remittance = response.remittance
    if original.entry is None:  # a denial had posted nothing; so does its reversal
        response.move_to(ClaimResponse.Status.MEMO, by=by, reason="reverses an answer that posted nothing")
    else:
        if remittance.payer is None:
            raise ClinicError("The payer of this check is not known. Choose it, then post again.")
        entry = reverse_insurance_payment(
            entry=original.entry, key=f"835:{response.pk}", payer=remittance.payer, reference=remittance.reference,
            by=by, effective_on=remittance.paid_on or clock.today(),
        )  # fmt: skip
        response.move_to(ClaimResponse.Status.POSTED, by=by, entry=entry, posted_at=clock.now())
    answered = original.claim or claim
    voiding = _void_on_its_way(answered)
    if voiding is not None:
        voiding.move_to(Claim.Status.VOIDED, by=by, reason="the payer took its answer back", answered_at=clock.now())
        answered.move_to(Claim.Status.VOIDED, by=by, reason=f"voided there as {voiding.number}")
    elif answered.can_move_to(Claim.Status.REVERSED) and answered.status != Claim.Status.REPLACED:
        answered.move_to(Claim.Status.REVERSED, by=by, reason=f"reversed by {remittance.trace_number}")
    audit.record(act="remittance.reversed", by=by, patient=claim.patient, row=answered)
    emit(kind="claim.reversed", record=answered, patient=claim.patient, by=by)
    return response


def _void_on_its_way(claim: Claim) -> Claim | None:
    """Our own 8 asked for it: the reversal is its answer, and no correction follows."""
    if not claim.can_move_to(Claim.Status.VOIDED):
        return None
    rows = Claim.objects.filter(replaces=claim, frequency=Claim.Frequency.VOID)
    found = rows.exclude(submitted_at=None).order_by("-sequence").first()
    return found if found is not None and found.can_move_to(Claim.Status.VOIDED) else None


def _what_it_reverses(response: ClaimResponse) -> ClaimResponse:
    posted = (
        ClaimResponse.objects.filter(
            patient_control_number=response.patient_control_number, status=ClaimResponse.Status.POSTED, reversed_by=None
        )
        .exclude(status_code="22")
        .exclude(pk=response.pk)
        .select_related("entry", "claim")
        .prefetch_related("lines")
        .order_by("-posted_at", "-remittance_id", "-position")
    )
    number = response.payer_claim_number
    same = [r for r in posted if r.charge == -response.charge and r.paid == -response.paid]
    named = [r for r in same if number and r.payer_claim_number == number]
    about = {row.line_id for row in response.lines.all()}
    on_these_lines = [
        r for r in named or same if {row.line_id for row in r.lines.all()} == about
    ]  # RFI 137: equal parts
    choice = next(iter(on_these_lines or named or same), None)
    if choice is None:
        raise ClinicError(
            f"The payer takes back {dollars(-response.paid)} of {dollars(-response.charge)},"
            " but no answer of that amount was posted for this claim."
        )
    return choice
