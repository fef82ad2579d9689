"""Payment plans: opened, finished, defaulted, cancelled. The debt lies on PLAN in the ledger as long as one is open."""

import calendar
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from clinic import audit, clock
from clinic.bulk import insert_or_none
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Guarantor, Hold, Practice, User, Visit, next_number
from clinic.money import ZERO, dollars, exact, split_evenly
from clinic.services.events import emit
from clinic.services.holds import place_hold, release_hold
from collections_app.models import Installment, PaymentPlan, PlanLine
from collections_app.queries.billable import due_items, settled_items
from ledger.models import CardToken
from ledger.services.allocations import Share
from ledger.services.entries import from_plan, to_plan
from ledger.services.journal import lock_accounts

MOST_PARTS = 24
WITHOUT_DISCLOSURE = 4
"""More installments than this can be credit under Reg Z (12 CFR 1026.2(a)(17)): a written disclosure goes along."""
FIRST_NUMBER = 301

Status = PaymentPlan.Status


@transaction.atomic
def open_plan(
    *,
    guarantor: Guarantor,
    parts: int,
    by: User | None,
    lines: Sequence[Share] | None = None,
    day_of_month: int | None = None,
    starts_on: date | None = None,
    card_token: CardToken | None = None,
    disclosure_given: bool = False,
) -> PaymentPlan:
    """Put what is due (or these (charge, amount) `lines`) on `parts` monthly installments without interest.

    The parts add up to the principal, the odd cents last. Dr PLAN / Cr PAT; the visits are held from statements.
    Without `starts_on` the first installment is the next `day_of_month` (29 to 31: the month's last day).
    """
    lock_accounts([guarantor.pk])
    shares = _shares(guarantor, lines)
    principal = sum((amount for _charge, amount in shares), ZERO)
    _check_parts(principal, parts, disclosure_given)
    first = _first_day(starts_on, day_of_month)
    plan = PaymentPlan.objects.create(
        number=f"P{next_number('payment plan', first=FIRST_NUMBER)}",
        guarantor=guarantor,
        principal=principal,
        day_of_month=day_of_month or first.day,
        starts_on=first,
        card_token=_usable(card_token, guarantor),
        disclosure_given=disclosure_given,
        opened_on=clock.today(),
        opened_by=by,
    )
    for charge, amount in shares:
        if insert_or_none(PlanLine(plan=plan, charge=charge, amount=amount)) is None:
            raise Conflict("A line of this account is on another plan already. Cancel that plan first.")
    Installment.objects.bulk_create(
        Installment(plan=plan, position=n + 1, due_on=month_later(first, n, plan.day_of_month), amount=amount)
        for n, amount in enumerate(split_evenly(principal, parts))
    )
    to_plan(lines=shares, key=f"plan:{plan.pk}:open", by=by)
    for visit in _visits(plan):
        place_hold(guarantor=guarantor, visit=visit, reason=Hold.Reason.PAYMENT_PLAN, note=plan.number, by=by)
    audit.record(act="plan.opened", by=by, row=plan, detail={"principal": str(principal), "parts": parts})
    emit(kind="plan.opened", record=plan, payload={"guarantor": str(guarantor.pk)}, by=by)
    return plan


def month_later(first: date, months: int, day_of_month: int) -> date:
    """The installment `months` after the first one; a month that is too short takes its last day."""
    if months == 0:
        return first
    index = first.year * 12 + first.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day_of_month, calendar.monthrange(year, month + 1)[1]))


def cancel_plan(*, plan: PaymentPlan, reason: str, by: User) -> PaymentPlan:
    """The rest is due at once, as old as it was."""
    if not reason.strip():
        raise ClinicError("Say why the plan is cancelled.", field="reason")
    return end_plan(plan=plan, to=Status.CANCELLED, reason=reason.strip(), by=by)


@transaction.atomic
def change_card(*, plan: PaymentPlan, card_token: CardToken | None, by: User | None) -> PaymentPlan:
    """Another card for the installments to come, or none. What the old card declined is tried anew on its day."""
    lock_accounts([plan.guarantor_id])
    plan = PaymentPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if not plan.is_open:
        raise ClinicError(f"This plan is {plan.get_status_display().lower()} already.")
    if plan.installments.exclude(charging_key="").exists():
        raise Conflict("The card on file is being charged for this plan. Wait a few minutes, then look again.")
    plan.card_token = _usable(card_token, plan.guarantor)
    plan.save(update_fields=["card_token", "updated_at"])
    plan.installments.filter(status=Installment.Status.SCHEDULED).update(
        tries=0, next_try_on=None, decline_reason="", updated_at=clock.now()
    )
    audit.record(act="plan.card_changed", by=by, row=plan, detail={"card": str(card_token.pk) if card_token else ""})
    return plan


def default_plan(*, plan: PaymentPlan, by: User | None, reason: str = "Installments missed") -> PaymentPlan:
    """The promise is broken: Dr PAT / Cr PLAN for what is left, and the account is billed again."""
    return end_plan(plan=plan, to=Status.DEFAULTED, reason=reason, by=by)


@transaction.atomic
def end_plan(*, plan: PaymentPlan, to: str, reason: str, by: User | None) -> PaymentPlan:
    """Close the plan. What is left on PLAN goes back to the patient; nothing is left of a finished one."""
    lock_accounts([plan.guarantor_id])
    plan = PaymentPlan.objects.select_for_update(of=("self",)).select_related("guarantor").get(pk=plan.pk)
    if plan.status == to:
        return plan
    if not plan.is_open:
        raise ClinicError(f"This plan is {plan.get_status_display().lower()} already.")
    if plan.installments.exclude(charging_key="").exists():
        raise Conflict("The card on file is being charged for this plan. Wait a few minutes, then look again.")
    from_plan(charges=charges_of(plan), key=f"plan:{plan.pk}:{to}", by=by)
    for row in plan.installments.filter(status__in=Installment.UNPAID):
        row.move_to(Installment.Status.DROPPED, by=by, reason=reason)
    visits = _visits(plan)
    PlanLine.objects.filter(plan=plan).update(is_open=False, updated_at=clock.now())
    _release(plan, visits, by)
    plan.move_to(to, by=by, reason=reason, ended_on=clock.today())
    audit.record(act=f"plan.{to}", by=by, row=plan, why=reason)
    if to in (Status.DEFAULTED, Status.FINISHED):
        emit(kind=f"plan.{to}", record=plan, payload={"guarantor": str(plan.guarantor_id)}, by=by)
    return plan


def charges_of(plan: PaymentPlan) -> list[ChargeItem]:
    return [line.charge for line in plan.lines.select_related("charge").order_by("charge__service_date", "id")]


def _shares(guarantor: Guarantor, lines: Sequence[Share] | None) -> list[Share]:
    settled = {i.charge_id: i for i in settled_items(guarantor)}
    if not settled:
        if due_items(guarantor).exists():
            raise ClinicError("The payers have not settled this visit yet. Open a plan once every claim is settled.")
        raise ClinicError("This account owes nothing now. There is nothing to put on a plan.")
    if lines is None:
        return [(i.charge, i.balance) for i in settled.values() if i.charge is not None]
    if not lines:
        raise ClinicError("Choose at least one line for the plan.", field="lines")
    shares = [(charge, exact(amount)) for charge, amount in lines]
    for charge, amount in shares:
        item = settled.get(charge.pk)
        if item is None:
            raise ClinicError(f"Line {charge.code} is not due from this account now. Choose among the lines shown.")
        if amount <= ZERO or amount > item.balance:
            raise ClinicError(f"Line {charge.code} owes {dollars(item.balance)}. Put at most that on the plan.")
    return shares


def _check_parts(principal: Decimal, parts: int, disclosure_given: bool) -> None:
    if parts < 1:
        raise ClinicError("A plan needs at least one installment.", field="parts")
    if parts > MOST_PARTS:
        raise ClinicError(f"A plan has at most {MOST_PARTS} installments.", field="parts")
    smallest = Practice.objects.get().plan_minimum_installment
    if parts > 1 and split_evenly(principal, parts)[0] < smallest:
        most = max(1, int(principal // smallest))
        raise ClinicError(
            f"Each installment must be at least {dollars(smallest)}. Choose at most {most} for {dollars(principal)}.",
            field="parts",
        )
    if parts > WITHOUT_DISCLOSURE and not disclosure_given:
        raise ClinicError(
            "More than four installments need the written disclosure. Hand it over and tick the box.",
            field="disclosure_given",
        )


def _first_day(starts_on: date | None, day_of_month: int | None) -> date:
    today = clock.today()
    if day_of_month is not None and not 1 <= day_of_month <= 31:
        raise ClinicError("The day of the month is between 1 and 31.", field="day_of_month")
    if starts_on is not None:
        if starts_on < today:
            raise ClinicError("The first installment cannot lie in the past.", field="starts_on")
        return starts_on
    day = day_of_month or today.day
    here = today.replace(day=min(day, calendar.monthrange(today.year, today.month)[1]))
    return here if here > today else month_later(here, 1, day)


def _usable(token: CardToken | None, guarantor: Guarantor) -> CardToken | None:
    if token is None:
        return None
    if token.guarantor_id != guarantor.pk:
        raise ClinicError("This card is kept for another account.", field="card_token")
    if not token.is_active or token.expires_on < clock.today():
        raise ClinicError("This card has expired or was removed. Ask for another card.", field="card_token")
    return token


def _visits(plan: PaymentPlan) -> list[Visit]:
    return list(Visit.objects.filter(charges__plan_lines__plan=plan).distinct().order_by("service_date", "id"))


def _release(plan: PaymentPlan, visits: Sequence[Visit], by: User | None) -> None:
    """A visit that is also on another open plan stays held."""
    elsewhere = set(
        PlanLine.objects.filter(is_open=True, charge__visit__in=visits).values_list("charge__visit_id", flat=True)
    )
    holds = Hold.objects.open().filter(reason=Hold.Reason.PAYMENT_PLAN, visit__in=visits, guarantor=plan.guarantor)
    for hold in holds:
        if hold.visit_id not in elsewhere:
            release_hold(hold=hold, by=by, why=plan.number)
