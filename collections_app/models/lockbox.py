"""LockboxFile: what the bank's lockbox read from the checks it opened, kept once; LockboxItem: one check of it."""

from django.db import models
from django.db.models import Q

from clinic.fields import EncryptedBytesField, MoneyField
from clinic.models import HasStatus, Record


class LockboxFile(Record, HasStatus):
    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        READ = "read", "Read"
        REFUSED = "refused", "Refused"

    TRANSITIONS = {Status.RECEIVED: {Status.READ, Status.REFUSED}}

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)
    content = EncryptedBytesField()
    size = models.PositiveIntegerField("bytes")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RECEIVED)
    problem = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["received_at"], condition=Q(status="received"), name="lockbox_unread")]

    def __str__(self) -> str:
        return f"lockbox file {self.sha256[:8]}"


class LockboxItem(Record, HasStatus):
    """One line of the file. `raw` values stay as read, so that a person can see what the bank sent."""

    class Status(models.TextChoices):
        UNMATCHED = "unmatched", "Not matched"
        POSTED = "posted", "Posted"
        DISMISSED = "dismissed", "Settled by hand"

    TRANSITIONS = {Status.UNMATCHED: {Status.POSTED, Status.DISMISSED}}

    file = models.ForeignKey(LockboxFile, on_delete=models.PROTECT, related_name="items")
    line = models.PositiveIntegerField("line of the file, 1 is the first")
    statement_number = models.CharField(max_length=40, blank=True)
    amount = MoneyField(null=True, blank=True)
    check_number = models.CharField(max_length=40, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.UNMATCHED)
    problem = models.CharField(max_length=300, blank=True)
    payment = models.OneToOneField(
        "ledger.Payment", null=True, blank=True, on_delete=models.PROTECT, related_name="lockbox_item"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="lockbox_line"),
            models.CheckConstraint(
                condition=~Q(status="posted") | Q(payment__isnull=False), name="lockbox_posted_has_payment"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(status="unmatched"), name="lockbox_unmatched")]

    def __str__(self) -> str:
        return f"line {self.line} of {self.file_id}"
