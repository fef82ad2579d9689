"""How the page Work sees billing's queues: what waits for the clock, and since when."""

from billing.models import Denial, Remittance
from billing.queries.due import visits_awaiting_claim
from clinic.models import Claim
from clinic.web.work import ParkedRow, QueueState

POSTING_TRIES = 5


def claims_to_make() -> QueueState:
    visits = visits_awaiting_claim()
    first = visits.values_list("charges_closed_at", flat=True).first()
    return QueueState(visits.count(), first)


def claims_to_send() -> QueueState:
    """Ready claims: the clock takes them within a minute, so an old one means that it stands still."""
    ready = Claim.objects.ready().order_by("updated_at")
    return QueueState(ready.count(), ready.values_list("updated_at", flat=True).first())


def remittances_to_post() -> QueueState:
    """Imported checks. One that failed five times is parked with its error and waits for a person."""
    imported = Remittance.objects.filter(status=Remittance.Status.IMPORTED).order_by("created_at")
    waiting = imported.filter(tries__lt=POSTING_TRIES)
    parked = [
        ParkedRow(row.pk, f"Check {row.trace_number}", row.error or "not posted", row.tries)
        for row in imported.filter(tries__gte=POSTING_TRIES)[:50]
    ]
    return QueueState(waiting.count(), waiting.values_list("created_at", flat=True).first(), parked)


def denials_to_look_at() -> QueueState:
    """Open denials that the worker has not judged; it judges each once."""
    fresh = Denial.objects.filter(
        status=Denial.Status.OPEN, corrections=None, claim__payer__auto_correction=True
    ).order_by("created_at")
    return QueueState(fresh.count(), fresh.values_list("created_at", flat=True).first())
