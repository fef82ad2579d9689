"""The database, the documents and the demo's books into one file."""

import argparse
import hashlib
import json
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.core.management.base import CommandError
from django.db import connection

from clinic import clock
from clinic.embedded import CannotStart
from clinic.embedded.databases import require_database
from clinic.embedded.dump import dump
from clinic.embedded.state import ROOT, require_space

FORMAT = 1
MANIFEST, DATABASE, DOCUMENTS, BOOKS = "manifest.json", "database.dump", "documents", "books"


def books() -> list[Path]:
    """What the simulated payers and the simulated card processor know, outside the database."""
    return [Path(settings.SIMULATOR_BOOK), Path(settings.STATE_DIR) / "card_simulator.sqlite3"]


def copy_book(source: Path, target: Path) -> None:
    """Whole, even while somebody writes."""
    target.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(source)) as open_book, closing(sqlite3.connect(target)) as copy:
        open_book.backup(copy)


def key_marks() -> list[str]:
    """Which field keys this installation has, without giving them away."""
    return [hashlib.sha256(f"tandem field key {key}".encode()).hexdigest()[:16] for key in settings.FIELD_KEYS]


class Command(BaseCommand):
    help = "Write a backup. It holds patients' data: keep it as you keep the database. Keys are not in it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="", help="default: backups/tandem-<date>-<time>.tar")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        target = Path(file) if file else ROOT / "backups" / f"tandem-{clock.now():%Y%m%d-%H%M%S}.tar"
        try:
            require_database()
            target.parent.mkdir(parents=True, exist_ok=True)
            require_space(target.parent)
            self._write(target)
        except CannotStart as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"Backup: {target} ({target.stat().st_size / 1_000_000:.1f} MB)")

    def _write(self, target: Path) -> None:
        database = str(connection.settings_dict["NAME"])
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            here = Path(folder)
            dump(database, here / DATABASE)
            manifest = {
                "format": FORMAT,
                "made_at": clock.now().isoformat(),
                "sha256": hashlib.sha256((here / DATABASE).read_bytes()).hexdigest(),
                "field_keys": key_marks(),
            }
            (here / MANIFEST).write_text(json.dumps(manifest, indent=1))
            draft = here / "backup.tar"
            draft.touch(mode=0o600)
            with tarfile.open(draft, "w") as archive:
                archive.add(here / MANIFEST, MANIFEST)
                archive.add(here / DATABASE, DATABASE)
                if Path(settings.MEDIA_ROOT).exists():
                    archive.add(settings.MEDIA_ROOT, DOCUMENTS)
                for book in filter(Path.exists, books()):
                    copy_book(book, here / BOOKS / book.name)
                    archive.add(here / BOOKS / book.name, f"{BOOKS}/{book.name}")
            draft.replace(target)
