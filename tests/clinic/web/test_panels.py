"""Panels on a page: drawn in process, with their own permission; one that fails leaves the page usable."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from clinic.errors import ClinicError
from clinic.models import AuditEvent, Patient, User
from clinic.urls import handler403, handler404, handler500  # noqa: F401
from clinic.urls import urlpatterns as clinic_urls
from clinic.web.htmx import part
from clinic.web.permissions import may

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@may("case.view")
def for_some(request: HttpRequest) -> HttpResponse:
    return part(request, "components/empty.html", {"text": f"for some, asked by {request.method}"})


@may("home.view")
def fails(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


@may("home.view")
def says_no(request: HttpRequest) -> HttpResponse:
    raise ClinicError("Not today.")


def silent(request: HttpRequest) -> HttpResponse:
    return HttpResponse("declares no act")


urlpatterns = [
    path("panel/some/", for_some, name="for_some"),
    path("panel/fails/", fails, name="fails"),
    path("panel/no/", says_no, name="says_no"),
    path("panel/silent/", silent, name="silent"),
    *clinic_urls,
]


@pytest.fixture(autouse=True)
def our_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("for_some", "no_such_office:panel", "says_no", "silent")
    monkeypatch.setattr("clinic.web.panels.HOME", names)


def home_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/?stay=1").content.decode()


def test_a_panel_is_drawn_inside_the_page(bill: User) -> None:
    page = home_of(bill)

    assert page.count("<html") == 1
    assert "for some, asked by GET" in page


def test_a_panel_one_may_not_see_a_missing_one_and_one_without_an_act_are_left_out(fran: User) -> None:
    page = home_of(fran)

    assert "for some" not in page
    assert "declares no act" not in page
    assert "Good day, Fran" in page


def test_the_same_address_answers_alone(bill: User) -> None:
    client = Client()
    client.force_login(bill)

    part_only = client.get("/panel/some/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part_only
    assert "for some" in part_only


def test_a_panel_that_fails_says_so_and_leaves_the_page(bill: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.web.panels.HOME", ("fails", "for_some"))

    page = home_of(bill)

    assert "This part could not be drawn." in page
    assert "for some" in page


def test_a_panels_reads_are_audited_like_any_other(fran: User, patient: Patient) -> None:
    client = Client()
    client.force_login(fran)

    client.get(f"/patients/{patient.pk}/")

    reasons = set(AuditEvent.objects.filter(patient_id=patient.pk, actor_id=fran.pk).values_list("why", flat=True))
    assert "patient page" in reasons
    assert len(reasons) > 1
