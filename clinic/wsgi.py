"""The web server's entrance."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()

from clinic.checks import refuse_unsafe  # noqa: E402  (needs the settings)
from clinic.embedded import CannotStart  # noqa: E402

try:
    refuse_unsafe()
except CannotStart as error:
    sys.exit(f"Tandem cannot start: {error}")
