"""A tiny office for the tests of the ground: one page with a form of its own, one form that posts elsewhere, one panel."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.http import require_POST

from clinic.errors import ClinicError, Conflict
from clinic.models import Counter, next_number
from clinic.urls import handler403, handler404, handler500  # noqa: F401
from clinic.urls import urlpatterns as clinic_urls
from clinic.web.htmx import form_for, go_to, part
from clinic.web.once import once_token
from clinic.web.permissions import may, poll

PAGE = (
    '{% extends "base.html" %}{% block content %}<form method="post" action="{{ action }}">{% csrf_token %}'
    "{{ form.as_p }}</form>{% endblock %}"
)


class NoteForm(forms.Form):
    note = forms.CharField(max_length=20)
    amount = forms.IntegerField(required=False)


def _carry_out(note: str) -> None:
    if note == "no":
        raise ClinicError("A rule says no. Write something else.", field="note")
    if note == "taken":
        raise Conflict("Somebody was first. Look again.")
    next_number("notes written")


@may("patient.edit")
def note(request: HttpRequest) -> HttpResponse:
    form = form_for(request, NoteForm)
    if request.method == "POST" and form.is_valid():
        _carry_out(form.cleaned_data["note"])
        return go_to(request, "sample_note", say="Written.")
    return HttpResponse(engines["django"].from_string(PAGE).render({"form": form}, request))


@may("patient.edit")
def page_of_other(request: HttpRequest) -> HttpResponse:
    form = form_for(request, NoteForm, action="/sample/other/write/")
    page = engines["django"].from_string(PAGE)
    return HttpResponse(page.render({"form": form, "action": "/sample/other/write/"}, request))


@may("patient.edit")
@require_POST
def other_write(request: HttpRequest) -> HttpResponse:
    form = form_for(request, NoteForm)
    if not form.is_valid():
        return part(request, "components/form_errors.html", {"form": form})
    _carry_out(form.cleaned_data["note"])
    return part(request, "components/empty.html", {"text": "Written."}, say="Written.")


@may("patient.edit")
@once_token
@require_POST
def once(request: HttpRequest) -> HttpResponse:
    _carry_out(request.POST.get("note", ""))
    return go_to(request, "sample_note")


@may("patient.edit")
@once_token(own_transactions=True)
@require_POST
def once_apart(request: HttpRequest) -> HttpResponse:
    _carry_out(request.POST.get("note", ""))
    return HttpResponse(f"key {request.once_key}")  # type: ignore[attr-defined]


@may("patient.view")
@poll
def asked_again(request: HttpRequest) -> HttpResponse:
    return HttpResponse("still here")


def written() -> int:
    row = Counter.objects.filter(name="notes written").first()
    return row.last if row else 0


urlpatterns = [
    path("sample/note/", note, name="sample_note"),
    path("sample/other/", page_of_other, name="sample_other"),
    path("sample/other/write/", other_write, name="sample_other_write"),
    path("sample/once/", once, name="sample_once"),
    path("sample/apart/", once_apart, name="sample_apart"),
    path("sample/poll/", asked_again, name="sample_poll"),
    *clinic_urls,
]
