"""Outbox, Work, audit, health, start page."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from clinic import audit, clock
from clinic.celery import CLOCK
from clinic.messages import queue_message
from clinic.models import AuditEvent, JobRun, Message, Patient, Role, Tick, User
from clinic.web import work
from clinic.web.work import ParkedRow, QueueState, register_queue
from tests.factories.clinic import LocationFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def message(patient: Patient, key: str = "m1") -> Message:
    return queue_message(
        key=key, kind="reminder", channel="email", subject="Your visit", body="We expect you.", patient=patient
    )


def tick_everything(at: datetime) -> None:
    Tick.objects.bulk_create([Tick(task=t.task, ticked_at=at) for t in CLOCK])


def test_outbox_shows_what_would_have_been_sent_and_is_audited(mona: User, patient: Patient) -> None:
    row = message(patient)
    client = signed_in(mona)

    shown = client.get("/outbox/").content.decode()
    opened = client.get(f"/outbox/{row.pk}/").content.decode()

    assert "Nothing leaves this machine" in shown
    assert patient.listed_name in shown
    assert "We expect you." in opened
    assert {e.why for e in AuditEvent.objects.filter(patient_id=patient.pk)} == {"outbox", "message"}


@pytest.mark.parametrize("count", [1, 3])
def test_outbox_costs_the_same_for_one_message_and_for_three(
    mona: User, count: int, django_assert_num_queries: object
) -> None:
    for n in range(count):
        message(PatientFactory(), f"m{n}")
    client = signed_in(mona)
    client.get("/outbox/")

    with django_assert_num_queries(8):  # type: ignore[operator]
        client.get("/outbox/")


def test_work_shows_the_oldest_due_row_and_what_is_parked(mona: User, patient: Patient) -> None:
    with clock.at(NINE - timedelta(hours=1)):
        message(patient, "due")
        parked = message(patient, "parked")
        parked.move_to(Message.Status.SENDING, by=None)
        parked.move_to(Message.Status.FAILED, by=None, error="mailbox full", tries=5)

    with clock.at(NINE):
        page = signed_in(mona).get("/work/")

    line = next(x for x in page.context["lines"] if x["queue"].name == "Messages to patients")
    assert (line["state"].waiting_count, line["state"].oldest_due_at) == (1, NINE - timedelta(hours=1))
    assert "mailbox full" in page.content.decode()
    assert patient.last_name not in page.content.decode()


def test_retry_puts_a_parked_row_back_into_the_line(mona: User, patient: Patient) -> None:
    row = message(patient)
    row.move_to(Message.Status.SENDING, by=None)
    row.move_to(Message.Status.FAILED, by=None, error="mailbox full", tries=5)

    answer = signed_in(mona).post("/work/retry/", {"queue": "messages-to-patients", "row": row.pk})

    row.refresh_from_db()
    assert answer.status_code == 303
    assert (row.status, row.tries, row.error) == ("queued", 0, "")


def test_the_auditor_sees_the_work_and_cannot_retry(audrey: User, patient: Patient) -> None:
    row = message(patient)
    row.move_to(Message.Status.SENDING, by=None)
    row.move_to(Message.Status.FAILED, by=None, error="mailbox full")
    client = signed_in(audrey)

    page = client.get("/work/").content.decode()
    answer = client.post("/work/retry/", {"queue": "messages-to-patients", "row": row.pk})

    assert "mailbox full" in page
    assert "Retry" not in page
    assert answer.status_code == 403


@pytest.mark.parametrize("said", [{"queue": "no-such", "row": str(uuid.uuid4())}, {"queue": "", "row": "x"}, {}])
def test_a_retry_of_nothing_is_a_plain_no(mona: User, said: dict[str, str]) -> None:
    assert signed_in(mona).post("/work/retry/", said).status_code == 422


def test_an_office_registers_its_queue(mona: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_queues", dict(work._queues))
    retried: list[uuid.UUID] = []
    pk = uuid.uuid4()
    register_queue(
        "Claims to send",
        lambda: QueueState(2, NINE, [ParkedRow(pk, "Claim C-1", "no answer", 5)]),
        lambda pk, by: retried.append(pk),
    )
    client = signed_in(mona)

    page = client.get("/work/").content.decode()
    client.post("/work/retry/", {"queue": "claims-to-send", "row": pk})

    assert "Claim C-1" in page
    assert retried == [pk]


def test_a_late_clock_is_a_red_banner_on_every_page(fran: User) -> None:
    tick_everything(NINE)
    client = signed_in(fran)

    with clock.at(NINE + timedelta(minutes=2)):
        on_time = client.get("/patients/").content.decode()
    with clock.at(NINE + timedelta(minutes=2, seconds=1)):
        late = client.get("/patients/").content.decode()

    assert "The clock is late" not in on_time
    assert "The clock is late" in late


def test_one_task_that_stands_still_is_late_on_the_page_work(mona: User) -> None:
    tick_everything(NINE)
    Tick.objects.filter(task="billing.submit_ready").update(ticked_at=NINE - timedelta(minutes=10))

    with clock.at(NINE):
        page = signed_in(mona).get("/work/")

    assert [t["task"] for t in page.context["ticks"] if t["is_late"]] == ["billing.submit_ready"]


def test_work_shows_nightly_jobs_with_their_errors(mona: User) -> None:
    JobRun.objects.create(job="collections.age", for_date=NINE.date(), state=JobRun.State.FAILED, error="no ledger")

    assert "no ledger" in signed_in(mona).get("/work/").content.decode()


def test_health_needs_nobody_and_tells_nothing_about_patients() -> None:
    tick_everything(clock.now())

    alive, ready = Client().get("/healthz"), Client().get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"ok": True})
    told = ready.json()
    assert (ready.status_code, told["ok"], told["database"], told["migrations_pending"], told["clock"]) == (
        200, True, True, 0, True,
    )  # fmt: skip


def test_the_audit_names_who_and_the_mrn_never_the_name(mona: User, fran: User, patient: Patient) -> None:
    signed_in(fran).get(f"/patients/{patient.pk}/")

    page = signed_in(mona).get("/audit/").content.decode()

    assert "Fran Ames" in page
    assert f"MRN {patient.mrn}" in page
    assert patient.last_name not in page


def test_the_patients_own_history_shows_its_readers(audrey: User, fran: User, patient: Patient) -> None:
    signed_in(fran).get(f"/patients/{patient.pk}/")
    other = PatientFactory()
    audit.record(act="patient.updated", by=fran, patient=other, row=other)

    answer = signed_in(audrey).get(f"/patients/{patient.pk}/history/")

    assert {line["row"].patient_id for line in answer.context["lines"]} == {patient.pk}
    assert "Fran Ames" in answer.content.decode()


def test_audit_shows_changes_only_when_asked(mona: User, fran: User, patient: Patient) -> None:
    signed_in(fran).get(f"/patients/{patient.pk}/")
    audit.record(act="patient.updated", by=fran, patient=patient, row=patient)

    answer = signed_in(mona).get("/audit/?changes=1")

    assert [line["row"].act for line in answer.context["lines"]] == ["patient.updated"]


def test_the_desks_start_is_the_schedule_and_the_billers_is_home(fran: User, bill: User) -> None:
    desk = signed_in(fran).get("/")
    biller = signed_in(bill).get("/")

    assert (desk.status_code, desk["Location"]) == (303, "/schedule/")
    assert biller.status_code == 200
    assert "Good day, Bill" in biller.content.decode()


def test_the_rail_offers_what_the_role_may_open(adam: User, fran: User) -> None:
    for_adam = signed_in(adam).get("/").content.decode()
    for_fran = signed_in(fran).get("/?stay=1").content.decode()

    assert "/patients/" not in for_adam
    assert "/work/" in for_adam
    assert "/patients/" in for_fran
    assert "/work/" not in for_fran


@pytest.mark.parametrize("role", list(Role))
def test_whatever_the_rail_and_the_palette_offer_opens(role: Role) -> None:
    LocationFactory()
    client = signed_in(UserFactory(role=role))
    offered = client.get("/?stay=1").context["links"]

    refused = [link.url for link in offered if client.get(link.url).status_code not in (200, 303)]

    assert "/settings/" not in [link.url for link in offered]
    assert len(offered) >= 2
    assert refused == []


def test_single_keys_can_be_turned_off(fran: User) -> None:
    client = signed_in(fran)

    before = client.get("/settings/").content.decode()
    client.post("/settings/", {})
    after = client.get("/settings/").content.decode()

    assert 'data-keys="off"' not in before
    assert 'data-keys="off"' in after


def test_a_missing_page_and_a_refused_one_are_told_in_words(fran: User) -> None:
    client = signed_in(fran)

    missing, refused = client.get("/nowhere/"), client.get("/work/")

    assert (missing.status_code, refused.status_code) == (404, 403)
    assert "There is nothing here" in missing.content.decode()
    assert "Your role does not include this" in refused.content.decode()


def test_the_search_part_offers_patients_and_pages(fran: User) -> None:
    PatientFactory(first_name="Walter", last_name="Patch")

    part = signed_in(fran).post("/patients/find/", {"q": "pat"}, headers={"HX-Request": "true"}).content.decode()

    assert 'data-for="pat"' in part
    assert "Patch, Walter" in part
    assert ">Patients<" in part.replace("</svg>", ">")
    assert "<html" not in part
