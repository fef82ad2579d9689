"""Booking, moving, cancelling: what may happen, and in which words it is refused."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinic import clock
from clinic.errors import ClinicError, Conflict, IllegalTransition
from clinic.models import AuditEvent, Event, Location, Patient, Provider, User
from scheduling.models import Appointment, AppointmentType, Closure
from scheduling.services.booking import (
    NotFree,
    book_appointment,
    cancel_appointment,
    confirm_appointment,
    correct_no_show,
    mark_arrived,
    mark_fulfilled,
    mark_no_show,
    move_appointment,
    undo_arrival,
)
from tests.factories.clinic import PatientFactory, ProviderFactory
from tests.factories.scheduling import AppointmentFactory, AppointmentTypeFactory, ClosureFactory, works_all_week

TEN = datetime.fromisoformat("2026-03-02T10:00-06:00")
DAY = date(2026, 3, 2)


def local(hour: int, minute: int = 0, day: date = DAY, place: Location | None = None) -> datetime:
    return clock.at_local(day, time(hour, minute), place)


@pytest.fixture
def booked(patient: Patient, working: Provider, follow_up: AppointmentType, fran: User) -> Appointment:
    return book_appointment(
        patient=patient, provider=working, appointment_type=follow_up, start=TEN, by=fran, reason="Lipid results"
    )


def test_book_appointment_takes_the_time_and_says_so(booked: Appointment, fran: User):
    kept = Appointment.objects.get()

    assert (kept.status, kept.start, kept.end, kept.lane) == ("booked", TEN, TEN + timedelta(minutes=15), 0)
    assert kept.location == kept.provider.location
    assert [c.to_status for c in kept.history()] == ["booked"]
    assert Event.objects.get(kind="appointment.booked").record_id == kept.pk
    assert AuditEvent.objects.get(act="appointment.booked").actor_id == fran.pk


def test_a_taken_slot_is_refused_with_the_next_free_ones(booked: Appointment, working: Provider, fran: User):
    with pytest.raises(Conflict) as refusal:
        book_appointment(
            patient=PatientFactory(), provider=working, appointment_type=booked.appointment_type, start=TEN, by=fran
        )

    assert refusal.value.sentence == (
        "Maya Okafor, MD is already booked at 10:00 AM on Mon 3/2. Choose another time."
        " Next free: Mon 3/2 10:15 AM, Mon 3/2 10:30 AM, Mon 3/2 10:45 AM."
    )
    assert [s["start"] for s in refusal.value.detail["next_free_slots"]][:2] == [
        "2026-03-02T16:15:00+00:00",
        "2026-03-02T16:30:00+00:00",
    ]


def test_a_longer_visit_may_not_reach_into_the_next(booked: Appointment, working: Provider, fran: User):
    long_visit = AppointmentTypeFactory(name="Physical", minutes=30)

    with pytest.raises(Conflict):
        book_appointment(
            patient=PatientFactory(), provider=working, appointment_type=long_visit, start=local(9, 45), by=fran
        )


def test_a_visit_may_begin_when_the_other_ends(booked: Appointment, working: Provider, fran: User):
    after = book_appointment(
        patient=PatientFactory(), provider=working, appointment_type=booked.appointment_type, start=booked.end, by=fran
    )

    assert after.lane == 0


def test_a_patient_is_not_booked_with_two_providers_at_once(booked: Appointment, location: Location, fran: User):
    other = works_all_week(ProviderFactory(location=location))

    with pytest.raises(Conflict, match=r"This patient already has an appointment at 10:00 AM .* with Maya Okafor, MD"):
        book_appointment(
            patient=booked.patient, provider=other, appointment_type=booked.appointment_type, start=TEN, by=fran
        )


def test_a_time_that_has_passed_is_refused(patient: Patient, working: Provider, follow_up: AppointmentType, fran: User):
    with clock.at(local(11)), pytest.raises(ClinicError, match="has passed"):
        book_appointment(patient=patient, provider=working, appointment_type=follow_up, start=TEN, by=fran)


@pytest.mark.parametrize(("hour", "minute"), [(7, 45), (17, 0), (16, 50)])
def test_a_time_outside_the_hours_is_refused(
    hour: int, minute: int, patient: Patient, working: Provider, follow_up: AppointmentType, fran: User
):
    with pytest.raises(NotFree, match="does not work at"):
        book_appointment(
            patient=patient, provider=working, appointment_type=follow_up, start=local(hour, minute), by=fran
        )


def test_a_time_in_a_closure_is_refused_by_its_name(
    patient: Patient, working: Provider, follow_up: AppointmentType, fran: User
):
    with pytest.raises(NotFree, match=r"is not available at 12:15 PM on Mon 3/2: Lunch"):
        book_appointment(patient=patient, provider=working, appointment_type=follow_up, start=local(12, 15), by=fran)


def test_a_holiday_closes_the_location_for_everybody(
    patient: Patient, working: Provider, follow_up: AppointmentType, fran: User
):
    ClosureFactory(
        provider=None, location=working.location, kind=Closure.Kind.HOLIDAY, title="Founder's Day", starts_on=DAY,
        ends_on=DAY, opens_at=None, closes_at=None,
    )  # fmt: skip

    with pytest.raises(NotFree, match="Founder's Day"):
        book_appointment(patient=patient, provider=working, appointment_type=follow_up, start=TEN, by=fran)


def test_a_merged_record_is_not_booked(patient: Patient, working: Provider, follow_up: AppointmentType, fran: User):
    patient.merged_into = PatientFactory()
    patient.save()

    with pytest.raises(ClinicError, match="merged"):
        book_appointment(patient=patient, provider=working, appointment_type=follow_up, start=TEN, by=fran)


def test_overbooking_takes_a_lane_of_its_own_and_keeps_its_reason(booked: Appointment, working: Provider, lena: User):
    work_in = book_appointment(
        patient=PatientFactory(), provider=working, appointment_type=booked.appointment_type, start=TEN, by=lena,
        overbook_reason="Fever, Dr. Okafor agreed",
    )  # fmt: skip

    assert (work_in.lane, work_in.overbook_reason) == (1, "Fever, Dr. Okafor agreed")
    assert AuditEvent.objects.get(act="appointment.booked", record_id=work_in.pk).why == "Fever, Dr. Okafor agreed"


def test_overbooking_never_puts_a_patient_in_two_places(booked: Appointment, location: Location, lena: User):
    other = works_all_week(ProviderFactory(location=location))

    with pytest.raises(Conflict, match="This patient already has"):
        book_appointment(
            patient=booked.patient, provider=other, appointment_type=booked.appointment_type, start=TEN, by=lena,
            overbook_reason="urgent",
        )  # fmt: skip


def test_the_database_itself_refuses_an_overlap(booked: Appointment):
    with pytest.raises(IntegrityError, match="appointment_provider_free"), transaction.atomic():
        AppointmentFactory(provider=booked.provider, start=TEN)
    with pytest.raises(IntegrityError, match="appointment_patient_free"), transaction.atomic():
        AppointmentFactory(patient=booked.patient, start=TEN)


def test_move_appointment_keeps_its_row_and_writes_the_old_and_the_new_time(booked: Appointment, fran: User):
    confirm_appointment(appointment=booked, by=fran)

    moved = move_appointment(appointment=booked, start=local(14), by=fran, reason="Patient asked")

    assert (moved.pk, moved.status, moved.start, moved.confirmed_at) == (booked.pk, "booked", local(14), None)
    change = moved.history().last()
    assert change is not None
    assert (change.from_status, change.to_status, change.reason) == ("confirmed", "booked", "Patient asked")
    assert change.detail["from"]["start"] == TEN.astimezone(moved.start.tzinfo).isoformat()
    assert change.detail["to"]["start"] == local(14).isoformat()
    assert Event.objects.filter(kind="appointment.moved").count() == 1


def test_move_into_a_taken_slot_is_refused_and_the_old_time_stands(booked: Appointment, working: Provider, fran: User):
    other = book_appointment(
        patient=PatientFactory(), provider=working, appointment_type=booked.appointment_type, start=local(11), by=fran
    )

    with pytest.raises(Conflict, match="already booked at 11:00 AM"):
        move_appointment(appointment=booked, start=other.start, by=fran)

    booked.refresh_from_db()
    assert booked.start == TEN


def test_move_by_less_than_its_own_length_is_no_overlap_with_itself(booked: Appointment, fran: User):
    moved = move_appointment(appointment=booked, start=TEN + timedelta(minutes=5), by=fran)

    assert moved.start == TEN + timedelta(minutes=5)


def test_move_from_a_stale_page_is_refused(booked: Appointment, fran: User):
    seen = booked.version
    move_appointment(appointment=booked, start=local(14), by=fran)

    with pytest.raises(Conflict, match="changed this appointment"):
        move_appointment(appointment=booked, start=local(15), by=fran, version=seen)


def test_cancel_gives_the_time_back(booked: Appointment, working: Provider, fran: User):
    cancel_appointment(appointment=booked, by_whom="patient", reason="Car broke down", by=fran)

    again = book_appointment(
        patient=PatientFactory(), provider=working, appointment_type=booked.appointment_type, start=TEN, by=fran
    )
    assert again.start == TEN
    assert booked.is_late_cancellation


@pytest.mark.parametrize(("by_whom", "reason"), [("nobody", "x"), ("patient", "  ")])
def test_cancel_asks_who_and_why(by_whom: str, reason: str, booked: Appointment, fran: User):
    with pytest.raises(ClinicError):
        cancel_appointment(appointment=booked, by_whom=by_whom, reason=reason, by=fran)

    booked.refresh_from_db()
    assert booked.status == "booked"


def test_a_cancelled_appointment_is_not_moved(booked: Appointment, fran: User):
    cancel_appointment(appointment=booked, by_whom="clinic", reason="Provider ill", by=fran)

    with pytest.raises(ClinicError, match="is cancelled and cannot be moved"):
        move_appointment(appointment=booked, start=local(14), by=fran)


def test_no_show_is_not_marked_before_its_time(booked: Appointment, fran: User):
    with pytest.raises(ClinicError, match="still to come"):
        mark_no_show(appointment=booked, reason="no call", by=fran)


def test_a_wrong_no_show_is_corrected_beside_whoever_was_booked_meanwhile(
    booked: Appointment, working: Provider, fran: User, lena: User
):
    with clock.at(TEN):
        mark_no_show(appointment=booked, reason="no call", by=fran)
        other = book_appointment(
            patient=PatientFactory(), provider=working, appointment_type=booked.appointment_type, start=TEN, by=fran
        )

        back = correct_no_show(appointment=booked, reason="Was in the other waiting room", by=lena)

    assert (other.lane, back.lane, back.status) == (0, 1, "booked")
    assert [c.to_status for c in back.history()] == ["booked", "no_show", "booked"]


def test_arrival_undone_gives_the_confirmed_state_back(booked: Appointment, fran: User):
    confirm_appointment(appointment=booked, by=fran)
    mark_arrived(appointment=booked, by=fran)

    undo_arrival(appointment=booked, reason="wrong patient", by=fran)

    assert booked.status == "confirmed"


def test_only_an_arrived_one_is_fulfilled(booked: Appointment, fran: User):
    with pytest.raises(IllegalTransition):
        mark_fulfilled(appointment=booked, by=fran)
