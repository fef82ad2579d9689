"""The calendar's day: fifty providers, six hundred appointments, at one o'clock, for the front desk.

The floor renders the page's own template over a sheet and a panel that are ready, with the same session, act and one
audit row. So the ratio is what it costs to find the day; the absolute goal holds the template as well.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse

from bench.harness import Result, Size, in_turn, seconds, slower
from bench.own import practice
from bench.practice import APPOINTMENTS_EACH, PROVIDERS, TODAY, moment
from clinic import audit, clock
from clinic.models import Location, User
from clinic.web.htmx import page
from clinic.web.panels import DAY, draw
from clinic.web.permissions import may
from clinic.web.requests import StaffRequest
from scheduling.queries import day_sheet
from scheduling.views.days import _frame, addresses, here

QUERIES, MILLISECONDS, TIMES = 8, 120.0, 2.0

_ready: dict[str, Any] = {}


@may("appointment.view")
def floor(request: StaffRequest) -> HttpResponse:
    sheet, place = _ready["sheet"], here(request)
    audit.viewed(request, [sheet.blocks[0].appointment.patient_id], "bench")
    if "panels" not in _ready:
        _ready["panels"] = draw(request, DAY, location_id=place.pk, day=f"{TODAY:%Y-%m-%d}")
    context = {**_frame(request, place, TODAY), **addresses(sheet), **_ready, "shown": None, "moving": None}
    return page(request, "scheduling/day.html", context)


urlpatterns = [path("bench/floor/", floor), path("", include("clinic.urls"))]


class Counted:
    """Statements that reach the database, transactions' own words aside."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: Any, *args: Any) -> Any:
        self.count += 1
        return execute(sql, *args)


def run(size: Size) -> Iterator[Result]:
    with practice(size, "day"), override_settings(ROOT_URLCONF="bench.day_page"), clock.at(moment()):
        desk = Client()
        desk.force_login(User.objects.get(username="fran"), backend="django.contrib.auth.backends.ModelBackend")
        place = Location.objects.get()
        sheet = day_sheet(place, TODAY)
        if (len(sheet.columns), sheet.booked) != (PROVIDERS, PROVIDERS * APPOINTMENTS_EACH):
            raise SystemExit(f"the day has {len(sheet.columns)} providers and {sheet.booked} appointments")
        _ready.update(sheet=sheet, can_book=True)
        address = f"{reverse('scheduling:day')}?d={TODAY:%Y-%m-%d}"
        pages = [_get(desk, "/bench/floor/"), _get(desk, address)]
        if abs(pages[0] - pages[1]) > 0.01 * pages[1]:
            raise SystemExit(f"the floor's page has {pages[0]} bytes, the product's {pages[1]}")
        counted = Counted()
        with connection.execute_wrapper(counted):
            _get(desk, address)
        base, product = in_turn(
            lambda: seconds(lambda: _get(desk, "/bench/floor/")) * 1000,
            lambda: seconds(lambda: _get(desk, address)) * 1000,
            size.rounds,
        )
    ratio = slower(base, product)
    goal = f"<= {MILLISECONDS:g} ms and <= {TIMES:g} x its template over a ready sheet, session, act, audit row"
    yield Result(
        "day_page", round(product, 1), "ms", round(base, 1), ratio, goal, product <= MILLISECONDS and ratio <= TIMES
    )
    yield Result(
        "day_page_queries", counted.count, "queries", None, None, f"<= {QUERIES} queries", counted.count <= QUERIES
    )


def _get(desk: Client, address: str) -> int:
    """How many bytes it answered."""
    answer = desk.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}")
    return len(answer.content)
