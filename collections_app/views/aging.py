"""The aging page: receivables by age, by payer or patient, by three clocks; bars, then the figures."""

from typing import cast

from django.http import HttpResponse

from clinic import clock
from clinic.money import ZERO
from clinic.web.htmx import page
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from collections_app.models import AgingSnapshot
from collections_app.queries.aged import aged_by_patient, aged_by_payer, months_before
from collections_app.reports import LABELS, stacked, trend
from collections_app.views.accounts import saw
from ledger.queries.aging import Anchor

CLOCKS = AgingSnapshot.Anchor
SAYS = {
    CLOCKS.SERVICE: "days since service",
    CLOCKS.FIRST_BILL: "days since the first bill or statement",
    CLOCKS.RESPONSIBILITY: "days since it became theirs to pay",
}


@may("aging.view")
def aging(request: StaffRequest) -> HttpResponse:
    anchor = cast(Anchor, _one_of(request.GET.get("clock"), CLOCKS.values, CLOCKS.SERVICE))
    by = _one_of(request.GET.get("by"), ("payer", "patient"), "payer")
    aged = aged_by_patient(anchor) if by == "patient" else aged_by_payer(anchor)
    if by == "patient":
        saw(request, [row.guarantor_id for row in aged.rows if row.guarantor_id], "aging by patient")
    months = months_before(anchor, patients_only=by == "patient")
    context = {
        "aged": aged,
        "by": by,
        "anchor": anchor,
        "clocks": [
            (c.value, label) for c, label in zip(CLOCKS, ("Service", "First bill", "Responsibility"), strict=True)
        ],
        "says": SAYS[CLOCKS(anchor)],
        "labels": LABELS,
        "chart": stacked(aged.rows),
        "columns": trend(months),
        "today": clock.today(),
        "no_rows": all(row.row.total == ZERO for row in aged.rows),
    }
    return page(request, "collections/aging.html", context)


def _one_of(value: str | None, allowed: object, usual: str) -> str:
    return value if value and value in cast("tuple[str, ...]", allowed) else usual
