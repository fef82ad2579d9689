"""Insurance's work by the clock: ask for the next days' visits, expire authorizations."""

from datetime import timedelta

from celery import shared_task

from clinic import clock
from clinic.models import Coverage
from insurance.services import eligibility, prior_auth
from scheduling.models import Appointment


@shared_task(name="insurance.verify_upcoming")
def verify_upcoming() -> None:
    """Put the next days' questions into the queue and ask what is due. Keys make a second run harmless."""
    request_for_upcoming()
    eligibility.run_due()


@shared_task(name="insurance.expire_authorizations")
def expire_authorizations() -> None:
    """Mark what ended before today. Safe to repeat: an expired row is not touched again."""
    prior_auth.expire_authorizations(clock.today())


def request_for_upcoming() -> int:
    """A question for every booked visit from today to three days ahead, and for every one booked since without any."""
    today = clock.today()
    start = clock.now() - timedelta(hours=12)
    booked = (
        Appointment.objects.filter(
            status__in=(Appointment.Status.BOOKED, Appointment.Status.CONFIRMED),
            start__gte=start,
            start__lt=start + timedelta(days=eligibility.DAYS_AHEAD + 1),
        )
        .select_related("location")
        .order_by("start")
    )
    days = {(a.patient_id, clock.local(a.start, a.location).date()) for a in booked}
    wanted = []
    by_patient: dict[object, list[Coverage]] = {}
    for row in Coverage.objects.filter(patient_id__in={p for p, _ in days}, is_active=True).select_related("payer"):
        by_patient.setdefault(row.patient_id, []).append(row)
    for patient_id, day in sorted(days, key=lambda pair: pair[1]):
        if day < today:
            continue
        for row in by_patient.get(patient_id, []):
            if row.starts_on <= day and (row.ends_on is None or row.ends_on >= day):
                wanted.append((row, day))
    return eligibility.request_upcoming(wanted)
