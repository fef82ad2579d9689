"""The ground of every api.py: who asks, what it may, pages, errors, and POSTs that happen once.

    class ClaimViewSet(viewsets.ReadOnlyModelViewSet):
        acts = {"list": "claim.view", "retrieve": "claim.view"}

    class PaymentViewSet(IdempotentPost, viewsets.GenericViewSet):
        acts = {"create": "payment.take"}

An operation without an act is refused. Serializers describe, services decide: `by=acting_user(request)`.
Money is a string with two places. Errors: {"error": sentence, "field": …, "detail": {…}}.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import exceptions, serializers, status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView, exception_handler, set_rollback

from clinic.errors import ClinicError
from clinic.models import OnceToken, User
from clinic.money import HOW, TOO_LARGE
from clinic.services import once
from clinic.web.once import carry_out, scope_of
from clinic.web.rest_defaults import Acts, BrowserAuthentication, Pages, TokenAuthentication

__all__ = [
    "Acts", "BrowserAuthentication", "IdempotentPost", "MoneyField", "Pages", "Schema", "TokenAuthentication", "acting_user", "answer_error",
]  # fmt: skip


def acting_user(request: Request) -> User | None:
    """The services' `by`. None for an API client: the audit names the client itself."""
    return request.user if isinstance(request.user, User) else None


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """422 for a rule's no or a value that cannot be, 409 when somebody was first, 400 for what cannot be read as a
    request (and for a question that makes no sense); one form for all of them.
    """
    if isinstance(error, ClinicError):
        set_rollback()
        return Response(_body(error.sentence, error.field, error.detail), status=error.status)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        field, sentence = _first(answer.data)
        answer.data = _body(f"{field}: {sentence}" if field else sentence, field, {"fields": answer.data})
        if not isinstance(error, exceptions.ParseError) and context["request"].method not in SAFE_METHODS:
            answer.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    elif isinstance(error, Http404 | exceptions.NotFound):
        answer.data = _body("There is nothing here.")
    elif isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        answer.data = _body(Acts.message if not str(error).startswith("CSRF") else str(error))
    else:
        answer.data = _body(str(getattr(error, "detail", error)))
    return answer


def _first(found: Any, path: str = "") -> tuple[str, str]:
    """(the field, its sentence) of the first complaint, however deep: `lines.0.units`."""
    if isinstance(found, Mapping):
        name, inner = next(iter(found.items()))
        return _first(inner, path if name == api_settings.NON_FIELD_ERRORS_KEY else f"{path}.{name}".lstrip("."))
    if isinstance(found, list) and found:
        at = next(n for n, each in enumerate(found) if each)
        inner = found[at]
        return _first(inner, f"{path}.{at}" if isinstance(inner, Mapping) else path)
    return path, str(found)


def _body(sentence: str, field: str = "", detail: Any = None) -> dict[str, Any]:
    return {"error": sentence, "field": field, "detail": detail or {}}


class MoneyField(serializers.DecimalField):
    """Dollars and cents, as a string with two places. What is none gets the sentence of the desk's forms."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": HOW, "max_decimal_places": HOW, "max_string_length": HOW, "max_value": TOO_LARGE, "max_digits": TOO_LARGE,
        "max_whole_digits": TOO_LARGE, "min_value": "The amount cannot be less than ${min_value}.",
    }  # fmt: skip

    def __init__(self, *, max_digits: int = 12, **options: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=2, **options)


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
