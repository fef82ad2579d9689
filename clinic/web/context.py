"""What the frame of every page needs. Lazy: a part asked by htmx pays for none of it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Subquery
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clinic import clock, progress
from clinic.models import Location, Practice, Tick, User
from clinic.services.staff import DEMO_USERS
from clinic.web.navigation import links_for

CLOCK_LATE_AFTER = timedelta(minutes=2)
NAMELESS = "Tandem"


@dataclass(frozen=True, slots=True)
class House:
    """What every page says of the clinic, and what many choose from: its name, its open locations, its clock."""

    practice_name: str
    places: tuple[Location, ...]
    last_tick: datetime | None

    @property
    def clock_is_late(self) -> bool:
        """Nothing has knocked for two minutes, and the clock has had as long since it was started: whatever runs by
        it stands still.
        """
        since = clock.now() - CLOCK_LATE_AFTER
        if self.last_tick is not None and self.last_tick >= since:
            return False
        began = progress.clock_began()
        return began is None or began < since

    def place(self, pk: uuid.UUID | None) -> Location | None:
        return next((place for place in self.places if place.pk == pk), None)


def house(request: HttpRequest | None = None) -> House:
    """Read in one query, and once a request."""
    kept: dict[str, House] = request.__dict__.setdefault("house", {}) if request is not None else {}
    if "house" not in kept:
        kept["house"] = _read_house()
    return kept["house"]


def _read_house() -> House:
    tick = Subquery(Tick.objects.order_by("-ticked_at").values("ticked_at")[:1])
    places = tuple(
        Location.objects.filter(is_active=True).select_related("practice").annotate(last_tick=tick).order_by("name")
    )
    if places:
        return House(places[0].practice.name or NAMELESS, places, places[0].last_tick)
    name = Practice.objects.values_list("name", flat=True).first() or NAMELESS
    return House(name, (), Tick.objects.aggregate(last=Max("ticked_at"))["last"])


def demo_people() -> list[User]:
    """Whom one may come in as by one click. Nobody outside a demo."""
    if not settings.DEMO_SIGN_INS or settings.PRODUCTION:
        return []
    order = [username for username, *_ in DEMO_USERS]
    return sorted(
        User.objects.filter(is_demo=True, is_active=True, username__in=order), key=lambda u: order.index(u.username)
    )


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {
        "links": SimpleLazyObject(lambda: links_for(user, request.path)),
        "practice_name": SimpleLazyObject(lambda: house(request).practice_name),
        "here_and_now": SimpleLazyObject(lambda: clock.local(clock.now()).strftime("%a %b %-d, %-I:%M %p")),
        "clock_is_late": SimpleLazyObject(lambda: house(request).clock_is_late),
        "demo_progress": SimpleLazyObject(progress.current),
        "demo_people": SimpleLazyObject(demo_people),
    }
