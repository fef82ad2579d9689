"""What a refusal, a missing page and a fault look like. The same bytes for "not there" and "not yours"."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request, 403, "Your role does not include this", "Ask a colleague whose work this is, or your manager."
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "There is nothing here", "It was removed, or the address is mistyped.")


def broken(request: HttpRequest) -> HttpResponse:
    """Without the frame: whatever broke may be what the frame needs."""
    return render(request, "clinic/broken.html", status=500)


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
    """The form's guard against forgery did not fit: an old page, or one that stood open over a sign-in."""
    return _answer(request, 403, "This page is too old to be sent", "Go back, reload it and send it again.")
