"""The journal: entries and their postings. Balanced and never changed, by the triggers of migration 0002."""

from django.db import models
from django.db.models import F, Q

from clinic import clock
from clinic.fields import MoneyField
from ledger.models.account import Account, WriteOff


class JournalEntry(models.Model):
    """One event in money. `posted_at` is when we wrote it (the app's clock), `effective_on` the day it counts for.

    `key` names the event: a second try finds this entry. `txid` is stamped by the database.
    """

    class Kind(models.TextChoices):
        CHARGE = "charge", "Charge"
        CHARGE_UNDONE = "charge_undone", "Charge taken back"
        INSURANCE_PAYMENT = "insurance_payment", "Insurance paid"
        INSURANCE_REVERSAL = "insurance_reversal", "Insurance took its payment back"
        TRANSFER = "transfer", "Balance moved"
        INTEREST = "interest", "Interest"
        RECOUPMENT = "recoupment", "Recoupment"
        CAPITATION = "capitation", "Capitation"
        PAYER_OTHER = "payer_other", "Other payer adjustment"
        PAYER_REFUND = "payer_refund", "Refund to a payer"
        PAYER_MONEY = "payer_money", "Payer money without a remittance"
        DEPOSIT = "deposit", "Bank deposit"
        PAYMENT = "payment", "Payment"
        PAYMENT_VOIDED = "payment_voided", "Payment voided"
        CHECK_RETURNED = "check_returned", "Check returned by the bank"
        CREDIT_APPLIED = "credit_applied", "Credit applied"
        CREDIT_RELEASED = "credit_released", "Payment set free"
        REFUND_APPROVED = "refund_approved", "Refund approved"
        REFUND_SENT = "refund_sent", "Refund sent"
        REFUND_UNCLAIMED = "refund_unclaimed", "Refund check not cashed"
        WRITE_OFF = "write_off", "Written off"
        WRITE_OFF_UNDONE = "write_off_undone", "Write-off taken back"
        TO_PLAN = "to_plan", "Moved to a payment plan"
        FROM_PLAN = "from_plan", "Payment plan ended"
        TO_AGENCY = "to_agency", "Placed with an agency"
        FROM_AGENCY = "from_agency", "Recalled from the agency"
        BAD_DEBT = "bad_debt", "Written off as bad debt"
        AGENCY_PAID = "agency_paid", "Collected by the agency"
        FEE = "fee", "Fee"
        FEE_WAIVED = "fee_waived", "Fee waived"
        BANK_FEE = "bank_fee", "Bank or card fee"
        CARD_PAYOUT = "card_payout", "Card payout"
        OVER_SHORT = "over_short", "Drawer over or short"
        REVERSAL = "reversal", "Reversal"

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    reason = models.CharField(max_length=30, choices=WriteOff.choices, blank=True)
    effective_on = models.DateField()
    posted_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reverses = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversals")
    memo = models.CharField(max_length=300, blank=True)
    txid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="entry_reversed_once"
            )
        ]
        indexes = [models.Index(fields=["posted_at"]), models.Index(fields=["effective_on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.effective_on:%Y-%m-%d}"


class Posting(models.Model):
    """One leg: an amount on one side of one account, with what it is about.

    A leg about a charge carries that charge on whatever account it stands, so that the postings of a charge
    add up to zero: charge = payer paid + adjustments + patient paid + open.
    """

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.CharField(max_length=10, choices=Account.choices)
    debit = MoneyField(default=0)
    credit = MoneyField(default=0)
    charge = models.ForeignKey(
        "clinic.ChargeItem", null=True, blank=True, on_delete=models.PROTECT, related_name="postings"
    )
    coverage = models.ForeignKey("clinic.Coverage", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    guarantor = models.ForeignKey("clinic.Guarantor", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("clinic.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("clinic.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey("clinic.Payer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(debit__gt=0) & Q(credit=0)) | (Q(debit=0) & Q(credit__gt=0)), name="posting_one_side"
            ),
            models.CheckConstraint(
                condition=~Q(account=Account.INS) | Q(charge__isnull=False, coverage__isnull=False),
                name="posting_insurance_keys",
            ),
            models.CheckConstraint(
                condition=~Q(account__in=[Account.PAT, Account.PLAN, Account.AGCY, Account.BAD])
                | Q(charge__isnull=False),
                name="posting_patient_keys",
            ),
            models.CheckConstraint(
                condition=~Q(account=Account.CRED) | Q(guarantor__isnull=False), name="posting_credit_keys"
            ),
            models.CheckConstraint(
                condition=~Q(account__in=[Account.REMIT, Account.RECOUP]) | Q(payer__isnull=False),
                name="posting_payer_keys",
            ),
            models.CheckConstraint(
                condition=~Q(account__in=[Account.REMIT, Account.PAYU]) | ~Q(reference=""),
                name="posting_reference_keys",
            ),
        ]
        indexes = [
            models.Index(F("guarantor"), F("entry"), condition=Q(guarantor__isnull=False), name="posting_guarantor"),
            models.Index(F("payer"), F("entry"), condition=Q(payer__isnull=False), name="posting_payer"),
            models.Index(fields=["account", "reference"], name="posting_account"),
        ]

    def __str__(self) -> str:
        return f"{'Dr' if self.debit else 'Cr'} {self.account} {self.debit or self.credit}"
