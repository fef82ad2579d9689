"""What stands around every view: who acts, how long a session lives, no view without an act, a rule's no as a page."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import ApiClient, Device, SessionActivity, token_digest
from clinic.web import kept
from clinic.web.htmx import answer_error
from clinic.web.permissions import to_sign_in
from clinic.web.sessions import SessionStore

GetResponse = Callable[[HttpRequest], HttpResponse]

DEVICE_COOKIE = "tandem_device"
ABSOLUTE = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)

WITHOUT_ACT: dict[str, str] = {
    "admin:*": "Django's admin asks OfficeAdmin, which maps acts (clinic.web.admin_site)",
    "account_login": "whoever signs in is nobody yet",
    "account_logout": "anybody may leave",
    "account_change_password": "allauth asks for a signed-in person; one's own password only",
    "demo_sign_in": "answers 404 unless the demo mode is on",
    "pair_device": "the pairing code is the permission",
    "collections:pay": "the signed, one-use link of a statement is the permission; shows what that statement asks",
    "healthz": "supervisors have no identity; tells nothing",
    "readyz": "supervisors have no identity; tells no data",
}
"""Views that declare no act, each with its reason. Static files are served before any view (whitenoise)."""


class WhoActs:
    """The audit's actor for this request: person, API client by bearer token, or paired device by its cookie."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        who: Any = request.user if request.user.is_authenticated else None
        request.api_client = request.device = None  # type: ignore[attr-defined]
        if request.path.startswith("/api/v1/") and (client := _client_of(request)):
            request.api_client = who = client  # type: ignore[attr-defined]
        elif who is None and (device := _device_of(request)):
            request.device = who = device  # type: ignore[attr-defined]
        with audit.acting(audit.actor_for(who, request.META.get("REMOTE_ADDR") or None)):
            response = self.get_response(request)
        if who is not None and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_error(request, exception) if isinstance(exception, ClinicError) else None


class SessionLimits:
    """Signs out after the idle time without an act of a person, and after twelve hours in any case.

    A form that was on its way stands there again after the sign-in (clinic.web.kept).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return kept.or_the_page_before(request, self.get_response(request))

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        key = request.session.session_key
        if not request.user.is_authenticated or not key:
            return None
        now = clock.now()
        session = cast(SessionStore, request.session)
        started_at, last_act_at = session.started_at, session.last_act_at
        if started_at is None or last_act_at is None:
            no_session_left = now - timedelta(seconds=settings.SESSION_COOKIE_AGE) - ABSOLUTE
            SessionActivity.objects.filter(user=request.user, last_act_at__lt=no_session_left).delete()
            SessionActivity.objects.get_or_create(
                session_key=key, defaults={"user": request.user, "started_at": now, "last_act_at": now}
            )
            kept.give_back(request)
            return None
        idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        if now - last_act_at > idle or now - started_at > ABSOLUTE:
            SessionActivity.objects.filter(session_key=key).delete()
            who = str(request.user.pk)
            logout(request)
            request.session[kept.LEFT_BY] = who
            messages.info(request, "You were signed out after a while without work. Sign in again.")
            return to_sign_in(request)
        if not getattr(view, "is_poll", False) and now - last_act_at >= NOTED_EVERY:
            SessionActivity.objects.filter(session_key=key).update(last_act_at=now)
        kept.give_back(request)
        return None


class DefaultDeny:
    """A view that declares no act is refused, whoever asks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not is_declared(view, match.url_name or "", match.namespaces):
            raise PermissionDenied("this view declares no act")
        return None


def is_declared(view: Any, url_name: str, namespaces: Sequence[str]) -> bool:
    """Whether the view says who may open it: an act, an API class that asks Acts, or a reason in WITHOUT_ACT."""
    if getattr(view, "act", None):
        return True
    api_class = getattr(view, "cls", None)
    if api_class is not None:
        return any(getattr(p, "asks_acts", False) for p in getattr(api_class, "permission_classes", ()))
    return on_the_list(url_name, namespaces)


def on_the_list(url_name: str, namespaces: Sequence[str]) -> bool:
    full_name = ":".join((*namespaces, url_name))
    return full_name in WITHOUT_ACT or bool(namespaces and f"{namespaces[0]}:*" in WITHOUT_ACT)


def _client_of(request: HttpRequest) -> ApiClient | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    client = ApiClient.objects.filter(token_sha256=token_digest(token.strip()), is_active=True).first()
    now = clock.now()
    if client is None or (client.expires_at and client.expires_at <= now):
        return None
    if client.last_used_at is None or now - client.last_used_at >= NOTED_EVERY:
        ApiClient.objects.filter(pk=client.pk).update(last_used_at=now)
    return client


def _device_of(request: HttpRequest) -> Device | None:
    token = request.COOKIES.get(DEVICE_COOKIE, "")
    if not token:
        return None
    return Device.objects.select_related("location").filter(token_sha256=token_digest(token), is_active=True).first()
