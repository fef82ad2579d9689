"""A collection case: its steps, the call, and what two people decide."""

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
from collections_app.forms import AgencyPaymentForm, CallForm, ReasonForm, ReferralForm
from collections_app.models import CollectionCase
from collections_app.queries.billable import holds_on
from collections_app.queries.cases import lines_of
from collections_app.queries.worklists import CYCLE
from collections_app.services import referrals
from collections_app.services.cases import CALL_AFTER, FINAL_AFTER, note_call
from collections_app.views.accounts import saw

Status = CollectionCase.Status


LADDER = {
    Status.STATEMENT: (CYCLE, "A reminder goes out"),
    Status.REMINDER: (2 * CYCLE, "The second notice goes out"),
    Status.SECOND: (CALL_AFTER, "A call is due"),
    Status.CALL: (FINAL_AFTER, "Call before the final notice goes out,"),
    Status.CALLED: (FINAL_AFTER, "The final notice goes out"),
}
"""The step after each, and how long after the first bill the worker takes it."""


def one_case(case_id: uuid.UUID) -> CollectionCase:
    rows = CollectionCase.objects.select_related(
        "guarantor", "requested_by", "approved_by", "called_by", "write_off_requested_by", "write_off_approved_by"
    )
    return get_object_or_404(rows, pk=case_id)


@may("case.view")
def case(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = one_case(case_id)
    saw(request, [row.guarantor], "collection case")

    def form(kind: Any, name: str) -> Any:
        return form_for(request, kind, action=reverse(f"collections:{name}", args=[row.pk]))

    lines = lines_of(row) if row.is_climbing else []
    answered_by = row.answer_by is not None and clock.today() > row.answer_by
    after, words = LADDER.get(Status(row.status), (None, ""))
    context = {
        "next_words": words,
        "next_on": row.opened_on + after if after is not None else None,
        "case": row,
        "lines": lines,
        "amount": sum(i.balance for i in lines),
        "placed": row.lines.select_related("charge"),
        "still_owed": referrals.still_owed(row) if row.status in CollectionCase.PLACED else None,
        "holds": holds_on(row.guarantor),
        "history": row.history().select_related("changed_by"),
        "can_call": row.status in (Status.CALL, Status.SECOND),
        "can_refer": row.status == Status.FINAL and answered_by,
        "can_decide": row.status == Status.REQUESTED,
        "can_write_off": row.status == Status.AGENCY or (row.status == Status.FINAL and answered_by),
        "is_placed": row.status in CollectionCase.PLACED,
        "call_form": form(CallForm, "case_call"),
        "refer_form": form(ReferralForm, "case_refer"),
        "refuse_form": form(ReasonForm, "case_refuse"),
        "recall_form": form(ReasonForm, "case_recall"),
        "agency_form": form(AgencyPaymentForm, "case_agency_payment"),
    }
    return page(request, "collections/case_detail.html", context)


def said(request: StaffRequest, kind: Any) -> dict[str, Any]:
    """What was typed. A wrong shape comes back as a rule's no, so that the case's page is drawn again with it."""
    form = form_for(request, kind)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise ClinicError(f"{form.fields[name].label}: {errors[0]}" if name in form.fields else errors[0], field=name)
    return dict(form.cleaned_data)


@may("case.work")
@require_POST
@once_token
def case_call(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = note_call(case=one_case(case_id), by=request.user, **said(request, CallForm))
    return go_to(request, "collections:case", row.pk, say="The call is noted.")


@may("case.refer")
@require_POST
@once_token
def case_refer(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = referrals.request_referral(case=one_case(case_id), by=request.user, **said(request, ReferralForm))
    return go_to(request, "collections:case", row.pk, say="A second person now approves the referral.")


@may("case.approve")
@require_POST
@once_token
def case_approve(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = referrals.approve_referral(case=one_case(case_id), by=request.user)
    return go_to(request, "collections:case", row.pk, say=f"Placed with {row.agency}.")


@may("case.approve")
@require_POST
@once_token
def case_refuse(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = referrals.refuse_referral(case=one_case(case_id), by=request.user, **said(request, ReasonForm))
    return go_to(request, "collections:case", row.pk, say="Not referred.")


@may("case.refer")
@require_POST
@once_token
def case_recall(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = referrals.recall_case(case=one_case(case_id), by=request.user, **said(request, ReasonForm))
    return go_to(request, "collections:case", row.pk, say="Recalled. The account is ours again.")


@may("payment.take")
@require_POST
@once_token
def case_agency_payment(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = one_case(case_id)
    referrals.record_agency_payment(
        case=row, key=f"agency:{request.once_key}", by=request.user, **said(request, AgencyPaymentForm)
    )
    return go_to(request, "collections:case", row.pk, say="The agency's payment is booked.")


@may("write_off.request")
@require_POST
@once_token
def case_write_off(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = referrals.request_write_off(case=one_case(case_id), by=request.user)
    return go_to(request, "collections:case", row.pk, say="A second person now approves the write-off.")


@may("write_off.approve")
@require_POST
@once_token
def case_write_off_approve(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = referrals.approve_write_off(case=one_case(case_id), by=request.user)
    return go_to(request, "collections:case", row.pk, say="Written off as bad debt. The patient still owes it.")
