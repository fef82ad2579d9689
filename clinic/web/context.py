"""What the frame of every page needs. Lazy: a part asked by htmx pays for none of it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clinic import clock, progress
from clinic.models import Practice, Tick, User
from clinic.services.staff import DEMO_USERS
from clinic.web.navigation import links_for

CLOCK_LATE_AFTER = timedelta(minutes=2)


def clock_is_late() -> bool:
    """Nothing has knocked for two minutes: whatever runs by the clock stands still."""
    last = Tick.objects.aggregate(last=Max("ticked_at"))["last"]
    return last is None or clock.now() - last > CLOCK_LATE_AFTER


def practice_name() -> str:
    return Practice.objects.values_list("name", flat=True).first() or "Tandem"


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
        "practice_name": SimpleLazyObject(practice_name),
        "here_and_now": SimpleLazyObject(lambda: clock.local(clock.now()).strftime("%a %b %-d, %-I:%M %p")),
        "clock_is_late": SimpleLazyObject(clock_is_late),
        "demo_progress": SimpleLazyObject(progress.current),
        "demo_people": SimpleLazyObject(demo_people),
    }
