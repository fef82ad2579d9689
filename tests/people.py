"""One user per role, and the rows most tests begin with. conftest.py imports these fixtures."""

import pytest

from clinic.models import Coverage, Location, Patient, Practice, Provider, Role, User, Visit
from tests.factories.clinic import (
    CoverageFactory,
    LocationFactory,
    PatientFactory,
    PracticeFactory,
    ProviderFactory,
    UserFactory,
    VisitFactory,
)


@pytest.fixture
def fran(db: None) -> User:
    """Front desk."""
    return UserFactory(username="fran", first_name="Fran", last_name="Ames", role=Role.FRONT_DESK)


@pytest.fixture
def lena(db: None) -> User:
    """Front desk lead."""
    return UserFactory(username="lena", first_name="Lena", last_name="Holt", role=Role.DESK_LEAD)


@pytest.fixture
def dee(db: None) -> User:
    """Clinician."""
    return UserFactory(username="dee", first_name="Dee", last_name="Okafor", role=Role.CLINICIAN)


@pytest.fixture
def bill(db: None) -> User:
    """Biller."""
    return UserFactory(username="bill", first_name="Bill", last_name="Ortiz", role=Role.BILLER)


@pytest.fixture
def cora(db: None) -> User:
    """Collector."""
    return UserFactory(username="cora", first_name="Cora", last_name="Lind", role=Role.COLLECTOR)


@pytest.fixture
def mona(db: None) -> User:
    """Billing manager."""
    return UserFactory(username="mona", first_name="Mona", last_name="Reyes", role=Role.BILLING_MANAGER)


@pytest.fixture
def adam(db: None) -> User:
    """Administrator: sees no patient."""
    return UserFactory(username="adam", first_name="Adam", last_name="Frost", role=Role.ADMINISTRATOR, is_staff=True)


@pytest.fixture
def audrey(db: None) -> User:
    """Auditor: reads, writes nothing."""
    return UserFactory(username="audrey", first_name="Audrey", last_name="Poole", role=Role.AUDITOR)


@pytest.fixture
def practice(db: None) -> Practice:
    return PracticeFactory()


@pytest.fixture
def location(practice: Practice) -> Location:
    return LocationFactory(practice=practice)


@pytest.fixture
def provider(location: Location) -> Provider:
    return ProviderFactory(location=location)


@pytest.fixture
def patient(db: None) -> Patient:
    return PatientFactory(first_name="Karl", last_name="Jensen")


@pytest.fixture
def coverage(patient: Patient) -> Coverage:
    return CoverageFactory(patient=patient)


@pytest.fixture
def visit(patient: Patient, provider: Provider) -> Visit:
    return VisitFactory(patient=patient, provider=provider)
