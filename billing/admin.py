"""Claims, their sendings and what was acknowledged, in the back office: to look at; the actions call the services."""

from django.contrib import admin
from django.http import HttpRequest

from billing.models import Acknowledgment, ClaimSubmission
from billing.services.claims import release_claim
from billing.services.scrub import scrub
from billing.services.submission import submit_one
from clinic.models import Claim
from clinic.web.admin_site import OfficeAdmin, office_action


@admin.register(Claim)
class ClaimAdmin(OfficeAdmin):
    view_act = "claim.view"
    patient_path = "patient_id"
    list_display = ("number", "status", "payer", "order", "total", "file_by", "first_billed_on", "answered_at")
    list_filter = ("status", "payer", "order", "frequency")
    search_fields = ("number", "control_number", "payer_claim_number")
    list_select_related = ("payer",)
    date_hierarchy = "first_billed_on"
    actions = ("check_again", "send", "release")

    @office_action("claim.edit", "Check again")
    def check_again(self, claim: Claim, request: HttpRequest) -> None:
        scrub(claim=claim, by=request.user)  # type: ignore[arg-type]

    @office_action("claim.submit", "Send now")
    def send(self, claim: Claim, request: HttpRequest) -> None:
        submit_one(claim=claim, by=request.user)  # type: ignore[arg-type]

    @office_action("claim.hold", "Release from hold")
    def release(self, claim: Claim, request: HttpRequest) -> None:
        release_claim(claim=claim, by=request.user)  # type: ignore[arg-type]


@admin.register(ClaimSubmission)
class ClaimSubmissionAdmin(OfficeAdmin):
    view_act = "claim.view"
    patient_path = "claim__patient_id"
    list_display = ("claim", "attempt", "interchange_number", "group_number", "transaction_number", "created_at")
    search_fields = ("claim__number", "interchange_number")
    list_select_related = ("claim",)
    exclude = ("content",)


@admin.register(Acknowledgment)
class AcknowledgmentAdmin(OfficeAdmin):
    view_act = "claim.view"
    patient_path = "claim__patient_id"
    list_display = ("kind", "verdict", "level", "category", "claim", "control_number", "sentence", "created_at")
    list_filter = ("kind", "verdict", "category")
    search_fields = ("claim__number", "control_number", "payer_claim_number")
    list_select_related = ("claim",)
