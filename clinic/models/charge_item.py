"""ChargeItem: one service line, or a fee that no payer is asked for. Every receivable hangs on one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clinic.fields import MoneyField
from clinic.models.base import Record, Versioned


class ChargeItem(Record, Versioned):
    """`pointers` are positions of the visit's diagnoses (1-12), most important first, at most four."""

    class Kind(models.TextChoices):
        SERVICE = "service", "Service"
        FEE = "fee", "Fee (no-show, returned check, form)"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SERVICE)
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="charges")
    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="charges")
    visit = models.ForeignKey("clinic.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="charges")
    for_appointment_id = models.UUIDField(null=True, blank=True)
    for_payment_id = models.UUIDField(null=True, blank=True)
    service_date = models.DateField()
    code = models.CharField(max_length=5)
    modifiers = ArrayField(models.CharField(max_length=2), size=4, default=list, blank=True)
    units = models.PositiveSmallIntegerField(default=1)
    amount = MoneyField("charge")
    pointers = ArrayField(models.PositiveSmallIntegerField(), size=4, default=list, blank=True)
    ndc = models.CharField("drug code (NDC)", max_length=11, blank=True)
    prior_authorization_number = models.CharField(max_length=50, blank=True)
    rendering_provider = models.ForeignKey(
        "clinic.Provider", null=True, blank=True, on_delete=models.PROTECT, related_name="charges"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="charge_not_negative"),
            models.CheckConstraint(condition=Q(units__gte=1), name="charge_has_units"),
            models.CheckConstraint(
                condition=Q(kind="service", visit__isnull=False) | Q(kind="fee"), name="service_has_visit"
            ),
        ]
        indexes = [models.Index(fields=["patient", "service_date"])]

    def __str__(self) -> str:
        return f"{self.code} {self.amount}"

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None
