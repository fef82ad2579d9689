"""manage.py seed_demo: plays the demo's month into an empty database up to this minute, and leaves its open items."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock, progress
from clinic.models import Patient, Practice
from demo.month import Month

DAYS_BACK = 112
"""So that the first weeks are answered, billed and called about, and the last days are still on their way."""
DENIAL_RATE = 0.24
"""Causes planted; after prevention some 12 % of the claims are denied, as in the industry."""
BUSINESS_DAYS_AHEAD = 5
"""Booked already."""
OFFICE_DAYS_LEFT = 22
"""Business days of back-office work that wait for whoever signs in."""
TODAY_COUNTS = 6
"""Today is that much fuller than other days: it is the day that is looked at."""


def demo_days(today: date) -> list[date]:
    """The business days that are played and booked. On a weekend or a holiday the day sheet is empty, and truly so."""
    first = clock.add_business_days(today - timedelta(days=DAYS_BACK + 1), 1)
    last = clock.add_business_days(today, BUSINESS_DAYS_AHEAD)
    days: list[date] = []
    day = first
    while day <= last:
        days += [day] * (TODAY_COUNTS if day == today else 1)
        day = clock.add_business_days(day, 1)
    return days


class Command(BaseCommand):
    help = "Fill an empty database with a clinic's month that ends today. Demo only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--visits", type=int, default=400)
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION or not settings.DEMO_SIGN_INS:
            raise CommandError("The demo is off here; nothing is seeded.")
        if Practice.objects.exists() or Patient.objects.exists():
            raise CommandError("This database is not empty; the demo is played into an empty one only.")
        now, days = clock.now(), demo_days(clock.today())
        try:
            month = Month(
                visits=options["visits"], seed=options["seed"], denial_rate=DENIAL_RATE, begins=days[0], until=now, days=days,
                office_until=clock.add_business_days(clock.today(), -OFFICE_DAYS_LEFT),
                tell=progress.report, book_path=Path(settings.SIMULATOR_BOOK),
            )  # fmt: skip
            month.play()
            progress.finished()  # from now on the next start keeps what people do here
        finally:
            progress.finish()
        self.stdout.write(f"The demo month is ready: {Patient.objects.count()} patients.")
