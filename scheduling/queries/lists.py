"""Lists of appointments: a patient's, and the ones that passed without anybody saying what became of them."""

from datetime import timedelta

from clinic import clock
from clinic.models import Location, Patient
from scheduling.models import Appointment
from scheduling.models.appointment import AppointmentQuerySet

GRACE = timedelta(minutes=30)
"""How long after its time a visit may still be late before the desk is asked. A person decides, never the clock."""


def of_patient(patient: Patient) -> AppointmentQuerySet:
    """Every appointment of this person, also those on merged records; the latest first."""
    people = Patient.objects.same_person(patient)
    return Appointment.objects.for_display().filter(patient__in=people).order_by("-start")


def awaiting_no_show(location: Location | None = None) -> AppointmentQuerySet:
    """Expected, but the grace is over and nobody arrived: no-show, moved or forgotten? The oldest first."""
    rows = Appointment.objects.upcoming().for_display().filter(start__lt=clock.now() - GRACE)
    if location is not None:
        rows = rows.filter(location=location)
    return rows.order_by("start")
