"""Makes .venv from the locked requirements, again only when the lock or the Python changed.

    python3 scripts/install.py          what `make run` needs
    python3 scripts/install.py --dev    what `make test` and `make check` need

Standard library only, and plain enough for an old Python to read, so that it can say it is too old.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Tandem needs Python 3.11 or newer; this is Python %d.%d. Install one, or name it: make run PYTHON=python3.12"
        % sys.version_info[:2]
    )

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
PYTHON = HOME / "bin" / "python"
NEEDED_MB = 1200
NO_VENV = (
    "Python's venv module is missing here. On Debian or Ubuntu: apt-get install python3-venv. "
    "Then run the same command again."
)


def works() -> bool:
    """A .venv that was moved, or whose Python has gone, is made anew."""
    try:
        probe = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False)
    except OSError:
        return False
    return probe.returncode == 0


def make() -> None:
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        sys.exit(NO_VENV)
    if HOME.exists():
        shutil.rmtree(HOME)
    try:
        venv.create(HOME, with_pip=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(HOME, ignore_errors=True)
        sys.exit(NO_VENV)


def install(lock: str) -> None:
    stamp = HOME / f"{lock}.sha256"
    want = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == want:
        return
    print(f"Installing {lock} into .venv (about half a minute, only when it changes) ...", flush=True)
    done = subprocess.run(
        [
            PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
            "--root-user-action", "ignore", "--require-hashes", "-r", ROOT / lock,
        ],
        check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"The packages of {lock} could not be installed; pip says why above. Nothing was started.")
    stamp.write_text(want)


def main() -> None:
    locks = ["requirements.txt"]
    if "--dev" in sys.argv[1:]:
        locks = ["requirements-dev.txt"]  # holds the other one too
    try:
        with (ROOT / ".venv.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not works():
                free = shutil.disk_usage(ROOT).free // 1_000_000
                if free < NEEDED_MB:
                    sys.exit(f"No disk space: {ROOT} has {free} MB free; the packages need {NEEDED_MB} MB.")
                make()
            for lock in locks:
                install(lock)
            if "--dev" in sys.argv[1:]:
                mark_runtime_installed()
    except OSError as error:
        sys.exit(f"The .venv cannot be made in {ROOT}: {error.strerror}.")


def mark_runtime_installed() -> None:
    """The development lock pins the runtime's very versions, so `make run` has nothing to add."""
    runtime = (ROOT / "requirements.txt").read_bytes()
    (HOME / "requirements.txt.sha256").write_text(hashlib.sha256(runtime).hexdigest())


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
