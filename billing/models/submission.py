"""Which claim went out in which file, and what the receivers acknowledged about it."""

from django.db import models

from clinic.models import Claim, Record


class ClaimSubmission(Record):
    """One sending of one claim. Told apart by ISA13, GS06 and ST02: CLM01 is the same for a whole lineage."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="submissions")
    transmission = models.ForeignKey(
        "clearinghouse.Transmission", on_delete=models.PROTECT, related_name="claim_submissions"
    )
    attempt = models.PositiveSmallIntegerField("sending of this claim", default=1)
    interchange_number = models.CharField("ISA13", max_length=9)
    group_number = models.CharField("GS06", max_length=9)
    transaction_number = models.CharField("ST02", max_length=9)
    content_sha256 = models.CharField("content as sent", max_length=64)
    content = models.JSONField("what was said", default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "attempt"], name="claim_submission_attempt"),
            models.UniqueConstraint(fields=["claim", "transmission"], name="claim_once_a_file"),
        ]
        indexes = [models.Index(fields=["group_number", "transaction_number"])]

    def __str__(self) -> str:
        return f"sending {self.attempt} in {self.interchange_number}"


class Acknowledgment(Record):
    """One answer of a front end (TA1, 999, 277CA): to a file, a batch, a claim. Never a payer's decision.

    `key` is the answering file and its segment, so that a file read twice is applied once.
    """

    class Kind(models.TextChoices):
        INTERCHANGE = "TA1", "Interchange acknowledgment (TA1)"
        FILE = "999", "File acknowledgment (999)"
        CLAIM = "277CA", "Claim acknowledgment (277CA)"

    class Verdict(models.TextChoices):
        RECEIVED = "received", "Received"
        ACCEPTED = "accepted", "Accepted for adjudication"
        REJECTED = "rejected", "Rejected"
        NOT_FOUND = "not_found", "Not found: ask before sending again"
        NOTED = "noted", "Noted, nothing follows"
        UNMATCHED = "unmatched", "About no claim of ours"

    key = models.CharField(max_length=150, unique=True)
    transmission = models.ForeignKey(
        "clearinghouse.Transmission", on_delete=models.PROTECT, related_name="acknowledgments"
    )
    position = models.PositiveIntegerField("segment, ISA is 1", default=0)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    level = models.CharField("said about", max_length=12, default="claim")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    submission = models.ForeignKey(
        ClaimSubmission, null=True, blank=True, on_delete=models.PROTECT, related_name="acknowledgments"
    )
    claim = models.ForeignKey(Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="acknowledgments")
    control_number = models.CharField("number it names", max_length=50, blank=True)
    category = models.CharField("category or code", max_length=5, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    payer_claim_number = models.CharField(max_length=50, blank=True)
    effective_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["claim", "created_at"]), models.Index(fields=["verdict", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.verdict}"
