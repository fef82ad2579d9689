"""PaymentPlan: a debt in installments. The ledger's PLAN balance is the truth; the installments say when."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from clinic.fields import MoneyField
from clinic.models import HasStatus, Record


class PaymentPlanQuerySet(models.QuerySet["PaymentPlan"]):
    def open(self) -> "PaymentPlanQuerySet":
        return self.filter(status__in=PaymentPlan.OPEN)


class PaymentPlan(Record, HasStatus):
    class Status(models.TextChoices):
        ACTIVE = "active", "In good standing"
        PAST_DUE = "past_due", "An installment was missed"
        DEFAULTED = "defaulted", "Defaulted"
        FINISHED = "finished", "Paid off"
        CANCELLED = "cancelled", "Cancelled"

    OPEN = (Status.ACTIVE, Status.PAST_DUE)
    _ENDED = {Status.DEFAULTED, Status.FINISHED, Status.CANCELLED}
    TRANSITIONS = {
        Status.ACTIVE: {Status.PAST_DUE} | _ENDED,
        Status.PAST_DUE: {Status.ACTIVE} | _ENDED,
    }

    number = models.CharField(max_length=12, unique=True)
    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="payment_plans")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    principal = MoneyField()
    day_of_month = models.PositiveSmallIntegerField()
    starts_on = models.DateField("first installment")
    card_token = models.ForeignKey(
        "ledger.CardToken", null=True, blank=True, on_delete=models.PROTECT, related_name="payment_plans"
    )
    disclosure_given = models.BooleanField(
        "written disclosure given (Reg Z: more than four installments)", default=False
    )
    opened_on = models.DateField()
    opened_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)

    objects = PaymentPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(principal__gt=0), name="plan_above_zero"),
            models.CheckConstraint(condition=Q(day_of_month__gte=1, day_of_month__lte=31), name="plan_day_of_month"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "past_due"], ended_on__isnull=True)
                | (~Q(status__in=["active", "past_due"]) & Q(ended_on__isnull=False)),
                name="plan_ended_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["guarantor", "status"]), models.Index(fields=["status"])]

    def __str__(self) -> str:
        return f"plan {self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_autopay(self) -> bool:
        return self.card_token_id is not None


class PlanLine(Record):
    """A service line on the plan. A line is on one open plan at most (`is_open` follows the plan's)."""

    plan = models.ForeignKey(PaymentPlan, on_delete=models.PROTECT, related_name="lines")
    charge = models.ForeignKey("clinic.ChargeItem", on_delete=models.PROTECT, related_name="plan_lines")
    amount = MoneyField("principal")
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "charge"], name="plan_line_charge"),
            models.UniqueConstraint(fields=["charge"], condition=Q(is_open=True), name="charge_on_one_open_plan"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="plan_line_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id} {self.amount}"


class Installment(Record, HasStatus):
    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        MISSED = "missed", "Missed"
        PAID = "paid", "Paid"
        DROPPED = "dropped", "No longer due"

    UNPAID = (Status.SCHEDULED, Status.MISSED)
    TRANSITIONS = {
        Status.SCHEDULED: {Status.PAID, Status.MISSED, Status.DROPPED},
        Status.MISSED: {Status.PAID, Status.DROPPED, Status.SCHEDULED},
        Status.PAID: {Status.SCHEDULED},
        Status.DROPPED: {Status.SCHEDULED},
    }

    plan = models.ForeignKey(PaymentPlan, on_delete=models.PROTECT, related_name="installments")
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = MoneyField()
    paid = MoneyField(default=0)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SCHEDULED)
    tries = models.PositiveSmallIntegerField("declined charges", default=0)
    next_try_on = models.DateField(null=True, blank=True)
    decline_reason = models.CharField(max_length=200, blank=True)
    charging_key = models.CharField("the charge under way", max_length=150, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="installment_position"),
            models.CheckConstraint(condition=Q(amount__gte=0, paid__gte=0), name="installment_not_negative"),
            models.CheckConstraint(condition=Q(paid__lte=F("amount")), name="installment_never_overpaid"),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid=F("amount")), name="installment_paid_is_paid_in_full"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(status__in=["scheduled", "missed"]), name="installment_due")
        ]

    def __str__(self) -> str:
        return f"installment {self.position} of {self.plan_id}"

    @property
    def open_amount(self) -> Decimal:
        return self.amount - self.paid if self.status in self.UNPAID else Decimal("0.00")


class InstallmentPayment(Record):
    """Which payment paid how much of which installment. A payment is counted once per installment."""

    installment = models.ForeignKey(Installment, on_delete=models.PROTECT, related_name="payments")
    payment = models.ForeignKey("ledger.Payment", on_delete=models.PROTECT, related_name="installment_payments")
    amount = MoneyField()
    undone_at = models.DateTimeField("payment voided or returned", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "installment"], name="installment_payment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="installment_payment_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} by {self.payment_id}"
