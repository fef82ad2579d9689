"""The collector's lists, the lockbox, and the panels on other pages."""

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Patient
from clinic.web.htmx import form_for, go_to, page, part
from clinic.web.once import once_token
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from collections_app.forms import LockboxForm, MatchForm, ReasonForm
from collections_app.models import CollectionCase, Installment, LockboxFile, LockboxItem
from collections_app.queries import worklists as lists
from collections_app.services import lockbox
from collections_app.views.accounts import saw
from collections_app.views.cases import said
from ledger.queries.balances import patient_balance

TABS = (
    ("statements", "Due for a statement"),
    ("plans", "Plans behind"),
    ("calls", "Calls due"),
    ("agency", "Due for agency"),
    ("lockbox", "Lockbox, not matched"),
    ("running", "All open plans"),
    ("cases", "All open cases"),
)
PER_PAGE = 50


@may("case.view")
def worklists(request: StaffRequest, name: str = "") -> HttpResponse:
    """The list of that name; without one, the first that has something to do."""
    if name and name not in dict(TABS):
        raise Http404
    today = clock.today()
    counts = lists.tally(today)
    name = name or next((key for key, _ in TABS if getattr(counts, key)), TABS[0][0])
    rows = Paginator(_rows(name), PER_PAGE).get_page(request.GET.get("page"))
    shown = [g for row in rows if (g := _guarantor_of(row))]
    if shown:
        saw(request, shown, "collections worklist")
    context: dict[str, Any] = {
        "name": name,
        "title": dict(TABS)[name],
        "tabs": [(key, label, getattr(counts, key)) for key, label in TABS],
        "rows": rows,
        "today": today,
        "last_sent": lists.last_statements(g.pk for g in shown) if name == "statements" else {},
    }
    if name == "lockbox":
        context["files"] = LockboxFile.objects.defer("content").order_by("-received_at")[:10]
        context["upload_form"] = form_for(request, LockboxForm, action=reverse("collections:lockbox_upload"))
    return page(request, "collections/worklists.html", context)


def _rows(name: str) -> Any:
    today = clock.today()
    return {
        "statements": lambda: lists.statement_candidates(today),
        "plans": lists.plans_behind,
        "calls": lists.calls_due,
        "agency": lambda: lists.due_for_agency(today),
        "lockbox": lists.lockbox_unmatched,
        "running": lists.open_plans,
        "cases": lists.climbing_cases,
    }[name]()


def _guarantor_of(row: Any) -> Any:
    return getattr(getattr(row, "case", row), "guarantor", None)


@may("payment.take")
@require_POST
def lockbox_upload(request: StaffRequest) -> HttpResponse:
    """Kept at once, read by the worker. The same file again is the same file."""
    upload = said(request, LockboxForm)["file"]
    if upload.size > lockbox.LARGEST_FILE:
        raise ClinicError(
            "This file is larger than a lockbox file can be (5 MB). Choose the bank's file.", field="file"
        )
    row, is_new = lockbox.keep_file(name=upload.name, content=upload.read(), by=request.user)
    if is_new:
        lockbox.read_file(row.pk)
        row.refresh_from_db()
    say = f"Read: {row.name}." if is_new else f"This file was taken before, on {clock.local(row.received_at):%m/%d/%Y}."
    return go_to(request, "collections:worklist", "lockbox", say=row.problem or say)


@may("payment.take")
@require_POST
@once_token
def lockbox_match(request: StaffRequest, item_id: uuid.UUID) -> HttpResponse:
    item = get_object_or_404(LockboxItem, pk=item_id)
    payment = lockbox.match_item(item=item, by=request.user, **said(request, MatchForm))
    return go_to(request, "collections:worklist", "lockbox", say=f"Posted, receipt {payment.number}.")


@may("payment.take")
@require_POST
@once_token
def lockbox_dismiss(request: StaffRequest, item_id: uuid.UUID) -> HttpResponse:
    item = get_object_or_404(LockboxItem, pk=item_id)
    lockbox.dismiss_item(item=item, by=request.user, **said(request, ReasonForm))
    return go_to(request, "collections:worklist", "lockbox", say="Settled.")


@may("statement.view")
def patient_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.select_related("guarantor"), pk=patient_id)
    saw(request, [patient.guarantor], "statements and plans")
    return part(request, "collections/_patient_panel.html", {**_standing(patient), "patient": patient})


@may("plan.view")
def check_in_panel(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    """At the desk: the installment that is due, or the offer of a plan."""
    patient = get_object_or_404(Patient.objects.select_related("guarantor"), pk=patient_id)
    saw(request, [patient.guarantor], "plan at check-in")
    return part(request, "collections/_check_in_panel.html", {**_standing(patient), "patient": patient})


def _standing(patient: Patient) -> dict[str, Any]:
    guarantor = patient.guarantor
    due = Installment.objects.filter(plan__guarantor=guarantor, status__in=Installment.UNPAID)
    return {
        "guarantor": guarantor,
        "balance": patient_balance(guarantor=guarantor),
        "next_installments": due.select_related("plan__card_token").order_by("due_on", "position")[:3],
        "last_statement": guarantor.statements.order_by("-issued_on").first(),
        "case": CollectionCase.objects.climbing().filter(guarantor=guarantor).first(),
        "today": clock.today(),
    }


@may("case.view")
def home_panel(request: StaffRequest) -> HttpResponse:
    return part(request, "collections/_home_panel.html", {"tally": lists.tally(), "tabs": TABS})


@may("aging.view")
def dashboard_panel(request: StaffRequest) -> HttpResponse:
    return part(request, "collections/_home_panel.html", {"tally": lists.tally(), "tabs": TABS})
