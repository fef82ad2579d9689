"""What was changed: the pages, and the form that came second."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from clinic.models import ApiClient, AuditEvent, Claim, Coverage, Patient, User, token_digest
from scheduling.models import Appointment
from tests.factories.clinic import FeeFactory
from tests.factories.scheduling import AppointmentFactory

pytestmark = pytest.mark.django_db

TYPED = {
    "first_name": "Karl", "last_name": "Jensen", "birth_date": "06/02/1979", "sex": "M", "phone": "3125550147",
    "city": "Evanston", "seen_version": "1",
}  # fmt: skip


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def cells(answer: object) -> list[str]:
    """The words of the table, cell by cell."""
    found = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", answer.content.decode(), re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell)).strip() for cell in found]


def policy(coverage: Coverage, **changes: str) -> dict[str, str]:
    """What the coverage form sends of this row."""
    return {
        "member_id": coverage.member_id, "starts_on": f"{coverage.starts_on}", "relationship": "18", "version": "1",
        "group_number": "", "plan_name": "", **changes,
    }  # fmt: skip


def test_the_patient_page_leads_to_what_was_changed(fran: User, patient: Patient) -> None:
    answer = signed_in(fran).get(f"/patients/{patient.pk}/")

    assert f"/patients/{patient.pk}/changes/".encode() in answer.content


def test_what_was_changed_names_who_field_before_and_now_and_is_audited(
    fran: User, lena: User, patient: Patient
) -> None:
    before = patient.city
    signed_in(lena).post(f"/patients/{patient.pk}/edit/", TYPED)

    answer = signed_in(fran).get(f"/patients/{patient.pk}/changes/")

    words = cells(answer)
    at = words.index("City")
    assert words[at : at + 3] == ["City", before, "Evanston"]
    assert "Lena Holt" in words
    assert AuditEvent.objects.filter(
        actor_id=fran.pk, patient_id=patient.pk, why="what was changed of the patient"
    ).exists()


def test_nothing_changed_is_said(fran: User, patient: Patient) -> None:
    answer = signed_in(fran).get(f"/patients/{patient.pk}/changes/")

    assert b"Nothing was changed" in answer.content


def test_member_ids_stand_whole_only_for_whom_may_edit_coverage(fran: User, audrey: User, coverage: Coverage) -> None:
    old = coverage.member_id
    signed_in(fran).post(f"/insurance/coverages/{coverage.pk}/", policy(coverage, member_id="NEW-77-1234"))
    path = f"/patients/{coverage.patient_id}/changes/"

    desk, auditor = signed_in(fran).get(path), signed_in(audrey).get(path)

    assert {old, "NEW-77-1234"} <= set(cells(desk))
    assert {f"ends in {old[-4:]}", "ends in 1234"} <= set(cells(auditor))
    assert b"NEW-77-1234" not in auditor.content


def test_administrator_sees_no_changes_of_patients(adam: User, patient: Patient) -> None:
    assert signed_in(adam).get(f"/patients/{patient.pk}/changes/").status_code == 403


def test_a_change_by_the_api_names_its_client(fran: User, patient: Patient) -> None:
    ApiClient.objects.create(
        name="Website", token_sha256=token_digest("t0ken"), scopes=["patient.edit", "patient.view"]
    )

    changed = Client().patch(
        f"/api/v1/clinic/patients/{patient.pk}/", {"city": "Evanston", "version": 1}, "application/json",
        headers={"Authorization": "Bearer t0ken"},
    )  # fmt: skip

    assert changed.status_code == 200
    assert "Website" in cells(signed_in(fran).get(f"/patients/{patient.pk}/changes/"))


def test_the_second_editor_of_a_patient_is_told_who_was_first(fran: User, lena: User, patient: Patient) -> None:
    signed_in(lena).post(f"/patients/{patient.pk}/edit/", TYPED | {"city": "Oak Park"})

    refused = signed_in(fran).post(f"/patients/{patient.pk}/edit/", TYPED)

    assert refused.status_code == 409
    assert re.search(rb"Lena Holt \([^)]*city[^)]*\) changed this patient while you were typing", refused.content)


def test_the_second_editor_of_a_coverage_sees_the_difference_and_may_save_over_it(
    fran: User, lena: User, coverage: Coverage
) -> None:
    path = f"/insurance/coverages/{coverage.pk}/"
    signed_in(lena).post(path, policy(coverage, plan_name="Gold", ends_on="2027-12-31"))
    client = signed_in(fran)

    refused = client.post(path, policy(coverage, plan_name="Silver"))
    saved = client.post(path, policy(coverage, plan_name="Silver", version="2"))

    assert refused.status_code == 409
    assert re.search(rb"Lena Holt \([^)]*plan name[^)]*\) changed this coverage", refused.content)
    words = cells(refused)
    assert words[words.index("Plan name") :][:3] == ["Plan name", "Gold", "Silver"]
    assert words[words.index("Covered to") :][:3] == ["Covered to", "12/31/2027", "(empty)"]
    assert b'name="version" value="2"' in refused.content
    assert saved.status_code == 303
    assert Coverage.objects.get(pk=coverage.pk).plan_name == "Silver"


def test_the_claim_page_leads_to_what_was_changed_of_the_claim(bill: User, visit: object, coverage: Coverage) -> None:
    claim = Claim.objects.create(
        number="C1-1", control_number="C1", visit=visit, patient=visit.patient, coverage=coverage, payer=coverage.payer,
        rendering_provider=visit.provider, total=Decimal("140.00"),
    )  # fmt: skip
    client = signed_in(bill)
    client.post(f"/billing/claims/{claim.pk}/hold/", {"reason": "Waits for the chart.", "once_token": "one"})

    link, shown = client.get(f"/billing/claims/{claim.pk}/"), client.get(f"/billing/claims/{claim.pk}/changes/")

    assert f"/billing/claims/{claim.pk}/changes/".encode() in link.content
    words = cells(shown)
    assert words[words.index("Status") :][:3] == ["Status", "Draft", "Held"]
    assert "Bill Ortiz" in words
    assert AuditEvent.objects.filter(why="what was changed of a claim", patient_id=visit.patient_id).exists()


def test_an_appointment_tells_its_changes(fran: User, patient: Patient, provider: object) -> None:
    from clinic import clock

    row = AppointmentFactory(patient=patient, provider=provider, start=clock.now())
    client = signed_in(fran)
    client.post(f"/schedule/appointments/{row.pk}/confirm/", {"once_token": "one"})

    shown = client.get(f"/schedule/appointments/{row.pk}/changes/")

    assert Appointment.objects.get(pk=row.pk).status == "confirmed"
    words = cells(shown)
    assert words[words.index("Status") :][:3] == ["Status", "Booked", "Confirmed"]
    assert "Fran Ames" in words


def test_a_fee_tells_in_the_back_office_what_it_was(adam: User) -> None:
    fee = FeeFactory(code="G0439", amount=Decimal("150.00"))
    client = signed_in(adam)
    sent = {"schedule": str(fee.schedule_id), "code": "G0439", "modifier": "", "description": "", "amount": "160.00"}
    client.post(f"/admin/clinic/fee/{fee.pk}/change/", sent)

    shown = client.get(f"/admin/clinic/fee/{fee.pk}/change/")

    words = cells(shown)
    assert words[words.index("Amount") :][:3] == ["Amount", "$150.00", "$160.00"]
    assert "Adam Frost" in words


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_queries_for_one_change_and_for_three(
    fran: User, lena: User, coverage: Coverage, count: int, django_assert_num_queries: object
) -> None:
    client = signed_in(fran)
    for n in range(count):
        signed_in(lena).post(
            f"/patients/{coverage.patient_id}/edit/", TYPED | {"city": f"Town {n}", "seen_version": str(n + 1)}
        )
    client.get("/settings/")

    with django_assert_num_queries(12):  # type: ignore[operator]
        client.get(f"/patients/{coverage.patient_id}/changes/")
