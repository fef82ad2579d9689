"""Payment plans: open one, look at it, take an installment at the desk, charge the card, cancel."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.errors import ClinicError
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from collections_app.forms import InstallmentForm, PlanCardForm, PlanForm, ReasonForm
from collections_app.models import Installment, PaymentPlan
from collections_app.queries.billable import settled_items
from collections_app.services.installments import left_on, take_installment
from collections_app.services.payment_plans import cancel_plan, change_card, month_later, open_plan
from collections_app.views.accounts import one_account, saw


def one_plan(plan_id: uuid.UUID) -> PaymentPlan:
    return get_object_or_404(PaymentPlan.objects.select_related("guarantor", "card_token", "opened_by"), pk=plan_id)


@may("plan.open")
@once_token
def plan_open(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    guarantor = one_account(guarantor_id)
    saw(request, [guarantor], "open a payment plan")
    items = list(settled_items(guarantor))
    first = month_later(clock.today(), 1, clock.today().day)
    start = {"parts": 3, "starts_on": first, "day_of_month": first.day}
    form = form_for(request, PlanForm, guarantor=guarantor, items=items, initial=start)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        plan = open_plan(
            guarantor=guarantor, parts=said["parts"], lines=form.shares() if items else None, starts_on=said["starts_on"],
            day_of_month=said["day_of_month"], card_token=said["card_token"],
            disclosure_given=said["disclosure_given"], by=request.user,
        )  # fmt: skip
        return go_to(request, "collections:plan", plan.pk, say=f"Plan {plan.number} is open.")
    context = {"guarantor": guarantor, "items": items, "total": sum(i.balance for i in items), "form": form}
    return page(request, "collections/plan_open.html", context)


@may("plan.view")
def plan(request: StaffRequest, plan_id: uuid.UUID) -> HttpResponse:
    row = one_plan(plan_id)
    saw(request, [row.guarantor], "payment plan")
    installments = list(row.installments.prefetch_related("payments__payment"))
    due = next((i for i in installments if i.status in Installment.UNPAID), None)
    context: dict[str, Any] = {
        "plan": row,
        "installments": installments,
        "lines": row.lines.select_related("charge"),
        "left": left_on(row),
        "due": due,
        "pay_form": _pay_form(request, due),
        "card_form": form_for(
            request,
            PlanCardForm,
            guarantor=row.guarantor,
            action=reverse("collections:plan_card", args=[row.pk]),
            initial={"card_token": row.card_token_id},
        ),
        "cancel_form": form_for(request, ReasonForm, action=reverse("collections:plan_cancel", args=[row.pk])),
    }
    return page(request, "collections/plan_detail.html", context)


@may("plan.open")
@require_POST
@once_token
def plan_card(request: StaffRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Another card, or none: what was declined is tried again on the new one."""
    row = one_plan(plan_id)
    form = form_for(request, PlanCardForm, guarantor=row.guarantor)
    if not form.is_valid():
        raise ClinicError("Choose one of the cards that are kept for this account.")
    change_card(plan=row, card_token=form.cleaned_data["card_token"], by=request.user)
    return go_to(request, "collections:plan", row.pk, say="The plan's card is changed.")


def _pay_form(request: StaffRequest, due: Installment | None) -> Any:
    if due is None:
        return None
    action = reverse("collections:installment_take", args=[due.pk])
    return form_for(request, InstallmentForm, action=action, initial={"amount": due.open_amount})


@may("payment.take")
@once_token
def installment_take(request: StaffRequest, installment_id: uuid.UUID) -> HttpResponse:
    """From the plan's page and from check-in; afterwards the receipt."""
    row = get_object_or_404(Installment.objects.select_related("plan__guarantor"), pk=installment_id)
    saw(request, [row.plan.guarantor], "take an installment")
    form = form_for(request, InstallmentForm, initial={"amount": row.open_amount})
    if request.method == "POST" and form.is_valid():
        payment = take_installment(installment=row, key=request.once_key, by=request.user, **form.cleaned_data)
        return go_to(request, "ledger:receipt", payment.pk, say="Installment taken.")
    return page(request, "collections/installment_take.html", {"installment": row, "plan": row.plan, "form": form})


@may("plan.cancel")
@require_POST
@once_token
def plan_cancel(request: StaffRequest, plan_id: uuid.UUID) -> HttpResponse:
    form = form_for(request, ReasonForm)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    row = cancel_plan(plan=one_plan(plan_id), reason=reason, by=request.user)
    return go_to(request, "collections:account", row.guarantor_id, say=f"Plan {row.number} is cancelled.")
