"""What each role may do: one table, one question (`can`), one decorator (`may`).

An act is a word of the trade, "claim.correct". Views and API operations declare theirs; whoever declares an act
that is not in the table fails at import. Rows follow the practice's roles: the administrator sees no patient,
the auditor reads and writes nothing, nobody approves what he asked for (the services see to that).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from clinic.models import ApiClient, Device, Role, User
from clinic.web import kept
from clinic.web.requests import StaffRequest

V = TypeVar("V", bound=Callable[..., Any])


SignedIn = StaffRequest
"""The request that a view below `@may` gets: for type checkers, there is somebody."""

OWN = frozenset({"home.view", "own.settings", "reference.view", "api.schema"})
"""What everybody who signs in may do."""

_READ_PATIENT = frozenset(
    {"patient.view", "patient.search", "appointment.view", "visit.view", "coverage.view", "authorization.view"}
)
_DESK = _READ_PATIENT | {
    "appointment.book", "appointment.move", "appointment.cancel", "appointment.no_show",
    "patient.edit", "visit.arrive", "visit.check_in", "visit.stage", "visit.check_out", "visit.undo",
    "copay.take", "payment.take", "day.close", "ledger.receipt", "ledger.balance",
    "coverage.edit", "eligibility.verify", "authorization.edit", "statement.view", "plan.view", "kiosk.use", "board.view",
}  # fmt: skip
_MONEY_READ = frozenset(
    {"ledger.view", "ledger.balance", "ledger.receipt", "statement.view", "plan.view", "case.view", "aging.view"}
)
_BILLING = _READ_PATIENT | _MONEY_READ | {
    "patient.edit", "coverage.edit", "eligibility.verify", "authorization.edit", "charge.view", "charge.edit",
    "claim.view", "claim.edit", "claim.submit", "claim.correct", "claim.void", "claim.hold",
    "remittance.view", "remittance.import", "remittance.post", "denial.view", "denial.work",
    "report.view", "payment.take", "refund.request", "write_off.request",
    "statement.issue", "plan.open", "plan.cancel", "outbox.view", "work.view", "work.retry", "admin.open",
}  # fmt: skip
_COLLECTING = _READ_PATIENT | _MONEY_READ | {
    "payment.take", "refund.request", "write_off.request", "statement.issue", "plan.open", "plan.cancel",
    "case.work", "case.refer", "outbox.view", "admin.open",
}  # fmt: skip

ROLE_ACTS: dict[str, frozenset[str]] = {
    Role.FRONT_DESK: OWN | _DESK,
    Role.DESK_LEAD: OWN
    | _DESK
    | {"appointment.overbook", "schedule.edit", "payment.void", "patient.merge", "refund.request", "outbox.view"},
    Role.CLINICIAN: OWN
    | _READ_PATIENT
    | {
        "appointment.book", "appointment.move", "appointment.cancel", "patient.edit", "visit.stage", "board.view",
        "charge.view", "charge.edit", "claim.view",
    },
    Role.BILLER: OWN | _BILLING,
    Role.COLLECTOR: OWN | _COLLECTING,
    Role.BILLING_MANAGER: OWN
    | _BILLING
    | _COLLECTING
    | _DESK
    | {
        "appointment.overbook", "schedule.edit", "patient.merge", "payment.void", "refund.approve",
        "write_off.approve", "case.approve", "audit.view", "admin.reference",
    },
    Role.ADMINISTRATOR: OWN | {"admin.open", "admin.reference", "schedule.edit", "user.admin", "api.client", "work.view", "work.retry"},
    Role.AUDITOR: OWN
    | _READ_PATIENT
    | _MONEY_READ
    | {
        "charge.view", "claim.view", "remittance.view", "denial.view", "report.view", "outbox.view", "work.view",
        "admin.open", "audit.view",
    },
}  # fmt: skip

DEVICE_ACTS: dict[str, frozenset[str]] = {
    Device.Kind.BOARD: frozenset({"board.view"}),
    Device.Kind.KIOSK: frozenset({"kiosk.use"}),
}

ACTS: frozenset[str] = frozenset().union(*ROLE_ACTS.values())
PERSONS_ONLY = frozenset(
    {"own.settings", "admin.open", "user.admin", "api.client", "refund.approve", "write_off.approve", "case.approve", "patient.merge",
     "audit.view", "admin.reference"}
)  # fmt: skip
CLIENT_ACTS: frozenset[str] = ACTS - PERSONS_ONLY
"""What a scope of an API client may name."""


def known(act: str) -> str:
    """The act itself; ImproperlyConfigured when the table has none of that name."""
    if act not in ACTS:
        raise ImproperlyConfigured(f"{act!r} is no act of clinic.web.permissions.ROLE_ACTS.")
    return act


def acts_of(who: object) -> frozenset[str]:
    """Everything this person, API client or device may do. Nothing for the inactive and the unknown."""
    if isinstance(who, User):
        return ROLE_ACTS.get(who.role, frozenset()) if who.is_active else frozenset()
    if isinstance(who, ApiClient):
        return CLIENT_ACTS & {*who.scopes, "api.schema"} if who.is_active else frozenset()
    if isinstance(who, Device):
        return DEVICE_ACTS.get(who.kind, frozenset()) if who.is_active else frozenset()
    return frozenset()


def can(who: object, act: str) -> bool:
    return known(act) in acts_of(who)


def may(act: str) -> Callable[[V], V]:
    """Declare a view's act. Nobody signed in goes to sign-in; who may not is refused (403).

    A paired device (clinic.web.middleware sets request.device) may open the views of its own acts.
    """
    known(act)

    def declare(view: V) -> V:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            who = getattr(request, "device", None) or request.user
            if not isinstance(who, Device) and not request.user.is_authenticated:
                return to_sign_in(request)
            if not can(who, act):
                raise PermissionDenied(act)
            response: HttpResponse = view(request, *args, **kwargs)
            return response

        asked.act = act  # type: ignore[attr-defined]
        return asked  # type: ignore[return-value]

    return declare


def poll(view: V) -> V:
    """A view that the page asks again by itself: it does not keep an idle session alive."""
    view.is_poll = True  # type: ignore[attr-defined]
    return view


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, and back here afterwards; a part asked by htmx moves the whole page there.

    A form that came too late is kept (clinic.web.kept) and stands there again after the sign-in.
    """
    back = kept.keep(request, whose=request.session.get(kept.LEFT_BY, ""))
    htmx: Any = getattr(request, "htmx", False)
    if htmx:
        back = back or htmx.current_url_abs_path or ""
        query = urlencode({REDIRECT_FIELD_NAME: back}, safe="/") if back else ""
        return HttpResponseClientRedirect(f"{reverse('account_login')}?{query}".rstrip("?"))
    return redirect_to_login(back or (request.get_full_path() if request.method == "GET" else "/"))
