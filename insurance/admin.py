"""The back office's view of insurance: routes are edited here, answers and authorizations are read."""

from django.contrib import admin

from clinic.web.admin_site import OfficeAdmin
from insurance.models import EligibilityCheck, PayerRoute, PriorAuthorization


@admin.register(PayerRoute)
class PayerRouteAdmin(OfficeAdmin):
    view_act = "admin.reference"
    change_act = "admin.reference"
    add_act = "admin.reference"
    list_display = ["payer", "partner", "payer_id_there", "does_eligibility", "does_claims"]


@admin.register(EligibilityCheck)
class EligibilityCheckAdmin(OfficeAdmin):
    view_act = "coverage.view"
    patient_path = "patient_id"
    list_display = ["on", "coverage", "answer", "reason", "answered_at"]
    list_filter = ["answer"]
    list_select_related = ["coverage__payer"]


@admin.register(PriorAuthorization)
class PriorAuthorizationAdmin(OfficeAdmin):
    view_act = "authorization.view"
    patient_path = "patient_id"
    list_display = ["number", "coverage", "status", "units", "starts_on", "ends_on"]
    list_filter = ["status"]
    list_select_related = ["coverage__payer"]
