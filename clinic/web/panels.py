"""Which office's panel stands on which page, by URL name.

Each panel is a view of its office. The page resolves its URL and calls it in process with the same request, so its
permission and its audit run; the same URL answers alone for a refresh. A panel whose app is not installed, or
that this person may not see, is left out; one that fails says so and leaves the rest of the page usable.
"""

import copy
import logging
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.safestring import SafeString, mark_safe

from clinic.errors import ClinicError
from clinic.web.permissions import acts_of

log = logging.getLogger(__name__)

PATIENT = (
    "checkin:patient_panel",
    "scheduling:patient_panel",
    "insurance:patient_panel",
    "insurance:authorizations_panel",
    "ledger:patient_panel",
    "collections:patient_panel",
    "billing:patient_panel",
)
DAY = (
    "checkin:day_panel",
    "insurance:day_panel",
)
APPOINTMENT = (
    "checkin:appointment_panel",
    "insurance:appointment_panel",
    "ledger:appointment_panel",
    "collections:appointment_panel",
)
APPOINTMENT_ACT = ("checkin:appointment_act",)
"""The one step that comes next, as a button at the foot of the appointment's panel."""
CHECK_IN = (
    "insurance:check_in_panel",
    "ledger:check_in_panel",
    "collections:check_in_panel",
)
HOME = (
    "billing:home_panel",
    "insurance:home_panel",
    "collections:home_panel",
    "ledger:home_panel",
    "checkin:home_panel",
    "clearinghouse:home_panel",
)
ADMIN_INDEX = (
    "billing:dashboard_panel",
    "ledger:dashboard_panel",
    "collections:dashboard_panel",
    "insurance:dashboard_panel",
    "clearinghouse:dashboard_panel",
)


@dataclass(frozen=True)
class Panel:
    name: str
    url: str
    html: SafeString


def draw(request: HttpRequest, names: tuple[str, ...], **arguments: Any) -> list[Panel]:
    """The panels of these names that exist and that this person may see, in order."""
    drawn = []
    for name in names:
        try:
            url = reverse(name, kwargs=arguments)
        except NoReverseMatch:
            continue
        html = _ask(request, url)
        if html is not None:
            drawn.append(Panel(name.replace(":", "-"), url, html))
    return drawn


def _ask(request: HttpRequest, url: str) -> SafeString | None:
    match = resolve(url)
    act = getattr(match.func, "act", None)
    if act is None or act not in acts_of(request.user):
        return None
    asked = copy.copy(request)
    asked.method = "GET"
    asked.path = asked.path_info = url
    asked.GET, asked.POST = QueryDict(), QueryDict()  # type: ignore[assignment]
    asked.resolver_match = match
    asked.as_panel = True  # type: ignore[attr-defined]
    try:
        answer = match.func(asked, *match.args, **match.kwargs)
    except (ClinicError, Http404, PermissionDenied) as error:
        log.info("panel left out", extra={"url": url, "error": type(error).__name__})
        return None
    except DatabaseError:
        raise  # inside a transaction nothing more can be asked
    except Exception:
        log.exception("panel failed", extra={"url": url})
        return render_to_string("components/panel_failed.html")
    if answer.status_code != 200:
        return None
    return mark_safe(answer.content.decode())  # noqa: S308  (a template of ours has escaped it)
