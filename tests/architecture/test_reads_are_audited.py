"""Every page and API answer that shows a patient notes it in the audit: walked by machine, with rows to be seen."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from clinic import clock
from clinic.messages import queue_message
from clinic.models import Patient, Role, Visit
from tests.architecture.url_table import Entry, url_table
from tests.factories.clinic import (
    ChargeItemFactory,
    CoverageFactory,
    LocationFactory,
    PatientFactory,
    ProviderFactory,
    UserFactory,
    VisitFactory,
)
from tests.watched import Watched

pytestmark = pytest.mark.django_db

LOOKERS = [Role.FRONT_DESK, Role.CLINICIAN, Role.BILLER, Role.COLLECTOR, Role.BILLING_MANAGER, Role.AUDITOR]


@pytest.fixture
def rows() -> dict[str, Any]:
    """One row of each kind that an address may name, all of one patient."""
    patient = PatientFactory(first_name="Quill", last_name="Xanthopoulos")
    provider = ProviderFactory(location=LocationFactory())
    coverage = CoverageFactory(patient=patient, starts_on=date(2024, 1, 1))
    visit: Visit = VisitFactory(patient=patient, provider=provider, service_date=clock.today() - timedelta(days=1))
    charge = ChargeItemFactory(visit=visit)
    message = queue_message(key="m", kind="reminder", channel="email", subject="s", body="b", patient=patient)
    return {
        "patient_id": patient.pk,
        "coverage_id": coverage.pk,
        "visit_id": visit.pk,
        "charge_id": charge.pk,
        "guarantor_id": patient.guarantor_id,
        "message_id": message.pk,
        "location_id": provider.location_id,
        "provider_id": provider.pk,
    }


def addresses(rows: dict[str, Any]) -> list[tuple[Entry, str]]:
    found = []
    for entry in url_table():
        names = [name for name, _ in entry.arguments]
        values = {name: rows[name] for name in names if name in rows}
        if names == ["pk"] and entry.full_name == "clinic_api:patient-detail":
            values = {"pk": rows["patient_id"]}
        if len(values) == len(names):
            try:
                found.append((entry, reverse(entry.full_name, kwargs=values)))
            except NoReverseMatch:
                continue
    return found


@pytest.mark.parametrize("role", LOOKERS)
def test_whatever_shows_a_patient_notes_it(role: Role, rows: dict[str, Any]) -> None:
    patient = Patient.objects.get(pk=rows["patient_id"])
    client = Watched(UserFactory(role=role, is_staff=True, first_name="Ona", last_name="Looker"), [patient])

    for _entry, path in addresses(rows):
        client.get(path)
    client.post("/patients/", {"q": patient.last_name})
    client.post("/patients/find/", {"q": patient.last_name})

    assert f"/patients/{patient.pk}/" in client.shown
    assert client.unaudited == []
    assert client.broken == []
