"""Part of a page or the whole; where to go next; and a ClinicError as a message on the page it came from.

Every act is a link or a form. With htmx the answer is a part; without JavaScript the same view answers with the
whole page. A refused form comes back with what was typed: with htmx nothing but the notice is swapped, without it
the page is drawn again by its own view.
"""

import copy
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django_htmx.http import HttpResponseClientRedirect

from clinic.errors import ClinicError
from clinic.web.kept import NotSaved

F = TypeVar("F", bound=forms.BaseForm)


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int | None = None
) -> HttpResponse:
    """A whole page. A form in `context` that was refused makes the answer a 422."""
    values = dict(context or {})
    return render(request, template, values, status=status or _status(request, values))


def part(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    say: str = "",
    status: int | None = None,
) -> HttpResponse:
    """A part (`_name.html`) for htmx and for panels, the same part in the frame for a browser without JavaScript.

    `say` is shown as a toast.
    """
    values = dict(context or {})
    status = status or _status(request, values)
    if is_part(request):
        answer = render(request, template, values, status=status)
        if say:
            answer.content += render_to_string("components/_toast.html", {"say": say}).encode()
        return answer
    if say:
        messages.success(request, say)
    return render(request, "clinic/part_page.html", {**values, "part_template": template}, status=status)


def is_part(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False)) or getattr(request, "as_panel", False)


def go_to(request: HttpRequest, to: Any, *args: Any, say: str = "", **kwargs: Any) -> HttpResponse:
    """Done: on to a page. `to` is a path, a URL name (with its arguments) or a row with `get_absolute_url`."""
    if say:
        messages.success(request, say)
    url = to.get_absolute_url() if hasattr(to, "get_absolute_url") else resolve_url(to, *args, **kwargs)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url, status=303)


def form_for(request: HttpRequest, form_class: type[F], *, action: str | None = None, **kwargs: Any) -> F:
    """The form, bound to what was posted, or to what was typed before a rule said no.

    `action` is the path the form posts to, when that is another than the page's own.
    """
    if request.method == "POST" and action in (None, request.path):
        return form_class(request.POST, request.FILES, **kwargs)
    kept: QueryDict | None = getattr(request, "kept", None)
    if kept is None or getattr(request, "kept_for", None) != (action or request.path):
        return form_class(**kwargs)
    form = form_class(kept, **kwargs)
    error: ClinicError | None = getattr(request, "refusal", None)
    if isinstance(error, NotSaved):
        error.taken_back()
    elif error is not None and form.is_valid():
        form.add_error(error.field if error.field in form.fields else None, error.sentence)
    return form


def answer_error(request: HttpRequest, error: ClinicError) -> HttpResponse:
    """A rule said no: its sentence on the page, the input kept, 422 (409 when somebody else was first)."""
    if getattr(request, "htmx", False):
        answer = render(request, "components/_notice.html", {"error": error, "oob": True}, status=error.status)
        answer["HX-Reswap"] = "none"
        return answer
    again = _page_again(request, error)
    if again is None:
        request.refusal = error  # type: ignore[attr-defined]
        again = render(request, "clinic/refusal.html", {"error": error})
    again.status_code = error.status
    return again


def _page_again(request: HttpRequest, error: ClinicError) -> HttpResponse | None:
    """The page whose form was refused, drawn by its own view in process; None when it cannot be told."""
    if request.method != "POST" or getattr(request, "refusal", None) is not None:
        return None
    for path in (request.path, _came_from(request)):
        if not path:
            continue
        again = copy.copy(request)
        again.method = "GET"
        again.path = again.path_info = path
        again.kept, again.kept_for, again.refusal = request.POST, request.path, error  # type: ignore[attr-defined]
        again.POST = QueryDict()  # type: ignore[assignment]
        try:
            match = resolve(path)
            again.resolver_match = match
            answer = match.func(again, *match.args, **match.kwargs)
        except (ClinicError, Http404, Resolver404, PermissionDenied):
            continue
        if answer.status_code == 200:
            return HttpResponse(answer.content, content_type=answer.get("Content-Type"))
    return None


def _came_from(request: HttpRequest) -> str:
    parts = urlsplit(request.META.get("HTTP_REFERER", ""))
    return parts.path if parts.netloc == request.get_host() else ""


def _status(request: HttpRequest, values: Mapping[str, Any]) -> int:
    refused = any(isinstance(v, forms.BaseForm) and v.is_bound and v.errors for v in values.values())
    return 422 if refused and request.method == "POST" else 200
