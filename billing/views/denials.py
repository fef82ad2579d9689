"""Denials as work: the list with its saved views, the page of one denial, and what a person decides about it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.forms import AssignForm, DenialFilterForm, NoteForm, ReasonForm, RecordsForm, StepForm
from billing.models import Denial, WriteOffRequest
from billing.queries import denials as query
from billing.services import appeals, write_offs
from billing.services import denials as service
from billing.services.resubmission import kind_in_words
from billing.views.stale import differences
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Role
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest

PER_PAGE = 50


def denial_of(denial_id: uuid.UUID) -> Denial:
    rows = Denial.objects.select_related("claim__patient", "claim__coverage", "claim__payer", "claim__visit", "charge")
    return get_object_or_404(rows, pk=denial_id)


@may("denial.view")
def denials(request: StaffRequest) -> HttpResponse:
    view = query.BY_NAME.get(request.GET.get("view", "open"))
    if view is None:
        raise Http404
    people = query.people_for_denials()
    form = DenialFilterForm(
        request.GET, payers=query.payers_with_denials(), categories=query.categories(), people=people,
        amounts=query.AMOUNTS,
    )  # fmt: skip
    asked = form.cleaned_data if form.is_valid() else {}
    rows = query.denials_in(view.name, user=request.user, filters=asked)
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    audit.viewed(request, [row.claim.patient_id for row in shown], f"denials: {view.title.lower()}")
    counts = query.counts(request.user)
    context = {
        "view": view, "tabs": [(each, counts[each.name]) for each in query.VIEWS], "rows": shown, "filters": form,
        "lines": query.as_rows(shown), "money": query.money_at_stake(), "totals": query.totals(rows), "people": people, "is_filtered": any(asked.values()),
    }  # fmt: skip
    return page(request, "billing/denials.html", context)


@may("denial.work")
def start(request: StaffRequest) -> HttpResponse:
    """On to the denial that this person should work now."""
    found = query.next_to_work(request.user)
    if found is None:
        return go_to(request, "billing:denials", say="No open denial waits for you.")
    return go_to(request, "billing:denial", found.pk)


@may("denial.view")
def denial(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    shown = query.denial_page(denial_id)
    if shown is None:
        raise Http404
    row = shown.denial
    audit.viewed(request, [row.claim.patient_id], "denial")
    context = {
        "denial": row, "claim": row.claim, "patient": row.claim.patient, "shown": shown,
        "is_open": row.status in Denial.UNFINISHED, "sends_again": kind_in_words(row.claim),
        "may_bill_patient": row.group == "PR" or row.reason_code in service.NOT_INSURED,
        "people": query.people_for_denials(), "owner_role": Role(row.owner_role).label,
    }  # fmt: skip
    return page(request, "billing/denial.html", context)


@may("denial.work")
@require_POST
def assign(request: StaffRequest) -> HttpResponse:
    """One or many, from the list or from the denial's own page."""
    form = form_for(request, AssignForm, people=query.people_for_denials())
    rows = list(Denial.objects.filter(pk__in=_ids(request)).select_related("claim__patient"))
    if not form.is_valid() or not rows:
        raise ClinicError("Select at least one denial, and choose to whom it goes.")
    for row in rows:
        service.assign(denial=row, to=form.cleaned_data["to"], by=request.user)
    said = f"{len(rows)} assigned to {form.cleaned_data['to']}."
    if "back" in request.POST:
        return go_to(request, "billing:denial", rows[0].pk, say=said)
    return go_to(request, "billing:denials", say=said)


def _ids(request: StaffRequest) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(each) for each in request.POST.getlist("denial")]
    except ValueError:
        raise Http404 from None


@may("denial.work")
@once_token
def step(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    """What was found out and what comes next. Refused (409) when somebody else noted something meanwhile."""
    row = denial_of(denial_id)
    initial = {"version": row.version, "step": row.next_step, "due_on": row.due_on, "note": row.note}
    form = form_for(request, StepForm, initial=initial)
    if request.method == "POST" and form.is_valid():
        service.note_step(denial=row, by=request.user, **form.cleaned_data)
        return go_to(request, "billing:denial", row.pk, say="Noted.")
    return _ask(request, row, form, "Note the next step", differs=differences(request, form, row.version))


@may("denial.work")
@once_token
def appeal(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    row = denial_of(denial_id)
    form = form_for(request, NoteForm)
    if request.method == "POST" and form.is_valid():
        appeals.appeal(denial=row, note=form.cleaned_data["note"], by=request.user)
        return go_to(request, "billing:denial", row.pk, say="Appealed. The account is held for this visit.")
    return _ask(request, row, form, "Record the appeal")


@may("denial.work")
@once_token
def appeal_lost(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    said = "The denial is open again, and the account is no longer held for it."
    return _because(request, denial_id, "Record the lost appeal", said, appeals.appeal_lost)


@may("denial.work")
@once_token
def records(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    """Sent what the payer asked for: the denial waits, and comes back by itself when no answer came."""
    row = denial_of(denial_id)
    by_then = clock.today() + timedelta(days=row.claim.payer.expected_answer_days)
    form = form_for(request, RecordsForm, initial={"until": min(by_then, row.deadline_on)})
    if request.method == "POST" and form.is_valid():
        appeals.records_sent(denial=row, by=request.user, **form.cleaned_data)
        return go_to(request, "billing:denial", row.pk, say="Noted. It comes back when the payer has not answered.")
    return _ask(request, row, form, "Sent: wait for the payer")


@may("denial.work")
@once_token
def bill_patient(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    return _because(request, denial_id, "Bill the patient", "Moved to the patient.", service.bill_patient)


@may("denial.work")
@once_token
def close(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    return _because(request, denial_id, "Close this denial", "Closed.", service.close)


@may("write_off.request")
@once_token
def write_off(request: StaffRequest, denial_id: uuid.UUID) -> HttpResponse:
    said = "Asked. A second person approves it."
    return _because(request, denial_id, "Ask to write this off", said, write_offs.request_write_off)


@may("write_off.approve")
@require_POST
@once_token
def approve_write_off(request: StaffRequest, request_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(WriteOffRequest, pk=request_id)
    write_offs.approve_write_off(request=row, by=request.user)
    return go_to(request, "billing:denial", row.denial_id, say="Approved and written off.")


@may("write_off.approve")
@once_token
def refuse_write_off(request: StaffRequest, request_id: uuid.UUID) -> HttpResponse:
    asked = get_object_or_404(WriteOffRequest, pk=request_id)
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        write_offs.refuse_write_off(request=asked, answer=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:denial", asked.denial_id, say="Refused. The denial goes on.")
    return _ask(request, denial_of(asked.denial_id), form, "Refuse the write-off")


def _because(
    request: StaffRequest, denial_id: uuid.UUID, verb: str, said: str, act: Callable[..., Any]
) -> HttpResponse:
    """One page asks why; then the service acts."""
    row = denial_of(denial_id)
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        act(denial=row, why=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:denial", row.pk, say=said)
    return _ask(request, row, form, verb)


def _ask(request: StaffRequest, row: Denial, form: Any, verb: str, differs: Any = ()) -> HttpResponse:
    audit.viewed(request, [row.claim.patient_id], verb.lower())
    context = {
        "denial": row, "claim": row.claim, "patient": row.claim.patient, "form": form, "verb": verb, "differs": differs,
        "back": reverse("billing:denial", args=[row.pk]),
    }  # fmt: skip
    return page(request, "billing/denial_act.html", context)
