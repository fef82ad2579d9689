"""Merging duplicates: two people, a link, nothing rewritten."""

import pytest
from django.test import Client

from clinic.models import AuditEvent, Patient, User
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def duplicate() -> Patient:
    return PatientFactory(mrn="T1", last_name="Jensen")


@pytest.fixture
def stays() -> Patient:
    return PatientFactory(mrn="T2", last_name="Jensen")


@pytest.fixture(autouse=True)
def passwords(lena: User, mona: User, fran: User) -> None:
    for person in (lena, mona, fran):
        person.set_password(PASSWORD)
        person.save()


def merge(user: User, duplicate: Patient, **said: str) -> object:
    client = Client()
    client.force_login(user)
    typed = {"into_mrn": "T2", "reason": "same person", "approver": "mona", "approver_password": PASSWORD} | said
    return client.post(f"/patients/{duplicate.pk}/merge/", typed)


def test_two_people_merge_a_duplicate(lena: User, mona: User, duplicate: Patient, stays: Patient) -> None:
    answer = merge(lena, duplicate)

    duplicate.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (303, f"/patients/{stays.pk}/")
    assert duplicate.merged_into == stays
    assert AuditEvent.objects.get(act="patient.merged").detail == {"approved_by": str(mona.pk)}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"approver": "lena"}, "must be somebody else"),
        ({"approver": "fran"}, "does not include this"),
        ({"approver_password": "guess"}, "not correct"),
        ({"into_mrn": "T99"}, "no record with this MRN"),
        ({"into_mrn": "T1"}, "the same record already"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_merged(
    lena: User, duplicate: Patient, stays: Patient, said: dict[str, str], sentence: str
) -> None:
    answer = merge(lena, duplicate, **said)

    duplicate.refresh_from_db()
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert duplicate.merged_into is None
    assert PASSWORD not in answer.content.decode()


def test_a_merged_record_points_to_the_one_that_stays(lena: User, duplicate: Patient, stays: Patient) -> None:
    merge(lena, duplicate)
    client = Client()
    client.force_login(lena)

    page = client.get(f"/patients/{duplicate.pk}/").content.decode()
    found = client.post("/patients/", {"q": "jensen"}).content.decode()

    assert f"/patients/{stays.pk}/" in page
    assert f"/patients/{duplicate.pk}/edit/" not in page
    assert f"/patients/{duplicate.pk}/" not in found
