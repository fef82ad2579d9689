"""Who runs PostgreSQL: it refuses root, so root hands over without creating users or opening folders.

Where the kernel allows it, the server runs in a user namespace in which root is called nobody: its files stay
root's, no folder is opened to others. Elsewhere (an ordinary container) it runs as nobody, outside the state folder.
"""

import ctypes
import os
import pwd
from functools import lru_cache
from pathlib import Path
from typing import Any

from clinic import env
from clinic.embedded import CannotStart

CLONE_NEWUSER = 0x10000000


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL refuses to run as root and this machine has no user 'nobody'. Run as an ordinary user, or set DATABASE_URL."
        ) from None


def _enter_namespace(uid: int, gid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/uid_map").write_text(f"{uid} 0 1")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{gid} 0 1")


@lru_cache(maxsize=1)
def _namespace_allowed() -> bool:
    if env.flag("TANDEM_NO_USER_NAMESPACE") or not hasattr(os, "fork"):
        return False
    who = _nobody()
    child = os.fork()
    if child == 0:
        try:
            _enter_namespace(who.pw_uid, who.pw_gid)
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def steps_down() -> bool:
    """Root without user namespaces: the server is really another user, with its own place for data."""
    return os.geteuid() == 0 and not _namespace_allowed()


def as_server_user() -> dict[str, Any]:
    """Keywords for subprocess that make the child somebody whom PostgreSQL accepts."""
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise CannotStart(
                f"The user with number {os.geteuid()} has no name in /etc/passwd, and PostgreSQL needs one. "
                "Run as a named user, or set DATABASE_URL."
            ) from None
        return {}
    who = _nobody()
    if not steps_down():
        return {"preexec_fn": lambda: _enter_namespace(who.pw_uid, who.pw_gid)}
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def owner_ids() -> tuple[int, int]:
    """Whose files the server's must be, as seen from outside."""
    if steps_down():
        who = _nobody()
        return who.pw_uid, who.pw_gid
    return os.geteuid(), os.getegid()


def give(folder: Path) -> None:
    """Hand a folder to the server's user, when an earlier run left it to another."""
    uid, gid = owner_ids()
    if os.geteuid() != 0 or folder.stat().st_uid == uid:
        return
    os.chown(folder, uid, gid)
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(here) / name, uid, gid, follow_symlinks=False)
