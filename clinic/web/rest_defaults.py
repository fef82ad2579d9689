"""What settings.REST_FRAMEWORK names: who asks, what it may, how long lists are cut. Apart from rest.py, because
rest_framework.views reads the settings while it is imported.
"""

from typing import Any

from rest_framework import exceptions, permissions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from clinic.models import ApiClient
from clinic.web.permissions import can


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>` of an ApiClient. The middleware has looked it up; here it is only handed on."""

    def authenticate(self, request: Request) -> tuple[ApiClient, None] | None:
        client: ApiClient | None = getattr(request._request, "api_client", None)
        if client is not None:
            return client, None
        if request.headers.get("Authorization"):
            raise exceptions.AuthenticationFailed("This token is unknown, switched off or expired.")
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BrowserAuthentication(SessionAuthentication):
    """A signed-in person; unsafe methods need the CSRF token."""


class Acts(permissions.BasePermission):
    """Asks the act that the view names for this operation. No name, no entry."""

    asks_acts = True
    message = "Your role or your token's scopes do not include this."

    def has_permission(self, request: Request, view: Any) -> bool:
        act = act_of(view, request.method or "")
        return act is not None and can(request.user, act)


def act_of(view: Any, method: str) -> str | None:
    """`acts` is keyed by the viewset's action, or by the lower-case method of a plain view. HEAD asks like GET."""
    acts: dict[str, str] = getattr(view, "acts", {})
    action = getattr(view, "action", None) or ("get" if method == "HEAD" else method.lower())
    return acts.get(action)


class Pages(CursorPagination):
    """By cursor: stable while rows are added. Ids are ordered by the time they were made."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-id"
