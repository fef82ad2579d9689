"""Forget the demo: the next start begins with an empty database and plays the month again."""

import argparse
import shutil
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.core.management.base import CommandError
from django.db import DatabaseError

from clinic import progress
from clinic.embedded import CannotStart, postgres
from clinic.embedded.databases import empty_database
from clinic.embedded.state import STATE, is_held
from clinic.management.commands.backup import books
from clinic.management.commands.restore import remove_book


class Command(BaseCommand):
    help = "Remove the demo's database, documents, books and queue. Keys stay, for backups."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="needed when DATABASE_URL names the database")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        try:
            self._refuse_what_is_not_a_demo(yes)
            if settings.CLUSTER:
                postgres.forget(settings.CLUSTER)
            else:
                empty_database()
        except CannotStart as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).strip().splitlines()[0]}.") from None
        forget_files()
        if settings.EMBEDDED_BROKER:
            shutil.rmtree(STATE / settings.EMBEDDED_BROKER, ignore_errors=True)
        (STATE / "clock").unlink(missing_ok=True)
        self.stdout.write("Forgotten. The next `make run` starts with an empty database.")

    def _refuse_what_is_not_a_demo(self, yes: bool) -> None:
        if settings.PRODUCTION:
            raise CannotStart("This is production: reset is for the demo only.")
        if is_held("up"):
            raise CannotStart("Tandem is running from this folder. Stop it, then reset.")
        if settings.DATABASE_URL and not yes:
            raise CannotStart("DATABASE_URL names this database. `manage.py reset --yes` really empties it.")


def forget_files() -> None:
    """What the demo keeps outside its database."""
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    for book in books():
        remove_book(book)
    progress.finish()
    progress.finished()
