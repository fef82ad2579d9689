"""manage.py seed_demo: plays the demo's month into an empty database, ending today, and leaves its open items."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock, progress
from clinic.models import Patient, Practice
from demo.month import Month

DAYS_BACK = 38
"""So that payers have answered the first weeks and the last days are still on their way."""


class Command(BaseCommand):
    help = "Fill an empty database with a clinic's month that ends today. Demo only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--visits", type=int, default=240)
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION or not settings.DEMO_SIGN_INS:
            raise CommandError("The demo is off here; nothing is seeded.")
        if Practice.objects.exists() or Patient.objects.exists():
            raise CommandError("This database is not empty; the demo is played into an empty one only.")
        today = clock.today()
        try:
            month = Month(
                visits=options["visits"], seed=options["seed"], denial_rate=0.12, begins=today - timedelta(days=DAYS_BACK),
                until=today, tell=progress.report, book_path=Path(settings.SIMULATOR_BOOK),
            )  # fmt: skip
            month.play()
        finally:
            progress.finish()
        self.stdout.write(f"The demo month is ready: {Patient.objects.count()} patients.")
