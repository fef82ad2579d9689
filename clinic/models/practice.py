"""The practice: one legal entity per database, its locations and its providers."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from clinic.models.base import Record, Versioned
from clinic.validators import validate_clia, validate_ein, validate_npi, validate_taxonomy, validate_zip

STATE = RegexValidator(r"^[A-Z]{2}$", "A state is two capital letters.")


class Address(models.Model):
    line1 = models.CharField(max_length=55, blank=True)
    line2 = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=2, blank=True, validators=[STATE])
    zip_code = models.CharField(max_length=10, blank=True, validators=[validate_zip])

    class Meta:
        abstract = True

    @property
    def one_line(self) -> str:
        code = f"{self.zip_code[:5]}-{self.zip_code[5:]}" if len(self.zip_code) == 9 else self.zip_code
        return ", ".join(p for p in (self.line1, self.line2, self.city, f"{self.state} {code}".strip()) if p)


class Practice(Record, Address):
    """The billing provider (X12 2010AA). Exactly one row: `Practice.objects.get()`."""

    name = models.CharField(max_length=60)
    npi = models.CharField("NPI", max_length=10, validators=[validate_npi])
    tax_id = models.CharField("employer id (EIN)", max_length=9, validators=[validate_ein])
    taxonomy = models.CharField(max_length=10, validators=[validate_taxonomy])
    phone = models.CharField(max_length=20)
    time_zone = models.CharField(max_length=40, default="America/Chicago")
    only_one = models.BooleanField(default=True, editable=False, unique=True)
    statement_minimum = models.DecimalField(max_digits=12, decimal_places=2, default="5.00")
    small_balance = models.DecimalField(
        "small balance, written off by policy", max_digits=12, decimal_places=2, default="9.99"
    )
    plan_minimum_installment = models.DecimalField(max_digits=12, decimal_places=2, default="25.00")

    edits_stop_claims = models.BooleanField(
        "claim edits stop a claim", default=True,
        help_text="Off: findings are shown, the claim goes out all the same, as in a practice without a scrubber.",
    )  # fmt: skip

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only_one=True), name="practice_is_one")]

    def __str__(self) -> str:
        return self.name


class Location(Record, Address):
    """A site where patients are seen (X12 2310C when it differs from the billing address)."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(max_length=60)
    timezone = models.CharField(max_length=40, default="America/Chicago")
    npi = models.CharField("NPI", max_length=10, blank=True, validators=[validate_npi])
    clia_number = models.CharField("CLIA", max_length=10, blank=True, validators=[validate_clia])
    place_of_service = models.CharField(max_length=2, default="11")
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Provider(Record, Versioned):
    """A clinician who renders or refers. Referring providers from outside have `is_ours` off."""

    npi = models.CharField("NPI", max_length=10, unique=True, validators=[validate_npi])
    first_name = models.CharField(max_length=35)
    last_name = models.CharField(max_length=60)
    credential = models.CharField(max_length=10, blank=True)
    taxonomy = models.CharField(max_length=10, blank=True, validators=[validate_taxonomy])
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.PROTECT, related_name="providers")
    is_ours = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["last_name", "first_name"]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}{', ' + self.credential if self.credential else ''}"
