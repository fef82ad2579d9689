"""The biller's day: one list for each thing to do, with how many stand on each."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse

from billing.queries import denials, remittances
from billing.queries.worklists import BY_NAME, WORKLISTS, worklist_counts
from clinic import audit, clock
from clinic.web.htmx import page, part
from clinic.web.permissions import can, may
from clinic.web.requests import StaffRequest

PER_PAGE = 50


@may("claim.view")
def worklist(request: StaffRequest, name: str = "") -> HttpResponse:
    """The list of that name; without one, the first that has something to do."""
    counts = worklist_counts()
    if not name:
        name = next((each.name for each in WORKLISTS if counts[each.name]), WORKLISTS[0].name)
    shown = BY_NAME.get(name)
    if shown is None:
        raise Http404
    rows = Paginator(shown.rows(), PER_PAGE).get_page(request.GET.get("page"))
    audit.viewed(request, [row.patient_id for row in rows], f"worklist: {shown.title.lower()}")
    context = {
        "shown": shown, "rows": rows, "today": clock.today(), "now": clock.now(),
        "tabs": [(each, counts[each.name]) for each in WORKLISTS],
    }  # fmt: skip
    return page(request, "billing/worklist.html", context)


@may("claim.edit")
def home_panel(request: StaffRequest) -> HttpResponse:
    return _counts(request)


@may("claim.view")
def dashboard_panel(request: StaffRequest) -> HttpResponse:
    """The biller's numbers on the index of the back office."""
    return _counts(request)


def _counts(request: StaffRequest) -> HttpResponse:
    """What waits on each list; the answers of payers for whoever may see them."""
    counts = worklist_counts()
    context: dict[str, Any] = {"tabs": [(each, counts[each.name]) for each in WORKLISTS]}
    if can(request.user, "denial.view"):
        context |= {"denials": denials.counts(request.user), "money": denials.money_at_stake()}
    if can(request.user, "remittance.view"):
        context["remittances"] = remittances.counts()
    return part(request, "billing/_counts.html", context)
