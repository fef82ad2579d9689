"""Claims, sendings, answers, denials and remittances in the back office: to look at; the actions call the services."""

from django.contrib import admin
from django.http import HttpRequest

from billing.models import (
    Acknowledgment,
    ClaimResponse,
    ClaimSubmission,
    Correction,
    Denial,
    ProviderAdjustment,
    RefusedRemittance,
    Remittance,
    WriteOffRequest,
)
from billing.services.check_desk import record_deposit
from billing.services.claims import release_claim
from billing.services.denials import assign
from billing.services.posting import post_remittance
from billing.services.provider_adjustments import settle
from billing.services.scrub import scrub
from billing.services.submission import submit_one
from clinic import clock
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


@admin.register(Denial)
class DenialAdmin(OfficeAdmin):
    view_act = "denial.view"
    patient_path = "claim__patient_id"
    list_display = (
        "claim", "reason_code", "group", "category", "payer", "amount", "status", "next_step", "assigned_to", "due_on",
        "deadline_on",
    )  # fmt: skip
    list_filter = ("status", "category", "payer", "next_step", "assigned_to")
    search_fields = ("claim__number", "claim__payer_claim_number", "reason_code")
    list_select_related = ("claim", "payer", "assigned_to")
    date_hierarchy = "denied_on"
    actions = ("take",)

    @office_action("denial.work", "Assign to me")
    def take(self, denial: Denial, request: HttpRequest) -> None:
        assign(denial=denial, to=request.user, by=request.user)  # type: ignore[arg-type]


@admin.register(Correction)
class CorrectionAdmin(OfficeAdmin):
    view_act = "denial.view"
    patient_path = "claim__patient_id"
    list_display = ("created_at", "claim", "outcome", "rule", "sentence", "by_worker", "by", "corrected")
    list_filter = ("outcome", "by_worker", "rule")
    search_fields = ("claim__number",)
    list_select_related = ("claim", "by", "corrected")


@admin.register(WriteOffRequest)
class WriteOffRequestAdmin(OfficeAdmin):
    view_act = "denial.view"
    patient_path = "denial__claim__patient_id"
    list_display = ("created_at", "denial", "amount", "why", "status", "requested_by", "decided_by", "answer")
    list_filter = ("status",)
    list_select_related = ("denial__claim", "requested_by", "decided_by")


@admin.register(Remittance)
class RemittanceAdmin(OfficeAdmin):
    view_act = "remittance.view"
    list_display = (
        "trace_number", "payer", "paid_on", "amount", "method", "status", "held_reason", "posted_at", "deposited_on",
    )  # fmt: skip
    list_filter = ("status", "payer", "method", ("deposited_on", admin.EmptyFieldListFilter))
    search_fields = ("trace_number", "payer_name", "digest")
    list_select_related = ("payer",)
    date_hierarchy = "paid_on"
    raw_id_fields = ("transmission",)
    actions = ("post_now", "deposited_today")

    @office_action("remittance.post", "Post now")
    def post_now(self, remittance: Remittance, request: HttpRequest) -> None:
        post_remittance(remittance=remittance, by=request.user)  # type: ignore[arg-type]

    @office_action("remittance.post", "Deposited today")
    def deposited_today(self, remittance: Remittance, request: HttpRequest) -> None:
        record_deposit(remittance=remittance, on=clock.today(), by=request.user)  # type: ignore[arg-type]


@admin.register(ClaimResponse)
class ClaimResponseAdmin(OfficeAdmin):
    """The payer's spelling of names and member ids stays on the check's own page, whose reading is audited."""

    view_act = "remittance.view"
    patient_path = "claim__patient_id"
    list_display = (
        "patient_control_number", "status_code", "charge", "paid", "patient_responsibility", "status", "held_reason", "remittance",
    )  # fmt: skip
    list_filter = ("status", "status_code")
    search_fields = ("patient_control_number", "payer_claim_number", "remittance__trace_number")
    list_select_related = ("claim", "remittance")
    exclude = ("patient_name", "corrected_member_id")


@admin.register(ProviderAdjustment)
class ProviderAdjustmentAdmin(OfficeAdmin):
    view_act = "remittance.view"
    list_display = ("remittance", "code", "reference", "amount", "treatment", "resolved_at")
    list_filter = ("treatment", "code")
    search_fields = ("reference", "remittance__trace_number")
    list_select_related = ("remittance",)
    actions = ("explained",)

    @office_action("remittance.post", "It is explained")
    def explained(self, adjustment: ProviderAdjustment, request: HttpRequest) -> None:
        settle(adjustment=adjustment, by=request.user)  # type: ignore[arg-type]


@admin.register(RefusedRemittance)
class RefusedRemittanceAdmin(OfficeAdmin):
    view_act = "remittance.view"
    list_display = (
        "created_at",
        "payer_name",
        "trace_number",
        "segment",
        "sentence",
        "expected",
        "found",
        "resolved_at",
    )
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "rule")
    search_fields = ("trace_number", "payer_name")
