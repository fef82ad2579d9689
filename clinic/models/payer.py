"""Payers: who answers claims, and each one's habits."""

from django.db import models

from clinic.models.base import Record, Versioned


class Payer(Record, Versioned):
    """An insurance company or programme. `payer_id` is its id at our clearinghouse (X12 NM109 of NM1*PR)."""

    class Replacement(models.TextChoices):
        FREQUENCY_7 = "frequency_7", "Takes a replacement (7)"
        REOPENING = "reopening", "Reopening; takes no 7 or 8"
        NEW_CLAIM = "new_claim", "Wants a new claim (1)"
        LINE_BY_LINE = "line_by_line", "One replaced line a claim"

    class CorrectedClock(models.TextChoices):
        SERVICE = "service", "From the date of service"
        REMIT = "remit", "From the first remittance"

    name = models.CharField(max_length=60)
    payer_id = models.CharField("payer id", max_length=20, unique=True)
    filing_indicator = models.CharField("claim filing indicator", max_length=2, default="CI")
    line1 = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip_code = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    filing_days = models.PositiveIntegerField("days to file, from the date of service", default=180)
    corrected_days = models.PositiveIntegerField("days for a corrected claim", default=180)
    corrected_clock = models.CharField(max_length=10, choices=CorrectedClock.choices, default=CorrectedClock.REMIT)
    appeal_days = models.PositiveIntegerField("days to appeal, from the denial", default=120)
    secondary_days = models.PositiveIntegerField("days to file as secondary, from the primary's remittance", default=90)
    replacement = models.CharField(max_length=20, choices=Replacement.choices, default=Replacement.FREQUENCY_7)
    expected_answer_days = models.PositiveIntegerField(default=21)
    auto_correction = models.BooleanField("the worker may send corrected claims", default=True)
    is_medicare = models.BooleanField(default=False)
    is_medicaid = models.BooleanField(default=False)
    is_capitated = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
