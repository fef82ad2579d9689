"""The clock's turn at making claims: one visit after the other, one that cannot be billed does not stop the next."""

import logging

from billing.queries.due import visits_awaiting_claim
from billing.services.claims import create_claims
from clinic.errors import ClinicError

log = logging.getLogger(__name__)


def make_due_claims(limit: int = 200) -> int:
    """How many claims were made. Safe to repeat and to run twice at once: each visit is made under its row lock."""
    made = 0
    for visit in visits_awaiting_claim()[:limit]:
        try:
            made += len(create_claims(visit=visit, by=None))
        except ClinicError as error:  # on the worklist of unbilled visits
            log.info("no claim: %s", error.sentence, extra={"visit_id": str(visit.pk)})
        except Exception:
            log.exception("claim not made", extra={"visit_id": str(visit.pk)})
    return made
