"""What a refusal, a missing page and a fault look like. The same bytes for "not there" and "not yours"."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect

from clinic.web import kept


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request, 403, "Your role does not include this", "Ask a colleague whose work this is, or your manager."
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "There is nothing here", "It was removed, or the address is mistyped.")


def broken(request: HttpRequest) -> HttpResponse:
    """Without the frame: whatever broke may be what the frame needs."""
    if _database_is_away(sys.exc_info()[1]):
        title = "The records cannot be reached at the moment"
        text = "Try again in a minute; it comes back by itself. What you sent last may or may not be saved: look first."
        answer = _without_frame(request, 503, title, text)
        answer["Retry-After"] = "10"
        return answer
    text = "Try again. If it stays so, tell your administrator what you were doing and when."
    return _without_frame(request, 500, "Something broke, and nothing was saved", text)


def _without_frame(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/v1/"):
        return JsonResponse({"error": f"{title}. {text}"}, status=status)
    return render(request, "clinic/broken.html", {"title": title, "text": text}, status=status)


def _database_is_away(error: BaseException | None) -> bool:
    """Not there, or gone while we spoke. A deadlock or a statement that took too long is neither."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = getattr(error.__cause__, "pgcode", None) or ""
    return not code or code.startswith(("08", "57P"))


def _answer(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/v1/"):
        return JsonResponse({"error": f"{title}. {text}"}, status=status)
    if getattr(request, "htmx", False):
        error = {"sentence": f"{title}. {text}"}
        answer = render(request, "components/_notice.html", {"error": error, "oob": True}, status=status)
        answer["HX-Reswap"] = "none"
        return answer
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return render(request, "clinic/plain.html", {"title": title, "text": text}, status=status)
    return render(request, "clinic/error.html", {"title": title, "text": text}, status=status)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's guard against forgery did not fit: an old page, or one that stood open over a sign-in.

    One of our own pages, with somebody signed in, is drawn again with what was typed; nothing was carried out.
    """
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and kept.is_our_own(request):
        back = kept.keep(request, whose=str(user.pk), why=kept.OVERTAKEN)
        if back and getattr(request, "htmx", False):
            return HttpResponseClientRedirect(back)
        if back:
            return HttpResponseRedirect(back, status=303)
    return _answer(request, 403, "This page is too old to be sent", "Go back, reload it and send it again.")
