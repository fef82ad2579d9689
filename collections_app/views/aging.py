"""The aging page: receivables by age, by payer or patient, by three clocks; bars, then the figures."""

import uuid
from datetime import date
from typing import cast

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from clinic import audit, clock
from clinic.models import Payer
from clinic.money import ZERO
from clinic.web.htmx import page
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from collections_app.models import AgingSnapshot
from collections_app.queries.aged import aged_by_patient, aged_by_payer, months_before
from collections_app.queries.payer_lines import payer_lines
from collections_app.reports import LABELS, stacked, trend
from collections_app.views.accounts import saw
from ledger.queries.aging import Anchor

CLOCKS = AgingSnapshot.Anchor
PER_PAGE = 100
SAYS = {
    CLOCKS.SERVICE: "days since service",
    CLOCKS.FIRST_BILL: "days since the first bill or statement",
    CLOCKS.RESPONSIBILITY: "days since it became theirs to pay",
}


@may("aging.view")
def aging(request: StaffRequest) -> HttpResponse:
    anchor = cast(Anchor, _one_of(request.GET.get("clock"), CLOCKS.values, CLOCKS.SERVICE))
    by = _one_of(request.GET.get("by"), ("payer", "patient"), "payer")
    as_of = _past_day(request.GET.get("on"))
    aged = aged_by_patient(anchor, as_of) if by == "patient" else aged_by_payer(anchor, as_of)
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
        "today": as_of or clock.today(),
        "last_day": clock.today(),
        "as_of": as_of,
        "no_rows": all(row.row.total == ZERO for row in aged.rows),
    }
    return page(request, "collections/aging.html", context)


@may("aging.view")
def payer(request: StaffRequest, payer_id: uuid.UUID) -> HttpResponse:
    """The lines behind a payer's row: they add up to it, and each leads to its claim."""
    row = get_object_or_404(Payer, pk=payer_id)
    anchor = cast(Anchor, _one_of(request.GET.get("clock"), CLOCKS.values, CLOCKS.SERVICE))
    as_of = _past_day(request.GET.get("on"))
    lines = payer_lines(row, anchor=anchor, as_of=as_of)
    shown = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    audit.viewed(request, [line.item.patient_id for line in shown if line.item.patient_id], "aging of a payer")
    context = {
        "payer": row, "lines": shown, "count": len(lines), "total": sum((line.open for line in lines), ZERO),
        "today": as_of or clock.today(), "says": SAYS[CLOCKS(anchor)],
    }  # fmt: skip
    return page(request, "collections/aging_payer.html", context)


def _past_day(said: str | None) -> date | None:
    """None for today, and for what is no day that has passed."""
    try:
        day = date.fromisoformat(said or "")
    except ValueError:
        return None
    return day if day < clock.today() else None


def _one_of(value: str | None, allowed: object, usual: str) -> str:
    return value if value and value in cast("tuple[str, ...]", allowed) else usual
