"""Prior authorizations: an inventory of units with dates."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.urls import reverse

from clinic.errors import ClinicError
from insurance.models import PriorAuthorization
from insurance.queries import authorization_for
from insurance.services import prior_auth
from tests.factories.clinic import ChargeItemFactory, VisitFactory
from tests.insurance.conftest import TODAY

Status = PriorAuthorization.Status


@pytest.fixture
def approval(cover, bill):
    return prior_auth.record_authorization(
        coverage=cover, number="AU1", codes=["G0283"], units=2, starts_on=TODAY - timedelta(days=5),
        ends_on=TODAY + timedelta(days=30), by=bill,
    )  # fmt: skip


def charge_of(patient, units=1, code="G0283"):
    return ChargeItemFactory(visit=VisitFactory(patient=patient, service_date=TODAY), units=units, code=code)


def test_an_approval_is_found_for_its_code_and_dates_only(approval, cover):
    assert authorization_for(coverage=cover, code="G0283", on=TODAY) == approval
    assert authorization_for(coverage=cover, code="G0168", on=TODAY) is None
    assert authorization_for(coverage=cover, code="G0283", on=TODAY + timedelta(days=60)) is None


def test_a_charge_takes_its_units_once_and_gives_them_back_when_voided(approval, patient, cover):
    charge = charge_of(patient, units=2)

    prior_auth.use_units(authorization=approval, charge=charge, by=None)
    prior_auth.use_units(authorization=approval, charge=charge, by=None)
    assert approval.units_left == 0
    assert authorization_for(coverage=cover, code="G0283", on=TODAY) is None

    prior_auth.release_units(charge=charge, by=None)
    assert approval.units_left == 2


def test_more_units_than_are_left_are_refused_with_the_figures(approval, patient):
    with pytest.raises(ClinicError, match="2 of 2 units left; this charge needs 3"):
        prior_auth.use_units(authorization=approval, charge=charge_of(patient, units=3), by=None)


@pytest.mark.django_db(transaction=True)
def test_two_charges_at_once_never_take_the_last_unit_twice(approval, patient):
    charges = [charge_of(patient) for _ in range(6)]
    refused: list[str] = []

    def take(charge) -> None:
        try:
            prior_auth.use_units(authorization=approval, charge=charge, by=None)
        except ClinicError as error:
            refused.append(error.sentence)
        connection.close()

    racers = [Thread(target=take, args=(c,)) for c in charges]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert (approval.units_left, len(refused)) == (0, 4)


def test_an_approval_without_number_units_or_period_is_refused(cover, bill):
    good = {"number": "A", "codes": ["G0283"], "units": 1, "starts_on": TODAY, "ends_on": TODAY}

    for wrong in ({"number": " "}, {"codes": []}, {"units": 0}, {"ends_on": TODAY - timedelta(days=1)}):
        with pytest.raises(ClinicError):
            prior_auth.record_authorization(coverage=cover, by=bill, **{**good, **wrong})

    assert not PriorAuthorization.objects.exists()


def test_a_request_stands_on_the_worklist_until_it_is_answered(client, bill, cover, patient):
    client.force_login(bill)
    row = prior_auth.request_authorization(coverage=cover, codes=["G0283"], units=4, by=bill)
    assert "Record the answer" in client.get(reverse("insurance:worklist")).content.decode()

    answer = client.post(
        reverse("insurance:authorization_answer", args=[row.pk]),
        {"coverage": cover.pk, "number": "AU9", "codes": "G0283", "units": "4", "starts_on": "2026-03-01",
         "ends_on": "2026-06-01", "once_token": "t1"},
    )  # fmt: skip

    row.refresh_from_db()
    assert (answer.status_code, row.status, row.number) == (303, Status.APPROVED, "AU9")
    assert "Record the answer" not in client.get(reverse("insurance:worklist")).content.decode()


def test_what_has_ended_expires_by_the_clock(approval):
    assert prior_auth.expire_authorizations(TODAY + timedelta(days=31)) == 1
    assert prior_auth.expire_authorizations(TODAY + timedelta(days=31)) == 0

    approval.refresh_from_db()
    assert approval.status == Status.EXPIRED


@pytest.mark.parametrize("rows", [1, 3])
def test_the_worklist_asks_the_database_the_same_number_of_times(
    client, bill, cover, rows, django_assert_max_num_queries
):
    for n in range(rows):
        prior_auth.request_authorization(coverage=cover, codes=[f"G028{n}"], units=1, by=bill)
    client.force_login(bill)

    with django_assert_max_num_queries(13):
        client.get(reverse("insurance:worklist"))
