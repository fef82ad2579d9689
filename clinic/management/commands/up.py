"""Everything, until Ctrl-C: database, broker, web, two workers and the clock under one supervisor."""

import argparse
import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command, get_commands
from django.core.management.base import CommandError, SystemCheckError
from django.db import DatabaseError, connection

from clinic import env, progress
from clinic.celery import LONG, QUICK
from clinic.checks import refuse_unsafe
from clinic.embedded import CannotStart, postgres, valkey
from clinic.embedded.databases import empty_database, explain_migration, require_database
from clinic.embedded.state import read_note, state_folder, write_note
from clinic.embedded.supervisor import Stopped, Supervisor, python
from clinic.management.commands.reset import forget_files
from clinic.models import Patient, User
from clinic.services.staff import ensure_demo_users

WEB_SECONDS = 60


class Command(BaseCommand):
    help = "Migrate, then run web, workers and clock until Ctrl-C."
    requires_system_checks: list[str] = []  # run below, after the sentences that matter first
    demo_people: list[User] = []
    look_at_servers = 0.0  # monotonic time of the next look

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", default="", help="default: PORT, else 8000")
        parser.add_argument("--bind", default="", help="address to listen on; default: TANDEM_BIND, else 127.0.0.1")
        parser.add_argument("--no-seed", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, port: str, bind: str, no_seed: bool, **options: Any) -> None:
        if port:
            os.environ["PORT"] = port
        supervisor = Supervisor(self.say)
        with supervisor.listening():
            try:
                number = env.number("PORT", 8000, low=1, high=65535)
                host = bind or env.text("TANDEM_BIND", "127.0.0.1")
                with self._only_one():
                    self._run(supervisor, host, number, seed=not no_seed)
            except (CannotStart, env.BadSetting) as error:
                raise CommandError(f"Tandem cannot start: {error}") from None
            except Stopped:
                self.say("Stopped.")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _run(self, supervisor: Supervisor, host: str, port: int, *, seed: bool) -> None:
        refuse_unsafe()
        require_free_port(host, port)
        try:
            self._prepare(supervisor)
            supervisor.start("web", *web_command(host, port))
            wait_for_web(supervisor, host, port)
            self._greet(host, port)
            supervisor.start("quick worker", *worker_command(QUICK))
            supervisor.start("long worker", *worker_command(LONG), nice=5)
            if seed and wants_demo():
                self._play_demo(supervisor)
            progress.clock_begins()
            supervisor.start("clock", *clock_command())
            supervisor.watch(until=self._keep_servers)
        finally:
            supervisor.stop()
            connection.close()
            if settings.EMBEDDED_BROKER:
                valkey.stop(settings.EMBEDDED_BROKER)
            if settings.CLUSTER:
                postgres.release(settings.CLUSTER)

    def _play_demo(self, supervisor: Supervisor) -> None:
        """The pages answer meanwhile. The clock waits: its workers would act today on rows that are being played."""
        self.say("The demo month is being played; the pages show how far it is.")
        progress.begun()
        progress.report(0, 1, "The demo month is being prepared")
        try:
            player = supervisor.start("demo month", *python("manage.py", "seed_demo"), restarts=False, nice=5)
            supervisor.watch(until=lambda: self._keep_servers() or not player.is_alive)
        finally:
            progress.finish()

    def _keep_servers(self) -> bool:
        """Look once a second whether the embedded servers stand, and start again whoever died. Never "done"."""
        if time.monotonic() < self.look_at_servers:
            return False
        self.look_at_servers = time.monotonic() + 1
        try:
            if settings.CLUSTER and not postgres.is_running(settings.CLUSTER):
                self.say("The database ended; starting it again.")
                postgres.revive(settings.CLUSTER)
            if settings.EMBEDDED_BROKER and not valkey.is_running(settings.EMBEDDED_BROKER):
                self.say("The broker ended; starting it again.")
                valkey.start(settings.EMBEDDED_BROKER)
        except CannotStart as error:
            self.say(f"{error} Trying again.")
            self.look_at_servers = time.monotonic() + 5
        return False

    def _forget_half_a_month(self) -> None:
        """Stopped while the demo was being played: nothing in there is anybody's work."""
        if not settings.CLUSTER or not settings.DEMO_SIGN_INS:
            raise CannotStart("the demo month was stopped half-way. `manage.py reset --yes` empties the database.")
        self.say("The demo month was stopped half-way last time; it begins anew.")
        empty_database()
        forget_files()

    def _prepare(self, supervisor: Supervisor) -> None:
        if settings.CLUSTER:
            postgres.ensure(settings.CLUSTER)
        if settings.EMBEDDED_BROKER:
            valkey.start(settings.EMBEDDED_BROKER)
        supervisor.check()
        require_database()
        if progress.is_unfinished():
            self._forget_half_a_month()
        try:
            self.check()
        except SystemCheckError as error:
            raise CannotStart(str(error)) from None
        try:
            call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        except DatabaseError as error:
            raise explain_migration(error) from None
        supervisor.check()
        if settings.DEMO_SIGN_INS:
            self.demo_people = ensure_demo_users()
        collect_static()
        supervisor.check()

    def _greet(self, host: str, port: int) -> None:
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
        self.say(f"\nTandem answers at http://{shown}:{port}/   (Ctrl-C stops everything)")
        if self.demo_people:
            self.say("Demo sign-ins, by one click on the sign-in page, without a password:")
            for person in self.demo_people:
                self.say(f"  {person.username:8} {person.full_name}, {person.get_role_display()}")

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        with (state_folder() / "up.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(
                    f"it already runs from this folder ({settings.STATE_DIR}). Stop that one, or set TANDEM_STATE_DIR."
                ) from None
            yield


def require_free_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise CannotStart(f"port {port} is reserved for root. Choose one above 1023: make run PORT=8001.") from None
        except OSError as error:
            taken = f"port {port} is in use" if error.errno == 98 else f"{host}:{port} cannot be listened on"
            raise CannotStart(f"{taken}. Choose another: make run PORT={port + 1}.") from None


def web_command(host: str, port: int) -> list[str]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    words = [
        "-m", "gunicorn", "clinic.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "8",
        "--bind", address, "--timeout", "60", "--graceful-timeout", "5", "--log-level", "warning",
        "--no-control-socket", "--name", "tandem",
    ]  # fmt: skip
    if Path("/dev/shm").is_dir():  # noqa: S108  (the workers' heartbeat file; a full disk must not kill them)
        words += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return python(*words)


def worker_command(queue: str) -> list[str]:
    """One task at a time and no forks: a kill -9 leaves nothing behind, and what it had in hand is still a row."""
    words = [
        "-m", "celery", "--app", "clinic", "--quiet", "worker", "--queues", queue, "--pool", "solo",
        "--hostname", f"{queue}@tandem", "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
        "--without-heartbeat",
    ]  # fmt: skip
    return python(*words)


def clock_command() -> list[str]:
    schedule = str(state_folder() / "clock")
    return python(
        "-m",
        "celery",
        "--app",
        "clinic",
        "--quiet",
        "beat",
        "--loglevel",
        "WARNING",
        "--schedule",
        schedule,
        "--pidfile=",
    )


def wait_for_web(supervisor: Supervisor, host: str, port: int) -> None:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    deadline = time.monotonic() + WEB_SECONDS
    while time.monotonic() < deadline:
        supervisor.check()
        if not supervisor.children[0].is_alive:
            raise CannotStart("the web server ended at once; its messages stand above.")
        with contextlib.suppress(OSError), socket.create_connection((target, port), timeout=5) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n")
            if line.recv(12).startswith(b"HTTP/"):
                return
        time.sleep(0.1)
    raise CannotStart(f"the web server did not answer within {WEB_SECONDS} seconds; its messages stand above.")


def collect_static() -> None:
    """Only when a source changed: compressing them costs seconds."""
    stamp = sorted(
        f"{path}:{storage.size(path)}:{storage.get_modified_time(path).timestamp()}"
        for finder in get_finders()
        for path, storage in finder.list([])
    )
    here = Path(settings.STATIC_ROOT)
    if read_note("static") == {"root": str(here), "files": stamp} and (here / "staticfiles.json").exists():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    write_note("static", {"root": str(here), "files": stamp})


def wants_demo() -> bool:
    return settings.DEMO_SIGN_INS and "seed_demo" in get_commands() and not Patient.objects.exists()
