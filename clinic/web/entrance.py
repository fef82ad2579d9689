"""Coming in and going out. Of allauth only sign-in, sign-out and password change are mounted: nobody signs up here."""

from datetime import timedelta
from typing import Any

from allauth.account import views as allauth
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clinic import audit
from clinic.models import Device, User, token_digest
from clinic.web.middleware import DEVICE_COOKIE
from clinic.web.navigation import first_url


@require_POST
@never_cache
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One click signs in as one of the demo's people. A demo only: elsewhere the address does not exist."""
    if not settings.DEMO_SIGN_INS or settings.PRODUCTION:
        raise Http404
    person = get_object_or_404(User, username=request.POST.get("username", ""), is_demo=True, is_active=True)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    audit.record(act="user.signed_in", by=person, row=person, detail={"by": "demo button"})
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted if is_ours else "/", status=303)


@require_http_methods(["GET", "POST"])
@never_cache
def pair_device(request: HttpRequest) -> HttpResponse:
    """A wall board or kiosk gets its identity by a code that the back office showed once."""
    if request.method == "POST":
        token = request.POST.get("code", "").strip()
        device = Device.objects.filter(token_sha256=token_digest(token), is_active=True).first()
        if device is None:
            context = {"wrong": "This code fits no device. Make a new one in the back office."}
            return render(request, "account/pair_device.html", context, status=422)
        answer = HttpResponseRedirect(first_url((f"checkin:{device.kind}",)) or "/", status=303)
        answer.set_cookie(
            DEVICE_COOKIE, token, max_age=timedelta(days=400), httponly=True, samesite="Strict",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
        return answer
    return render(request, "account/pair_device.html")


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Too many wrong passwords: how long it lasts, and whom to ask."""
    minutes = int(get_cool_off().total_seconds() // 60)
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)


@method_decorator(never_cache, name="dispatch")
class PasswordChange(allauth.PasswordChangeView):
    success_url = "/settings/"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_usable_password():
            text = "The demo signs you in by one click. In a clinic of your own everybody changes the password here."
            return render(request, "clinic/error.html", {"title": "This account has no password", "text": text})
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


urlpatterns = [
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-out/", allauth.logout, name="account_logout"),
    path("settings/password/", PasswordChange.as_view(), name="account_change_password"),
    path("sign-in/demo/", demo_sign_in, name="demo_sign_in"),
    path("pair/", pair_device, name="pair_device"),
]
