"""Installments: taken at the desk, charged by token, counted once, missed and cured; kept in step with the ledger."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import User, Visit
from clinic.money import CENT, ZERO, dollars, positive, split_evenly
from clinic.services.events import emit
from collections_app.models import Installment, InstallmentPayment, PaymentPlan
from collections_app.queries.billable import open_amounts
from collections_app.services.payment_plans import charges_of, end_plan, month_later
from ledger.accounts import Account
from ledger.models import Payment
from ledger.services.journal import lock_accounts
from ledger.services.payments import find_payment, receive_payment

Status = Installment.Status
GONE = (Payment.Status.VOIDED, Payment.Status.RETURNED)


@transaction.atomic
def take_installment(
    *,
    installment: Installment,
    method: str,
    key: str,
    by: User | None,
    amount: Decimal | None = None,
    reference: str = "",
    visit: Visit | None = None,
) -> Payment:
    """Take money for a plan at the desk. Without `amount` it is what is open of this installment.

    More than that pays the oldest installments first; more than the plan's rest is refused. Same key, same payment.
    """
    plan = locked(installment.plan)
    before = Payment.objects.filter(key=key).first()
    if before is None:
        sync_plan(plan, by=by)
        installment.refresh_from_db()
        plan.refresh_from_db()
    wanted = positive(amount) if amount is not None else (before.amount if before else installment.open_amount)
    if before is not None:
        find_payment(key=key, guarantor=plan.guarantor, amount=wanted)
        return before
    if not plan.is_open:
        raise ClinicError(
            f"This plan is {plan.get_status_display().lower()}. Take the money as a payment on the account."
        )
    if wanted <= ZERO:
        raise ClinicError("This installment is paid. Take the next one of the plan.")
    left = left_on(plan)
    if wanted > left:
        raise ClinicError(f"Only {dollars(left)} is left on this plan. Take at most that.", field="amount")
    if plan.installments.exclude(charging_key="").exists():
        raise Conflict("The card on file is being charged for this plan. Wait a few minutes, then look again.")
    payment = receive_payment(
        guarantor=plan.guarantor,
        amount=wanted,
        method=method,
        kind=Payment.Kind.INSTALLMENT,
        key=key,
        by=by,
        visit=visit,
        reference=reference,
        charges=charges_of(plan),
    )
    sync_plan(plan, by=by)
    return payment


def locked(plan: PaymentPlan) -> PaymentPlan:
    """The plan under its account's lock and its own."""
    lock_accounts([plan.guarantor_id])
    return PaymentPlan.objects.select_for_update(of=("self",)).select_related("guarantor", "card_token").get(pk=plan.pk)


def left_on(plan: PaymentPlan) -> Decimal:
    """What the ledger says is left on the plan's lines."""
    return sum(open_amounts(charges_of(plan), Account.PLAN).values(), ZERO)


def unpaid(plan: PaymentPlan) -> list[Installment]:
    return list(plan.installments.filter(status__in=Installment.UNPAID).order_by("position"))


def _uncounted(plan: PaymentPlan) -> list[Payment]:
    """Posted on the plan's lines, by whatever door and however the charge ended, and on no installment yet."""
    rows = Payment.objects.filter(
        kind=Payment.Kind.INSTALLMENT,
        status=Payment.Status.POSTED,
        guarantor=plan.guarantor_id,
        received_at__gte=plan.created_at,
        allocations__charge__in=charges_of(plan),
        installment_payments=None,
    )
    return list(rows.distinct().order_by("received_at", "id"))


def _count_payment(plan: PaymentPlan, payment: Payment, by: User | None) -> None:
    """A charge for one installment pays that one first; other money the oldest. A payment is counted once."""
    on_plan = payment.allocations.filter(account=Account.PLAN, charge__in=charges_of(plan))
    amount = on_plan.aggregate(s=Sum("amount"))["s"] or ZERO
    rows = sorted(unpaid(plan), key=lambda row: not payment.key.startswith(f"installment:{row.pk}"))
    for row in rows:
        part = min(amount, row.open_amount)
        if part > ZERO:
            amount -= part
            _count(row, payment, part, by)


def _count(row: Installment, payment: Payment, part: Decimal, by: User | None) -> None:
    InstallmentPayment.objects.create(installment=row, payment=payment, amount=part)
    paid = row.paid + part
    if paid < row.amount:
        Installment.objects.filter(pk=row.pk).update(paid=paid, updated_at=clock.now())
        row.paid = paid
        return
    row.move_to(Status.PAID, by=by, paid=paid, charging_key="", next_try_on=None, decline_reason="")
    emit(kind="installment.paid", record=row, payload={"plan": str(row.plan_id), "payment": str(payment.pk)}, by=by)


@transaction.atomic
def sync_plan(plan: PaymentPlan, *, by: User | None) -> PaymentPlan:
    """Bring the schedule in step with the ledger: payments posted or taken back, a payer's later payment, the end.

    The payer paid a line after all: what is left is spread again over the unpaid installments, never overcharged.
    """
    plan = locked(plan)
    if not plan.is_open:
        return plan
    _undo_dead_payments(plan, by)
    for payment in _uncounted(plan):
        _count_payment(plan, payment, by)
    left = left_on(plan)
    rows = unpaid(plan)
    if left != sum((row.open_amount for row in rows), ZERO):
        _spread_again(plan, rows, left, by)
    if left <= ZERO:
        Installment.objects.filter(plan=plan).exclude(charging_key="").update(charging_key="", updated_at=clock.now())
        return end_plan(plan=plan, to=PaymentPlan.Status.FINISHED, reason="Nothing is left on the plan", by=by)
    is_behind = plan.installments.filter(status=Status.MISSED).exists()
    standing = PaymentPlan.Status.PAST_DUE if is_behind else PaymentPlan.Status.ACTIVE
    if plan.status != standing:
        plan.move_to(standing, by=by, reason="An installment was missed" if is_behind else "Caught up")
    return plan


def _undo_dead_payments(plan: PaymentPlan, by: User | None) -> None:
    dead = InstallmentPayment.objects.filter(installment__plan=plan, undone_at=None, payment__status__in=GONE)
    for row in dead.select_related("installment").order_by("id"):
        installment = row.installment
        installment.refresh_from_db()
        rest = installment.paid - row.amount
        if installment.status == Status.PAID:
            installment.move_to(Status.SCHEDULED, by=by, reason="Its payment was taken back", paid=rest)
        else:
            Installment.objects.filter(pk=installment.pk).update(paid=rest, updated_at=clock.now())
        InstallmentPayment.objects.filter(pk=row.pk).update(undone_at=clock.now(), updated_at=clock.now())


def _spread_again(plan: PaymentPlan, rows: list[Installment], left: Decimal, by: User | None) -> None:
    if not rows and left > ZERO:
        last = plan.installments.order_by("-position")[0]
        due_on = month_later(max(last.due_on, clock.today()), 1, plan.day_of_month)
        rows = [Installment.objects.create(plan=plan, position=last.position + 1, due_on=due_on, amount=ZERO)]
    parts = min(len(rows), max(0, int(left / CENT)))
    shares = split_evenly(left, parts) if parts else []
    for n, row in enumerate(rows):
        if n < parts:
            Installment.objects.filter(pk=row.pk).update(amount=row.paid + shares[n], updated_at=clock.now())
        elif row.paid > ZERO:
            row.move_to(Status.PAID, by=by, reason="The rest is no longer due", amount=row.paid)
        else:
            row.move_to(Status.DROPPED, by=by, reason="No longer due")
    audit.record(act="plan.spread_again", by=by, row=plan, detail={"left": str(left), "parts": parts})


@transaction.atomic
def miss_installment(*, installment: Installment, by: User | None, reason: str) -> Installment:
    """Its day and its grace are over. The plan is past due until it is caught up."""
    plan = locked(installment.plan)
    installment = Installment.objects.select_related("plan").get(pk=installment.pk)
    if installment.status != Status.SCHEDULED:
        return installment
    installment.move_to(Status.MISSED, by=by, reason=reason, next_try_on=None)
    emit(kind="installment.missed", record=installment, payload={"plan": str(plan.pk)}, by=by)
    sync_plan(plan, by=by)
    return installment


def missed_before(day: date, grace: timedelta) -> "list[Installment]":
    """Unpaid after their grace. Those charged by token are missed by their last decline instead."""
    rows = Installment.objects.filter(
        status=Status.SCHEDULED,
        due_on__lt=day - grace,
        plan__status__in=PaymentPlan.OPEN,
        plan__card_token=None,
        charging_key="",
    )
    return list(rows.select_related("plan").order_by("due_on", "id"))
