"""What was typed while the session ended: kept beside the sign-in, and given back to the same person only.

A form that arrives too late (idle, or signed in anew in another tab) is not carried out. Its fields wait in the
session, in the database; after the sign-in its page is drawn with them once, and the person sends it again.
Passwords, card numbers and files are not kept.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from clinic.errors import ClinicError

KEPT = "kept_form"
LEFT_BY = "left_by"
"""Session keys: the form, and who was signed out for idleness (a form of another tab may still come)."""

NOT_KEPT = frozenset({"csrfmiddlewaretoken", "once_token"})
DOORS = ("/sign-in/", "/sign-out/", "/pair/", "/settings/password/", "/api/", "/admin/")
"""Never given back: doors, and pages that do not draw their forms with `form_for`."""

LARGEST = 64 * 1024

IDLE = "You were signed out before this was saved."
OVERTAKEN = "This page stood open while somebody signed in anew, so it was not saved."
STILL_HERE = "What you typed is still here: look it over and send it again."
GONE = "Do it again from here."
FILES = "Choose the file once more."


class NotSaved(ClinicError):
    """The notice over the page. Only when a form took the fields back does it promise that they are there."""

    def __init__(self, why: str, *, had_files: bool) -> None:
        super().__init__(f"{why} {GONE}")
        self._taken_back = " ".join([why, STILL_HERE, *([FILES] if had_files else [])])

    def taken_back(self) -> None:
        self.sentence = self._taken_back


def keep(request: HttpRequest, *, whose: str, why: str = IDLE) -> str:
    """The address at which the form will stand again, or nothing when there is none to keep."""
    if request.method != "POST" or not whose or request.path.startswith(DOORS):
        return ""
    fields = {
        name: [v for v in values if not _is_card_number(v)]
        for name, values in request.POST.lists()
        if name not in NOT_KEPT and "password" not in name
    }
    if sum(len(v) for values in fields.values() for v in values) > LARGEST:
        return ""
    at = request.get_full_path()
    request.session[KEPT] = {
        "whose": whose, "path": request.path, "at": at, "from": _our_page_before(request), "fields": fields,
        "why": why, "had_files": bool(request.FILES),
    }  # fmt: skip
    return at


def give_back(request: HttpRequest) -> None:
    """On the page where the form stands: `form_for` finds the fields as after a rule's no."""
    kept: dict[str, Any] | None = request.session.get(KEPT)
    if kept is None or request.method != "GET" or getattr(request, "htmx", False):
        return
    if kept["whose"] != str(request.user.pk):
        del request.session[KEPT]
        return
    if request.get_full_path() != kept["at"]:
        return
    del request.session[KEPT]
    typed = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        typed.setlist(name, values)
    request.kept, request.kept_for, request.kept_form = typed, kept["path"], kept  # type: ignore[attr-defined]
    request.refusal = NotSaved(kept["why"], had_files=kept["had_files"])  # type: ignore[attr-defined]


def or_the_page_before(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """An address that is only posted to has no page: the one that the form stood on shows it."""
    kept: dict[str, Any] | None = getattr(request, "kept_form", None)
    if kept is None or answer.status_code != 405 or not kept["from"]:
        return answer
    request.session[KEPT] = {**kept, "at": kept["from"], "from": ""}
    return HttpResponseRedirect(kept["from"])


def is_our_own(request: HttpRequest) -> bool:
    """Whether a page of this very site sent it; a forged form says another origin or none."""
    origin = request.headers.get("Origin", "") or request.headers.get("Referer", "")
    parts = urlsplit(origin)
    return bool(parts.netloc) and parts.netloc == request.get_host() and parts.scheme == request.scheme


def _our_page_before(request: HttpRequest) -> str:
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_card_number(value: str) -> bool:
    """13 to 19 digits whose last one checks the others (ISO/IEC 7812-1, annex B)."""
    number = re.sub(r"[ -]", "", value)
    if not re.fullmatch(r"[0-9]{13,19}", number):
        return False
    doubled = [int(d) * 2 if i % 2 else int(d) for i, d in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
