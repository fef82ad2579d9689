"""Working hours and closures. Who changes them takes the provider's lock, so no booking slips in between."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import audit, clock
from clinic.errors import ClinicError
from clinic.models import Provider, User
from scheduling.availability import Span, closure_on
from scheduling.models import Appointment, Closure, Schedule
from scheduling.services.locks import lock


@transaction.atomic
def add_hours(*, hours: Schedule, by: User | None) -> Schedule:
    """One more stretch of a provider's week. Nobody works twice at one time, here or at another location; what ends on
    the day on which these begin was taken back for them.
    """
    lock(hours.provider_id)
    same = Schedule.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=hours.starts_on), provider=hours.provider_id, weekday=hours.weekday,
        opens_at__lt=hours.closes_at, closes_at__gt=hours.opens_at,
    )  # fmt: skip
    if hours.ends_on is not None:
        same = same.filter(starts_on__lte=hours.ends_on)
    other = same.select_related("location").order_by("opens_at").first()
    if other is not None:
        raise ClinicError(
            f"On {other.get_weekday_display()} {other.provider} works from {other.opens_at:%-I:%M %p} to {other.closes_at:%-I:%M %p} "
            f"at {other.location} already. End these hours first, or choose others.",
            field="opens_at",
        )  # fmt: skip
    hours.save(force_insert=True)
    audit.record(act="schedule.hours_added", by=by, row=hours)
    return hours


@transaction.atomic
def end_hours(*, hours: Schedule, last_day: date, by: User | None) -> Schedule:
    """These hours hold until that day. Appointments after it stay; they show as outside the hours."""
    if last_day < hours.starts_on:
        raise ClinicError("The last day lies before the first. Hours that never held can be ended on their first day.")
    lock(hours.provider_id)
    hours.ends_on = last_day
    hours.save(update_fields=["ends_on", "updated_at"])
    audit.record(act="schedule.hours_ended", by=by, row=hours)
    return hours


@transaction.atomic
def add_closure(*, closure: Closure, by: User | None) -> list[Appointment]:
    """Close the time. Gives the appointments that stand in it: people move them, one by one, with the patient."""
    if closure.provider_id:
        lock(closure.provider_id)
    else:
        lock(*Provider.objects.filter(hours__location=closure.location_id).values_list("pk", flat=True).distinct())
    closure.save(force_insert=True)
    audit.record(act="schedule.closure_added", by=by, row=closure)
    return standing_in(closure)


@transaction.atomic
def remove_closure(*, closure: Closure, by: User | None) -> None:
    """Open the time again. What has passed is not rewritten: a running closure ends yesterday."""
    yesterday = clock.today(closure.location) - timedelta(days=1)
    if closure.starts_on <= yesterday:
        closure.ends_on = min(closure.ends_on or yesterday, yesterday)
        closure.save(update_fields=["ends_on", "updated_at"])
    else:
        closure.delete()
    audit.record(act="schedule.closure_removed", by=by, row=closure)


def standing_in(closure: Closure) -> list[Appointment]:
    """Expected appointments from now on that overlap this closure."""
    rows = _expected_at(closure).order_by("start")
    found = []
    for row in rows:
        span = closure_on(clock.local(row.start, row.location).date(), closure, row.location)
        if span is not None and span.overlaps(Span(row.start, row.end)):
            found.append(row)
    return found


def _expected_at(closure: Closure) -> QuerySet[Appointment]:
    rows = Appointment.objects.upcoming().for_display().filter(location=closure.location_id, end__gt=clock.now())
    if closure.ends_on is not None:
        rows = rows.filter(start__date__lte=closure.ends_on + timedelta(days=1))
    return rows.filter(Q(provider=closure.provider_id)) if closure.provider_id else rows
