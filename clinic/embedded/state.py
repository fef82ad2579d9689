"""The state folder: data, sockets, keys and logs of this checkout's embedded parts."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clinic import env
from clinic.embedded import CannotStart

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = env.folder("TANDEM_STATE_DIR", ROOT / ".local")

# A unix socket's whole path must stay under 108 bytes on Linux and 104 on macOS.
LONGEST_SOCKET = 100
NEEDED_MB = 250


def state_folder() -> Path:
    try:
        STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"The state folder {STATE} cannot be made: {error.strerror}. Set TANDEM_STATE_DIR.") from None
    if not os.access(STATE, os.W_OK | os.X_OK):
        raise CannotStart(f"The state folder {STATE} belongs to somebody else. Set TANDEM_STATE_DIR to one of yours.")
    return STATE


def require_space(folder: Path, megabytes: int = NEEDED_MB) -> None:
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise CannotStart(
            f"No disk space: {folder} has {free} MB free and needs {megabytes} MB. Free some and start again."
        )


@contextlib.contextmanager
def exclusive(name: str) -> Iterator[None]:
    """One process at a time. The kernel lets go when its holder dies, so nothing goes stale."""
    with (state_folder() / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_held(name: str) -> bool:
    """Somebody has this lock now."""
    with (state_folder() / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def read_note(name: str) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        note = json.loads((STATE / f"{name}.json").read_text())
        if isinstance(note, dict):
            return note
    return {}


def write_note(name: str, note: dict[str, Any]) -> None:
    target = state_folder() / f"{name}.json"
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(note, indent=1))
        draft.replace(target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CannotStart(f"No disk space left in {STATE}. Free some and start again.") from None
        raise


def socket_folder(name: str, near: Path | None = None) -> Path:
    """Where a server's socket lies: `near` (the state folder), or under /tmp when that path is too long.

    The choice is written down, because TMPDIR may differ between two shells that mean the same server.
    """
    near = near or STATE / "run" / name
    note = read_note(f"{name}.socket")
    if note.get("near") == str(near):
        return Path(note["folder"])
    if len(str(near)) + len("/.s.PGSQL.5432") <= LONGEST_SOCKET:
        return near
    tag = hashlib.sha256(f"{STATE}/{name}".encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"tandem-{os.geteuid()}-{tag}"


def make_socket_folder(name: str, near: Path | None = None) -> Path:
    near = near or STATE / "run" / name
    folder = socket_folder(name, near)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or (os.geteuid() != 0 and folder.stat().st_uid != os.geteuid()):
        raise CannotStart(f"The socket folder {folder} belongs to somebody else. Remove it or set TANDEM_STATE_DIR.")
    if read_note(f"{name}.socket").get("near") != str(near):
        write_note(f"{name}.socket", {"near": str(near), "folder": str(folder)})
    return folder


def kept_secret(name: str, make: Any = lambda: secrets.token_urlsafe(50)) -> str:
    """A key of this checkout's demo and tests, made once and readable by its owner alone."""
    file = STATE / "keys" / name
    with contextlib.suppress(OSError):
        found = file.read_text().strip()
        if found:
            return found
    with exclusive("keys"):
        file.parent.mkdir(mode=0o700, exist_ok=True)
        if not file.exists():
            draft = file.with_suffix(".tmp")
            draft.touch(mode=0o600)
            draft.write_text(str(make()))
            draft.replace(file)
        return file.read_text().strip()
