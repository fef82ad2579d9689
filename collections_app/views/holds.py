"""Place and release a hold on an account: the one switch that statements, autopay and cases look at."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from clinic.models import Hold
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from collections_app.forms import HoldForm, ReasonForm
from collections_app.services.holds import free_account, hold_account
from collections_app.views.accounts import one_account, saw


@may("statement.issue")
@once_token
def hold(request: StaffRequest, guarantor_id: uuid.UUID) -> HttpResponse:
    guarantor = one_account(guarantor_id)
    saw(request, [guarantor], "hold the account")
    form = form_for(request, HoldForm, guarantor=guarantor)
    if request.method == "POST" and form.is_valid():
        made = hold_account(guarantor=guarantor, by=request.user, **form.cleaned_data)
        return go_to(request, "collections:account", guarantor.pk, say=f"Held: {made.get_reason_display().lower()}.")
    return page(request, "collections/hold.html", {"guarantor": guarantor, "form": form})


@may("statement.issue")
@require_POST
@once_token
def release(request: StaffRequest, hold_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Hold.objects.open().select_related("guarantor"), pk=hold_id)
    saw(request, [row.guarantor], "release a hold")
    form = form_for(request, ReasonForm)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    free_account(hold=row, why=reason, by=request.user)
    return go_to(request, "collections:account", row.guarantor_id, say="Released. The account may be billed again.")
