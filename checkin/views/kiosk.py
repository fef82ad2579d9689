"""The kiosk: the patient says who it is, has arrived, and signs. It shows no name but the first, and nobody else's."""

import re
import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from checkin.forms import FindYourselfForm
from checkin.models import Form
from checkin.queries import forms_needed, visit_of
from checkin.services.arrival import arrive
from checkin.services.intake import sign_forms
from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Location, User, Visit
from clinic.web.htmx import form_for, go_to, page
from clinic.web.once import once_token
from clinic.web.permissions import may
from scheduling.models import Appointment
from scheduling.views.days import here

STROKES = re.compile(r"(?:[ML]-?\d{1,4}\.\d,-?\d{1,4}\.\d){2,4000}")
"""What the pad posts: moves and lines. Anything else is not drawn into a document."""
WITHOUT_SCRIPT = 300
"""Seconds after which a page with a name on it goes away by itself."""
SEE_THE_DESK = "We did not find a visit for you today. Please see the front desk."

DOCUMENTS = {
    Form.PRIVACY_NOTICE: (
        "our notice of privacy practices",
        "Our notice says how we use and share your health information: to treat you, to be paid, and to run the"
        " clinic. Other uses need your written consent, which you may take back. You may see and correct your record,"
        " ask who received it, and complain without any disadvantage. The whole notice hangs in the waiting room; ask"
        " for your own copy at the desk.",
    ),
    Form.FINANCIAL_POLICY: (
        "our financial policy",
        "We bill your insurance for you. Your copay is due at each visit. You may owe more if your plan has a"
        " deductible or does not cover a service. We will always tell you the amount before we charge a card. If you"
        " cannot pay in full, ask us about a payment plan. There is no interest.",
    ),
}


@may("kiosk.use")
@once_token
def kiosk(request: HttpRequest) -> HttpResponse:
    """Who are you? One answer for every wrong guess, so that nobody learns who is expected."""
    form = form_for(request, FindYourselfForm)
    if request.method == "POST" and form.is_valid():
        appointment = _expected(request, form)
        visit = visit_of(appointment) or arrive(appointment=appointment, by=_staff(request))
        audit.viewed(request, [appointment.patient_id], "kiosk")
        return go_to(request, "checkin:kiosk_sign", visit.pk)
    return page(request, "checkin/kiosk.html", {"form": form, "done": "done" in request.GET})


@may("kiosk.use")
@once_token
def kiosk_sign(request: HttpRequest, visit_id: uuid.UUID) -> HttpResponse:
    """The next form that is not signed yet; when there is none, the patient takes a seat."""
    visit = get_object_or_404(Visit.objects.select_related("patient", "location"), pk=visit_id)
    _own_open_visit(request, visit)
    audit.viewed(request, [visit.patient_id], "kiosk")
    if request.method == "POST":
        if request.POST.get("go") == "next":
            form = request.POST.get("form", "")
            sign_forms(
                visit=visit, forms=(form,), name=request.POST.get("typed", ""), strokes=_drawing(request.POST.get("sig", "")),
                by=_staff(request),
            )  # fmt: skip
            return go_to(request, "checkin:kiosk_sign", visit.pk)
        return go_to(request, "checkin:kiosk")
    wanted = [form for form, at in forms_needed(visit.patient, clock.now()) if at is None]
    if not wanted:
        return _for_a_while(page(request, "checkin/kiosk_done.html", {"patient": visit.patient}))
    title, text = DOCUMENTS[wanted[0]]
    context = {"patient": visit.patient, "form_key": wanted[0], "title": title, "text": text, "left": len(wanted)}
    return _for_a_while(page(request, "checkin/kiosk_sign.html", context))


def _for_a_while(answer: HttpResponse) -> HttpResponse:
    """The script goes back after a minute without a touch; this is for a browser without it."""
    answer["Refresh"] = f"{WITHOUT_SCRIPT}; url={reverse('checkin:kiosk')}"
    return answer


def _expected(request: HttpRequest, form: FindYourselfForm) -> Appointment:
    place = _location(request)
    said = form.cleaned_data
    rows = Appointment.objects.for_display().filter(
        location=place, patient__birth_date=said["birth_date"], patient__last_name__iexact=said["last_name"].strip(),
        status__in=(*Appointment.EXPECTED, Appointment.Status.ARRIVED),
    )  # fmt: skip
    today = [a for a in rows.order_by("start") if a.day == clock.today(place)]
    if not today or len({a.patient_id for a in today}) > 1:
        raise ClinicError(SEE_THE_DESK)
    return today[0]


def _own_open_visit(request: HttpRequest, visit: Visit) -> None:
    """A kiosk shows visits of its own location and of today only."""
    today = visit.service_date == clock.today(visit.location)
    if visit.location_id != _location(request).pk or not today or not visit.is_open:
        raise PermissionDenied("not a visit of this kiosk")


def _location(request: HttpRequest) -> Location:
    device = getattr(request, "device", None)
    place: Location = device.location if device is not None else here(request)  # type: ignore[arg-type]
    return place


def _staff(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _drawing(strokes: str) -> bytes:
    """The strokes as an SVG; nothing when nothing was drawn."""
    if not strokes:
        return b""
    if not STROKES.fullmatch(strokes):
        raise ClinicError("The signature could not be read. Clear it and sign again.")
    path = f'<path d="{strokes}" fill="none" stroke="#000" stroke-width="2.4"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg">{path}</svg>'.encode()
