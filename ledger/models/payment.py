"""Money that changes hands with a patient: payments, where each lies, refunds, and cards on file."""

from django.db import models
from django.db.models import Q

from clinic import clock
from clinic.fields import MoneyField
from clinic.models import HasStatus, Record
from ledger.models.account import Account
from ledger.models.open_item import PATIENT_OWES


class CardToken(Record):
    """A card as the processor named it to us. The number itself never reaches this system."""

    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="cards")
    token = models.CharField(max_length=100, unique=True)
    brand = models.CharField(max_length=20)
    last4 = models.CharField(max_length=4)
    expires_on = models.DateField("last day it may be charged")
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.brand} ending in {self.last4}"


class Payment(Record, HasStatus):
    """Money from a guarantor. `number` is the receipt's; it is drawn when the money is posted, without gaps."""

    class Kind(models.TextChoices):
        COPAY = "copay", "Copay"
        BALANCE = "balance", "Prior balance"
        DEPOSIT = "deposit", "Deposit toward the deductible"
        PREPAYMENT = "prepayment", "Prepayment"
        INSTALLMENT = "installment", "Plan installment"
        SELF_PAY = "self_pay", "Self-pay at the visit"
        FEE = "fee", "Fee"

    class Method(models.TextChoices):
        CASH = "cash", "Cash"
        CHECK = "check", "Check"
        CARD = "card", "Card"
        CARD_TERMINAL = "card_terminal", "Card at the terminal"
        LOCKBOX = "lockbox", "Check at the lockbox"
        PORTAL = "portal", "Portal"
        LINK = "link", "Payment link"

    class Status(models.TextChoices):
        CHARGING = "charging", "Card is being charged"
        DECLINED = "declined", "Card declined"
        POSTED = "posted", "Posted"
        VOIDED = "voided", "Voided"
        RETURNED = "returned", "Returned by the bank"

    TRANSITIONS = {
        Status.CHARGING: {Status.POSTED, Status.DECLINED},
        Status.DECLINED: {Status.POSTED},
        Status.POSTED: {Status.VOIDED, Status.RETURNED},
    }
    INTO_DRAWER = (Method.CASH, Method.CHECK)
    BY_CARD = (Method.CARD, Method.CARD_TERMINAL, Method.PORTAL, Method.LINK)

    key = models.CharField(max_length=150, unique=True)
    number = models.CharField("receipt", max_length=12, null=True, blank=True, unique=True)
    guarantor = models.ForeignKey("clinic.Guarantor", on_delete=models.PROTECT, related_name="payments")
    patient = models.ForeignKey(
        "clinic.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    visit = models.ForeignKey("clinic.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    method = models.CharField(max_length=20, choices=Method.choices)
    amount = MoneyField()
    reference = models.CharField("check number or the like", max_length=80, blank=True)
    card_token = models.ForeignKey(CardToken, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    processor_reference = models.CharField(max_length=80, blank=True)
    decline_reason = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices)
    received_on = models.DateField()
    received_at = models.DateTimeField(default=clock.now)
    taken_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    drawer = models.ForeignKey(
        "ledger.Drawer", null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    deposit = models.ForeignKey(
        "ledger.Deposit", null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    entry = models.ForeignKey(
        "ledger.JournalEntry", null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_above_zero"),
            models.CheckConstraint(
                condition=Q(status__in=["charging", "declined"]) | Q(number__isnull=False, entry__isnull=False),
                name="payment_posted_has_receipt",
            ),
            models.CheckConstraint(condition=~Q(kind="copay") | Q(visit__isnull=False), name="payment_copay_has_visit"),
        ]
        indexes = [
            models.Index(fields=["guarantor", "received_at"]),
            models.Index(fields=["received_on", "method"]),
            models.Index(fields=["received_at"], condition=Q(status="charging"), name="payment_charging"),
        ]

    def __str__(self) -> str:
        return f"receipt {self.number}" if self.number else f"payment {self.get_status_display()}"

    @property
    def is_by_card(self) -> bool:
        return self.method in self.BY_CARD


class Allocation(models.Model):
    """Where a payment's money lies: on a charge, or as credit (no charge). Signed and only ever added to.

    The rows of one payment add up to what we still hold of it: its amount, less refunds, a void or a return.
    """

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    account = models.CharField(max_length=10, choices=[(a.value, a.label) for a in (*PATIENT_OWES, Account.CRED)])
    charge = models.ForeignKey(
        "clinic.ChargeItem", null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    visit = models.ForeignKey("clinic.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    amount = MoneyField()
    entry = models.ForeignKey("ledger.JournalEntry", on_delete=models.PROTECT, related_name="allocations")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="allocation_not_zero"),
            models.CheckConstraint(
                condition=Q(account=Account.CRED, charge__isnull=True)
                | (~Q(account=Account.CRED) & Q(charge__isnull=False)),
                name="allocation_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.account}"


class Refund(Record, HasStatus):
    """Credit that goes back to where it came from. One user asks, another approves, then it is sent."""

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        REFUSED = "refused", "Refused"
        APPROVED = "approved", "Approved"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNCLAIMED = "unclaimed", "Check not cashed"

    TRANSITIONS = {
        Status.REQUESTED: {Status.APPROVED, Status.REFUSED},
        Status.APPROVED: {Status.SENDING, Status.SENT},
        Status.SENDING: {Status.SENT, Status.APPROVED},
        Status.SENT: {Status.UNCLAIMED},
    }

    key = models.CharField(max_length=150, unique=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = MoneyField()
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.REQUESTED)
    method = models.CharField(max_length=20, choices=Payment.Method.choices)
    requested_by = models.ForeignKey("clinic.User", on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    processor_reference = models.CharField(max_length=80, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_above_zero"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("requested_by")),
                name="refund_by_two_people",
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at"])]

    def __str__(self) -> str:
        return f"refund of {self.amount}"
