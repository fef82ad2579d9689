"""EligibilityCheck (FHIR CoverageEligibilityResponse) and its Benefits: one 270, one 271, kept as answered."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clinic import clock
from clinic.fields import EncryptedTextField, MoneyField
from clinic.models import Coverage, Patient, Record, User


class EligibilityCheck(Record):
    """The row is the queue while `answer` is pending. Three answers: active, inactive, could not be determined."""

    class Answer(models.TextChoices):
        PENDING = "pending", "Asking the payer"
        ACTIVE = "active", "Active"
        INACTIVE = "inactive", "Not active"
        UNKNOWN = "unknown", "Could not be determined"

    key = models.CharField(max_length=120, unique=True)
    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="eligibility_checks")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="eligibility_checks")
    on = models.DateField("date of service asked about")
    service_type = models.CharField(max_length=2, default="30")
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.PENDING)
    reason_code = models.CharField("AAA reason", max_length=4, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(default=clock.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    plan_name = models.CharField(max_length=60, blank=True)
    cover_from = models.DateField(null=True, blank=True)
    cover_to = models.DateField(null=True, blank=True)
    returned_member_id = EncryptedTextField(null=True, blank=True)
    returned_name_matches = models.BooleanField(null=True, blank=True)
    returned_birth_date_matches = models.BooleanField(null=True, blank=True)
    other_payer_name = models.CharField(max_length=60, blank=True)
    other_payer_id = models.CharField(max_length=20, blank=True)
    other_payer_is_primary = models.BooleanField(default=False)
    other_member_id = EncryptedTextField(null=True, blank=True)
    is_qmb = models.BooleanField(default=False)
    transmission_key = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["coverage", "on", "-created_at"]),
            models.Index(fields=["due_at"], condition=Q(answer="pending"), name="eligibility_due"),
        ]

    def __str__(self) -> str:
        return f"eligibility on {self.on}: {self.answer}"


class Benefit(Record):
    """One EB line of the 271, in its order; `segment_number` says where it stands in the answer."""

    check_row = models.ForeignKey(EligibilityCheck, on_delete=models.CASCADE, related_name="benefits")
    position = models.PositiveSmallIntegerField()
    segment_number = models.PositiveIntegerField(default=0)
    information = models.CharField("EB01", max_length=2)
    level = models.CharField("EB02", max_length=3, blank=True)
    service_types = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    insurance_type = models.CharField("EB04", max_length=3, blank=True)
    plan = models.CharField("EB05", max_length=60, blank=True)
    period = models.CharField("EB06", max_length=2, blank=True)
    amount = MoneyField("EB07", null=True, blank=True)
    percent = models.DecimalField("EB08", max_digits=7, decimal_places=4, null=True, blank=True)
    quantity = models.DecimalField("EB10", max_digits=12, decimal_places=2, null=True, blank=True)
    needs_authorization = models.CharField("EB11", max_length=1, blank=True)
    in_network = models.CharField("EB12", max_length=1, blank=True)
    procedure_code = models.CharField("EB13", max_length=5, blank=True)
    message = models.CharField(max_length=264, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"EB {self.information} {','.join(self.service_types)}"
