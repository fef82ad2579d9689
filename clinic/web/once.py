"""Money and booking forms carry a once-token: a double click, a reload and a second tab have one effect, one answer.

    {% once_token %}                       in the form
    @once_token                            on the view, below @may; the view runs in one transaction with the token
    @once_token(own_transactions=True)     when the service calls outside between two transactions (a card)

`request.once_key` is the token: hand it on as the service's `key`. The API does the same with the header
Idempotency-Key (clinic.web.rest.IdempotentPost). Answers from 400 on are not kept: correct it and send it again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, overload

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import OnceToken, new_id
from clinic.services import once
from clinic.transactions import door

V = TypeVar("V", bound=Callable[..., HttpResponse])
A = TypeVar("A", bound=HttpResponse)

FIELD = "once_token"
NOT_PART_OF_IT = frozenset({FIELD, "csrfmiddlewaretoken"})
UNFINISHED = timedelta(minutes=2)
"""After this long an answer that never came is taken for lost, and the same key may try again."""

BUSY = "This is being carried out. Wait a moment, then look again."


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
            answer = carry_out(
                take=lambda: _take(request, key),
                act=lambda: view(request, *args, **kwargs),
                keep=keep_page,
                replay=replay_page,
                own_transactions=own_transactions,
            )
            if answer.status_code >= 400 and not own_transactions:
                audit.noted_again(request)
            return answer

        return asked  # type: ignore[return-value]

    return declare(view) if view is not None else declare


def carry_out(
    *,
    take: Callable[[], tuple[OnceToken, bool]],
    act: Callable[[], A],
    keep: Callable[[OnceToken, A], None],
    replay: Callable[[OnceToken], A],
    own_transactions: bool,
) -> A:
    """Act once for a key. With the act in the token's transaction a second sender waits for the first."""
    if own_transactions:
        return _apart(take, act, keep, replay)
    with door():
        token, is_new = take()
        if not is_new:
            return _again(token, replay)
        answer = act()
        if answer.status_code < 400:
            keep(token, answer)
        else:
            transaction.set_rollback(True)
    return answer


def _apart(
    take: Callable[[], tuple[OnceToken, bool]],
    act: Callable[[], A],
    keep: Callable[[OnceToken, A], None],
    replay: Callable[[OnceToken], A],
) -> A:
    """The token is committed before the act: the service commits in between, and its own key guards its effect."""
    token, is_new = take()
    if not is_new and (token.status_code is not None or clock.now() - token.updated_at < UNFINISHED):
        return _again(token, replay)
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


def _again(token: OnceToken, replay: Callable[[OnceToken], A]) -> A:
    if token.status_code is None:
        raise Conflict(BUSY)
    return replay(token)


def _take(request: HttpRequest, key: str) -> tuple[OnceToken, bool]:
    said = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_PART_OF_IT)
    try:
        return once.take(scope=scope_of(request.user.pk, request.path), key=key, body=json.dumps(said).encode())
    except once.KeyReused:
        raise once.KeyReused(
            "This form was sent before with other values. Open the page again to send it anew."
        ) from None


def scope_of(who: object, path: str) -> str:
    """Keys of two people, or of two doors, never meet: who and the path, folded to fit the column."""
    return hashlib.sha256(f"{who}:{path}".encode()).hexdigest()


def keep_page(token: OnceToken, answer: HttpResponse) -> None:
    headers = {name: value for name, value in answer.items() if name in ("HX-Redirect", "HX-Trigger", "Content-Type")}
    once.keep(
        token=token,
        status_code=answer.status_code,
        reply={"content": answer.content.decode(), "headers": headers},
        location=answer.get("Location", ""),
    )


def replay_page(token: OnceToken) -> HttpResponse:
    """The answer of the first time, again."""
    kept = token.reply or {}
    answer = HttpResponse(kept.get("content", ""), status=token.status_code or 200)
    for name, value in kept.get("headers", {}).items():
        answer[name] = value
    if token.location:
        answer["Location"] = token.location
    return answer
