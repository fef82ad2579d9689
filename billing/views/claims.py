"""The claim page, and each act on a claim that no payer has decided yet."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.forms import ClaimForm, ReasonForm, ResendForm
from billing.models import ClaimSubmission
from billing.queries.claim_page import claim_page, claims_of
from billing.services import claims as service
from billing.services import secondary
from billing.services.answers import next_coverage
from billing.services.file_text import claim_in_file
from billing.services.resend import changes_since_sent, resend_rejected, send_again
from billing.services.scrub import scrub
from billing.services.submission import submit_one
from billing.views.stale import differences
from clinic import audit
from clinic.models import Claim, Patient
from clinic.queries import changes_of
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest

Status = Claim.Status


def claim_of(claim_id: uuid.UUID) -> Claim:
    return get_object_or_404(Claim.objects.select_related("patient", "payer", "visit", "coverage"), pk=claim_id)


@may("claim.view")
def claim(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    shown = claim_page(claim_id)
    if shown is None:
        raise Http404
    row = shown.claim
    audit.viewed(request, [row.patient_id], "claim")
    context = {
        "claim": row, "patient": row.patient, "shown": shown, "is_editable": row.status in service.EDITABLE,
        "may_hold": row.can_move_to(Status.HELD), "may_void": row.status in service.NOT_WITH_THE_PAYER,
        "is_rejected": row.status in (Status.REJECTED, Status.SYNTAX_REJECTED),
        "changes": changes_since_sent(row) if shown.submissions and row.status in service.EDITABLE else [],
        "next_coverage": next_coverage(row) if row.status in secondary.ANSWERED and not shown.next_payers else None,
    }  # fmt: skip
    return page(request, "billing/claim.html", context)


@may("claim.view")
def claim_changes(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    """What was changed of the claim itself, field by field, also by the worker."""
    row = claim_of(claim_id)
    audit.viewed(request, [row.patient_id], "what was changed of a claim")
    context = {
        "patient": row.patient, "subject": f"claim {row.number}", "back": reverse("billing:claim", args=[row.pk]),
        "back_label": "Back to the claim", "shown": Paginator(changes_of(row), 100).get_page(request.GET.get("page")),
    }  # fmt: skip
    return page(request, "clinic/changes.html", context)


@may("claim.edit")
@once_token
def edit(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    row = claim_of(claim_id)
    audit.viewed(request, [row.patient_id], "edit a claim")
    form = form_for(request, ClaimForm, instance=row)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in service.CLAIM_FIELDS}
        service.edit_claim(claim=row, changes=changes, version=form.cleaned_data["version"], by=request.user)
        return go_to(request, "billing:claim", row.pk, say="Saved and checked again.")
    context = {"claim": row, "patient": row.patient, "form": form, "differs": differences(request, form, row.version)}
    return page(request, "billing/claim_edit.html", context)


@may("claim.edit")
@require_POST
def check(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    """Run the edits over the record as it stands now."""
    row = claim_of(claim_id)
    if row.status in service.EDITABLE and row.replaces_id is None:
        service.refresh_claim(claim=row, by=request.user)
    else:
        scrub(claim=row, by=request.user)
    return go_to(request, "billing:claim", row.pk, say=f"Checked: {row.get_status_display().lower()}.")


@may("claim.submit")
@require_POST
@once_token
def send(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    row = claim_of(claim_id)
    file = submit_one(claim=row, by=request.user)
    return go_to(request, "billing:claim", row.pk, say=f"Sent in file {file.control_number}.")


@may("claim.hold")
@require_POST
@once_token
def release(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    row = service.release_claim(claim=claim_of(claim_id), by=request.user)
    return go_to(request, "billing:claim", row.pk, say=f"Released: {row.get_status_display().lower()}.")


@may("claim.hold")
@once_token
def hold(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    return _with_reason(request, claim_id, "Hold this claim", "Held.", service.hold_claim)


@may("claim.void")
@once_token
def void(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    return _with_reason(request, claim_id, "Void this claim", "Voided. It is not sent.", service.void_claim)


@may("claim.void")
@once_token
def uninsured(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    """Nobody covered the visit: void the claim here, and let the patient owe it."""
    return _with_reason(
        request, claim_id, "Not insured: bill the patient", "The patient owes this visit now.", service.bill_uninsured
    )


@may("claim.correct")
@once_token
def resend(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    """Rejected: correct and send again as an original (1), with what changed since the last sending."""
    row = claim_of(claim_id)
    audit.viewed(request, [row.patient_id], "send a rejected claim again")
    form = form_for(request, ResendForm)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        resend_rejected(claim=row, by=request.user, reason=said["reason"], unchanged=said["unchanged"])
        return go_to(request, "billing:claim", row.pk, say=f"{row.get_status_display()}.")
    shown = claim_page(claim_id)
    context = {
        "claim": row, "patient": row.patient, "form": form, "changes": changes_since_sent(row), "shown": shown,
    }  # fmt: skip
    return page(request, "billing/resend.html", context)


@may("claim.submit")
@once_token
def again(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    return _with_reason(request, claim_id, "Send this claim again", "It goes again.", send_again)


@may("claim.submit")
@require_POST
@once_token
def next_payer(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    made = secondary.create_secondary(primary=claim_of(claim_id), by=request.user)
    return go_to(request, "billing:claim", made.pk, say=f"Claim {made.number} to {made.payer}.")


@may("claim.submit")
@once_token
def forwarded(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    return _with_reason(
        request, claim_id, "Send this forwarded claim ourselves", "It goes to the payer.", secondary.bill_forwarded
    )


@may("claim.view")
def sending(request: StaffRequest, sending_id: uuid.UUID) -> HttpResponse:
    """What was sent of this claim, segment by segment; the other claims of the file are not shown."""
    row = get_object_or_404(
        ClaimSubmission.objects.select_related("claim__patient", "claim__payer", "transmission__partner"), pk=sending_id
    )
    audit.viewed(request, [row.claim.patient_id], "claim file")
    context = {
        "sending": row, "claim": row.claim, "patient": row.claim.patient,
        "segments": claim_in_file(bytes(row.transmission.payload), row.claim.control_number),
    }  # fmt: skip
    return page(request, "billing/sending.html", context)


@may("claim.view")
def patient_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    audit.viewed(request, [patient.pk], "claims of a patient")
    visits = patient.visits.exclude(status__in=("undone", "left")).order_by("-service_date")[:3]
    context = {"patient": patient, "claims": list(claims_of(patient)), "visits": list(visits)}
    return part(request, "billing/_patient_panel.html", context)


def _with_reason(
    request: StaffRequest, claim_id: uuid.UUID, verb: str, say: str, act: Callable[..., Any]
) -> HttpResponse:
    """One page asks why; then the service acts."""
    row = claim_of(claim_id)
    audit.viewed(request, [row.patient_id], verb.lower())
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        act(claim=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:claim", row.pk, say=say)
    context = {
        "verb": verb, "what": f"Claim {row.number} to {row.payer}", "patient": row.patient, "form": form,
        "back": "billing:claim", "back_id": row.pk,
    }  # fmt: skip
    return page(request, "billing/reason.html", context)
