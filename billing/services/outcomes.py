"""What an 835 does to the claim: its state, the payer's number, and whose turn it is next."""

from collections.abc import Collection

from billing.models import ClaimResponse, Denial, LineResponse
from billing.services import secondary
from clinic import clock
from clinic.models import Claim, Coverage, User
from clinic.services.events import emit

Outcome = LineResponse.Outcome


def settle_claim(*, claim: Claim, response: ClaimResponse, following: Coverage | None, by: User | None) -> Claim:
    """Move the claim when every line has its answer, and make the next payer's claim."""
    if response.payer_claim_number and claim.payer_claim_number != response.payer_claim_number:
        claim.payer_claim_number = response.payer_claim_number
        Claim.objects.filter(pk=claim.pk).update(payer_claim_number=response.payer_claim_number, updated_at=clock.now())
    if response.status_code == "23":
        return _move(claim, Claim.Status.CLOSED, by, "not this payer's claim, forwarded")
    to = _state(claim)
    if to is None:
        return claim
    _move(claim, to, by, f"answered by {response.remittance.trace_number}")
    _replaced_are_done(claim, by)
    emit(kind=told_as(to), record=claim, patient=claim.patient, payload={"status": str(to)}, by=by)
    if following is not None and to != Claim.Status.DENIED:
        secondary.follow(primary=claim, response=response, coverage=following, by=by)
    return claim


def _state(claim: Claim) -> str | None:
    """From the newest answer to each line; None while a line has none."""
    newest: dict[object, str] = {}
    rows = LineResponse.objects.filter(
        response__claim=claim, response__status=ClaimResponse.Status.POSTED, response__reversed_by=None
    ).exclude(response__status_code="22")
    for row in rows.order_by("response__posted_at", "response__remittance_id", "response__position"):
        if (newest.get(row.line_id), row.outcome) == (Outcome.PAID, Outcome.ADJUDICATED):
            continue  # said again without money: what was paid stays paid
        newest[row.line_id] = row.outcome
    wanted = set(claim.lines.values_list("pk", flat=True))
    if not wanted <= set(newest):
        return None
    return state_after({newest[pk] for pk in wanted})


def state_after(outcomes: Collection[str]) -> str:
    """What a claim is whose lines, all answered, came out like this."""
    outcomes = set(outcomes)
    if outcomes == {Outcome.DENIED}:
        return Claim.Status.DENIED
    if outcomes & {Outcome.DENIED, Outcome.PART_DENIED}:
        return Claim.Status.PARTIALLY_PAID
    return Claim.Status.PAID if Outcome.PAID in outcomes else Claim.Status.ADJUDICATED


def told_as(status: str) -> str:
    """The event's kind."""
    return "claim.denied" if status == Claim.Status.DENIED else "claim.paid"


def _move(claim: Claim, to: str, by: User | None, reason: str) -> Claim:
    if claim.status == to:
        Claim.objects.filter(pk=claim.pk).update(answered_at=clock.now(), updated_at=clock.now())
        return claim
    return claim.move_to(to, by=by, reason=reason, answered_at=clock.now())


def _replaced_are_done(claim: Claim, by: User | None) -> None:
    """An answered replacement ends what it replaces; lines that it left out stay answered where they are."""
    earlier = claim.replaces
    if earlier is None or earlier.status in (Claim.Status.REPLACED, Claim.Status.CLOSED, Claim.Status.VOIDED):
        return
    to = Claim.Status.REPLACED
    again = set(claim.lines.values_list("charge", flat=True))
    if not set(earlier.lines.values_list("charge", flat=True)) <= again:  # a payer that takes one line a replacement
        if Denial.objects.filter(claim=earlier, status__in=Denial.UNFINISHED).exists():
            return
        to = Claim.Status.CLOSED
    if earlier.can_move_to(to):
        earlier.move_to(to, by=by, reason=f"answered as {claim.number}")
