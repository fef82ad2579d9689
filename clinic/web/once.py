"""Money and booking forms carry a once-token: a double click, a reload and a second tab have one effect, one answer.

    {% once_token %}                       in the form
    @once_token                            on the view, below @may; the view runs in one transaction with the token
    @once_token(own_transactions=True)     when the service calls outside between two transactions (a card)

`request.once_key` is the token: hand it on as the service's `key`.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, overload

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from clinic import clock
from clinic.errors import ClinicError, Conflict
from clinic.models import OnceToken, new_id
from clinic.services import once

V = TypeVar("V", bound=Callable[..., HttpResponse])

FIELD = "once_token"
NOT_PART_OF_IT = frozenset({FIELD, "csrfmiddlewaretoken"})
UNFINISHED = timedelta(minutes=2)
"""After this long an answer that never came is taken for lost, and the same key may try again."""


def new_token() -> str:
    return str(new_id())


@overload
def once_token(view: V) -> V: ...
@overload
def once_token(*, own_transactions: bool = False) -> Callable[[V], V]: ...
def once_token(view: V | None = None, *, own_transactions: bool = False) -> V | Callable[[V], V]:
    def declare(view: V) -> V:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            key = request.POST.get(FIELD, "")
            if not key:
                raise ClinicError("This form is incomplete. Open the page again and send it from there.")
            request.once_key = key  # type: ignore[attr-defined]
            carry_out = _apart if own_transactions else _together
            return carry_out(request, key, lambda: view(request, *args, **kwargs))

        return asked  # type: ignore[return-value]

    return declare(view) if view is not None else declare


def _together(request: HttpRequest, key: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    with transaction.atomic():
        token, is_new = _take(request, key)
        if not is_new:
            return replay(token)
        answer = act()
        if answer.status_code < 400:
            keep(token, answer)
        else:
            transaction.set_rollback(True)
    return answer


def _apart(request: HttpRequest, key: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    token, is_new = _take(request, key)
    if not is_new and token.status_code is not None:
        return replay(token)
    if not is_new and clock.now() - token.updated_at < UNFINISHED:
        raise Conflict("This is being carried out. Wait a moment, then look at the page again.")
    try:
        answer = act()
    except Exception:
        token.delete()
        raise
    if answer.status_code < 400:
        keep(token, answer)
    else:
        token.delete()
    return answer


def _take(request: HttpRequest, key: str) -> tuple[OnceToken, bool]:
    try:
        return once.take(scope=f"{request.user.pk}:{request.path}"[:80], key=key, body=_body(request))
    except once.KeyReused:
        raise once.KeyReused(
            "This form was sent before with other values. Open the page again to send it anew."
        ) from None


def _body(request: HttpRequest) -> bytes:
    said = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_PART_OF_IT)
    return json.dumps(said).encode()


def keep(token: OnceToken, answer: HttpResponse) -> None:
    headers = {name: value for name, value in answer.items() if name in ("HX-Redirect", "HX-Trigger", "Content-Type")}
    once.keep(
        token=token,
        status_code=answer.status_code,
        reply={"content": answer.content.decode(), "headers": headers},
        location=answer.get("Location", ""),
    )


def replay(token: OnceToken) -> HttpResponse:
    """The answer of the first time, again."""
    if token.status_code is None:
        raise Conflict("This is being carried out. Wait a moment, then look at the page again.")
    kept = token.reply or {}
    answer = HttpResponse(kept.get("content", ""), status=token.status_code)
    for name, value in kept.get("headers", {}).items():
        answer[name] = value
    if token.location:
        answer["Location"] = token.location
    return answer
