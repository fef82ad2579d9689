"""Document: what was scanned, signed or printed. The bytes lie sealed beside the row, found by their sha256."""

from django.db import models

from clinic.fields import EncryptedBytesField
from clinic.models.base import Record


class Document(Record):
    class Kind(models.TextChoices):
        CARD_FRONT = "card_front", "Insurance card, front"
        CARD_BACK = "card_back", "Insurance card, back"
        SIGNATURE = "signature", "Signature"
        CONSENT = "consent", "Signed form"
        LETTER = "letter", "Letter"
        OTHER = "other", "Other"

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    title = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    content = EncryptedBytesField()
    keep_until = models.DateField(null=True, blank=True)
    added_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"
