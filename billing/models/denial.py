"""Denial: an adjudicated line that was not paid, as work: why, how much, by when, who, what next; and Corrections."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from clinic import clock
from clinic.fields import MoneyField
from clinic.models import ChargeItem, Claim, Payer, Record, User, Versioned
from clinic.models.status import HasStatus


class Denial(Record, Versioned, HasStatus):
    """Opened in the posting's own transaction. One open denial a charge and claim."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        WAITING = "waiting", "Waiting for the payer"
        APPEALED = "appealed", "Appealed"
        OVERTURNED = "overturned", "Paid after all"
        TO_PATIENT = "to_patient", "Moved to the patient"
        TO_PAYER = "to_payer", "Moved to another payer"
        WRITTEN_OFF = "written_off", "Written off"
        CLOSED = "closed", "Closed"

    TRANSITIONS = {
        Status.OPEN: {
            Status.WAITING, Status.APPEALED, Status.OVERTURNED, Status.TO_PATIENT, Status.TO_PAYER,
            Status.WRITTEN_OFF, Status.CLOSED,
        },
        Status.WAITING: {
            Status.OPEN, Status.APPEALED, Status.OVERTURNED, Status.TO_PATIENT, Status.TO_PAYER,
            Status.WRITTEN_OFF, Status.CLOSED,
        },
        Status.APPEALED: {
            Status.OPEN, Status.WAITING, Status.OVERTURNED, Status.TO_PATIENT, Status.WRITTEN_OFF, Status.CLOSED,
        },
    }  # fmt: skip
    UNFINISHED = (Status.OPEN, Status.WAITING, Status.APPEALED)

    class Step(models.TextChoices):
        CORRECT = "correct", "Correct and resubmit"
        APPEAL = "appeal", "Appeal"
        OTHER_PAYER = "other_payer", "Bill the other payer"
        PATIENT = "patient", "Bill the patient"
        SEND_RECORDS = "send_records", "Send records"
        AUTHORIZATION = "authorization", "Ask for a retro-authorization"
        ASK_PATIENT = "ask_patient", "Ask the patient"
        FIND_OUT = "find_out", "Find out first"
        CODER = "coder", "Coder review"
        WRITE_OFF = "write_off", "Write off"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="denials")
    response = models.ForeignKey("billing.ClaimResponse", on_delete=models.PROTECT, related_name="denials")
    line_response = models.ForeignKey(
        "billing.LineResponse", null=True, blank=True, on_delete=models.PROTECT, related_name="denials"
    )
    charge = models.ForeignKey(ChargeItem, on_delete=models.PROTECT, related_name="denials")
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="denials")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    group = models.CharField(max_length=2)
    reason_code = models.CharField("CARC", max_length=5)
    remark_codes = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    category = models.CharField(max_length=30)
    amount = MoneyField("dollars at stake")
    next_step = models.CharField(max_length=15, choices=Step.choices)
    owner_role = models.CharField(max_length=30)
    assigned_to = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="denials")
    due_on = models.DateField("next step due")
    deadline_on = models.DateField("payer's deadline")
    denied_on = models.DateField()
    first_touched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["charge", "claim"],
                condition=Q(status__in=["open", "waiting", "appealed"]),
                name="one_unfinished_denial",
            )
        ]
        indexes = [
            models.Index(fields=["status", "deadline_on"]),
            models.Index(fields=["payer", "status"]),
            models.Index(fields=["assigned_to", "status"]),
        ]

    def __str__(self) -> str:
        return f"denial {self.group}-{self.reason_code}"

    @property
    def next_in_words(self) -> str:
        """What happens next: ours to do, or the payer's."""
        if self.status == self.Status.APPEALED:
            return "Decision of the appeal"
        return "Payer's answer" if self.status == self.Status.WAITING else self.get_next_step_display()

    @property
    def is_step_late(self) -> bool:
        """Its next step should have been done, or the payer should have answered, before today."""
        return self.status in self.UNFINISHED and self.due_on < clock.today()


class Correction(Record):
    """What was tried about a denied or rejected claim, by worker or person, and on what evidence; also a refusal."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Corrected claim made"
        CLOSED = "closed", "Closed without sending"
        LEFT = "left", "Left to a person"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="corrections")
    denial = models.ForeignKey(Denial, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    corrected = models.ForeignKey(
        Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="made_by_correction"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    rule = models.CharField(max_length=60)
    evidence = models.JSONField(default=dict, blank=True)
    diff = models.JSONField(default=dict, blank=True)
    sentence = models.CharField(max_length=300)
    by_worker = models.BooleanField(default=False)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["claim", "created_at"])]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.rule}"


class WriteOffRequest(Record):
    """Somebody asks to give a denial up; somebody else decides. One open request a denial."""

    class Status(models.TextChoices):
        OPEN = "open", "Waits for a second person"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    denial = models.ForeignKey(Denial, on_delete=models.PROTECT, related_name="write_off_requests")
    amount = MoneyField("open when it was asked")
    why = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["denial"], condition=Q(status="open"), name="one_open_write_off_request"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="write_off_decided_by_another",
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at"])]

    def __str__(self) -> str:
        return f"write-off of {self.denial}"
