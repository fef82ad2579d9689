"""Money that has not cleared: what waits, and the steps that close it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.errors import ClinicError
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from ledger.accounts import Account
from ledger.forms import ArrivedForm, PayoutForm, RecoupmentForm
from ledger.queries.clearing import all_lists, card_waiting, waiting_item
from ledger.services.clearing import mark_refund_due, note_arrived, note_payout, note_refund_sent
from ledger.services.recoupments import accept_recoupment


@may("ledger.view")
def clearing(request: StaffRequest) -> HttpResponse:
    context = {
        "lists": all_lists(),
        "card": card_waiting(),
        "payout_form": form_for(request, PayoutForm, action=reverse("ledger:card_payout")),
    }
    return page(request, "ledger/clearing.html", context)


@may("ledger.view")
def dashboard_panel(request: StaffRequest) -> HttpResponse:
    return part(request, "ledger/_dashboard_panel.html", {"lists": all_lists()})


def _said(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        raise ClinicError(str(next(iter(form.errors.values()))[0]), field=str(next(iter(form.errors))))
    return dict(form.cleaned_data)


@may("remittance.post")
@require_POST
@once_token
def deposit_arrived(request: StaffRequest, item_id: int) -> HttpResponse:
    """The check or EFT of this remittance is in the bank."""
    item = waiting_item(item_id, Account.REMIT)
    if item is None or item.payer is None:
        raise Http404
    note_arrived(item=item, key=f"arrived:{request.once_key}", by=request.user, **_said(form_for(request, ArrivedForm)))
    return go_to(request, "ledger:clearing", say="Deposit noted.")


@may("remittance.post")
@require_POST
@once_token
def recoupment_accepted(request: StaffRequest, item_id: int) -> HttpResponse:
    """What the payer took was for this claim of ours, and rightly so."""
    item = waiting_item(item_id, Account.RECOUP)
    if item is None:
        raise Http404
    number = _said(form_for(request, RecoupmentForm))["number"]
    claim = accept_recoupment(item=item, claim_number=number, key=f"recoup:{request.once_key}", by=request.user)
    return go_to(request, "ledger:clearing", say=f"Accepted for claim {claim.number}.")


@may("refund.request")
@require_POST
@once_token
def payer_refund_due(request: StaffRequest, item_id: int) -> HttpResponse:
    """This overpayment is verified: the payer is owed it back."""
    item = waiting_item(item_id, Account.INS)
    if item is None or item.charge is None or item.coverage is None:
        raise Http404
    mark_refund_due(item=item, key=f"overpaid:{request.once_key}", by=request.user)
    return go_to(request, "ledger:clearing", say="Marked as due. The 60 days run from today.")


@may("refund.approve")
@require_POST
@once_token
def payer_refund_sent(request: StaffRequest, item_id: int) -> HttpResponse:
    """Our refund check to a payer went out, for all that is payable under this reference."""
    item = waiting_item(item_id, Account.REFP)
    if item is None or item.payer is None:
        raise Http404
    note_refund_sent(item=item, key=f"refund-sent:{request.once_key}", by=request.user)
    return go_to(request, "ledger:clearing", say="Refund noted as sent.")


@may("remittance.post")
@require_POST
@once_token
def card_payout(request: StaffRequest) -> HttpResponse:
    said = _said(form_for(request, PayoutForm))
    note_payout(key=f"payout:{request.once_key}", by=request.user, **said)
    return go_to(request, "ledger:clearing", say="Payout noted.")
