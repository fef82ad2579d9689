"""Who answers for the bill: named at registration, on the patient's edit page and through the API."""

import json
from datetime import date

import pytest

from clinic.models import AuditEvent, Guarantor, Patient, User
from tests.clinic.web.test_patient_pages import signed_in
from tests.factories.clinic import GuarantorFactory, PatientFactory, VisitFactory

pytestmark = pytest.mark.django_db

CHILD = {
    "first_name": "Nico", "last_name": "Lopez", "birth_date": "04/11/2020", "sex": "M", "once_token": "one",
}  # fmt: skip
MOTHER = {
    "guarantor": "new", "guarantor_relationship": "19", "guarantor_first_name": "Maria", "guarantor_last_name": "Lopez",
    "guarantor_line1": "12 Oak St", "guarantor_city": "Chicago", "guarantor_state": "il", "guarantor_zip_code": "60614",
    "guarantor_phone": "(312) 555-0188",
}  # fmt: skip


def register(user: User, **typed: object) -> tuple[int, str]:
    answer = signed_in(user).post("/patients/new/", {**CHILD, **typed})
    return answer.status_code, answer.content.decode()


def edit(user: User, patient: Patient, **typed: object) -> tuple[int, str]:
    answer = signed_in(user).post(
        f"/patients/{patient.pk}/edit/",
        {
            "first_name": patient.first_name, "last_name": patient.last_name, "birth_date": f"{patient.birth_date:%m/%d/%Y}",
            "sex": "M", "seen_version": patient.version, "line1": "5 Elm St", **typed,
        },
    )  # fmt: skip
    return answer.status_code, answer.content.decode()


@pytest.fixture
def mother() -> Guarantor:
    return GuarantorFactory(first_name="Maria", last_name="Lopez", number="G5001", phone_digits="3125550188")


@pytest.mark.parametrize("chosen", [{}, {"guarantor": "patient"}])
def test_a_child_does_not_answer_for_its_own_bill(fran: User, chosen: dict) -> None:
    status, page = register(fran, **chosen)

    assert status == 422
    assert "A patient under 18 needs a guarantor." in page
    assert 'value="Nico"' in page
    assert not Patient.objects.exists()
    assert not Guarantor.objects.exists()


def test_a_new_guarantor_is_registered_with_the_child(fran: User) -> None:
    status, _ = register(fran, **MOTHER)

    child = Patient.objects.get()
    assert (status, child.guarantor.full_name, child.guarantor_relationship) == (303, "Maria Lopez", "19")
    assert child.guarantor.one_line == "12 Oak St, Chicago, IL 60614"
    assert child.guarantor.phone_digits == "3125550188"
    page = signed_in(fran).get(f"/patients/{child.pk}/").content.decode()
    assert "Maria Lopez" in page
    assert "12 Oak St" in page


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"guarantor_line1": ""}, "Enter the guarantor&#x27;s street"),
        ({"guarantor_phone": " "}, "Enter the guarantor&#x27;s phone number"),
        ({"guarantor_phone": "555"}, "A phone number has ten digits."),
        ({"guarantor_last_name": ""}, "Enter the guarantor&#x27;s last name"),
        ({"guarantor_relationship": ""}, "Say what the patient is to the guarantor, for example child."),
        ({"guarantor_state": "ZZ"}, "There is no state ZZ."),
    ],
)
def test_a_new_guarantor_can_be_written_to_and_called(fran: User, missing: dict, sentence: str) -> None:
    status, page = register(fran, **{**MOTHER, **missing})

    assert status == 422
    assert sentence in page
    assert 'value="Maria"' in page
    assert not Guarantor.objects.exists()


@pytest.mark.parametrize("text", ["G5001", "Lopez, Maria", "(312) 555-0188", "lop"])
def test_a_guarantor_on_file_is_named_by_name_number_or_phone(fran: User, mother: Guarantor, text: str) -> None:
    status, _ = register(fran, guarantor="on_file", guarantor_relationship="19", guarantor_search=text)

    assert (status, Patient.objects.get().guarantor) == (303, mother)


def test_of_several_one_is_chosen(fran: User, mother: Guarantor) -> None:
    other = GuarantorFactory(first_name="Luis", last_name="Lopez", number="G5002")
    typed = {"guarantor": "on_file", "guarantor_relationship": "19", "guarantor_search": "Lopez"}

    status, page = register(fran, **typed)
    assert status == 422
    assert "Several fit. Choose one of them." in page
    assert str(mother.pk) in page
    assert str(other.pk) in page

    status, _ = register(fran, **typed, guarantor_id=other.pk)
    assert (status, Patient.objects.get().guarantor) == (303, other)


def test_nobody_of_that_name_is_said(fran: User) -> None:
    status, page = register(fran, guarantor="on_file", guarantor_relationship="19", guarantor_search="Nobody")

    assert status == 422
    assert "No guarantor fits." in page


def test_another_child_is_no_guarantor(fran: User) -> None:
    brother = GuarantorFactory(first_name="Teo", last_name="Lopez", number="G5003", birth_date=date(2015, 1, 1))

    status, page = register(fran, guarantor="on_file", guarantor_relationship="19", guarantor_search=brother.number)

    assert status == 422
    assert "Teo Lopez is under 18. Name an adult as guarantor." in page


def test_guarantors_are_found_while_typing_and_whom_they_answer_for_is_noted(fran: User, mother: Guarantor) -> None:
    sister = PatientFactory(guarantor=mother)

    page = signed_in(fran).post("/patients/guarantors/", {"guarantor_search": "lopez"}, headers={"HX-Request": "true"})

    assert "Lopez, Maria" in page.content.decode()
    assert "G5001" in page.content.decode()
    assert AuditEvent.objects.get(act="patient.viewed").patient_id == sister.pk


def test_the_edit_page_shows_the_guarantor_and_keeps_it(fran: User, mother: Guarantor) -> None:
    child = PatientFactory(birth_date=date(2020, 4, 11), guarantor=mother, guarantor_relationship="19")
    page = signed_in(fran).get(f"/patients/{child.pk}/edit/").content.decode()
    assert 'value="G5001"' in page
    assert "Lopez, Maria" in page

    status, _ = edit(fran, child, guarantor="on_file", guarantor_relationship="19", guarantor_id=mother.pk)

    child.refresh_from_db()
    mother.refresh_from_db()
    assert (status, child.guarantor, child.line1) == (303, mother, "5 Elm St")
    assert mother.line1 != "5 Elm St"


def test_the_edit_page_names_another_guarantor_and_says_what_stays(fran: User) -> None:
    child = PatientFactory(birth_date=date(2020, 4, 11))
    was = child.guarantor
    VisitFactory(patient=child)

    status, page = edit(fran, child)
    assert status == 422
    assert "A patient under 18 needs a guarantor." in page

    status, _ = edit(fran, child, **MOTHER)

    child.refresh_from_db()
    assert (status, child.guarantor.full_name) == (303, "Maria Lopez")
    changed = AuditEvent.objects.get(act="patient.updated").detail["fields"]
    assert {"guarantor_id", "guarantor_relationship"} <= set(changed)
    assert VisitFactory(patient=child).guarantor == child.guarantor
    assert was != child.guarantor


def test_whoever_comes_of_age_gets_the_own_account_back(fran: User, mother: Guarantor) -> None:
    person = PatientFactory(birth_date=date(2000, 4, 11))
    own = person.guarantor
    edit(fran, person, guarantor="on_file", guarantor_relationship="19", guarantor_id=mother.pk)
    person.refresh_from_db()
    assert person.guarantor == mother

    status, _ = edit(fran, person, guarantor="patient", line1="7 Ash St")

    person.refresh_from_db()
    own.refresh_from_db()
    mother.refresh_from_db()
    assert (status, person.guarantor, person.guarantor_relationship) == (303, own, "18")
    assert own.line1 == "7 Ash St"
    assert mother.line1 != "7 Ash St"


def post(user: User, body: dict, key: str = "k1") -> tuple[int, dict]:
    answer = signed_in(user).post(
        "/api/v1/clinic/patients/", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
    )
    return answer.status_code, answer.json()


API_CHILD = {"first_name": "Nico", "last_name": "Lopez", "birth_date": "2020-04-11"}
API_MOTHER = {
    "first_name": "Maria", "last_name": "Lopez", "line1": "12 Oak St", "city": "Chicago", "state": "IL", "zip_code": "60614",
    "phone": "3125550188",
}  # fmt: skip


def test_the_api_refuses_a_child_without_guarantor(fran: User) -> None:
    status, said = post(fran, API_CHILD)

    assert (status, said["field"]) == (422, "guarantor")
    assert "under 18" in said["error"]


def test_the_api_takes_a_guarantor_on_file_or_a_new_one(fran: User, mother: Guarantor) -> None:
    status, said = post(fran, {**API_CHILD, "guarantor": str(mother.pk), "guarantor_relationship": "19"})
    assert (status, said["guarantor"], said["guarantor_relationship"]) == (201, str(mother.pk), "19")

    status, said = post(fran, {**API_CHILD, "new_guarantor": API_MOTHER, "guarantor_relationship": "19"}, "k2")
    assert status == 201
    assert Guarantor.objects.get(pk=said["guarantor"]).one_line == "12 Oak St, Chicago, IL 60614"
    assert "new_guarantor" not in said

    status, said = post(fran, {**API_CHILD, "new_guarantor": API_MOTHER}, "k3")
    assert (status, said["field"]) == (422, "guarantor_relationship")


def test_the_api_changes_the_guarantor(fran: User, mother: Guarantor) -> None:
    child = PatientFactory(birth_date=date(2020, 4, 11))

    answer = signed_in(fran).patch(
        f"/api/v1/clinic/patients/{child.pk}/",
        json.dumps({"version": 1, "guarantor": str(mother.pk), "guarantor_relationship": "19"}),
        content_type="application/json",
    )  # fmt: skip

    child.refresh_from_db()
    assert (answer.status_code, child.guarantor) == (200, mother)
