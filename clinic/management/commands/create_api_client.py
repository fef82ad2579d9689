"""manage.py create_api_client NAME --scope appointment.view --scope appointment.book: prints the token once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.errors import ClinicError
from clinic.services.clients import create_api_client
from clinic.web.permissions import CLIENT_ACTS


class Command(BaseCommand):
    help = "Make an API client and print its token. The token is not kept and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scope", action="append", default=[], metavar="ACT", help=", ".join(sorted(CLIENT_ACTS)))
        parser.add_argument("--days", type=int, help="the token expires after so many days")

    def handle(self, *args: Any, **options: Any) -> None:
        expires_at = clock.now() + timedelta(days=options["days"]) if options["days"] else None
        try:
            _client, token = create_api_client(
                name=options["name"], scopes=options["scope"], expires_at=expires_at, by=None
            )
        except ClinicError as error:
            raise CommandError(error.sentence) from None
        self.stdout.write(token)
