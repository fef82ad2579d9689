"""Rows of the shared record."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from clinic.fields import fingerprint
from clinic.models import (
    ChargeItem,
    Coverage,
    Diagnosis,
    Fee,
    FeeSchedule,
    Guarantor,
    Location,
    Patient,
    Payer,
    Practice,
    Provider,
    Role,
    User,
    Visit,
)
from clinic.validators import is_npi


def npi(seed: int) -> str:
    """The seed-th valid NPI of an individual: nine digits and the check digit that fits."""
    stem = f"1{seed:08d}"
    return next(stem + digit for digit in "0123456789" if is_npi(stem + digit))


class PracticeFactory(DjangoModelFactory):
    class Meta:
        model = Practice
        django_get_or_create = ("only_one",)

    only_one = True
    name = "Lakeview Family Clinic"
    npi = npi(99_000_001)
    tax_id = "361234567"
    taxonomy = "207Q00000X"
    phone = "3125550100"
    line1 = "100 Harbor Street"
    city = "Chicago"
    state = "IL"
    zip_code = "606130001"


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location

    practice = factory.SubFactory(PracticeFactory)
    name = factory.Sequence(lambda n: f"Lakeview {n}")
    timezone = "America/Chicago"
    line1 = "100 Harbor Street"
    city = "Chicago"
    state = "IL"
    zip_code = "606130001"
    clia_number = "14D0000001"


class ProviderFactory(DjangoModelFactory):
    class Meta:
        model = Provider

    npi = factory.Sequence(lambda n: npi(50_000_000 + n))
    first_name = "Dee"
    last_name = factory.Sequence(lambda n: f"Okafor{n}")
    credential = "MD"
    taxonomy = "207Q00000X"
    location = factory.SubFactory(LocationFactory)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = "Fran"
    last_name = factory.Sequence(lambda n: f"Desk{n}")
    role = Role.FRONT_DESK


class GuarantorFactory(DjangoModelFactory):
    class Meta:
        model = Guarantor

    number = factory.Sequence(lambda n: f"GT{n}")
    first_name = "Karl"
    last_name = factory.Sequence(lambda n: f"Jensen{n}")
    birth_date = date(1979, 6, 2)
    line1 = "1847 W Cullom Ave"
    city = "Chicago"
    state = "IL"
    zip_code = "60613"
    phone = "(312) 555-0147"
    phone_digits = "3125550147"
    email = "karl@example.org"


class PatientFactory(DjangoModelFactory):
    class Meta:
        model = Patient

    mrn = factory.Sequence(lambda n: f"T{n}")
    first_name = "Karl"
    last_name = factory.Sequence(lambda n: f"Jensen{n}")
    birth_date = date(1979, 6, 2)
    sex = "M"
    guarantor = factory.SubFactory(GuarantorFactory)
    line1 = "1847 W Cullom Ave"
    city = "Chicago"
    state = "IL"
    zip_code = "60613"
    phone = "(312) 555-0147"
    phone_digits = "3125550147"
    email = "karl@example.org"
    email_consent = True
    text_consent = True


class PayerFactory(DjangoModelFactory):
    class Meta:
        model = Payer

    name = factory.Sequence(lambda n: f"Lakeshore Health {n}")
    payer_id = factory.Sequence(lambda n: f"LSH{n:02d}")
    line1 = "1 Insurance Plaza"
    city = "Chicago"
    state = "IL"
    zip_code = "60601"


class CoverageFactory(DjangoModelFactory):
    class Meta:
        model = Coverage

    patient = factory.SubFactory(PatientFactory)
    payer = factory.SubFactory(PayerFactory)
    order = 1
    member_id = factory.Sequence(lambda n: f"XOF{n:09d}")
    member_id_fingerprint = factory.LazyAttribute(lambda row: fingerprint(row.member_id))
    member_id_last4 = factory.LazyAttribute(lambda row: row.member_id[-4:])
    starts_on = date(2024, 1, 1)


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    number = factory.Sequence(lambda n: f"VT{n}")
    patient = factory.SubFactory(PatientFactory)
    guarantor = factory.SelfAttribute("patient.guarantor")
    provider = factory.SubFactory(ProviderFactory)
    location = factory.SelfAttribute("provider.location")
    service_date = date(2026, 3, 2)


class DiagnosisFactory(DjangoModelFactory):
    class Meta:
        model = Diagnosis

    visit = factory.SubFactory(VisitFactory)
    position = 1
    code = "E11.9"


class ChargeItemFactory(DjangoModelFactory):
    class Meta:
        model = ChargeItem

    visit = factory.SubFactory(VisitFactory)
    patient = factory.SelfAttribute("visit.patient")
    guarantor = factory.SelfAttribute("visit.guarantor")
    service_date = factory.SelfAttribute("visit.service_date")
    rendering_provider = factory.SelfAttribute("visit.provider")
    code = "G0439"
    units = 1
    amount = Decimal("150.00")
    pointers = factory.LazyFunction(lambda: [1])


class FeeScheduleFactory(DjangoModelFactory):
    class Meta:
        model = FeeSchedule

    name = "Our charges"
    starts_on = date(2024, 1, 1)


class FeeFactory(DjangoModelFactory):
    class Meta:
        model = Fee

    schedule = factory.SubFactory(FeeScheduleFactory)
    code = "G0439"
    amount = Decimal("150.00")
