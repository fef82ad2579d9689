"""Claim: what we ask of one payer for one visit, and its lines. A correction is a new row that replaces the old."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clinic.fields import MoneyField
from clinic.models.base import Record, Versioned
from clinic.models.status import HasStatus


class ClaimQuerySet(models.QuerySet["Claim"]):
    def ready(self) -> "ClaimQuerySet":
        return self.filter(status=Claim.Status.READY)

    def for_payer(self, payer: models.Model) -> "ClaimQuerySet":
        return self.filter(payer=payer)

    def unsettled(self) -> "ClaimQuerySet":
        """The payer of these has not said its last word."""
        return self.filter(status__in=Claim.UNSETTLED)


class Claim(Record, Versioned, HasStatus):
    """`control_number` is CLM01: one for the whole lineage (X12 RFI 1799), echoed by the payer as CLP01."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        EDITS_FAILED = "edits_failed", "Needs correction before sending"
        HELD = "held", "Held"
        READY = "ready", "Ready to send"
        SUBMITTED = "submitted", "Sent"
        SYNTAX_REJECTED = "syntax_rejected", "File refused (999)"
        RECEIVED = "received", "Received"
        REJECTED = "rejected", "Rejected before adjudication"
        ACCEPTED = "accepted", "Accepted, payer is deciding"
        PAID = "paid", "Paid"
        PARTIALLY_PAID = "partially_paid", "Partially paid, part denied"
        ADJUDICATED = "adjudicated", "Adjudicated, payer done, nothing paid"
        DENIED = "denied", "Denied"
        APPEALED = "appealed", "Appealed"
        FORWARDED = "forwarded", "Forwarded by the payer before"
        REVERSED = "reversed", "Payment taken back"
        REPLACED = "replaced", "Replaced by a corrected claim"
        VOIDED = "voided", "Voided"
        CLOSED = "closed", "Closed, nothing left at this payer"

    _ANSWERED = {Status.PAID, Status.PARTIALLY_PAID, Status.ADJUDICATED, Status.DENIED}
    _AFTER_ANSWER = _ANSWERED | {
        Status.REVERSED, Status.REPLACED, Status.VOIDED, Status.CLOSED, Status.APPEALED,
    }  # fmt: skip
    TRANSITIONS = {
        Status.DRAFT: {Status.EDITS_FAILED, Status.READY, Status.HELD, Status.VOIDED},
        Status.EDITS_FAILED: {Status.READY, Status.DRAFT, Status.HELD, Status.VOIDED, Status.CLOSED},
        Status.HELD: {Status.DRAFT, Status.READY, Status.EDITS_FAILED, Status.VOIDED, Status.FORWARDED},
        Status.READY: {Status.SUBMITTED, Status.DRAFT, Status.EDITS_FAILED, Status.HELD, Status.VOIDED},
        Status.SUBMITTED: {
            Status.SYNTAX_REJECTED, Status.RECEIVED, Status.REJECTED, Status.ACCEPTED, Status.READY,
        } | _AFTER_ANSWER,
        Status.SYNTAX_REJECTED: {Status.READY, Status.DRAFT, Status.EDITS_FAILED, Status.VOIDED},
        Status.RECEIVED: {Status.REJECTED, Status.ACCEPTED, Status.READY} | _AFTER_ANSWER,
        Status.REJECTED: {Status.READY, Status.DRAFT, Status.EDITS_FAILED, Status.VOIDED, Status.CLOSED}
        | _ANSWERED,
        Status.ACCEPTED: {Status.REJECTED} | _AFTER_ANSWER,
        Status.FORWARDED: {Status.READY, Status.DRAFT} | _AFTER_ANSWER,
        Status.PAID: _AFTER_ANSWER,
        Status.PARTIALLY_PAID: _AFTER_ANSWER,
        Status.ADJUDICATED: _AFTER_ANSWER,
        Status.DENIED: _AFTER_ANSWER,
        Status.APPEALED: _AFTER_ANSWER,
        Status.REVERSED: _AFTER_ANSWER,
        Status.REPLACED: _AFTER_ANSWER,
        Status.VOIDED: {Status.REVERSED},
        Status.CLOSED: _AFTER_ANSWER,
    }  # fmt: skip
    UNSETTLED = (
        Status.DRAFT, Status.EDITS_FAILED, Status.HELD, Status.READY, Status.SUBMITTED, Status.SYNTAX_REJECTED,
        Status.RECEIVED, Status.REJECTED, Status.ACCEPTED, Status.DENIED, Status.PARTIALLY_PAID, Status.APPEALED,
        Status.FORWARDED, Status.REVERSED,
    )  # fmt: skip

    class Frequency(models.TextChoices):
        ORIGINAL = "1", "Original"
        REPLACEMENT = "7", "Replacement"
        VOID = "8", "Void"

    number = models.CharField(max_length=20, unique=True)
    control_number = models.CharField("patient control number", max_length=20, db_index=True)
    visit = models.ForeignKey("clinic.Visit", on_delete=models.PROTECT, related_name="claims")
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="claims")
    coverage = models.ForeignKey("clinic.Coverage", on_delete=models.PROTECT, related_name="claims")
    payer = models.ForeignKey("clinic.Payer", on_delete=models.PROTECT, related_name="claims")
    order = models.PositiveSmallIntegerField("payer's place: 1 primary", default=1)
    after = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="next_payer_claims",
        help_text="The claim to the payer before, whose answer goes along (2320/2430).",
    )  # fmt: skip
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    sequence = models.PositiveSmallIntegerField("member of its lineage", default=1)
    frequency = models.CharField(max_length=1, choices=Frequency.choices, default=Frequency.ORIGINAL)
    payer_claim_number = models.CharField("payer's claim number", max_length=50, blank=True)
    original_reference = models.CharField("REF*F8", max_length=50, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    rendering_provider = models.ForeignKey("clinic.Provider", on_delete=models.PROTECT, related_name="claims")
    referring_provider = models.ForeignKey(
        "clinic.Provider", null=True, blank=True, on_delete=models.PROTECT, related_name="referred_claims"
    )
    place_of_service = models.CharField(max_length=2, default="11")
    prior_authorization_number = models.CharField(max_length=50, blank=True)
    clia_number = models.CharField(max_length=10, blank=True)
    diagnosis_codes = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    member_id_fingerprint = models.CharField(max_length=64, blank=True)
    total = MoneyField("total charge")
    content_sha256 = models.CharField(max_length=64, blank=True)
    findings = models.JSONField("claim edits", default=list, blank=True)
    hold_reason = models.CharField(max_length=200, blank=True)
    correction_reason = models.CharField(max_length=200, blank=True)
    corrected_by_worker = models.BooleanField(default=False)
    first_billed_on = models.DateField(null=True, blank=True)
    file_by = models.DateField("filing deadline", null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["control_number", "sequence"], name="claim_lineage_sequence"),
            models.CheckConstraint(
                condition=Q(frequency="1") | ~Q(original_reference=""), name="claim_7_and_8_name_the_original"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "payer"]),
            models.Index(fields=["visit", "order"]),
            models.Index(fields=["file_by"]),
        ]

    def __str__(self) -> str:
        return f"claim {self.number}"

    @property
    def is_settled(self) -> bool:
        return self.status not in self.UNSETTLED


class ClaimLine(Record):
    """A line as it goes to the payer (2400). `control_number` (REF*6R) comes back in the 835."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="lines")
    charge = models.ForeignKey("clinic.ChargeItem", on_delete=models.PROTECT, related_name="claim_lines")
    position = models.PositiveSmallIntegerField()
    control_number = models.CharField(max_length=30, db_index=True)
    service_date = models.DateField()
    code = models.CharField(max_length=5)
    modifiers = ArrayField(models.CharField(max_length=2), size=4, default=list, blank=True)
    units = models.PositiveSmallIntegerField()
    amount = MoneyField()
    pointers = ArrayField(models.PositiveSmallIntegerField(), size=4, default=list, blank=True)
    ndc = models.CharField(max_length=11, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["claim", "position"], name="claim_line_position")]

    def __str__(self) -> str:
        return f"{self.claim_id} line {self.position}"
