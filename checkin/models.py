"""Intake: what was confirmed, signed and seen at the desk for one visit."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.fields import MoneyField
from clinic.models import Document, Record, User, Visit
from insurance.models import EligibilityCheck


class Form(models.TextChoices):
    """What a patient signs. The notice of privacy practices once (45 CFR 164.520), the financial policy each year."""

    PRIVACY_NOTICE = "privacy_notice", "Notice of privacy practices"
    FINANCIAL_POLICY = "financial_policy", "Financial policy"


class Intake(Record):
    """One per visit, filled at check-in. The payer's answer is frozen here: what the desk knew at that moment."""

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="intake")
    photo_id_seen = models.BooleanField("photo ID matches", default=False)
    address_confirmed = models.BooleanField("address", default=False)
    phone_confirmed = models.BooleanField("phone and text consent", default=False)
    emergency_contact_confirmed = models.BooleanField("emergency contact", default=False)
    coverage_confirmed = models.BooleanField("insurance card seen", default=False)
    signed_forms = ArrayField(models.CharField(max_length=30, choices=Form.choices), default=list, blank=True)
    signed_name = models.CharField("name typed as signature", max_length=120, blank=True)
    signature = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    eligibility_check = models.ForeignKey(
        EligibilityCheck, null=True, blank=True, on_delete=models.PROTECT, related_name="intakes"
    )
    coverage_answer = models.CharField("what the payer had said", max_length=20, blank=True)
    override_reason = models.CharField("why seen without active coverage", max_length=200, blank=True)
    expected_copay = MoneyField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["completed_at"])]

    def __str__(self) -> str:
        return f"intake of {self.visit}"
