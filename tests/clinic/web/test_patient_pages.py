"""The patient pages through the browser's door."""

from datetime import date

import pytest
from django.test import Client

from clinic.models import AuditEvent, Patient, User
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db

NEW = {
    "first_name": "Ida", "last_name": "Rosenberg", "birth_date": "04/11/1952", "sex": "F", "phone": "(312) 555-0199",
    "once_token": "one",
}  # fmt: skip


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "text", ["jens", "Jensen, Karl", "karl jensen", "06/02/1979", "1979-06-02", "(312) 555-0147", "T7001"]
)
def test_search_finds_by_name_birth_date_phone_and_mrn(fran: User, text: str) -> None:
    PatientFactory(first_name="Karl", last_name="Jensen", mrn="T7001")
    other = PatientFactory(
        first_name="Ada", last_name="Okonkwo", mrn="T9001", birth_date=date(1990, 1, 1), phone_digits="7735550100"
    )

    answer = signed_in(fran).post("/patients/", {"q": text})

    assert answer.status_code == 200
    assert b"Jensen, Karl" in answer.content
    assert other.listed_name.encode() not in answer.content


def test_one_letter_is_told_to_be_too_few(fran: User) -> None:
    PatientFactory(last_name="Jensen")

    page = signed_in(fran).post("/patients/", {"q": "j"}).content.decode()

    assert "Type at least two." in page
    assert "Nobody fits" not in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"birth_date": "01/01/1850"}, "The birth date lies more than 125 years back. Check the year."),
        ({"birth_date": "01/01/2090"}, "The birth date lies in the future."),
        ({"state": "ZZ"}, "There is no state ZZ."),
    ],
)
def test_a_slip_of_the_keyboard_is_refused_and_the_rest_stays(typed: dict, sentence: str, fran: User) -> None:
    answer = signed_in(fran).post("/patients/new/", {**NEW, **typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="Rosenberg"' in page
    assert not Patient.objects.exists()


def test_search_is_audited_for_each_patient_shown(fran: User) -> None:
    patient = PatientFactory(last_name="Jensen")

    signed_in(fran).post("/patients/", {"q": "jensen"})

    seen = AuditEvent.objects.get(act="patient.viewed")
    assert (seen.patient_id, seen.actor_id, seen.why) == (patient.pk, fran.pk, "patient search")


def test_register_patient_goes_to_its_page(fran: User) -> None:
    answer = signed_in(fran).post("/patients/new/", NEW)

    patient = Patient.objects.get(last_name="Rosenberg")
    assert (answer.status_code, answer["Location"]) == (303, f"/patients/{patient.pk}/")
    assert patient.birth_date == date(1952, 4, 11)
    assert patient.phone_digits == "3125550199"


def test_double_click_registers_one_patient_and_answers_the_same(fran: User) -> None:
    client = signed_in(fran)

    first = client.post("/patients/new/", NEW)
    second = client.post("/patients/new/", NEW)

    assert Patient.objects.filter(last_name="Rosenberg").count() == 1
    assert (second.status_code, second["Location"]) == (303, first["Location"])


def test_register_asks_when_the_person_may_be_known_already(fran: User) -> None:
    twin = PatientFactory(first_name="Ida", last_name="Rosenberg", birth_date=date(1952, 4, 11))
    client = signed_in(fran)

    asked = client.post("/patients/new/", NEW)
    registered = client.post("/patients/new/", NEW | {"is_new_person": "on"})

    assert asked.status_code == 409
    assert f"/patients/{twin.pk}/".encode() in asked.content
    assert registered.status_code == 303
    assert Patient.objects.filter(last_name="Rosenberg").count() == 2


def test_a_wrong_field_keeps_what_was_typed(fran: User) -> None:
    answer = signed_in(fran).post("/patients/new/", NEW | {"birth_date": "never"})

    assert answer.status_code == 422
    assert b'value="Rosenberg"' in answer.content
    assert not Patient.objects.exists()


def test_patient_page_shows_the_person_and_is_audited(fran: User, patient: Patient) -> None:
    answer = signed_in(fran).get(f"/patients/{patient.pk}/")

    assert answer.status_code == 200
    assert b"Karl Jensen" in answer.content
    assert AuditEvent.objects.filter(act="patient.viewed", patient_id=patient.pk, actor_id=fran.pk).exists()


def test_second_editor_sees_the_first_ones_change_and_may_save_over_it(
    fran: User, lena: User, patient: Patient
) -> None:
    typed = {
        "first_name": "Karl", "last_name": "Jensen", "birth_date": "06/02/1979", "sex": "M", "phone": "3125550147",
        "city": "Evanston", "seen_version": "1",
    }  # fmt: skip
    signed_in(lena).post(f"/patients/{patient.pk}/edit/", typed | {"city": "Oak Park"})
    client = signed_in(fran)

    refused = client.post(f"/patients/{patient.pk}/edit/", typed)
    saved = client.post(f"/patients/{patient.pk}/edit/", typed | {"seen_version": "2"})

    assert refused.status_code == 409
    assert b"<del>Oak Park</del>" in refused.content
    assert b"<ins>Evanston</ins>" in refused.content
    assert b'name="seen_version" value="2"' in refused.content
    assert saved.status_code == 303
    assert Patient.objects.get(pk=patient.pk).city == "Evanston"


def test_administrator_sees_no_patient(adam: User, patient: Patient) -> None:
    client = signed_in(adam)

    page = client.get(f"/patients/{patient.pk}/")
    search = client.post("/patients/", {"q": "Jensen"})

    assert (page.status_code, search.status_code) == (403, 403)
    assert b"Jensen" not in page.content + search.content


def test_a_missing_patient_and_a_refused_one_look_the_same(adam: User, patient: Patient) -> None:
    client = signed_in(adam)

    there = client.get(f"/patients/{patient.pk}/")
    not_there = client.get("/patients/00000000-0000-7000-8000-000000000000/")

    assert there.status_code == not_there.status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_search_costs_the_same_queries_for_one_and_for_three(
    fran: User, count: int, django_assert_num_queries: object
) -> None:
    for _ in range(count):
        PatientFactory(last_name="Jensen")
    client = signed_in(fran)
    client.post("/patients/", {"q": "nobody"})

    with django_assert_num_queries(7):  # type: ignore[operator]
        client.post("/patients/", {"q": "jensen"})
