"""Autopay, missed and default, by the clock. The installment's id is the charge's key: no crash charges twice."""

import logging
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from clinic import clock
from clinic.errors import ClinicError, Conflict
from clinic.messages import queue_message
from clinic.models import Hold, Message, Practice
from clinic.money import ZERO, dollars
from collections_app.models import Installment, PaymentPlan
from collections_app.services.installments import (
    locked,
    miss_installment,
    missed_before,
    sync_plan,
)
from collections_app.services.payment_plans import charges_of, default_plan
from ledger.models import Payment
from ledger.services.cards import charge_card

log = logging.getLogger(__name__)

GRACE = timedelta(days=7)
NEXT_TRY = (timedelta(days=3), timedelta(days=4))
"""After the first decline three days on, after the second seven days from the first; then it is missed."""
MISSED_UNTIL_DEFAULT = 2


def run_installments(*, day: date) -> dict[str, int]:
    """One day of all plans: in step with the ledger, charged, missed, defaulted.

    Safe to repeat: a charge has one key per try, and each step looks at what stands now.
    """
    for plan in PaymentPlan.objects.open():
        _guard("sync", plan.pk, lambda plan=plan: sync_plan(plan, by=None))
    charged = sum(_guard("charge", row.pk, lambda row=row: charge_installment(installment=row)) for row in _due(day))
    missed = sum(
        _guard("miss", row.pk, lambda row=row: miss_installment(installment=row, by=None, reason="Not paid in time"))
        for row in missed_before(day, GRACE)
    )
    behind = PaymentPlan.objects.open().annotate(
        missed=Count("installments", filter=Q(installments__status=Installment.Status.MISSED))
    )
    defaulted = sum(
        _guard("default", plan.pk, lambda plan=plan: default_plan(plan=plan, by=None))
        for plan in behind.filter(missed__gte=MISSED_UNTIL_DEFAULT)
    )
    return {"charged": charged, "missed": missed, "defaulted": defaulted}


def _due(day: date) -> list[Installment]:
    """To charge today: due and not declined since, and whatever a crash left half-way."""
    rows = Installment.objects.filter(plan__status__in=PaymentPlan.OPEN).annotate(
        when=Coalesce("next_try_on", "due_on")
    )
    to_charge = Q(status=Installment.Status.SCHEDULED, when__lte=day, plan__card_token__isnull=False)
    return list(rows.filter(to_charge | ~Q(charging_key="")).select_related("plan").order_by("due_on", "id"))


def _guard(what: str, pk: object, work: object) -> int:
    try:
        return 1 if work() is not None else 0  # type: ignore[operator]
    except ClinicError as error:
        log.info("plan left alone", extra={"act": what, "row_id": str(pk), "reason": error.sentence})
    except Exception:
        log.exception("plan failed", extra={"act": what, "row_id": str(pk)})
    return 0


def charge_installment(*, installment: Installment) -> Payment | None:
    """Charge the plan's card for what is open. None when it was declined. Call it outside any transaction.

    The key is committed first, then the call, then the answer: after a crash the same key finds the same charge.
    """
    plan, row = _begin(installment)
    if row is None or plan.card_token is None:
        return None
    begun = Payment.objects.filter(key=row.charging_key).first()
    try:
        payment = charge_card(
            guarantor=plan.guarantor,
            token=plan.card_token,
            amount=begun.amount if begun else row.open_amount,
            kind=Payment.Kind.INSTALLMENT,
            key=row.charging_key,
            by=None,
            charges=charges_of(plan),
        )
    except Conflict:
        return None
    except ClinicError as error:
        _declined(row, error.sentence)
        return None
    _charged(row)
    return payment


@transaction.atomic
def _begin(installment: Installment) -> tuple[PaymentPlan, Installment | None]:
    plan = sync_plan(locked(installment.plan), by=None)
    row = Installment.objects.get(pk=installment.pk)
    if row.charging_key:
        return plan, row
    if not plan.is_open or row.status != Installment.Status.SCHEDULED or row.open_amount <= ZERO:
        return plan, None
    if _may_not_be_asked(plan):
        return plan, None
    row.charging_key = key_of(row)
    Installment.objects.filter(pk=row.pk).update(charging_key=row.charging_key, updated_at=clock.now())
    return plan, row


def _may_not_be_asked(plan: PaymentPlan) -> bool:
    """A dispute, a bankruptcy (11 USC 362) or any other hold on the account or the plan's visits: no card is charged."""
    visits = plan.lines.values("charge__visit")
    holds = Hold.objects.open().filter(guarantor=plan.guarantor_id).exclude(reason=Hold.Reason.PAYMENT_PLAN)
    return holds.filter(Q(visit=None, claim=None) | Q(visit__in=visits) | Q(claim__visit__in=visits)).exists()


def key_of(row: Installment) -> str:
    """The installment's id. A new try after an answered one (declined, or paid and taken back) says so."""
    key = f"installment:{row.pk}"
    answered = Payment.objects.filter(key__startswith=key).exclude(status=Payment.Status.CHARGING).count()
    return f"{key}:{answered + 1}" if answered else key


@transaction.atomic
def _charged(row: Installment) -> None:
    plan = locked(row.plan)
    Installment.objects.filter(pk=row.pk).update(charging_key="", updated_at=clock.now())
    sync_plan(plan, by=None)


@transaction.atomic
def _declined(row: Installment, reason: str) -> None:
    plan = locked(row.plan)
    row = Installment.objects.select_for_update().get(pk=row.pk)
    if not row.charging_key:
        return
    tries = row.tries + 1
    again = clock.today() + NEXT_TRY[tries - 1] if tries <= len(NEXT_TRY) else None
    Installment.objects.filter(pk=row.pk).update(
        charging_key="", tries=tries, next_try_on=again, decline_reason=reason[:200], updated_at=clock.now()
    )
    _tell(plan, row, tries, again)
    if again is None:
        miss_installment(installment=row, by=None, reason="Card declined three times")


def _tell(plan: PaymentPlan, row: Installment, tries: int, again: date | None) -> None:
    practice = Practice.objects.get()
    then = f"We will try again on {again:%m/%d/%Y}." if again else "The installment is now past due."
    queue_message(
        key=f"declined:{row.pk}:{tries}",
        kind="installment_declined",
        channel=Message.Channel.EMAIL if plan.guarantor.email else Message.Channel.LETTER,
        subject=f"Your payment plan with {practice.name}",
        body=f"Your card could not be charged for the installment of {dollars(row.open_amount)}. {then}\n"
        f"To use another card, call {practice.phone}.",
        guarantor=plan.guarantor,
    )
