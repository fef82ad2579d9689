"""pg_dump and pg_restore of the connected database, with binaries that know the server's version."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection

from clinic.embedded import CannotStart
from clinic.embedded.place import wheel

# What libpq reads from the environment; a password never stands in a command line.
_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def _environment(database: str) -> dict[str, str]:
    values = {**connection.get_connection_params(), "dbname": database}
    told = {variable: str(values[name]) for name, variable in _VARIABLES.items() if values.get(name)}
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", **told}


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(?:\.\d+)*\s*(?:\(|$)", said.strip())
    return int(found[1]) if found else 0


def _program(name: str) -> str:
    candidates = [str(wheel() / "bin" / name)]
    if settings.DATABASE_URL and (own := shutil.which(name)):
        candidates.insert(0, own)
    needed = int(connection.pg_version) // 10000  # type: ignore[attr-defined]
    for program in candidates:
        if _major(program) >= needed:
            return program
    raise CannotStart(f"No {name} of PostgreSQL {needed} or newer was found. Install its client programs.")


def _run(database: str, name: str, *words: str) -> None:
    done = subprocess.run(
        [_program(name), *words], env=_environment(database), capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it gave no reason"]
        raise CannotStart(f"{name} stopped: {lines[0]}.")


def dump(database: str, into: Path) -> None:
    """One consistent snapshot, while others go on working."""
    _run(database, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={into}")


def load(database: str, source: Path) -> None:
    """Rows before triggers: the guards refuse changes, not the copy of a database that they guarded."""
    _run(
        database, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={database}", str(source)
    )
