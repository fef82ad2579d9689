"""One PostgreSQL cluster per name, shared by all processes of this checkout; the last one out stops it.

Each user process holds a shared lock on a file. After a kill -9 the kernel drops the lock, the next start finds
the server running or starts it again.
"""

import atexit
import contextlib
import fcntl
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import IO

import psycopg2

from clinic import env
from clinic.embedded import CannotStart
from clinic.embedded.account import as_server_user, give, steps_down
from clinic.embedded.place import Place, lay_out_for_nobody, place
from clinic.embedded.state import (
    STATE,
    exclusive,
    make_socket_folder,
    require_space,
    socket_folder,
    state_folder,
)

PORT = "5432"  # part of the socket's name; no TCP port is opened
SUPERUSER = "clinic"
DATABASE = "clinic"

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=2GB", "max_connections=200")
_REAL = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=60")
CLUSTERS: dict[str, tuple[str, ...]] = {
    "pg": _REAL,  # the demo
    "pgtest": _FAST,  # the suite: nothing in it outlives a crash, nothing in it needs to
    "pgproof": _REAL,  # crash proofs: an acknowledged commit must survive kill -9
}

_held: dict[str, IO[str]] = {}


def _run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(w) for w in words],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **as_server_user(),
    )


def accepts(path: Path) -> bool:
    """Somebody listens on this socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def host(name: str) -> str:
    """What libpq calls the server: the folder of its socket."""
    return str(socket_folder(name, place(name).sockets))


def socket_path(name: str) -> Path:
    return Path(host(name)) / f".s.PGSQL.{PORT}"


def is_running(name: str) -> bool:
    return accepts(socket_path(name))


def ensure(name: str) -> None:
    """Start the cluster unless it runs, and keep it running while this process lives."""
    if name in _held:
        return
    state_folder()
    where = place(name)
    with exclusive(f"{name}.start"):
        hold = (STATE / f"{name}.users.lock").open("a")
        fcntl.flock(hold, fcntl.LOCK_SH)
        try:
            if not is_running(name):
                _start_or_renew(name, where)
        except BaseException:
            hold.close()
            raise
        _held[name] = hold
    atexit.register(release, name, os.getpid())


def revive(name: str) -> None:
    """Start a cluster again that died under its users. What it holds is recovered, never made anew."""
    with exclusive(f"{name}.start"):
        if not is_running(name):
            _start(name, place(name))


def release(name: str, owner: int | None = None) -> None:
    """Let go; stop the server if nobody else holds it. A forked child is not the owner."""
    if (owner is not None and owner != os.getpid()) or name not in _held:
        return
    hold = _held.pop(name)
    with exclusive(f"{name}.start"):
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            hold.close()
        stop(name)


def stop(name: str, mode: str = "fast") -> None:
    where = place(name)
    if (where.data / "postmaster.pid").exists():
        _run(where.binaries / "pg_ctl", "-D", where.data, "-m", mode, "-w", "-s", "stop")


def forget(name: str) -> None:
    """Remove the cluster's data. Whoever calls this has made sure that nobody uses it."""
    where = place(name)
    with exclusive(f"{name}.start"):
        with (STATE / f"{name}.users.lock").open("a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(
                    f"The database in {where.data} is in use. Stop Tandem and its shells first."
                ) from None
            stop(name)
        if where.data.exists():
            shutil.rmtree(where.data)


def major_of_binaries(where: Place) -> str:
    found = re.search(r"(\d+)", _run(where.binaries / "postgres", "--version").stdout.rsplit(")", 1)[-1])
    return found[1] if found else "?"


def require_same_major(where: Place) -> None:
    kept = (where.data / "PG_VERSION").read_text().strip()
    ours = major_of_binaries(where)
    if kept != ours:
        raise CannotStart(
            f"The data folder {where.data} was made by PostgreSQL {kept}, and this is PostgreSQL {ours}. "
            "Restore a backup into a new folder (make reset, then make restore), or go back to the older version."
        )


def _start_or_renew(name: str, where: Place) -> None:
    """A cluster of tests or proofs holds nothing of worth: when a crash broke it, it is made anew. The demo's never is."""
    try:
        _start(name, where)
    except CannotStart:
        if name == "pg" or not where.data.exists():
            raise
        shutil.rmtree(where.data)
        _start(name, where)


def _start(name: str, where: Place) -> None:
    require_space(state_folder())
    as_server_user()
    if steps_down():
        lay_out_for_nobody(where)
    sockets = make_socket_folder(name, where.sockets)
    if not (where.data / "PG_VERSION").exists():
        _make_cluster(where)
    require_same_major(where)
    give(where.data)
    give(sockets)
    options = (
        *CLUSTERS[name],
        "listen_addresses=",
        f"unix_socket_directories={sockets}",
        "unix_socket_permissions=0700",
        "timezone=UTC",
        "shared_buffers=128MB",
        "random_page_cost=1.1",  # SSDs: an index that answers alone is worth its pages
    )
    _start_server(name, where, " ".join(f"-c {o}" for o in options))
    _make_database(sockets)


def _make_database(sockets: Path) -> None:
    line = psycopg2.connect(host=str(sockets), port=PORT, user=SUPERUSER, dbname="postgres")
    try:
        line.autocommit = True
        cursor = line.cursor()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        line.close()


def _make_cluster(where: Place) -> None:
    if where.data.exists() and any(where.data.iterdir()):
        shutil.rmtree(where.data)  # an initdb that was interrupted; a cluster has PG_VERSION
    where.data.mkdir(mode=0o700, exist_ok=True)
    give(where.data)
    made = _run(
        where.binaries / "initdb", "-D", where.data, "-U", SUPERUSER, "-A", "trust", "--encoding=UTF8", "--no-sync",
        "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(where.data, ignore_errors=True)
        raise CannotStart(f"PostgreSQL could not make its data folder {where.data}: {_last_line(made.stdout)}")


def _start_server(name: str, where: Place, options: str) -> None:
    """After a kill -9 its old children, or a zombie nobody has reaped, need a moment to go: try for a while."""
    log = where.data / "server.log"
    deadline = time.monotonic() + env.number("TANDEM_PG_START_SECONDS", 30, low=1, high=600)
    while True:
        tried = _run(
            where.binaries / "pg_ctl", "-D", where.data, "-w", "-t", "60", "-s", "-l", log, "-o", options, "start"
        )
        if tried.returncode == 0:
            return
        said = tried.stdout
        with contextlib.suppress(OSError):
            said += "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        if "No space left" in said:
            raise CannotStart(f"No disk space left for PostgreSQL in {where.data}. Free some and start again.")
        if time.monotonic() > deadline:
            raise CannotStart(f"PostgreSQL did not start: {_last_line(said)} The log is {log}.")
        time.sleep(0.25)


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL|PANIC|error", line)]
    return (telling or lines or ["it gave no reason."])[-1]
