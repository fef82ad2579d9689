"""The clinic's addresses, and a floor: the smallest page of the house, with what every page must have."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import include, path

from clinic import audit
from clinic import urls as clinic_urls
from clinic.models import Patient
from clinic.web.permissions import may

FRAME = engines["django"].from_string(
    '{% extends "base.html" %}{% block content %}<h1>{{ patient.listed_name }}</h1>{% endblock %}'
)


@may("appointment.book")
def floor(request: HttpRequest) -> HttpResponse:
    """Who is signed in, may they, one patient by id, a row in the audit, and the frame around it; no form, no list."""
    patient = get_object_or_404(Patient, pk=request.GET["patient"])
    audit.viewed(request, [patient.pk], "bench")
    return HttpResponse(FRAME.render({"patient": patient}, request))


@may("appointment.book")
def bare(request: HttpRequest) -> HttpResponse:
    """The same without patient and frame: nothing that a person could look at."""
    audit.viewed(request, [Patient._meta.pk.to_python(request.GET["patient"])], "bench")
    return HttpResponse("seen")


urlpatterns = [path("bench/floor/", floor), path("bench/bare/", bare), path("", include("clinic.urls"))]
handler403, handler404, handler500 = clinic_urls.handler403, clinic_urls.handler404, clinic_urls.handler500
