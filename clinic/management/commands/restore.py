"""Give a backup back. What is there stays untouched until the backup has been read to its end."""

import argparse
import hashlib
import json
import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from clinic.embedded import CannotStart
from clinic.embedded.databases import require_database
from clinic.embedded.dump import load
from clinic.embedded.state import is_held, require_space, state_folder
from clinic.management.commands.backup import BOOKS, DATABASE, DOCUMENTS, FORMAT, MANIFEST, books, key_marks

OURS = {MANIFEST, DATABASE, DOCUMENTS, BOOKS}


class Command(BaseCommand):
    help = "Put a backup in place of the present database, documents and demo books."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        if not file:
            raise CommandError("Which backup? make restore FILE=backups/tandem-….tar")
        source = Path(file)
        try:
            if is_held("up"):
                raise CannotStart("Tandem is running from this folder. Stop it, then restore.")
            require_database()
            require_space(state_folder())
            with tempfile.TemporaryDirectory(dir=state_folder(), prefix="restore-") as folder:
                here = Path(folder)
                unpack(source, here)
                self._swap_database(here / DATABASE)
                put_back(here / DOCUMENTS, Path(settings.MEDIA_ROOT))
                for book in books():
                    put_back(here / BOOKS / book.name, book)
        except CannotStart as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).strip().splitlines()[0]}.") from None
        self.stdout.write(f"Restored from {source}.")

    def _swap_database(self, source: Path) -> None:
        name = str(connection.settings_dict["NAME"])
        draft, before = f"{name}_restoring", f"{name}_before"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{draft}" TEMPLATE template0')
            try:
                load(draft, source)
            except CannotStart:
                cursor.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
                raise
            connection.close()
            cursor.execute(f'DROP DATABASE IF EXISTS "{before}" WITH (FORCE)')
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            cursor.execute(f'ALTER DATABASE "{name}" RENAME TO "{before}"')
            cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
            cursor.execute(f'DROP DATABASE "{before}" WITH (FORCE)')


def unpack(source: Path, into: Path) -> None:
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _take(archive, member, into)
        manifest = json.loads((into / MANIFEST).read_text())
        dumped = (into / DATABASE).read_bytes()
    except FileNotFoundError:
        raise CannotStart(f"{source} is not there, or is no backup of Tandem.") from None
    except (tarfile.TarError, ValueError, OSError):
        raise CannotStart(f"{source} cannot be read as a backup of Tandem: it is damaged or something else.") from None
    if manifest.get("format") != FORMAT:
        raise CannotStart(f"{source} was written by another version of Tandem.")
    if manifest.get("sha256") != hashlib.sha256(dumped).hexdigest():
        raise CannotStart(f"{source} is damaged: its database does not match its checksum.")
    if not set(manifest.get("field_keys", ())) & set(key_marks()):
        raise CannotStart(
            f"{source} was sealed with another field key, so its member ids could not be read here. "
            "Set TANDEM_FIELD_KEYS to the key of the system that made it."
        )


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    """Plain files of ours only. (`extractall(filter=...)` would do, but Python before 3.11.4 has none.)"""
    path = PurePosixPath(member.name)
    if not member.isfile() or path.is_absolute() or ".." in path.parts or path.parts[0] not in OURS:
        return
    content = archive.extractfile(member)
    if content is not None:
        target = into.joinpath(*path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            shutil.copyfileobj(content, out)


def remove_book(book: Path) -> None:
    """With the journal files that SQLite keeps beside it."""
    for file in (book, book.with_name(f"{book.name}-wal"), book.with_name(f"{book.name}-shm")):
        file.unlink(missing_ok=True)


def put_back(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    else:
        remove_book(target)
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
