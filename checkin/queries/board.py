"""The flow board: who is expected, who is here, in which stage and for how long. A constant number of queries."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from checkin.queries.facts import flags_of
from clinic import clock
from clinic.models import Location, Patient, Provider, StatusChange, Visit
from scheduling.availability import whole_day
from scheduling.models import Appointment
from scheduling.queries import Flag

SHOWN_AHEAD = timedelta(hours=12)
LATE, OVER = 15, 30
"""Minutes after which a wait turns amber, then red; with the provider it is measured against the booked length."""

Status = Visit.Status


@dataclass(frozen=True)
class Card:
    """One patient on the board. `to` is the next stage, None where the check-in page comes next."""

    patient: Patient
    provider: Provider
    appointment: Appointment | None
    visit: Visit | None
    reason: str
    wait: int
    tone: str
    note: str
    to: str | None
    act: str
    flags: Sequence[Flag]

    @property
    def is_hot(self) -> bool:
        return self.visit is not None and self.tone == "over"


@dataclass(frozen=True)
class Stage:
    key: str
    look: str
    title: str
    cards: Sequence[Card]

    @property
    def average(self) -> int:
        waits = [card.wait for card in self.cards if card.visit is not None]
        return round(sum(waits) / len(waits)) if waits else 0


@dataclass(frozen=True)
class Board:
    location: Location
    day: date
    stages: Sequence[Stage]
    providers: Sequence[Provider]
    provider_id: uuid.UUID | None = None

    @property
    def waiting(self) -> list[Card]:
        return [c for s in self.stages if s.key in ("arrived", "in_room") for c in s.cards]

    @property
    def average_wait(self) -> int:
        waits = [c.wait for c in self.waiting]
        return round(sum(waits) / len(waits)) if waits else 0

    @property
    def longest(self) -> Card | None:
        return max(self.waiting, key=lambda c: c.wait, default=None)

    @property
    def next_card(self) -> Card | None:
        """Whose turn it is: who has waited longest, else who is expected first. The key `c` carries out its step."""
        return self.longest or next((c for s in self.stages for c in s.cards), None)

    @property
    def version(self) -> str:
        """Changes when anything but the minutes changes: a poll that has seen it gets nothing."""
        said = [
            (s.key, str(c.patient.pk), str(c.visit and c.visit.pk), str(c.visit and c.visit.status), c.tone,
             str(c.appointment and c.appointment.start), [f.label for f in c.flags])
            for s in self.stages for c in s.cards
        ]  # fmt: skip
        return hashlib.sha256(repr((said, str(self.provider_id))).encode()).hexdigest()[:20]

    @property
    def patient_ids(self) -> list[uuid.UUID]:
        return [c.patient.pk for s in self.stages for c in s.cards]


COLUMNS = (
    ("arrived", "arrived", "Arrived", (Status.ARRIVED, Status.CHECKED_IN)),
    ("in_room", "roomed", "In room", (Status.IN_ROOM,)),
    ("with_provider", "provider", "With provider", (Status.WITH_PROVIDER,)),
    ("ready_for_checkout", "checkout", "Check-out", (Status.READY_FOR_CHECKOUT,)),
)
NEXT: dict[str, tuple[str | None, str]] = {
    Status.ARRIVED: (None, "Check in"),
    Status.CHECKED_IN: (Status.IN_ROOM, "Room patient"),
    Status.IN_ROOM: (Status.WITH_PROVIDER, "Provider in"),
    Status.WITH_PROVIDER: (Status.READY_FOR_CHECKOUT, "To check-out"),
    Status.READY_FOR_CHECKOUT: (None, "Check out"),
}


def flow_board(location: Location, *, provider_id: uuid.UUID | None = None) -> Board:
    """Today's board. Visits left open on an earlier day stay on it until somebody ends them."""
    now, day = clock.now(), clock.today(location)
    span = whole_day(day, location)
    expected = list(
        Appointment.objects.upcoming()
        .for_display()
        .filter(location=location, start__gte=span.start, start__lt=min(span.end, now + SHOWN_AHEAD))
        .order_by("start", "lane")
    )
    visits = list(
        Visit.objects.filter(location=location, status__in=Visit.OPEN)
        .select_related("patient", "provider")
        .order_by("arrived_at")
    )
    booked = Appointment.objects.for_display().in_bulk([v.appointment_id for v in visits if v.appointment_id])
    since = _since(visits)
    flags = flags_of([a.patient_id for a in expected] + [v.patient_id for v in visits], day)
    providers = {a.provider_id: a.provider for a in expected} | {v.provider_id: v.provider for v in visits}
    cards: dict[str, list[Card]] = defaultdict(list)
    for row in expected:
        late = max(0, int((now - row.start).total_seconds() // 60))
        note = f"{late} min late" if late else ""
        cards["expected"].append(
            Card(row.patient, row.provider, row, None, _reason(row, None), late, "late" if late else "", note, None, "Check in",
                 flags.get(row.patient_id, ()))
        )  # fmt: skip
    for visit in visits:
        appointment = booked.get(visit.appointment_id) if visit.appointment_id else None
        key = next(k for k, _l, _t, statuses in COLUMNS if visit.status in statuses)
        wait = max(0, int((now - since.get(visit.pk, visit.arrived_at or now)).total_seconds() // 60))
        to, act = NEXT[visit.status] if appointment or visit.status != Status.ARRIVED else NEXT[Status.CHECKED_IN]
        cards[key].append(
            Card(visit.patient, visit.provider, appointment, visit, _reason(appointment, visit), wait,
                 _tone(visit, wait, appointment), "", to, act, flags.get(visit.patient_id, ()))
        )  # fmt: skip
    stages = [Stage("expected", "expected", "Expected next", _of(cards["expected"], provider_id))]
    stages += [Stage(k, look, title, _of(cards[k], provider_id)) for k, look, title, _s in COLUMNS]
    in_order = sorted(providers.values(), key=lambda p: (p.last_name, p.first_name))
    return Board(location, day, stages, in_order, provider_id)


def _of(cards: list[Card], provider_id: uuid.UUID | None) -> list[Card]:
    return [c for c in cards if provider_id is None or c.provider.pk == provider_id]


def _since(visits: list[Visit]) -> dict[uuid.UUID, datetime]:
    """When each reached its column; arrived and checked in are one wait, from the arrival on."""
    rows = StatusChange.objects.filter(record_type=Visit.record_type(), record_id__in=[v.pk for v in visits])
    since: dict[uuid.UUID, datetime] = {}
    for record_id, to, at in rows.order_by("changed_at", "id").values_list("record_id", "to_status", "changed_at"):
        if to != Status.CHECKED_IN:
            since[record_id] = at
    return since


def _tone(visit: Visit, wait: int, appointment: Appointment | None) -> str:
    allowed = appointment.minutes if appointment and visit.status == Status.WITH_PROVIDER else 0
    return "over" if wait >= allowed + OVER else "late" if wait >= allowed + LATE else "ok"


def _reason(appointment: Appointment | None, visit: Visit | None) -> str:
    said: Any = (visit and visit.reason) or (appointment and (appointment.reason or appointment.appointment_type.name))
    return said or ""
