"""A clinic's month of sixty visits, from booking to zero balance, through the services and the real worker code."""

from datetime import date, time, timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from billing.models import Denial
from clearinghouse.models import Transmission
from clearinghouse.simulator.book import Book
from clinic import clock, progress
from clinic.embedded import state
from clinic.management.commands.up import wants_demo
from clinic.models import AuditEvent, Claim, Hold, Practice, Visit
from collections_app.models import PaymentPlan
from demo.causes import CAUSES, Planted
from demo.desk import Desk
from demo.management.commands import seed_demo
from demo.management.commands.play_month import BEGINS
from demo.management.commands.seed_demo import demo_days
from demo.month import Month
from demo.people import People
from demo.plan import PlannedVisit
from demo.world import build_world
from insurance.services.eligibility import verify
from scheduling.models import Appointment
from tests.x12.pyx12_judge import judge
from x12.check import check


@pytest.fixture
def played(fresh_database, settings, tmp_path):
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    settings.STATE_DIR = tmp_path

    def play(**options):
        return Month(
            visits=60, seed=7, denial_rate=0.12, begins=BEGINS, book_path=settings.SIMULATOR_BOOK, **options
        ).play()

    return play


def test_a_month_runs_to_zero_and_every_cent_is_explained(played, settings):
    card = played()

    shares = [card[k] for k in ("touchless_rate", "touched_paid_rate", "written_off_rate", "agency_rate")]
    assert sum(shares) == pytest.approx(1, abs=0.001)
    assert card["cents_lost"] == "0.00"
    assert card["denials_unowned"] == 0
    assert card["touchless_payer_rate"] >= 0.85
    assert not Denial.objects.filter(status__in=Denial.UNFINISHED).exists()
    assert not Claim.objects.filter(status__in=("ready", "submitted", "received", "accepted", "rejected")).exists()
    call_command("verify_ledger", stdout=StringIO())
    with Book(settings.SIMULATOR_BOOK) as book:
        assert not book.duplicates()
    for file in Transmission.objects.filter(kind="837P", direction="out"):
        assert judge(bytes(file.payload).decode()) == []
    reports = [report for file in Transmission.objects.all() for report in check(bytes(file.payload))]
    assert {report.transaction for report in reports} >= {"270", "271", "277CA", "835", "837P", "999"}
    assert [report for report in reports if not report.is_judged or report.findings] == []


def test_a_month_that_was_played_to_its_end_is_kept_by_the_next_start(fresh_database, settings, tmp_path, monkeypatch):
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    settings.STATE_DIR = tmp_path
    for module in (state, progress):
        monkeypatch.setattr(module, "STATE", tmp_path)
    monkeypatch.setattr(seed_demo, "DAYS_BACK", 2)
    progress.begun()
    half_way = progress.is_unfinished()

    call_command("seed_demo", visits=8, stdout=StringIO())

    assert half_way
    assert not progress.is_unfinished()
    assert wants_demo() is False


def test_a_database_with_a_practice_is_never_seeded(db):
    from tests.factories.clinic import PracticeFactory

    PracticeFactory()

    with pytest.raises(CommandError, match="not empty"):
        call_command("seed_demo")
    assert Practice.objects.count() == 1


def test_seeding_is_refused_where_the_demo_is_off(db, settings):
    settings.DEMO_SIGN_INS = False

    with pytest.raises(CommandError, match="demo is off"):
        call_command("seed_demo")


def test_the_demo_stops_at_its_minute_and_leaves_the_rest_of_the_day_expected(played):
    today = clock.add_business_days(BEGINS, 3)
    until = clock.at_local(today, time(10))
    days = [*(clock.add_business_days(BEGINS - timedelta(days=1), n) for n in (1, 2, 3)), today, today, today]

    played(until=until, days=[*days, clock.add_business_days(today, 1)])

    expected = Appointment.objects.filter(status="booked")
    assert expected.filter(start__gt=until, start__lt=until + timedelta(hours=10)).exists()
    assert expected.filter(start__gt=until + timedelta(hours=10)).exists()
    assert not Appointment.objects.exclude(status="booked").filter(start__gt=until + timedelta(minutes=15)).exists()
    assert Visit.objects.filter(service_date=today, status="closed").exists()
    assert not AuditEvent.objects.filter(at__gt=until).exists()
    call_command("verify_ledger", stdout=StringIO())


def test_the_demo_leaves_plans_denials_and_a_dispute_on_the_desks(played):
    office_until = clock.add_business_days(BEGINS, 12)
    until = clock.at_local(clock.add_business_days(BEGINS, 48), time(10))
    first_days = [clock.add_business_days(BEGINS - timedelta(days=1), n) for n in range(1, 9)]

    played(until=until, days=first_days, office_until=office_until)

    assert PaymentPlan.objects.exists()
    assert Denial.objects.filter(status__in=Denial.UNFINISHED).exists()
    assert Hold.objects.open().filter(reason=Hold.Reason.DISPUTE).count() == 1
    assert not AuditEvent.objects.filter(at__gt=until).exists()
    call_command("verify_ledger", stdout=StringIO())


def test_the_desk_takes_up_the_other_cover_that_the_patient_names_when_the_first_has_ended(
    fresh_database, settings, tmp_path
):
    settings.SIMULATOR_BOOK = tmp_path / "payers.sqlite3"
    day = clock.add_business_days(BEGINS, 8)
    ended = next(cause for cause in CAUSES if cause.name == "ended_other")
    planted = Planted(ended, ended.payers[0], escapes=False, nth=3)  # nothing of the other cover is on file
    visit = PlannedVisit(1, day, 0, planted.payer, ("Z0213",), "I10", "Office visit", planted)
    with Book(settings.SIMULATOR_BOOK) as book, clock.at(clock.at_local(BEGINS, time(8))):
        world = build_world(book, since=BEGINS - timedelta(days=400))
        person = People(world, book, Random(1), BEGINS).with_cause(planted, day)
        desk = Desk(world, book, careful=True)
        appointment = desk.book_visit(visit, person)
        clock.set_to(appointment.start - timedelta(minutes=15))
        for coverage in person.patient.coverages.all():
            verify(coverage=coverage, on=day, by=None)

        desk.see(visit, person, appointment)

    old, new = person.patient.coverages.order_by("starts_on")
    assert (old.ends_on < new.starts_on, new.order, new.payer.payer_id) == (True, 1, person.other_payer_id)


def test_the_demos_days_reach_past_today_and_today_is_the_fullest():
    days = demo_days(date(2026, 3, 4))

    assert days.count(date(2026, 3, 4)) == max(days.count(d) for d in days) > 1
    assert max(days) == date(2026, 3, 11)
    assert all(clock.is_business_day(d) for d in days)
