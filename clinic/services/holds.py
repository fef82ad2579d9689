"""The only writer of Hold. Any office may place one; every sender of bills reads it."""

from datetime import date

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Claim, Guarantor, Hold, User, Visit


@transaction.atomic
def place_hold(
    *,
    guarantor: Guarantor,
    reason: str,
    by: User | None,
    visit: Visit | None = None,
    claim: Claim | None = None,
    until: date | None = None,
    note: str = "",
) -> Hold:
    """Stop billing this guarantor (or one visit or claim). The same hold placed twice is one hold, until the later day."""
    if reason not in Hold.Reason.values:
        raise ClinicError("Choose why this account is held.", field="reason")
    same = Hold.objects.open().filter(guarantor=guarantor, reason=reason, visit=visit, claim=claim).first()
    if same is not None:
        return _lasts_longer(same, until, note, by)
    hold = Hold.objects.create(
        guarantor=guarantor, reason=reason, visit=visit, claim=claim, until=until, note=note, set_by=by
    )
    audit.record(act="hold.placed", by=by, row=hold, why=note)
    return hold


def _lasts_longer(hold: Hold, until: date | None, note: str, by: User | None) -> Hold:
    """No day at all is the latest."""
    if hold.until is None or (until is not None and until <= hold.until):
        return hold
    hold.until, hold.note = until, note or hold.note
    hold.save(update_fields=["until", "note", "updated_at"])
    audit.record(act="hold.extended", by=by, row=hold, why=note)
    return hold


@transaction.atomic
def release_hold(*, hold: Hold, by: User | None, why: str = "") -> Hold:
    released = Hold.objects.filter(pk=hold.pk, released_at=None).update(
        released_at=clock.now(), released_by=by, updated_at=clock.now()
    )
    hold.refresh_from_db()
    if released:
        audit.record(act="hold.released", by=by, row=hold, why=why)
    return hold


def is_held(*, guarantor: Guarantor, visit: Visit | None = None) -> bool:
    """Is there an open hold on the whole account, or on this visit?"""
    holds = Hold.objects.open().filter(guarantor=guarantor)
    for hold in holds:
        if hold.visit_id is None and hold.claim_id is None:
            return True
        if visit is not None and (hold.visit_id == visit.pk or (hold.claim and hold.claim.visit_id == visit.pk)):
            return True
    return False
