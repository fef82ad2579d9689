"""A claim that no payer has decided on goes out again as an original (frequency 1), corrected, with what changed.

Rejected is not denied: nothing was adjudicated, there is no payer's number to name and nothing to appeal.
"""

from django.db import transaction

from billing.models import Acknowledgment, ClaimSubmission
from billing.services.content import Change, changes_between, content_of, digest_of
from billing.services.scrub import locked_claim, scrub
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, User

Status = Claim.Status
REJECTED = (Status.REJECTED, Status.SYNTAX_REJECTED)


@transaction.atomic
def resend_rejected(*, claim: Claim, by: User | None, reason: str, unchanged: bool = False) -> Claim:
    """Rejected: scrub it as the record stands now, and let it go again as an original.

    Refused while it says what was rejected, unless a person says why the receiver wants it `unchanged`; the
    worker never may.
    """
    locked = locked_claim(claim)
    if locked.status not in REJECTED:
        raise ClinicError(
            f"Claim {locked.number} is {locked.get_status_display().lower()}. Only a rejected claim is sent again as an"
            " original; a denied one is corrected (7) or appealed."
        )
    if not reason.strip():
        raise ClinicError("Say what you corrected, or why it goes again unchanged.", field="reason")
    found = changes_since_sent(locked)
    if not found and (by is None or not unchanged):
        raise ClinicError(
            "Nothing has changed since it was rejected, and it would be rejected again. Correct what the reason names first."
        )
    locked.move_to(
        Status.DRAFT, by=by, reason=reason[:300], correction_reason=reason.strip()[:200],
        detail={"changes": [[c.what, c.before, c.now] for c in found if c.what not in ("Member id", "Patient")]},
    )  # fmt: skip
    audit.record(
        act="claim.resent",
        by=by,
        patient=locked.patient,
        row=locked,
        why=reason,
        detail={"changed": [c.what for c in found]},
    )
    scrub(claim=locked, by=by)
    claim.refresh_from_db()
    return claim


@transaction.atomic
def send_again(*, claim: Claim, by: User, reason: str) -> Claim:
    """The receiver does not have it (A4, or no word long after it should): the same claim again, on a person's word."""
    locked = locked_claim(claim)
    if locked.status not in (Status.SUBMITTED, Status.RECEIVED):
        raise ClinicError(
            f"Claim {locked.number} is {locked.get_status_display().lower()}; it is not waiting for a receipt."
        )
    if not reason.strip():
        raise ClinicError("Say whom you asked and what they said.", field="reason")
    if not (is_overdue(locked) or was_not_found(locked)):
        raise ClinicError(
            "The payer still has time to answer, and nobody says it is lost. Sent twice it is denied as a duplicate."
        )
    locked.move_to(Status.READY, by=by, reason=reason[:300])
    audit.record(act="claim.sent_again", by=by, patient=locked.patient, row=locked, why=reason)
    scrub(claim=locked, by=by)
    claim.refresh_from_db()
    return claim


def is_overdue(claim: Claim) -> bool:
    waited = (clock.now() - claim.submitted_at).days if claim.submitted_at else 0
    return waited > claim.payer.expected_answer_days


def was_not_found(claim: Claim) -> bool:
    last = claim.acknowledgments.order_by("-created_at", "-position").first()  # type: ignore[attr-defined]
    return last is not None and last.verdict == Acknowledgment.Verdict.NOT_FOUND


def changes_since_sent(claim: Claim) -> list[Change]:
    """What the claim says now against what it said when it last went out; nothing for one never sent."""
    last = ClaimSubmission.objects.filter(claim=claim).order_by("-attempt").first()
    if last is None:
        return []
    now = content_of(claim)
    if digest_of(now) == last.content_sha256:
        return []
    return changes_between(last.content, now)
