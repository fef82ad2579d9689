#!/usr/bin/env python3
"""Django's commands. `make` lists the everyday ones."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "The requirements are not installed here. Run `make run` or `make test` once, then .venv/bin/python manage.py."
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
