"""The ground of every api.py: who asks, what it may, pages, errors, and POSTs that happen once.

    class ClaimViewSet(viewsets.ReadOnlyModelViewSet):
        acts = {"list": "claim.view", "retrieve": "claim.view"}

    class PaymentViewSet(IdempotentPost, viewsets.GenericViewSet):
        acts = {"create": "payment.take"}

An operation without an act is refused. Serializers describe, services decide: `by=acting_user(request)`.
Money is a string with two places. Errors: {"error": sentence, "field": …, "detail": {…}}.
"""

import json
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler, set_rollback

from clinic.errors import ClinicError
from clinic.models import OnceToken, User
from clinic.services import once
from clinic.web.once import carry_out, scope_of
from clinic.web.rest_defaults import Acts, BrowserAuthentication, Pages, TokenAuthentication

__all__ = [
    "Acts", "BrowserAuthentication", "IdempotentPost", "Pages", "Schema", "TokenAuthentication", "acting_user", "answer_error",
]  # fmt: skip


def acting_user(request: Request) -> User | None:
    """The services' `by`. None for an API client: the audit names the client itself."""
    return request.user if isinstance(request.user, User) else None


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """422 for a rule's no, 409 when somebody was first, 400 for a wrong shape; one form for all of them."""
    if isinstance(error, ClinicError):
        set_rollback()
        return Response(_body(error.sentence, error.field, error.detail), status=error.status)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        answer.data = _body("Some fields are missing or not right.", detail={"fields": answer.data})
    elif isinstance(error, Http404 | exceptions.NotFound):
        answer.data = _body("There is nothing here.")
    elif isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        answer.data = _body(Acts.message if not str(error).startswith("CSRF") else str(error))
    else:
        answer.data = _body(str(getattr(error, "detail", error)))
    return answer


def _body(sentence: str, field: str = "", detail: Any = None) -> dict[str, Any]:
    return {"error": sentence, "field": field, "detail": detail or {}}


class IdempotentPost(APIView):
    """Every POST needs an Idempotency-Key: the same key and body have one effect and one answer; another body is 422.

    `repeatable_posts` names actions that change nothing (a search). `own_transactions` is for services that call
    outside between two transactions.
    """

    repeatable_posts: ClassVar[frozenset[str]] = frozenset()
    own_transactions = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and getattr(self, "action", None) not in self.repeatable_posts:
            handler = self.post  # type: ignore[attr-defined,has-type]
            self.post = lambda request, *a, **k: self._once(handler, request, *a, **k)

    def _once(self, handler: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            raise exceptions.ParseError(
                "Send an Idempotency-Key header: one new value for each act, the same to repeat it."
            )
        request.once_key = key  # type: ignore[attr-defined]
        body = json.dumps(request.data, sort_keys=True, default=str).encode()
        return carry_out(
            take=lambda: once.take(scope=scope_of(request.user.pk, request.path), key=key, body=body),
            act=lambda: handler(request, *args, **kwargs),
            keep=_keep,
            replay=_replay,
            own_transactions=self.own_transactions,
        )


def _keep(token: OnceToken, answer: Response) -> None:
    reply = json.loads(JSONRenderer().render(answer.data)) if answer.data is not None else None
    once.keep(token=token, status_code=answer.status_code, reply=reply, location=answer.get("Location", ""))


def _replay(token: OnceToken) -> Response:
    headers = {"Idempotent-Replay": "true"} | ({"Location": token.location} if token.location else {})
    return Response(token.reply, status=token.status_code or status.HTTP_200_OK, headers=headers)


class Schema(SpectacularJSONAPIView):
    """The API in OpenAPI words, for whoever may call it."""

    acts: ClassVar[dict[str, str]] = {"get": "api.schema"}
    permission_classes = (Acts,)
    authentication_classes = (TokenAuthentication, BrowserAuthentication)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class BrowserScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = BrowserAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
