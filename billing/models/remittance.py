"""What payers paid and said: one check or EFT, its claims, their lines, why less was paid, what was kept.

A Remittance is one ST..SE of an 835. Several may speak of one check (the payer sent the rest later); the check
is payer + TRN02 + BPR16 and is named by `check_key`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from clinic.fields import EncryptedTextField, MoneyField
from clinic.models import ChargeItem, Claim, ClaimLine, Payer, Record, User
from clinic.models.status import HasStatus


class Remittance(Record, HasStatus):
    """Accepted: it balances in line, claim and check. Nothing of it is ever changed, only posted."""

    class Status(models.TextChoices):
        IMPORTED = "imported", "Waiting to be posted"
        POSTED = "posted", "Posted"
        PART_HELD = "part_held", "Posted, some claims held"
        HELD = "held", "Held whole"
        NOT_OURS = "not_ours", "For another payee"
        SET_ASIDE = "set_aside", "Set aside, nothing posted"

    TRANSITIONS = {
        Status.IMPORTED: {Status.POSTED, Status.PART_HELD, Status.HELD},
        Status.HELD: {Status.IMPORTED, Status.POSTED, Status.PART_HELD, Status.SET_ASIDE},
        Status.PART_HELD: {Status.POSTED, Status.PART_HELD},
        Status.NOT_OURS: {Status.IMPORTED},
    }

    transmission = models.ForeignKey("clearinghouse.Transmission", on_delete=models.PROTECT, related_name="remittances")
    digest = models.CharField("SHA-256 of the canonical ST..SE", max_length=64, unique=True)
    check_key = models.CharField(max_length=120, db_index=True)
    payer = models.ForeignKey(Payer, null=True, blank=True, on_delete=models.PROTECT, related_name="remittances")
    payer_identifier = models.CharField("TRN03", max_length=30, blank=True)
    payer_name = models.CharField(max_length=60, blank=True)
    payee_name = models.CharField(max_length=60, blank=True)
    payee_npi = models.CharField(max_length=10, blank=True)
    payee_tax_id = models.CharField(max_length=12, blank=True)
    trace_number = models.CharField("check or EFT number", max_length=50)
    paid_on = models.DateField("BPR16", null=True, blank=True)
    amount = MoneyField("check amount")
    method = models.CharField("BPR04", max_length=3)
    position = models.PositiveIntegerField("segment of its ST")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.IMPORTED)
    held_reason = models.CharField(max_length=300, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    deposited_on = models.DateField(null=True, blank=True)
    deposited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["status", "created_at"]),
            models.Index(fields=["deposited_on"], condition=Q(deposited_on=None), name="remittance_not_deposited"),
        ]

    def __str__(self) -> str:
        return f"remittance {self.trace_number}"

    @property
    def reference(self) -> str:
        """The sub-ledger of REMIT: one clearing account a check."""
        return f"{self.trace_number}/{self.paid_on:%Y%m%d}" if self.paid_on else self.trace_number


class ClaimResponse(Record, HasStatus):
    """CLP: the payer's answer to one claim, or to a part of it."""

    class Status(models.TextChoices):
        MATCHED = "matched", "Matched, waiting to be posted"
        POSTED = "posted", "Posted"
        HELD = "held", "Held for a person"
        MEMO = "memo", "Nothing to post"
        DISMISSED = "dismissed", "Not ours, dismissed"

    TRANSITIONS = {
        Status.MATCHED: {Status.POSTED, Status.HELD, Status.MEMO},
        Status.HELD: {Status.MATCHED, Status.DISMISSED, Status.POSTED, Status.MEMO},
        Status.DISMISSED: {Status.HELD},
    }

    remittance = models.ForeignKey(Remittance, on_delete=models.CASCADE, related_name="responses")
    key = models.CharField(max_length=250, unique=True)
    position = models.PositiveIntegerField("segment of its CLP")
    claim = models.ForeignKey(Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="responses")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.MATCHED)
    held_reason = models.CharField(max_length=300, blank=True)
    patient_control_number = models.CharField("CLP01", max_length=40, db_index=True)
    status_code = models.CharField("CLP02", max_length=2)
    charge = MoneyField("CLP03")
    paid = MoneyField("CLP04")
    patient_responsibility = MoneyField("CLP05", null=True, blank=True)
    filing_indicator = models.CharField("CLP06", max_length=2, blank=True)
    payer_claim_number = models.CharField("CLP07", max_length=50, blank=True)
    patient_name = EncryptedTextField(blank=True, default="")
    crossover_name = models.CharField(max_length=60, blank=True)
    corrected_member_id = EncryptedTextField(blank=True, default="")
    remark_codes = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    received_on = models.DateField(null=True, blank=True)
    interest = MoneyField(null=True, blank=True)
    entry = models.ForeignKey(
        "ledger.JournalEntry", null=True, blank=True, on_delete=models.PROTECT, related_name="claim_responses"
    )
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")
    patient_leg_held = models.CharField("why the patient's share is held", max_length=200, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["claim", "posted_at"]), models.Index(fields=["status"])]

    def __str__(self) -> str:
        return f"CLP {self.patient_control_number} {self.status_code}"

    @property
    def is_reversal(self) -> bool:
        return self.status_code == "22"

    @property
    def is_forwarded(self) -> bool:
        return self.status_code in ("19", "20", "21", "23") or bool(self.crossover_name)


class LineResponse(Record):
    """SVC: the payer's answer to one service line. A claim answered without lines has one for the whole."""

    class Outcome(models.TextChoices):
        PAID = "paid", "Paid"
        ADJUDICATED = "adjudicated", "Nothing paid, payer done"
        DENIED = "denied", "Denied"
        PART_DENIED = "part_denied", "Paid, part denied"
        REVERSED = "reversed", "Taken back"

    response = models.ForeignKey(ClaimResponse, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField("segment of its SVC")
    line = models.ForeignKey(ClaimLine, null=True, blank=True, on_delete=models.PROTECT, related_name="responses")
    charge_item = models.ForeignKey(
        ChargeItem, null=True, blank=True, on_delete=models.PROTECT, related_name="line_responses"
    )
    code = models.CharField(max_length=48, blank=True)
    modifiers = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    submitted_code = models.CharField(max_length=48, blank=True)
    charge = MoneyField()
    paid = MoneyField()
    units = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    service_date = models.DateField(null=True, blank=True)
    control_number = models.CharField("REF*6R", max_length=50, blank=True)
    allowed = MoneyField(null=True, blank=True)
    remark_codes = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    denied_amount = MoneyField(default=0)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"SVC {self.code}"


class Adjustment(models.Model):
    """CAS: one reason and amount. Positive lowers the payment. On the line, or on the claim when `line` is empty."""

    id = models.BigAutoField(primary_key=True)
    response = models.ForeignKey(ClaimResponse, on_delete=models.CASCADE, related_name="adjustments")
    line = models.ForeignKey(LineResponse, null=True, blank=True, on_delete=models.CASCADE, related_name="adjustments")
    group = models.CharField(max_length=2)
    reason_code = models.CharField("CARC", max_length=5)
    amount = MoneyField()
    quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.group}-{self.reason_code} {self.amount}"


class ProviderAdjustment(Record):
    """PLB: what the payer keeps (positive) or adds (negative) outside any claim."""

    class Treatment(models.TextChoices):
        WAITING = "waiting", "Waiting to be posted"
        POSTED = "posted", "Posted"
        MEMO = "memo", "Memo: answers our own refund"
        SUSPENSE = "suspense", "Posted to suspense, look into it"

    remittance = models.ForeignKey(Remittance, on_delete=models.CASCADE, related_name="provider_adjustments")
    key = models.CharField(max_length=250, unique=True)
    position = models.PositiveIntegerField("segment of its PLB")
    provider_identifier = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=4)
    reference = models.CharField(max_length=50, blank=True)
    amount = MoneyField()
    treatment = models.CharField(max_length=10, choices=Treatment.choices, default=Treatment.WAITING)
    entry = models.ForeignKey(
        "ledger.JournalEntry", null=True, blank=True, on_delete=models.PROTECT, related_name="provider_adjustments"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return f"PLB {self.code} {self.amount}"


class RefusedRemittance(Record):
    """A part of a file that was not accepted: the file is kept raw, nothing of it stands in the books."""

    transmission = models.ForeignKey(
        "clearinghouse.Transmission", on_delete=models.PROTECT, related_name="refused_remittances"
    )
    segment = models.PositiveIntegerField("segment that is wrong, ISA is 1")
    tag = models.CharField(max_length=3, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=500)
    expected = MoneyField("sum by its parts", null=True, blank=True)
    found = MoneyField("sum it states", null=True, blank=True)
    trace_number = models.CharField(max_length=50, blank=True)
    payer_name = models.CharField(max_length=60, blank=True)
    amount = MoneyField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolution = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["transmission", "segment", "rule"], name="refused_once")]

    def __str__(self) -> str:
        return f"refused: {self.sentence[:60]}"

    @property
    def difference(self) -> object:
        return None if self.expected is None or self.found is None else self.found - self.expected
