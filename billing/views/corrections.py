"""A decided claim again: corrected and shown before it goes, to another payer, or taken back (8)."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from billing.forms import CorrectionForm, OtherPayerForm, PayerNumberForm, ReasonForm
from billing.queries.claim_page import paid_by_payer
from billing.queries.denials import other_coverages
from billing.services import resubmission
from billing.services.correction_preview import enter_payer_claim_number, preview_correction
from billing.views.stale import differences
from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage
from clinic.money import dollars
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest


def claim_of(claim_id: uuid.UUID) -> Claim:
    rows = Claim.objects.select_related("patient", "payer", "visit", "coverage__payer")
    return get_object_or_404(rows, pk=claim_id)


@may("claim.correct")
@once_token
def correct(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    """First POST shows the difference and what the edits say; the one with `send` makes the claim."""
    row = claim_of(claim_id)
    audit.viewed(request, [row.patient_id], "correct a denied claim")
    lines = list(row.lines.select_related("charge"))
    form = form_for(request, CorrectionForm, claim=row, lines=lines)
    preview = None
    if request.method == "POST" and form.is_valid():
        wanted = {
            "claim": row, "changes": form.changes(), "line_changes": form.line_changes(), "by": request.user,
            "reason": form.cleaned_data["reason"], "version": form.cleaned_data["version"],
        }  # fmt: skip
        if "send" in request.POST:
            made = resubmission.correct_claim(**wanted)
            return go_to(request, "billing:claim", made.pk, say=f"{made.number}: {made.get_status_display().lower()}.")
        preview = preview_correction(**wanted)
    kind = resubmission.kind_in_words(row)
    context = {
        "claim": row, "patient": row.patient, "form": form, "preview": preview,
        "kind": kind, "may_go": kind.startswith("as "), "denials": row.denials.select_related("charge").order_by("created_at"),
        "differs": differences(request, form, row.version),
    }  # fmt: skip
    return page(request, "billing/correct.html", context)


@may("claim.correct")
@once_token
def payer_number(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    row = claim_of(claim_id)
    form = form_for(request, PayerNumberForm, initial={"version": row.version, "number": row.payer_claim_number})
    if request.method == "POST" and form.is_valid():
        enter_payer_claim_number(claim=row, by=request.user, **form.cleaned_data)
        return go_to(request, "billing:correct", row.pk, say="The payer's number is on the claim.")
    return _ask(request, row, form, "Enter the payer's claim number", differs=differences(request, form, row.version))


@may("claim.correct")
@once_token
def other_payer(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    row = claim_of(claim_id)
    choice = Coverage.objects.filter(pk__in=[c.pk for c in other_coverages(row)]).select_related("payer")
    if not choice and request.method != "POST" and getattr(request, "refusal", None) is None:
        raise ClinicError("No other coverage of this patient was in force on that day. Add it to the patient first.")
    form = form_for(request, OtherPayerForm, coverages=choice)
    if request.method == "POST" and form.is_valid():
        made = resubmission.bill_other_payer(claim=row, by=request.user, **form.cleaned_data)
        return go_to(request, "billing:claim", made.pk, say=f"Claim {made.number} to {made.payer}.")
    return _ask(request, row, form, "Bill another payer")


@may("claim.void")
@once_token
def void_at_payer(request: StaffRequest, claim_id: uuid.UUID) -> HttpResponse:
    row = claim_of(claim_id)
    form = form_for(request, ReasonForm)
    if request.method == "POST" and form.is_valid():
        made = resubmission.void_at_payer(claim=row, reason=form.cleaned_data["reason"], by=request.user)
        return go_to(request, "billing:claim", made.pk, say=f"{made.number} takes the claim back (8).")
    paid = paid_by_payer(row)
    warns = f"{row.payer} has paid {dollars(paid)} on it and will take that back." if paid else ""
    return _ask(request, row, form, "Take this claim back at the payer (8)", warns=warns)


def _ask(
    request: StaffRequest, row: Claim, form: object, verb: str, differs: object = (), warns: str = ""
) -> HttpResponse:
    audit.viewed(request, [row.patient_id], verb.lower())
    context = {
        "claim": row, "patient": row.patient, "form": form, "verb": verb, "differs": differs,
        "back": reverse("billing:claim", args=[row.pk]), "warns": warns,
    }  # fmt: skip
    return page(request, "billing/denial_act.html", context)
