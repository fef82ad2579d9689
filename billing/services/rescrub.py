"""The clock's second look: claims whose record changed since they were scrubbed, or whose deadline has come near."""

import logging
from datetime import timedelta

from django.db.models import F, Q, QuerySet

from billing.claim_edits.filing import NEAR_DAYS
from billing.services.scrub import scrub
from clinic import clock
from clinic.models import Claim, Practice

log = logging.getLogger(__name__)

LOOKED_AT = (Claim.Status.DRAFT, Claim.Status.EDITS_FAILED, Claim.Status.READY)
READ_FROM = ("patient", "coverage", "payer", "visit", "visit__location", "rendering_provider", "referring_provider")


def changed_since_scrub() -> QuerySet[Claim]:
    """Unsent claims with a patient, policy, payer, clinician or practice that was saved after the last scrub."""
    practice = Practice.objects.get()
    changed = Q(updated_at__lt=practice.updated_at)
    for name in READ_FROM:
        changed |= Q(**{f"{name}__updated_at__gt": F("updated_at")})
    today = clock.today()
    near = Q(file_by__lte=today + timedelta(days=NEAR_DAYS), updated_at__lt=clock.now() - timedelta(days=1))
    return Claim.objects.filter(changed | near, status__in=LOOKED_AT).order_by("file_by", "id")


def rescrub_changed(limit: int = 200) -> int:
    """How many were looked at again. Safe to repeat: a scrub without a change moves nothing."""
    done = 0
    for claim in changed_since_scrub()[:limit]:
        try:
            scrub(claim=claim, by=None)
            done += 1
        except Exception:
            log.exception("claim not scrubbed", extra={"claim_id": str(claim.pk)})
    return done
