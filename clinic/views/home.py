"""Where a person starts, and what it may set for itself."""

from django.http import HttpResponse

from clinic.forms import OwnSettingsForm
from clinic.models import Role
from clinic.services.staff import change_own_settings
from clinic.web import panels
from clinic.web.htmx import form_for, go_to, page
from clinic.web.navigation import first_url, links_for
from clinic.web.permissions import SignedIn, acts_of, may

STARTS: dict[str, tuple[str, str]] = {
    Role.FRONT_DESK: ("scheduling:day", "appointment.view"),
    Role.DESK_LEAD: ("scheduling:day", "appointment.view"),
    Role.CLINICIAN: ("scheduling:day", "appointment.view"),
}
"""Roles whose day begins on a page of its own; the others begin on the home page's panels."""


@may("home.view")
def home(request: SignedIn) -> HttpResponse:
    """The start: the desk's is the day's schedule; everybody else's shows the panels of its offices."""
    name, act = STARTS.get(request.user.role, ("", ""))
    url = first_url((name,)) if name and act in acts_of(request.user) else ""
    if url and "stay" not in request.GET:
        return go_to(request, url)
    context = {"panels": panels.draw(request, panels.HOME), "entries": links_for(request.user, request.path)}
    return page(request, "clinic/home.html", context)


@may("own.settings")
def own_settings(request: SignedIn) -> HttpResponse:
    form = form_for(request, OwnSettingsForm, initial={"single_keys": request.user.single_keys})
    if request.method == "POST" and form.is_valid():
        change_own_settings(user=request.user, single_keys=form.cleaned_data["single_keys"])
        return go_to(request, "clinic:own_settings", say="Your settings are saved.")
    return page(request, "clinic/own_settings.html", {"form": form})
