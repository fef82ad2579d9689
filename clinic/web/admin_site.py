"""The back office's admin: its index is a dashboard, its permissions are our acts, its reads are audited.

    @admin.register(Claim)
    class ClaimAdmin(OfficeAdmin):
        view_act = "claim.view"
        patient_path = "patient_id"
        actions = ["resubmit"]

        @office_action("claim.correct", "Send again")
        def resubmit(self, claim, request): correct_claim(claim=claim, by=request.user)

Nothing can be added, changed or deleted unless the class names an act for it: most rows belong to a service.
A superuser gets nothing more than his role.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.utils.http import urlencode

from clinic import audit
from clinic.errors import ClinicError
from clinic.models import User, Versioned
from clinic.web.panels import ADMIN_INDEX, draw
from clinic.web.permissions import can, known


class OfficeAdminSite(admin.AdminSite):
    site_header = "Back office"
    site_title = "Tandem"
    index_title = "Back office"
    index_template = "admin/index.html"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Lists of packages, which ask Django's permissions instead of our acts, are left out."""
        if admin_class is not None and issubclass(admin_class, OfficeAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Those whose role opens the back office; each list then asks its own act."""
        return can(request.user, "admin.open")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Our own sign-in, so that its limits hold here too. Whoever is in but may not come here is told so."""
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied("the back office is not of this role")
            return HttpResponseRedirect(resolve_url("admin:index"))
        return HttpResponseRedirect(f"{resolve_url('account_login')}?{urlencode({'next': '/admin/'})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return HttpResponseRedirect(resolve_url("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return HttpResponseRedirect(resolve_url("account_change_password"))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "panels": draw(request, ADMIN_INDEX)})


class OfficeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """`view_act` to see; `change_act` and `add_act` where the row has no service of its own."""

    view_act: ClassVar[str] = ""
    change_act: ClassVar[str] = ""
    add_act: ClassVar[str] = ""
    patient_path: ClassVar[str] = ""
    """Where a row names its patient ("patient_id", "visit__patient_id", "pk"): for the audit of reads."""
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    formfield_overrides: ClassVar[dict[Any, dict[str, Any]]] = {
        # the browser's own pickers: those of the admin apply inline styles, which the content policy refuses
        models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
        models.DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        },
        models.TimeField: {"widget": forms.TimeInput(format="%H:%M", attrs={"type": "time"})},
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known(cls.view_act)
        for act in (cls.change_act, cls.add_act):
            if act:
                known(act)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, self.view_act)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.change_act) and can(request.user, self.change_act)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.add_act) and can(request.user, self.add_act)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only those whose act this person has; bulk deletion does not exist."""
        offered: dict[str, Any] = dict(super().get_actions(request))
        return {n: a for n, a in offered.items() if (act := getattr(a[0], "act", None)) and can(request.user, act)}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if self.patient_path and "cl" in shown:
            self._note(request, shown["cl"].result_list)
        return answer

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None and self.patient_path and self.has_view_permission(request, row):
            self._note(request, [row])
        return row

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Reference data: the row, its version and its audit row."""
        if isinstance(obj, Versioned) and change:
            obj.version += 1
        super().save_model(request, obj, form, change)
        act = f"{obj._meta.model_name}.{'changed' if change else 'added'}"
        audit.record(act=act, by=_person(request), row=obj, detail={"fields": list(form.changed_data)})

    def _note(self, request: HttpRequest, rows: Iterable[models.Model]) -> None:
        ids = [found for row in rows if (found := _follow(row, self.patient_path))]
        if ids:
            audit.viewed(request, ids, f"back office: {self.opts.verbose_name_plural}")


def office_action(act: str, label: str) -> Callable[[Callable[..., Any]], Any]:
    """An admin action that calls a service once a row. A rule's no is told with its row; the others go through."""
    known(act)

    def declare(carry_out: Callable[..., Any]) -> Any:
        @wraps(carry_out)
        def run(self: OfficeAdmin, request: HttpRequest, rows: models.QuerySet[Any]) -> None:
            done = 0
            for row in rows:
                try:
                    carry_out(self, row, request)
                    done += 1
                except ClinicError as error:
                    self.message_user(request, f"{row}: {error.sentence}", messages.ERROR)
            if done:
                self.message_user(request, f"{label}: {done} done.", messages.SUCCESS)

        run.act = act  # type: ignore[attr-defined]
        run.short_description = label  # type: ignore[attr-defined]
        return run

    return declare


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _follow(row: models.Model, path: str) -> Any:
    found: Any = row
    for name in path.split("__"):
        found = getattr(found, name, None)
        if found is None:
            return None
    return found
