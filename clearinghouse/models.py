"""Who we trade files with, each file as it travelled, and where its delivery or reading stands."""

from django.db import models
from django.db.models import Q

from clinic import clock
from clinic.fields import EncryptedBytesField
from clinic.models.base import Record
from clinic.models.status import HasStatus


class TradingPartner(Record):
    """A clearinghouse or payer at the other end of the wire.

    `driver` names the class that reaches it (clearinghouse.connect). `config` holds folders, hosts and habits,
    never a password or key: those come from the environment under the name that `config` gives.
    """

    class Driver(models.TextChoices):
        SIMULATOR = "simulator", "Simulator (demo, training, tests)"
        FOLDER = "folder", "Folder that the clearinghouse's program empties"

    name = models.CharField(max_length=60, unique=True)
    driver = models.CharField(max_length=20, choices=Driver.choices)
    sender_qualifier = models.CharField("our qualifier (ISA05)", max_length=2, default="ZZ")
    sender_id = models.CharField("our id (ISA06)", max_length=15)
    receiver_qualifier = models.CharField("their qualifier (ISA07)", max_length=2, default="ZZ")
    receiver_id = models.CharField("their id (ISA08)", max_length=15)
    group_sender_id = models.CharField("our id in the group (GS02), if another", max_length=15, blank=True)
    group_receiver_id = models.CharField("their id in the group (GS03), if another", max_length=15, blank=True)
    is_test = models.BooleanField("test files (ISA15 T)", default=False)
    config = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ControlNumber(models.Model):
    """The last interchange and group numbers drawn for a partner. The row is locked until the drawer commits."""

    partner = models.OneToOneField(TradingPartner, primary_key=True, on_delete=models.PROTECT, related_name="numbers")
    interchange = models.PositiveIntegerField(default=0)
    group = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.partner}: {self.interchange:09d}"


class Transmission(models.Model):
    """One file as it went over the wire. Append-only (trigger in 0002): what was sent or received stays as it was.

    `key` names an outgoing file for its sender, so that a second try is the same file. `sha256` is of the open
    bytes; an inbound file is kept once for each partner.
    """

    class Direction(models.TextChoices):
        OUT = "out", "Sent"
        IN = "in", "Received"

    class Kind(models.TextChoices):
        CLAIMS = "837P", "Claims (837P)"
        ELIGIBILITY_INQUIRY = "270", "Eligibility inquiry (270)"
        ELIGIBILITY_ANSWER = "271", "Eligibility answer (271)"
        REMITTANCE = "835", "Remittance (835)"
        FILE_ACKNOWLEDGMENT = "999", "File acknowledgment (999)"
        CLAIM_ACKNOWLEDGMENT = "277CA", "Claim acknowledgment (277CA)"
        INTERCHANGE_ACKNOWLEDGMENT = "TA1", "Interchange acknowledgment (TA1)"
        UNKNOWN = "unknown", "Not recognised"

    id: int
    partner = models.ForeignKey(TradingPartner, on_delete=models.PROTECT, related_name="transmissions")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    name = models.CharField("file name", max_length=200, blank=True)
    control_number = models.CharField("ISA13", max_length=9, blank=True)
    payload = EncryptedBytesField()
    size = models.PositiveIntegerField("bytes")
    sha256 = models.CharField(max_length=64, db_index=True)
    answers = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "sha256"],
                condition=Q(direction="in", answers=None),
                name="transmission_inbound_kept_once",
            ),
            models.UniqueConstraint(
                fields=["partner", "control_number"],
                condition=Q(direction="out"),
                name="transmission_control_number_once",
            ),
        ]
        indexes = [models.Index(fields=["direction", "kind", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.control_number or self.name}"


class Mail(Record):
    """Where the reading of an inbound file stands. Parked with its error after five tries."""

    class Status(models.TextChoices):
        UNREAD = "unread", "Waiting to be read"
        READ = "read", "Read"
        PARKED = "parked", "Could not be read"

    transmission = models.OneToOneField(Transmission, on_delete=models.PROTECT, related_name="mail")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UNREAD)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.CharField("reader", max_length=40, blank=True)

    class Meta:
        verbose_name_plural = "mail"
        indexes = [models.Index(fields=["status", "created_at"], name="mail_by_status")]

    def __str__(self) -> str:
        return f"{self.transmission_id} {self.status}"


class Delivery(Record, HasStatus):
    """The outbox: one outgoing file and whether the receiver has it.

    *sending* is committed before the call, so that after a crash the receiver is asked, never written to blindly.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Received by the other side"
        UNCONFIRMED = "unconfirmed", "Sent, not confirmed"
        FAILED = "failed", "Not sent"

    TRANSITIONS = {
        Status.QUEUED: {Status.SENDING},
        Status.SENDING: {Status.SENT, Status.QUEUED, Status.UNCONFIRMED, Status.FAILED},
        Status.UNCONFIRMED: {Status.SENT, Status.QUEUED},
        Status.FAILED: {Status.QUEUED},
    }

    transmission = models.OneToOneField(Transmission, on_delete=models.PROTECT, related_name="delivery")
    status = models.CharField(max_length=15, choices=Status.choices, default=Status.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["status", "due_at"])]

    def __str__(self) -> str:
        return f"delivery of {self.transmission_id}"
