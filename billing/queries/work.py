"""How the page Work sees billing's queues: what waits for the clock, and since when."""

from billing.queries.due import visits_awaiting_claim
from clinic.models import Claim
from clinic.web.work import QueueState


def claims_to_make() -> QueueState:
    visits = visits_awaiting_claim()
    first = visits.values_list("charges_closed_at", flat=True).first()
    return QueueState(visits.count(), first)


def claims_to_send() -> QueueState:
    """Ready claims: the clock takes them within a minute, so an old one means that it stands still."""
    ready = Claim.objects.ready().order_by("updated_at")
    return QueueState(ready.count(), ready.values_list("updated_at", flat=True).first())
