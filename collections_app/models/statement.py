"""Statement: what a guarantor was asked for on a day, line by line as sent; and the link by which it may be paid."""

from django.db import models
from django.db.models import Q

from clinic.fields import MoneyField
from clinic.models import Record


class Statement(Record):
    """As it went out: it never changes. What is owed today is asked of the ledger."""

    class Notice(models.TextChoices):
        """The tone: which letter of the ladder this is (days since the first statement)."""

        STATEMENT = "statement", "Statement"
        REMINDER = "reminder", "Reminder"
        SECOND = "second", "Second notice"
        FINAL = "final", "Final notice"

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"

    number = models.CharField(max_length=12, unique=True)
    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="statements")
    notice = models.CharField(max_length=10, choices=Notice.choices, default=Notice.STATEMENT)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    issued_on = models.DateField()
    pay_by = models.DateField()
    balance = MoneyField("amount due")
    on_plan = MoneyField("not yet due, on a plan", default=0)
    issued_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guarantor", "issued_on"], name="statement_once_a_day"),
            models.CheckConstraint(condition=Q(balance__gt=0), name="statement_above_zero"),
            models.CheckConstraint(condition=Q(pay_by__gte=models.F("issued_on")), name="statement_pay_by_after_issue"),
        ]
        indexes = [models.Index(fields=["guarantor", "-issued_on"]), models.Index(fields=["-issued_on"])]

    def __str__(self) -> str:
        return f"statement {self.number}"


class StatementLine(Record):
    """charge − paid by insurance − adjusted − paid by the patient = balance, on the day it was sent."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    charge = models.ForeignKey("clinic.ChargeItem", on_delete=models.PROTECT, related_name="statement_lines")
    visit = models.ForeignKey(
        "clinic.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="statement_lines"
    )
    service_date = models.DateField()
    code = models.CharField(max_length=5)
    charged = MoneyField()
    insurance_paid = MoneyField()
    adjusted = MoneyField()
    patient_paid = MoneyField()
    balance = MoneyField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "position"], name="statement_line_position"),
            models.UniqueConstraint(fields=["statement", "charge"], name="statement_line_charge"),
            models.CheckConstraint(condition=Q(balance__gt=0), name="statement_line_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.balance}"


class PayLink(Record):
    """A signed address in a message: pays one statement once, until it expires. The row decides, not the signature."""

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="pay_link")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    payment = models.OneToOneField(
        "ledger.Payment", null=True, blank=True, on_delete=models.PROTECT, related_name="pay_link"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, payment__isnull=True)
                | Q(used_at__isnull=False, payment__isnull=False),
                name="pay_link_used_by_a_payment",
            )
        ]

    def __str__(self) -> str:
        return f"pay link of {self.statement_id}"
