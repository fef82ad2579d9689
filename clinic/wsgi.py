"""The web server's entrance."""

import os
import sys

import django
from django.core.wsgi import get_wsgi_application

from clinic.embedded import CannotStart

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

django.setup()

from clinic.checks import refuse_unsafe  # noqa: E402  (the app registry must be ready)

try:
    refuse_unsafe()
except CannotStart as error:
    sys.exit(f"Tandem cannot start: {error}")

application = get_wsgi_application()
