"""Holding an account by hand, and freeing it: a dispute, a bankruptcy, an estate. Statements, cards and cases obey it."""

from datetime import date

from django.db import transaction

from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Guarantor, Hold, User, Visit
from clinic.services.holds import place_hold, release_hold
from collections_app.queries.billable import BY_THEMSELVES


@transaction.atomic
def hold_account(
    *, guarantor: Guarantor, reason: str, by: User | None, visit: Visit | None = None, until: date | None = None, note: str
) -> Hold:  # fmt: skip
    """Ask for nothing of this account, or of one visit of it, until somebody frees it or `until` has passed."""
    if reason in BY_THEMSELVES:
        raise ClinicError("An appeal and a payment plan hold the account by themselves.", field="reason")
    if visit is not None and visit.guarantor_id != guarantor.pk:
        raise ClinicError("This visit belongs to another account.", field="visit")
    if until is not None and until < clock.today():
        raise ClinicError("The last day of the hold lies in the past.", field="until")
    if not note.strip():
        raise ClinicError("Say who asked for the hold, and why.", field="note")
    return place_hold(guarantor=guarantor, reason=reason, visit=visit, until=until, note=note.strip()[:300], by=by)


def free_account(*, hold: Hold, why: str, by: User | None) -> Hold:
    """The account may be asked again from now on."""
    if hold.reason in BY_THEMSELVES:
        raise ClinicError("This hold ends by itself, with the appeal or the plan that placed it.")
    if not why.strip():
        raise ClinicError("Say why the hold is released.", field="reason")
    return release_hold(hold=hold, by=by, why=why.strip()[:200])
