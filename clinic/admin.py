"""Reference data and staff in the back office; patients and what happened, to look at."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from clinic.errors import ClinicError
from clinic.models import (
    ApiClient,
    AuditEvent,
    Device,
    Fee,
    FeeSchedule,
    Hold,
    Location,
    Message,
    Patient,
    Payer,
    Practice,
    Provider,
    User,
    Visit,
)
from clinic.money import HOW, LARGEST, TOO_LARGE, ZERO
from clinic.queries import changes_of
from clinic.services.clients import create_api_client, pair_device
from clinic.services.staff import add_staff, update_staff
from clinic.web.admin_site import OfficeAdmin
from clinic.web.permissions import CLIENT_ACTS


class ReferenceAdmin(OfficeAdmin):
    """What the practice keeps itself: added and changed here, never deleted."""

    view_act = "admin.reference"
    change_act = "admin.reference"
    add_act = "admin.reference"


@admin.register(Practice)
class PracticeAdmin(ReferenceAdmin):
    list_display = ("name", "npi", "phone")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not Practice.objects.exists() and super().has_add_permission(request)


@admin.register(Location)
class LocationAdmin(ReferenceAdmin):
    list_display = ("name", "city", "timezone", "is_active")
    list_filter = ("is_active",)


@admin.register(Provider)
class ProviderAdmin(ReferenceAdmin):
    list_display = ("last_name", "first_name", "credential", "npi", "location", "is_ours", "is_active")
    list_filter = ("is_ours", "is_active", "location")
    search_fields = ("last_name", "first_name", "npi")
    list_select_related = ("location",)


@admin.register(Payer)
class PayerAdmin(ReferenceAdmin):
    list_display = ("name", "payer_id", "filing_indicator", "filing_days", "corrected_days", "appeal_days", "is_active")
    list_filter = ("is_active", "is_medicare", "is_medicaid", "replacement")
    search_fields = ("name", "payer_id")


@admin.register(FeeSchedule)
class FeeScheduleAdmin(ReferenceAdmin):
    list_display = ("name", "payer", "starts_on", "ends_on")
    list_select_related = ("payer",)


class FeeForm(forms.ModelForm):
    amount = forms.DecimalField(
        max_digits=12, decimal_places=2, min_value=ZERO, max_value=LARGEST,
        error_messages={
            "invalid": HOW, "max_decimal_places": HOW, "min_value": "A fee cannot be less than $0.00.",
            "max_value": TOO_LARGE, "max_digits": TOO_LARGE, "max_whole_digits": TOO_LARGE,
        },
    )  # fmt: skip


@admin.register(Fee)
class FeeAdmin(ReferenceAdmin):
    form = FeeForm
    list_display = ("code", "modifier", "description", "amount", "schedule", "needs_authorization")
    list_filter = ("schedule", "needs_authorization")
    search_fields = ("code", "description")
    list_select_related = ("schedule",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("what_was_changed",) if obj else ()

    def what_was_changed(self, fee: Fee) -> str:
        """What it was before, since when, and who changed it."""
        return render_to_string("components/changes.html", {"changes": changes_of(fee)})


class UserForm(forms.ModelForm):
    new_password = forms.CharField(
        label="New password", required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Twelve characters or more. Leave it empty to keep the present one.",
    )  # fmt: skip

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "role", "provider", "is_active"]

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"])
        if password:
            validate_password(password, self.instance)
        elif self.instance._state.adding:
            raise forms.ValidationError("A new person needs a first password.")
        return password


@admin.register(User)
class UserAdmin(OfficeAdmin):
    view_act = "user.admin"
    change_act = "user.admin"
    add_act = "user.admin"
    form = UserForm
    list_display = ("username", "full_name", "role", "is_active", "is_demo")
    list_filter = ("role", "is_active")
    search_fields = ("username", "first_name", "last_name")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """By the service. A rule's no is told and nothing is written."""
        fields = {name: form.cleaned_data[name] for name in UserForm.Meta.fields}
        password = form.cleaned_data["new_password"]
        if not change:
            obj.pk = add_staff(fields=fields, password=password, by=request.user).pk
            return
        try:
            update_staff(user=obj, fields=fields, password=password, by=request.user)
        except ClinicError as error:
            request.is_refused = True
            self.message_user(request, error.sentence, messages.ERROR)

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        return None if getattr(request, "is_refused", False) else super().log_change(request, obj, message)

    def response_change(self, request: Any, obj: Any) -> HttpResponse:
        """After a rule's no the person is asked again, and nothing is called changed."""
        if getattr(request, "is_refused", False):
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)


class ApiClientForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=[(act, act) for act in sorted(CLIENT_ACTS)], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiClient
        fields = ["name", "scopes", "is_active", "expires_at"]


@admin.register(ApiClient)
class ApiClientAdmin(OfficeAdmin):
    """The token is shown once, when the client is made."""

    view_act = "api.client"
    change_act = "api.client"
    add_act = "api.client"
    form = ApiClientForm
    list_display = ("name", "is_active", "last_used_at", "expires_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "scopes", "last_used_at") if obj else ()

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        said = form.cleaned_data
        made, token = create_api_client(
            name=said["name"], scopes=said["scopes"], expires_at=said["expires_at"], by=request.user
        )
        obj.pk = made.pk
        self.message_user(request, f"The token, shown this once: {token}", messages.WARNING)


class DeviceForm(forms.ModelForm):
    class Meta:
        model = Device
        fields = ["name", "kind", "location", "is_active"]


@admin.register(Device)
class DeviceAdmin(OfficeAdmin):
    """A code is shown once; it is typed at the device itself, at /pair/."""

    view_act = "api.client"
    change_act = "api.client"
    add_act = "api.client"
    form = DeviceForm
    list_display = ("name", "kind", "location", "is_active")
    list_select_related = ("location",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        said = form.cleaned_data
        made, code = pair_device(name=said["name"], kind=said["kind"], location=said["location"], by=request.user)
        obj.pk = made.pk
        self.message_user(request, f"The pairing code, shown this once: {code}. Type it at /pair/.", messages.WARNING)


@admin.register(Patient)
class PatientAdmin(OfficeAdmin):
    view_act = "patient.view"
    patient_path = "pk"
    list_display = ("mrn", "listed_name", "birth_date", "city", "is_self_pay")
    list_filter = ("is_self_pay", "is_qmb", "is_deceased")
    search_fields = ("mrn",)  # a name would stand in the address; names are searched at /patients/
    ordering = ("-pk",)


@admin.register(Visit)
class VisitAdmin(OfficeAdmin):
    view_act = "visit.view"
    patient_path = "patient_id"
    list_display = ("number", "service_date", "patient", "provider", "location", "status")
    list_filter = ("status", "location", "provider")
    search_fields = ("number", "patient__mrn")
    list_select_related = ("patient", "provider", "location")
    date_hierarchy = "service_date"


@admin.register(Hold)
class HoldAdmin(OfficeAdmin):
    view_act = "ledger.view"
    list_display = ("guarantor", "reason", "until", "visit", "claim", "set_by", "released_at")
    list_filter = ("reason",)
    list_select_related = ("guarantor", "visit", "claim", "set_by")


@admin.register(Message)
class MessageAdmin(OfficeAdmin):
    view_act = "outbox.view"
    patient_path = "patient_id"
    list_display = ("due_at", "kind", "channel", "status", "patient")
    list_filter = ("status", "channel", "kind")
    list_select_related = ("patient",)


@admin.register(AuditEvent)
class AuditEventAdmin(OfficeAdmin):
    view_act = "audit.view"
    list_display = ("at", "actor_kind", "act", "record_type", "is_change")
    list_filter = ("is_change", "actor_kind", "act")
