"""Coverage on file: one place each at a time, order of benefits, stale forms."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from clinic.errors import ClinicError, Conflict
from clinic.models import AuditEvent, Coverage
from insurance.services import coverage as coverages
from tests.factories.clinic import CoverageFactory, PayerFactory
from tests.insurance.conftest import TODAY


def test_two_policies_may_not_stand_on_the_same_place(cover, patient, fran):
    with pytest.raises(Conflict, match="primary coverage is on file"):
        coverages.add_coverage(
            patient=patient, payer=PayerFactory(), member_id="X1234", starts_on=TODAY, order=1, by=fran
        )

    assert Coverage.objects.count() == 1


def test_a_later_policy_takes_the_place_of_one_that_ended(cover, patient, fran):
    coverages.end_coverage(coverage=cover, ends_on=TODAY, reason="new job", by=fran)

    coverages.add_coverage(
        patient=patient, payer=PayerFactory(), member_id="X1234", starts_on=TODAY + timedelta(days=1), order=1, by=fran
    )

    assert Coverage.objects.on(TODAY + timedelta(days=1)).count() == 1


@pytest.mark.parametrize("bad", ["", "?", "A", "x" * 40])
def test_a_member_id_that_is_none_is_refused(patient, payer, fran, bad):
    with pytest.raises(ClinicError, match="member id"):
        coverages.add_coverage(patient=patient, payer=payer, member_id=bad, starts_on=TODAY, by=fran)


def test_a_dependants_policy_needs_its_subscriber(patient, payer, fran):
    with pytest.raises(ClinicError, match="somebody else"):
        coverages.add_coverage(
            patient=patient, payer=payer, member_id="X1234", starts_on=TODAY, relationship="19", by=fran
        )


def test_the_order_of_benefits_is_changed_in_one_act(cover, patient, bill):
    second = CoverageFactory(patient=patient, order=2)

    coverages.put_before(coverage=second, by=bill, why="birthday rule")

    assert [c.pk for c in Coverage.objects.on(TODAY)] == [second.pk, cover.pk]
    assert AuditEvent.objects.filter(act="coverage.reordered").count() == 1


def test_a_stale_form_changes_nothing(cover, fran):
    coverages.change_coverage(coverage=cover, fields={"group_number": "A"}, version=1, by=fran)

    with pytest.raises(Conflict):
        coverages.change_coverage(coverage=cover, fields={"group_number": "B"}, version=1, by=fran)

    cover.refresh_from_db()
    assert cover.group_number == "A"


def test_a_cover_cannot_end_before_it_begins(cover, fran):
    with pytest.raises(ClinicError, match="before it begins"):
        coverages.end_coverage(coverage=cover, ends_on=date(2020, 1, 1), reason="x", by=fran)


def test_coverage_is_added_in_the_browser_and_a_double_click_adds_one(client, fran, patient, payer, route):
    client.force_login(fran)
    url = reverse("insurance:coverage_add", args=[patient.pk])
    form = {
        "payer": payer.pk, "member_id": "LKS1234", "order": "1", "starts_on": "2026-01-01", "relationship": "18",
        "subscriber_sex": "U", "once_token": "t1",
    }  # fmt: skip

    answers = [client.post(url, form).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert Coverage.objects.get().member_id == "LKS1234"


def test_a_wrong_member_id_comes_back_with_what_was_typed(client, fran, patient, payer):
    client.force_login(fran)
    url = reverse("insurance:coverage_add", args=[patient.pk])

    answer = client.post(
        url, {"payer": payer.pk, "member_id": "?", "order": "1", "starts_on": "2026-01-01", "relationship": "18",
              "group_number": "GRP77", "subscriber_sex": "U", "once_token": "t2"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "GRP77" in answer.content.decode()
    assert not Coverage.objects.exists()


def test_an_auditor_reads_and_may_not_change(client, audrey, cover, patient):
    client.force_login(audrey)

    assert client.get(reverse("insurance:patient_panel", args=[patient.pk])).status_code == 200
    assert client.get(reverse("insurance:coverage_edit", args=[cover.pk])).status_code == 403
