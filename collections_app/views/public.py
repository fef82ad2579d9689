"""The payment page behind a statement's link. Nobody signs in: the signed, one-use link is the permission.

It shows the clinic, the statement's number and the amount: no name, nothing of the visit.
"""

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Practice
from collections_app.forms import PayForm
from collections_app.models import PayLink
from collections_app.services.pay_links import amount_due, pay_by_link, read_link, why_not

WINDOW = timedelta(minutes=10)
MOST_LOOKS, MOST_TRIES = 60, 8
"""Within the window, from one network address: enough for a household, too few for guessing or card testing."""


@never_cache
def pay(request: HttpRequest, token: str) -> HttpResponse:
    if _too_often(request):
        return _say(request, "Too many tries", "Wait ten minutes, then try again, or call the clinic.", status=429)
    try:
        link = read_link(token)
    except ClinicError as error:
        return _say(request, "This link does not work", error.sentence, status=404)
    if request.method == "POST":
        return _pay(request, link)
    refusal = why_not(link)
    if refusal:
        return _say(request, "Nothing to pay here", refusal, status=200 if link.used_at else 410)
    return _form(request, link, PayForm(initial={"asked": amount_due(link)}))


def _pay(request: HttpRequest, link: PayLink) -> HttpResponse:
    form = PayForm(request.POST)
    if not form.is_valid():
        return _form(request, link, form, status=422)
    said = form.cleaned_data
    try:
        payment = pay_by_link(link=link, number=said["number"], expires_on=said["expires"], asked=said["asked"])
    except ClinicError as error:
        if why_not(link):
            return _say(request, "Nothing was charged now", error.sentence, status=error.status)
        form.add_error(error.field if error.field in form.fields else None, error.sentence)
        return _form(request, link, form, status=error.status)
    context = {"payment": payment, "practice": Practice.objects.get(), "statement": link.statement}
    return render(request, "collections/pay_done.html", context)


def _form(request: HttpRequest, link: PayLink, form: PayForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "amount": amount_due(link),
        "statement": link.statement,
        "practice": Practice.objects.get(),
    }
    return render(request, "collections/pay.html", context, status=status)


def _say(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    context = {"title": title, "text": text, "practice": Practice.objects.get()}
    return render(request, "collections/pay_notice.html", context, status=status)


def _too_often(request: HttpRequest) -> bool:
    """Counts looks and tries of a network address in windows of ten minutes."""
    window = int(clock.now().timestamp() // WINDOW.total_seconds())
    kind, most = ("try", MOST_TRIES) if request.method == "POST" else ("look", MOST_LOOKS)
    key = f"pay:{kind}:{request.META.get('REMOTE_ADDR', '')}:{window}"
    if cache.add(key, 1, timeout=int(WINDOW.total_seconds())):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:
        return False
