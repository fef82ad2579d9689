"""A whole installation of its own: state folder, cluster and broker, driven through manage.py like a person would."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TANDEM_", "PYTEST_"))},
            "TANDEM_MODE": "demo",
            "TANDEM_STATE_DIR": str(self.state),
            "DATABASE_URL": "",
            "CELERY_BROKER_URL": "",
        }

    def manage(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**self.environment, **extra},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def python(self, code: str) -> str:
        """Run code in a shell of this installation; gives what it printed."""
        done = self.manage("shell", "--no-imports", "--command", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def processes(self) -> list[tuple[int, str]]:
        """Whoever works for this installation, told by its environment or command line. Zombies do not count."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal() or int(entry.name) == os.getpid():
                continue
            try:
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                told = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if state != "Z" and (str(self.state) in command or f"TANDEM_STATE_DIR={self.state}" in told):
                found.append((int(entry.name), command))
        return found


class Running:
    """`manage.py up`, in its own process group like a terminal's."""

    def __init__(self, installation: Installation, *words: str) -> None:
        self.port = free_port()
        self.log = installation.state.parent / f"up-{self.port}.log"
        started = time.monotonic()
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--no-seed", "--port", str(self.port), *words],
                cwd=ROOT,
                env=installation.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()[-800:]
            assert time.monotonic() - started < 90, self.log.read_text()[-800:]
            time.sleep(0.05)
        self.seconds_to_answer = time.monotonic() - started

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                line.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return line.recv(12).startswith(b"HTTP/")
        except OSError:
            return False

    def stop(self, number: int = signal.SIGTERM, *, whole_group: bool = False) -> int:
        if self.process.poll() is None:
            (os.killpg if whole_group else os.kill)(self.process.pid, number)
        return self.process.wait(timeout=30)
