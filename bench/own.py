"""A migrated database of its own for benchmarks, on the embedded cluster; dropped afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database() -> Iterator[Path]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django

    django.setup()
    from demo.management.commands.play_month import own_database

    with own_database() as folder:
        yield folder
