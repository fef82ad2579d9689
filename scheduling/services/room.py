"""Is there room: what stands in the way of a time, in which words it is refused, and what is free instead."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Max

from clinic import clock
from clinic.errors import ClinicError, Conflict, StaleVersion
from scheduling.availability import Span
from scheduling.models import Appointment
from scheduling.models.appointment import AppointmentQuerySet
from scheduling.queries import Slot, next_free_slots, why_not_open

AHEAD = timedelta(days=3653)
OWN = 20
"""How many of the patient's next appointments are looked at when other times are offered."""
TOO_FAR = "This is more than ten years ahead. Look at the date again."


class NotFree(ClinicError):
    """Outside hours or in a closure: another time, or a person with the right to overbook."""


def ends_at(start: datetime, length: timedelta) -> datetime:
    """When an appointment of that length ends; the calendar itself ends with the year 9999."""
    try:
        return start + length
    except OverflowError:
        raise ClinicError(TOO_FAR, field="start") from None


def check_time(row: Appointment) -> None:
    if row.start.second or row.start.microsecond or row.start.minute % 5:
        raise ClinicError("Appointments begin on full five minutes.", field="start")
    if row.start < clock.now():
        raise ClinicError("This time has passed. Choose one that is still to come.", field="start")
    if row.start > clock.now() + AHEAD:
        raise ClinicError(TOO_FAR, field="start")
    if not (row.provider.is_active and row.provider.is_ours):
        raise ClinicError(f"{row.provider} takes no appointments.", field="provider")


def check_open(row: Appointment, answer: list[tuple[Any, ...]]) -> None:
    """Inside the hours and outside closures, unless overbooked. `answer`: what `open_or_closed` was told under the locks."""
    if row.overbook_reason:
        return
    what, name = why_not_open(answer, provider=row.provider, location=row.location, span=Span(row.start, row.end))
    if what == "hours":
        raise NotFree(f"{row.provider} does not work at {wall(row)}.", field="start")
    if what == "closure":
        raise NotFree(f"{row.provider} is not available at {wall(row)}: {name}.", field="start")


def overlapping(row: Appointment) -> AppointmentQuerySet:
    return Appointment.objects.occupying().between(row.start, row.end).exclude(pk=row.pk)


def free_lane(row: Appointment) -> int:
    """The lowest lane of that provider with nothing in the way. Under the provider's lock."""
    taken = set(overlapping(row).filter(provider=row.provider).values_list("lane", flat=True))
    highest = overlapping(row).filter(provider=row.provider).aggregate(m=Max("lane"))["m"]
    return next(n for n in range((highest or 0) + 2) if n not in taken)


def in_the_way(row: Appointment) -> Conflict:
    """Which booking stands in the way, for the sentence."""
    mine = overlapping(row).filter(patient=row.patient).select_related("provider", "location").first()
    if mine is not None:
        return Conflict(
            f"This patient already has an appointment at {wall(mine)} with {mine.provider}. Choose another time.",
            field="start",
        )
    return Conflict(f"{row.provider} is already booked at {wall(row)}. Choose another time.", field="start")


@contextmanager
def offering_other_slots(row: Appointment) -> Iterator[None]:
    """A refusal carries the next free slots from the wanted time on, reckoned after the locks are given back: where the
    door holds the transaction (`clinic.transactions`), it completes the refusal once that is over.
    """
    try:
        yield
    except StaleVersion:
        raise  # the time may well be free: it is the appointment that must be looked at
    except (Conflict, NotFree) as error:
        error.later = partial(_offer, error, row)
        if not connection.needs_rollback:
            error.complete()
        raise


def beside(slots: Iterable[Slot], own: Sequence[Appointment]) -> list[Slot]:
    """Those slots that leave the patient's own appointments alone."""
    return [s for s in slots if not any(s.start < a.end and a.start < s.end for a in own)]


def _offer(error: ClinicError, row: Appointment) -> None:
    own = list(
        Appointment.objects.occupying().filter(patient=row.patient_id, end__gt=row.start).exclude(pk=row.pk)[:OWN]
    )
    found = next_free_slots(
        appointment_type=row.appointment_type, providers=[row.provider], after=row.start, count=5 + 4 * len(own),
        besides=row.pk,
    )  # fmt: skip
    slots = beside(found, own)[:5]
    error.detail.setdefault("next_free_slots", [slot.as_detail() for slot in slots])
    if slots:
        error.sentence = f"{error.sentence} Next free: {', '.join(slot.said for slot in slots[:3])}."


def wall(row: Appointment) -> str:
    return f"{clock.local(row.start, row.location):%-I:%M %p on %a %-m/%-d}"
