"""Checks and EFTs: what came, what is held, what was kept, what the bank has; and a file handed in by hand."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.forms import AssignClaimForm, DepositForm, ReasonForm, RemittanceFileForm
from billing.models import ClaimResponse, ProviderAdjustment, RefusedRemittance, Remittance
from billing.queries import remittances as query
from billing.services import check_desk, provider_adjustments
from billing.services.file_text import check_in_file
from billing.services.matching import candidates
from billing.services.posting import post_remittance
from billing.services.remittances import import_bytes
from clinic import audit, clock
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest

PER_PAGE = 50
ANSWERS = 25
NO_MONEY_OF_OURS = (Remittance.Status.NOT_OURS, Remittance.Status.SET_ASIDE)


def remittance_of(remittance_id: uuid.UUID) -> Remittance:
    return get_object_or_404(Remittance.objects.select_related("payer"), pk=remittance_id)


@may("remittance.view")
def remittances(request: StaffRequest) -> HttpResponse:
    """Checks name no patient; their pages do."""
    counts = query.counts()
    rows: Any
    name = request.GET.get("view", "")
    if name == "refused":
        rows = Paginator(query.refused(), PER_PAGE).get_page(request.GET.get("page"))
    else:
        name = name or next((v.name for v in query.VIEWS if counts[v.name]), query.VIEWS[0].name)
        if name not in query.BY_NAME:
            raise Http404
        rows = Paginator(query.remittances_in(name), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "name": name, "view": query.BY_NAME.get(name), "rows": rows, "counts": counts,
        "tabs": [(v, counts[v.name]) for v in query.VIEWS],
    }  # fmt: skip
    return page(request, "billing/remittances.html", context)


@may("remittance.view")
def remittance(request: StaffRequest, remittance_id: uuid.UUID) -> HttpResponse:
    row = query.remittance_of(remittance_id)
    if row is None:
        raise Http404
    responses = Paginator(query.responses_of(row), ANSWERS).get_page(request.GET.get("page"))
    audit.viewed(request, [r.claim.patient_id for r in responses if r.claim], "remittance")
    context = {
        "remittance": row, "responses": responses, "answers": query.as_answers(list(responses)),
        "proof": query.proof_of(row), "kept": query.kept_of(row), "same_check": query.same_check(row),
        "may_post": row.status in (Remittance.Status.IMPORTED, Remittance.Status.PART_HELD),
        "may_deposit": row.deposited_on is None and row.status not in NO_MONEY_OF_OURS,
        "may_assign": row.status not in (*NO_MONEY_OF_OURS, Remittance.Status.HELD),
    }  # fmt: skip
    return page(request, "billing/remittance.html", context)


@may("remittance.view")
def segments(request: StaffRequest, remittance_id: uuid.UUID) -> HttpResponse:
    """The check as the payer wrote it, segment by segment."""
    row = get_object_or_404(Remittance.objects.select_related("transmission", "payer"), pk=remittance_id)
    patients = row.responses.exclude(claim=None).values_list("claim__patient", flat=True)
    audit.viewed(request, list(patients), "remittance file")
    found = check_in_file(bytes(row.transmission.payload), row.position)
    return page(request, "billing/remittance_file.html", {"remittance": row, "segments": found})


@may("remittance.post")
@require_POST
@once_token
def post(request: StaffRequest, remittance_id: uuid.UUID) -> HttpResponse:
    row = post_remittance(remittance=remittance_of(remittance_id), by=request.user)
    return go_to(request, "billing:remittance", row.pk, say=f"{row.get_status_display()}.")


@may("remittance.post")
@once_token
def deposit(request: StaffRequest, remittance_id: uuid.UUID) -> HttpResponse:
    row = remittance_of(remittance_id)
    form = form_for(request, DepositForm, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        check_desk.record_deposit(remittance=row, on=form.cleaned_data["on"], by=request.user)
        return go_to(request, "billing:remittance", row.pk, say="The deposit is on the books.")
    return _ask(request, row, form, "Record the deposit")


@may("remittance.post")
@once_token
def release(request: StaffRequest, remittance_id: uuid.UUID) -> HttpResponse:
    row = remittance_of(remittance_id)
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        check_desk.release_held(remittance=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:remittance", row.pk, say="Released. It is posted within minutes.")
    return _ask(request, row, form, "Release this check")


@may("remittance.post")
@once_token
def set_aside(request: StaffRequest, remittance_id: uuid.UUID) -> HttpResponse:
    """A check held whole that should never have come: a second sending, or one that the payer takes back."""
    row = remittance_of(remittance_id)
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        check_desk.set_aside(remittance=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:remittance", row.pk, say="Set aside. Nothing of it is posted.")
    return _ask(request, row, form, "Set this check aside")


@may("remittance.post")
@once_token
def answer(request: StaffRequest, response_id: uuid.UUID) -> HttpResponse:
    """A held answer: the claims of ours that might be meant. POST says which one it is."""
    row = _held(response_id)
    found = candidates(row.patient_name, abs(row.charge), row.remittance.payer)
    audit.viewed(request, [claim.patient_id for claim in found], "candidates of a held answer")
    form = form_for(request, AssignClaimForm)
    if request.method == "POST" and form.is_valid():
        claim_id = form.cleaned_data["claim"] or check_desk.claim_named(form.cleaned_data["number"])
        check_desk.assign_claim(response=row, claim_id=claim_id, by=request.user)
        return go_to(request, "billing:remittance", row.remittance_id, say="Assigned. Post it now, or let the clock.")
    lines = query.as_answers(list(query.responses_of(row.remittance).filter(pk=row.pk)))
    context = {"response": row, "remittance": row.remittance, "candidates": found, "form": form, "answers": lines}
    return page(request, "billing/held_answer.html", context)


@may("remittance.post")
@once_token
def dismiss(request: StaffRequest, response_id: uuid.UUID) -> HttpResponse:
    row = _held(response_id)
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        check_desk.dismiss(response=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:remittance", row.remittance_id, say="Dismissed. Nothing of it is posted.")
    return _ask(request, row.remittance, form, f"Dismiss the answer to {row.patient_control_number}")


def _held(response_id: uuid.UUID) -> ClaimResponse:
    return get_object_or_404(ClaimResponse.objects.select_related("remittance__payer", "claim"), pk=response_id)


@may("remittance.post")
@require_POST
@once_token
def settle(request: StaffRequest, adjustment_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(ProviderAdjustment, pk=adjustment_id)
    provider_adjustments.settle(adjustment=row, by=request.user)
    return go_to(request, "billing:remittance", row.remittance_id, say="Settled.")


@may("remittance.import")
@once_token(own_transactions=True)
def upload(request: StaffRequest) -> HttpResponse:
    """A file that no clearinghouse brought: kept first, then judged check by check."""
    form = form_for(request, RemittanceFileForm)
    verdicts = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        verdicts = import_bytes(payload=file.read(), name=file.name, by=request.user)
    return page(request, "billing/remittance_upload.html", {"form": form, "verdicts": verdicts})


@may("remittance.import")
@once_token
def resolve(request: StaffRequest, refusal_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(RefusedRemittance, pk=refusal_id)
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        check_desk.resolve_refusal(refusal=row, resolution=form.cleaned_data["reason"], by=request.user)
        return go_to(request, f"{reverse('billing:remittances')}?view=refused", say="Settled.")
    context = {
        "form": form, "verb": "Say how this was settled", "what": row.sentence,
        "back": f"{reverse('billing:remittances')}?view=refused",
    }  # fmt: skip
    return page(request, "billing/remittance_act.html", context)


def _ask(request: StaffRequest, row: Remittance, form: object, verb: str) -> HttpResponse:
    what = f"check {row.trace_number} of {row.payer or row.payer_name}"
    context = {
        "form": form,
        "verb": verb,
        "what": what,
        "amount": row.amount,
        "back": reverse("billing:remittance", args=[row.pk]),
    }
    return page(request, "billing/remittance_act.html", context)
