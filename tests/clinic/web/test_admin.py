"""The back office's admin: acts instead of Django's permissions, reads audited, nothing deleted."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import ApiClient, AuditEvent, Device, Patient, Payer, Role, User
from clinic.web.admin_site import OfficeAdmin
from tests.factories.clinic import FeeFactory, LocationFactory, PatientFactory, PayerFactory, UserFactory

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_front_desk_does_not_come_in(fran: User) -> None:
    assert signed_in(fran).get("/admin/").status_code in (302, 403)
    assert b"Payers" not in signed_in(fran).get("/admin/", follow=True).content


def test_nobody_unsigned_comes_in() -> None:
    answer = Client().get("/admin/clinic/payer/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/sign-in/")


def test_administrator_sees_reference_data_and_no_patient(adam: User) -> None:
    PatientFactory(last_name="Jensen")
    client = signed_in(adam)

    index = client.get("/admin/").content.decode()
    refused = client.get("/admin/clinic/patient/")

    assert "Payers" in index
    assert "/admin/clinic/patient/" not in index
    assert refused.status_code == 403


def test_a_superuser_gets_no_more_than_his_role() -> None:
    PatientFactory(last_name="Jensen")
    root = UserFactory(role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)

    answer = signed_in(root).get("/admin/clinic/patient/")

    assert answer.status_code == 403


def test_reading_patients_in_the_admin_is_audited(mona: User) -> None:
    patient = PatientFactory()
    client = signed_in(mona)

    client.get("/admin/clinic/patient/")
    client.get(f"/admin/clinic/patient/{patient.pk}/change/")

    seen = AuditEvent.objects.filter(act="patient.viewed", actor_id=mona.pk, patient_id=patient.pk)
    assert [e.why for e in seen] == ["back office: patients"] * 2


def test_a_patient_cannot_be_changed_or_deleted_here(mona: User) -> None:
    patient = PatientFactory(city="Chicago")
    client = signed_in(mona)

    changed = client.post(f"/admin/clinic/patient/{patient.pk}/change/", {"city": "Elsewhere"})
    deleted = client.post(f"/admin/clinic/patient/{patient.pk}/delete/", {"post": "yes"})

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert Patient.objects.get(pk=patient.pk).city == "Chicago"


def test_reference_data_is_changed_with_its_version_and_audit(mona: User) -> None:
    payer = PayerFactory(name="Lakeshore")
    client = signed_in(mona)
    url = f"/admin/clinic/payer/{payer.pk}/change/"
    form = client.get(url).context["adminform"].form

    answer = client.post(url, {k: v for k, v in form.initial.items() if v not in (None, False)} | {"appeal_days": "90"})

    assert answer.status_code == 302
    payer.refresh_from_db()
    assert (payer.appeal_days, payer.version) == (90, 2)
    assert AuditEvent.objects.get(act="payer.changed").detail == {"fields": ["appeal_days"]}


def test_a_new_person_gets_a_working_sign_in(adam: User) -> None:
    said = {
        "username": "nora", "first_name": "Nora", "last_name": "Vale", "email": "", "role": "biller", "is_active": "on",
        "new_password": "correct horse battery",
    }  # fmt: skip

    answer = signed_in(adam).post("/admin/clinic/user/add/", said)
    signed = Client().post("/sign-in/", {"login": "nora", "password": "correct horse battery"})

    nora = User.objects.get(username="nora")
    assert answer.status_code == 302
    assert (nora.role, nora.is_staff, nora.is_superuser) == ("biller", True, False)
    assert signed.status_code == 302


def test_nobody_raises_his_own_role(adam: User) -> None:
    said = {
        "username": "adam",
        "first_name": "Adam",
        "last_name": "Frost",
        "role": "billing_manager",
        "is_active": "on",
    }

    answer = signed_in(adam).post(f"/admin/clinic/user/{adam.pk}/change/", said, follow=True)

    assert "Nobody changes his own role" in answer.content.decode()
    assert "was changed successfully" not in answer.content.decode()
    assert not LogEntry.objects.exists()
    assert User.objects.get(pk=adam.pk).role == Role.ADMINISTRATOR


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-5", "A fee cannot be less than $0.00."),
        ("1e9", "This is larger than any amount this practice handles. Check the figure."),
        ("25.005", "Enter dollars and cents, for example 25.00."),
        ("NaN", "Enter dollars and cents, for example 25.00."),
    ],
)
def test_a_fee_that_cannot_be_is_refused_with_a_sentence(typed: str, sentence: str, adam: User) -> None:
    fee = FeeFactory(code="G0439", amount="150.00")

    answer = signed_in(adam).post(
        f"/admin/clinic/fee/{fee.pk}/change/", {"schedule": fee.schedule_id, "code": "G0439", "amount": typed}
    )

    assert sentence in answer.content.decode()
    fee.refresh_from_db()
    assert fee.amount == 150


def test_an_api_clients_token_is_shown_once_and_works(adam: User) -> None:
    client = signed_in(adam)

    made = client.post(
        "/admin/clinic/apiclient/add/",
        {"name": "website", "scopes": ["reference.view"], "is_active": "on"},
        follow=True,
    )
    again = client.get("/admin/clinic/apiclient/")

    token = re.search(r"shown this once: ([\w-]+)", made.content.decode())
    assert token
    assert token[1] not in again.content.decode()
    answer = Client(headers={"Authorization": f"Bearer {token[1]}"}).get("/api/v1/clinic/payers/")
    assert answer.status_code == 200
    assert ApiClient.objects.get().added_by == adam


def test_a_device_is_paired_by_its_code(adam: User) -> None:
    location = LocationFactory()
    made = signed_in(adam).post(
        "/admin/clinic/device/add/",
        {"name": "Hall", "kind": "board", "location": location.pk, "is_active": "on"},
        follow=True,
    )
    code = re.search(r"shown this once: ([\w-]+)", made.content.decode())
    assert code
    screen = Client()

    wrong = screen.post("/pair/", {"code": "guess"})
    paired = screen.post("/pair/", {"code": code[1]})

    assert (wrong.status_code, paired.status_code) == (422, 303)
    assert screen.cookies["tandem_device"]["httponly"]
    assert Device.objects.get().name == "Hall"
    assert screen.get("/patients/").status_code == 403


def test_every_list_is_an_office_admin_and_opens(adam: User, mona: User) -> None:
    """Whatever an office registers: by OfficeAdmin, without deletion, and its page renders for somebody."""
    people = [signed_in(adam), signed_in(mona)]
    wrong = []
    assert Payer in admin.site._registry
    for model, model_admin in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if not isinstance(model_admin, OfficeAdmin) or 200 not in [p.get(url).status_code for p in people]:
            wrong.append(model._meta.label)

    assert wrong == []


def test_nothing_can_be_deleted_anywhere(adam: User, mona: User) -> None:
    request = RequestFactory().get("/")
    deletable = []
    for user in (adam, mona, UserFactory(role=Role.ADMINISTRATOR, is_superuser=True, is_staff=True)):
        request.user = user
        deletable += [m._meta.label for m, a in admin.site._registry.items() if a.has_delete_permission(request)]

    assert deletable == []


def test_lists_cost_the_same_for_one_row_and_for_three(mona: User) -> None:
    client = signed_in(mona)
    PayerFactory()
    client.get("/admin/clinic/payer/")
    with CaptureQueriesContext(connection) as for_one:
        client.get("/admin/clinic/payer/")
    PayerFactory.create_batch(2)

    with CaptureQueriesContext(connection) as for_three:
        answer = client.get("/admin/clinic/payer/")

    assert len(answer.context["cl"].result_list) == 3
    assert len(for_three) == len(for_one)
