"""Run the edits over a claim and let it be ready, or not."""

from django.db import transaction

from billing.claim_edits import Finding, check
from billing.services.claim_facts import facts_of
from billing.services.content import content_of, digest_of
from clinic import clock
from clinic.models import Claim, Practice, User
from clinic.services.events import emit

MOVED_BY_SCRUB = (Claim.Status.DRAFT, Claim.Status.EDITS_FAILED, Claim.Status.READY)


@transaction.atomic
def scrub(*, claim: Claim, by: User | None) -> list[Finding]:
    """Check the claim as the record stands now; READY or EDITS_FAILED follows. Safe to repeat.

    A held, rejected or sent claim keeps its state: its findings are for the person who looks at it.
    """
    locked = locked_claim(claim)
    digest = digest_of(content_of(locked))
    locked.content_sha256 = digest
    found = check(facts_of(locked))
    findings = [finding.as_json() for finding in found]
    Claim.objects.filter(pk=locked.pk).update(
        findings=findings, content_sha256=digest, updated_at=clock.now(),
        member_id_fingerprint=locked.coverage.member_id_fingerprint,
    )  # fmt: skip
    stopped = any(each.stops for each in found) and Practice.objects.get().edits_stop_claims
    to = Claim.Status.EDITS_FAILED if stopped else Claim.Status.READY
    if locked.status in MOVED_BY_SCRUB and locked.status != to:
        let_go(locked, to, by=by, reason=_why(found))
    claim.status, claim.findings, claim.content_sha256 = locked.status, findings, digest
    return found


def let_go(claim: Claim, to: str, *, by: User | None, reason: str = "") -> None:
    """Move to READY or EDITS_FAILED; ready claims are announced, so that the sender is woken."""
    claim.move_to(to, by=by, reason=reason[:300])
    if to == Claim.Status.READY:
        emit(kind="claim.ready", record=claim, patient=claim.patient, by=by)


def locked_claim(claim: Claim) -> Claim:
    """The row under its lock, with what the edits and the file read of it."""
    return (
        Claim.objects.select_for_update(of=("self",))
        .select_related(
            "visit__location", "patient", "coverage", "payer", "rendering_provider", "referring_provider", "after__payer"
        )
        .get(pk=claim.pk)
    )  # fmt: skip


def _why(found: list[Finding]) -> str:
    stops = [finding.sentence for finding in found if finding.stops]
    return stops[0] if stops else ""
