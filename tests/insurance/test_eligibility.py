"""Ask the payer, three answers, and what the desk reads of them; the simulator answers in real X12."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from clearinghouse.models import TradingPartner
from clearinghouse.simulator.world import OtherCover
from clinic import clock
from clinic.models import Event
from insurance.models import EligibilityCheck
from insurance.queries import expected_copay, verdict_on
from insurance.services import eligibility
from tests.insurance.conftest import MORNING, TODAY

Answer = EligibilityCheck.Answer


def ask(cover):
    return eligibility.verify(coverage=cover, on=TODAY, by=None)


def test_active_cover_is_active_with_its_plan_and_copay(cover, member, patient):
    check = ask(cover)

    assert (check.answer, check.plan_name) == (Answer.ACTIVE, "PPO 500")
    verdict = verdict_on(patient, TODAY)
    assert (verdict.answer, verdict.is_stale) == ("active", False)
    copay = expected_copay(patient=patient, on=TODAY)
    assert copay.amount == Decimal("25.00")
    chosen = [line for line in copay.lines if line.is_chosen]
    assert len(chosen) == 1
    assert chosen[0].segment_number > 0


def test_cover_that_ended_is_inactive(cover, member, book, patient):
    book.change_member(member, ends_on=TODAY - timedelta(days=10))

    check = ask(cover)

    assert check.answer == Answer.INACTIVE
    assert verdict_on(patient, TODAY).is_inactive


def test_somebody_the_payer_does_not_find_is_unknown_with_the_reason_and_never_inactive(cover, patient, book):
    check = ask(cover)

    assert check.answer == Answer.UNKNOWN
    assert check.reason_code in ("72", "75")
    assert not verdict_on(patient, TODAY).is_inactive
    assert "You can go on" in verdict_on(patient, TODAY).sentence


def test_a_payer_that_cannot_be_reached_is_asked_again_and_unknown_after_five_tries(cover, route):
    TradingPartner.objects.update(driver="folder", config={})
    check = eligibility.request_check(coverage=cover, on=TODAY, by=None)

    for hour in range(6):
        with clock.at(MORNING + timedelta(hours=hour)):
            eligibility.run_due()

    check.refresh_from_db()
    assert (check.answer, check.tries) == (Answer.UNKNOWN, 5)
    assert check.reason


def test_another_id_at_the_payer_is_kept_sealed_beside_ours(cover, member, book):
    book.change_member(member, member_id="LKS00001243")

    check = ask(cover)

    assert check.answer == Answer.ACTIVE
    assert (check.returned_member_id, check.returned_name_matches, check.returned_birth_date_matches) == (
        "LKS00001243", True, True,
    )  # fmt: skip


def test_the_payer_names_who_pays_first(cover, member, book):
    book.change_member(
        member, other_cover=OtherCover(payer_name="HARBOR ADVANTAGE HMO", payer_id="HRBMA", is_primary=True)
    )

    check = ask(cover)

    assert (check.other_payer_id, check.other_payer_is_primary) == ("HRBMA", True)


def test_the_same_key_is_one_question(cover, member):
    first = eligibility.verify(coverage=cover, on=TODAY, by=None, key="k1")
    second = eligibility.verify(coverage=cover, on=TODAY, by=None, key="k1")

    assert first.pk == second.pk
    assert Event.objects.filter(kind="coverage.verified").count() == 1


def test_upcoming_visits_are_asked_once_and_again_when_the_coverage_changes(cover, member):
    eligibility.request_upcoming([(cover, TODAY)])
    eligibility.run_due()
    eligibility.request_upcoming([(cover, TODAY)])
    assert EligibilityCheck.objects.count() == 1

    with clock.at(MORNING + timedelta(hours=1)):
        cover.group_number = "GRP2"
        cover.version += 1
        cover.save()
        eligibility.request_upcoming([(cover, TODAY)])

    assert EligibilityCheck.objects.count() == 2


def test_a_qualified_medicare_beneficiary_owes_no_copay(cover, member, book, patient):
    book.change_member(member, is_qmb=True)
    ask(cover)

    assert expected_copay(patient=patient, on=TODAY).amount == Decimal("0.00")


def test_dates_outside_the_cover_are_inactive_even_when_the_payer_says_active(cover, member):
    from insurance.edi.eligibility import facts_of
    from x12.eligibility_270_271 import Benefit, PlanDate, Response

    response = Response(
        payer=None, benefits=(Benefit(information="1"),), dates=(PlanDate("347", TODAY - timedelta(days=1)),)
    )

    assert facts_of(response, cover, TODAY).answer == Answer.INACTIVE
    assert facts_of(replace(response, dates=()), cover, TODAY).answer == Answer.ACTIVE


def test_the_desk_asks_from_the_patients_page_and_reads_every_line(client, fran, cover, member, patient):
    client.force_login(fran)

    asked = client.post(reverse("insurance:verify_now", args=[cover.pk]))
    eligibility.run_due()
    page = client.get(reverse("insurance:patient_panel", args=[patient.pk]))
    lines = client.get(reverse("insurance:eligibility", args=[EligibilityCheck.objects.get().pk]))

    assert asked.status_code == 303
    assert "PPO 500 is active" in page.content.decode()
    assert "$25.00" in lines.content.decode()


def test_an_active_dental_rider_does_not_make_an_ended_plan_active(cover):
    from insurance.edi.eligibility import facts_of
    from x12.eligibility_270_271 import Benefit, Response

    plan = Benefit(information="6", service_types=("30",))
    dental = Benefit(information="1", service_types=("35",))

    assert facts_of(Response(payer=None, benefits=(dental, plan)), cover, TODAY).answer == Answer.INACTIVE
    assert facts_of(Response(payer=None, benefits=(dental,)), cover, TODAY).answer == Answer.ACTIVE
