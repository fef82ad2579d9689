"""What insurance has to do before the patient comes: cover that is not active, authorizations that wait."""

from datetime import timedelta

from django.http import HttpResponse

from clinic import audit, clock
from clinic.web.htmx import page, part
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from insurance.queries import authorization_worklist, eligibility_worklist, worklist_counts

DAYS = 14


@may("coverage.view")
def worklist(request: StaffRequest) -> HttpResponse:
    checks = list(eligibility_worklist(clock.today() + timedelta(days=DAYS))[:100])
    waiting = list(authorization_worklist()[:100])
    audit.viewed(request, [*(c.patient_id for c in checks), *(a.patient_id for a in waiting)], "insurance worklist")
    context = {"checks": checks, "authorizations": waiting, "days": DAYS, "today": clock.today()}
    return page(request, "insurance/worklist.html", context)


@may("coverage.view")
def home_panel(request: StaffRequest) -> HttpResponse:
    return part(request, "insurance/_home_panel.html", {"counts": worklist_counts()})
