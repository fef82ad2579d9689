"""The API's ground: tokens, scopes, idempotency keys, errors, pages."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.models import ApiClient, AuditEvent, OnceToken, Patient, User
from clinic.services.clients import create_api_client
from tests.factories.clinic import PatientFactory, PayerFactory

pytestmark = pytest.mark.django_db

PATIENTS = "/api/v1/clinic/patients/"
NEW = {"first_name": "Ida", "last_name": "Rosenberg", "birth_date": "1952-04-11", "sex": "F"}


def caller(*scopes: str) -> Client:
    _row, token = create_api_client(name="website", scopes=scopes, by=None)
    return Client(headers={"Authorization": f"Bearer {token}"})


def post(client: Client, url: str, data: object, key: str = "k1") -> object:
    return client.post(url, data, content_type="application/json", headers={"Idempotency-Key": key} if key else {})


def test_nobody_gets_in_without_a_token() -> None:
    answer = Client().get(PATIENTS)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_made_up_token_is_refused_even_beside_a_signed_in_person(fran: User) -> None:
    client = Client(headers={"Authorization": "Bearer made-up"})
    client.force_login(fran)

    answer = client.get(PATIENTS)

    assert answer.status_code == 401
    assert answer.json()["error"] == "This token is unknown, switched off or expired."


def test_a_scope_is_needed_for_each_act() -> None:
    PatientFactory(last_name="Jensen")
    client = caller("reference.view")

    refused = client.get(PATIENTS)
    allowed = client.get("/api/v1/clinic/payers/")

    assert (refused.status_code, allowed.status_code) == (403, 200)
    assert b"Jensen" not in refused.content


def test_a_switched_off_client_is_out_at_once() -> None:
    client = caller("patient.view")
    assert client.get(PATIENTS).status_code == 200

    ApiClient.objects.update(is_active=False)

    assert client.get(PATIENTS).status_code == 401


def test_create_needs_an_idempotency_key() -> None:
    answer = post(caller("patient.edit"), PATIENTS, NEW, key="")

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["error"]
    assert not Patient.objects.exists()


def test_the_same_key_has_one_effect_and_one_answer() -> None:
    client = caller("patient.edit")

    first = post(client, PATIENTS, NEW)
    second = post(client, PATIENTS, NEW)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Location"] == first["Location"]
    assert second["Idempotent-Replay"] == "true"
    assert Patient.objects.count() == 1


def test_the_same_key_with_another_body_is_refused() -> None:
    client = caller("patient.edit")
    post(client, PATIENTS, NEW)

    answer = post(client, PATIENTS, NEW | {"first_name": "Iris"})

    assert answer.status_code == 422
    assert Patient.objects.count() == 1


def test_a_refused_request_leaves_its_key_free() -> None:
    client = caller("patient.edit")
    refused = post(client, PATIENTS, NEW | {"birth_date": "2999-01-01"})

    answer = post(client, PATIENTS, NEW)

    assert (refused.status_code, answer.status_code) == (422, 201)
    assert refused.json() == {"error": "The birth date lies in the future.", "field": "birth_date", "detail": {}}
    assert OnceToken.objects.count() == 1


def test_two_clients_may_use_the_same_key() -> None:
    first = caller("patient.edit")
    _row, token = create_api_client(name="partner", scopes=["patient.edit"], by=None)
    second = Client(headers={"Authorization": f"Bearer {token}"})

    answers = [post(c, PATIENTS, NEW).status_code for c in (first, second)]

    assert answers == [201, 201]
    assert Patient.objects.count() == 2


def test_a_wrong_shape_names_the_fields() -> None:
    answer = post(caller("patient.edit"), PATIENTS, {"first_name": "Ida"})

    assert answer.status_code == 422
    assert set(answer.json()["detail"]["fields"]) == {"last_name", "birth_date"}
    assert (answer.json()["field"], answer.json()["error"]) == ("last_name", "last_name: This field is required.")


def test_a_stale_version_is_a_conflict_that_shows_what_changed(patient: Patient) -> None:
    client = caller("patient.edit", "patient.view")
    url = f"{PATIENTS}{patient.pk}/"
    client.patch(url, {"version": 1, "city": "Oak Park"}, content_type="application/json")

    answer = client.patch(url, {"version": 1, "city": "Evanston"}, content_type="application/json")

    assert answer.status_code == 409
    assert answer.json()["detail"] == {"city": "Oak Park"}


def test_a_version_is_asked_for(patient: Patient) -> None:
    answer = caller("patient.edit").patch(
        f"{PATIENTS}{patient.pk}/", {"city": "Evanston"}, content_type="application/json"
    )

    assert answer.status_code == 422


def test_fields_that_are_ours_cannot_be_set() -> None:
    answer = post(caller("patient.edit"), PATIENTS, NEW | {"mrn": "MINE", "merged_into": "x", "is_staff": True})

    assert answer.status_code == 201
    assert answer.json()["mrn"] != "MINE"


def test_reads_are_audited_with_the_client_as_actor(patient: Patient) -> None:
    caller("patient.view").get(f"{PATIENTS}{patient.pk}/")

    seen = AuditEvent.objects.get(act="patient.viewed")
    assert (seen.actor_kind, seen.actor_id, seen.patient_id) == ("client", ApiClient.objects.get().pk, patient.pk)


def test_search_is_posted_and_needs_no_key(patient: Patient) -> None:
    answer = post(caller("patient.search"), f"{PATIENTS}search/", {"q": "jensen"}, key="")

    assert [p["mrn"] for p in answer.json()] == [patient.mrn]


def test_lists_go_page_by_page() -> None:
    names = {PayerFactory().name for _ in range(3)}
    client = caller("reference.view")

    first = client.get("/api/v1/clinic/payers/?limit=2").json()
    second = client.get(first["next"]).json()

    assert len(first["results"]) == 2
    assert {p["name"] for p in first["results"] + second["results"]} == names


def test_a_signed_in_person_needs_the_csrf_token_to_write(fran: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(fran)

    answer = post(client, PATIENTS, NEW)

    assert answer.status_code == 403
    assert not Patient.objects.exists()


def test_the_schema_describes_every_path_and_makes_no_noise(fran: User, capsys: pytest.CaptureFixture[str]) -> None:
    client = Client()
    client.force_login(fran)

    answer = client.get("/api/v1/schema/")

    paths = answer.json()["paths"]
    assert {"get", "post"} <= set(paths["/api/v1/clinic/patients/"])
    assert capsys.readouterr().err == ""


def test_create_api_client_prints_the_token_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_api_client", "kiosk", "--scope", "reference.view")

    token = capsys.readouterr().out.strip()
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/clinic/payers/")
    assert answer.status_code == 200
    assert token not in str(ApiClient.objects.values_list())


def test_create_api_client_refuses_a_scope_that_is_no_act() -> None:
    with pytest.raises(CommandError, match=r"No such scope: user\.admin"):
        call_command("create_api_client", "kiosk", "--scope", "user.admin")


def test_the_schema_tells_where_an_idempotency_key_is_asked_for(fran: User) -> None:
    client = Client()
    client.force_login(fran)
    paths = client.get("/api/v1/schema/").json()["paths"]

    def headers(path: str) -> list[str]:
        return [p["name"] for p in paths[path]["post"].get("parameters", [])]

    assert headers("/api/v1/clinic/patients/") == ["Idempotency-Key"]
    assert headers("/api/v1/clinic/patients/search/") == []


def test_the_api_has_a_page_of_ours(fran: User) -> None:
    client = Client()
    client.force_login(fran)

    answer = client.get("/api/")

    assert answer.status_code == 200
    assert "/api/v1/clinic/patients/" in answer.content.decode()
