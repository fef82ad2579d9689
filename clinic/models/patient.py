"""Who is cared for, and who pays what insurance does not."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from clinic.models.base import Record, Versioned
from clinic.models.practice import Address


class Sex(models.TextChoices):
    FEMALE = "F", "Female"
    MALE = "M", "Male"
    UNKNOWN = "U", "Unknown"


class Person(models.Model):
    first_name = models.CharField(max_length=35)
    middle_name = models.CharField(max_length=25, blank=True)
    last_name = models.CharField(max_length=60)
    birth_date = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    phone_digits = models.CharField(max_length=15, blank=True, editable=False)
    email = models.EmailField(blank=True)

    class Meta:
        abstract = True

    @property
    def full_name(self) -> str:
        return " ".join(p for p in (self.first_name, self.middle_name, self.last_name) if p)

    @property
    def listed_name(self) -> str:
        return f"{self.last_name}, {self.first_name}"

    @property
    def initials(self) -> str:
        return f"{self.first_name[:1]}{self.last_name[:1]}".upper()


class Guarantor(Record, Versioned, Person, Address):
    """The person to whom statements go: the patient, or a parent. One guarantor may stand for several patients."""

    number = models.CharField(max_length=12, unique=True)
    is_deceased = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"guarantor {self.number}"


class PatientQuerySet(models.QuerySet["Patient"]):
    def current(self) -> "PatientQuerySet":
        """Without records that were merged into another."""
        return self.filter(merged_into=None)

    def same_person(self, patient: "Patient") -> "PatientQuerySet":
        """The patient with every record that was merged into it."""
        root = patient.merged_into_id or patient.pk
        return self.filter(models.Q(pk=root) | models.Q(merged_into=root))


class Patient(Record, Versioned, Person, Address):
    """A person under care. A merged duplicate keeps its row and points to the one that stays."""

    mrn = models.CharField("MRN", max_length=12, unique=True)
    sex = models.CharField(max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    guarantor = models.ForeignKey(Guarantor, on_delete=models.PROTECT, related_name="patients")
    guarantor_relationship = models.CharField(max_length=2, default="18")
    text_consent = models.BooleanField("may be texted", default=False)
    email_consent = models.BooleanField("may be e-mailed", default=False)
    emergency_contact = models.CharField(max_length=120, blank=True)
    is_self_pay = models.BooleanField("pays without insurance", default=False)
    restricts_disclosure = models.BooleanField(
        "paid in full, no disclosure to the plan (45 CFR 164.522)", default=False
    )
    is_qmb = models.BooleanField("Qualified Medicare Beneficiary", default=False)
    is_deceased = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")

    objects = PatientQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(OpClass(Upper("last_name"), name="gin_trgm_ops"), name="patient_last_name_trgm"),
            GinIndex(OpClass(Upper("first_name"), name="gin_trgm_ops"), name="patient_first_name_trgm"),
            models.Index(Upper("last_name"), Upper("first_name"), name="patient_name"),
            models.Index(fields=["birth_date"], name="patient_birth_date"),
            models.Index(fields=["phone_digits"], name="patient_phone"),
        ]

    def __str__(self) -> str:
        return f"patient {self.mrn}"
