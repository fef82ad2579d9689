"""A denial while the payer looks at it again: records sent, an appeal, and what the payer decided without an 835."""

from datetime import date, timedelta

from django.db import transaction

from billing.models import Denial, LineResponse
from billing.services.denials import claim_and_account, release_appeal_hold, touched
from billing.services.outcomes import state_after
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Claim, Hold, User
from clinic.services.holds import place_hold

Status = Denial.Status
DECISION_TAKES = timedelta(days=45)
"""After which somebody asks what became of an appeal; payers have 30 to 60 days."""


@transaction.atomic
def appeal(*, denial: Denial, note: str, by: User | None) -> Denial:
    """An appeal went out. The account is held for this visit until it is decided."""
    if not note.strip():
        raise ClinicError("Say what the appeal argues and how it was sent.", field="note")
    if denial.status == Status.APPEALED:
        raise ClinicError("An appeal of this denial is with the payer already. Note its decision before the next one.")
    if clock.today() > denial.deadline_on:
        raise ClinicError(f"The time to appeal ended on {denial.deadline_on:%m/%d/%Y}.")
    claim = claim_and_account(denial)
    denial.move_to(
        Status.APPEALED, by=by, reason=note[:300], note=note[:300], due_on=clock.today() + DECISION_TAKES,
        next_step=Denial.Step.FIND_OUT,
    )  # fmt: skip
    if claim.can_move_to(Claim.Status.APPEALED):
        claim.move_to(Claim.Status.APPEALED, by=by, reason=note[:300])
    place_hold(
        guarantor=claim.visit.guarantor, visit=claim.visit, reason=Hold.Reason.APPEAL, by=by, note=f"denial {denial.pk}"
    )
    touched(denial, by, "denial.appealed", note)
    return denial


@transaction.atomic
def appeal_lost(*, denial: Denial, why: str, by: User | None) -> Denial:
    """The payer upheld the denial. It is its owner's work again, the account is free, the next level has its own time."""
    if not why.strip():
        raise ClinicError("Say what the payer decided, and why.", field="reason")
    if denial.status != Status.APPEALED:
        raise ClinicError("No appeal of this denial is with the payer.")
    claim = claim_and_account(denial)
    today = clock.today()
    denial.move_to(
        Status.OPEN, by=by, reason=why[:300], note=why[:300], next_step=Denial.Step.FIND_OUT,
        due_on=clock.add_business_days(today, 5),
        deadline_on=max(denial.deadline_on, today + timedelta(days=denial.payer.appeal_days)),
    )  # fmt: skip
    touched(denial, by, "denial.appeal_lost", why)
    release_appeal_hold(denial, by, why)
    if (
        claim.status == Claim.Status.APPEALED
        and not Denial.objects.filter(claim=claim, status=Status.APPEALED).exists()
    ):
        claim.move_to(_as_answered(claim), by=by, reason="appeal lost")
    return denial


@transaction.atomic
def records_sent(*, denial: Denial, note: str, until: date, by: User | None) -> Denial:
    """What the payer asked for is on its way: nothing to do until the day on which it should have answered."""
    if not note.strip():
        raise ClinicError("Say what was sent, and how.", field="note")
    if denial.status != Status.OPEN:
        raise ClinicError(f"This denial is {denial.get_status_display().lower()} already.")
    if until <= clock.today():
        raise ClinicError("Choose a day ahead, on which the payer should have answered.", field="until")
    if until > denial.deadline_on:
        raise ClinicError(f"Look again before the payer's deadline, {denial.deadline_on:%m/%d/%Y}.", field="until")
    denial.move_to(Status.WAITING, by=by, reason=note[:300], due_on=until, note=note[:300])
    touched(denial, by, "denial.waiting", note)
    return denial


def _as_answered(claim: Claim) -> str:
    """As the payer's last answer left it."""
    newest: dict[object, str] = {}
    rows = LineResponse.objects.filter(response__claim=claim, response__reversed_by=None).exclude(outcome="")
    for row in rows.order_by("response__posted_at", "response__position"):
        newest[row.line_id] = row.outcome
    return state_after(newest.values()) if newest else Claim.Status.DENIED
