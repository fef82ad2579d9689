"""The biller's figures, each beside its formula."""

from datetime import timedelta

from django.http import HttpResponse

from billing.forms import ReportForm
from billing.reports import report
from clinic import clock
from clinic.web.htmx import page
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest


@may("report.view")
def reports(request: StaffRequest) -> HttpResponse:
    """Of the last 90 days, or of the days asked for. Names no patient."""
    today = clock.today()
    asked = {"first": today - timedelta(days=89), "last": today}
    form = ReportForm(request.GET if "first" in request.GET else None, initial=asked)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
    shown = report(asked["first"], asked["last"])
    return page(request, "billing/reports.html", {"report": shown, "form": form}, status=200)
