"""The web server as `make run` starts it, on a clone of the generated practice, and signed-in people who ask it."""

import http.client
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from bench.own import environment
from clinic.embedded import valkey
from clinic.management.commands.up import collect_static, web_command
from clinic.models import User


@dataclass(frozen=True)
class Asked:
    """One request: a path, and fields when it is a POST."""

    path: str
    fields: dict[str, str] | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    seconds: float


@contextmanager
def web_server() -> Iterator[int]:
    """gunicorn with a broker of its own, on the database of this process's connection; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    broker = f"valkeybench-{os.getpid()}"
    valkey.start(broker)
    if not settings.TESTING:
        collect_static()
    url = valkey.url(broker)
    environ = environment(str(connection.settings_dict["NAME"])) | {
        "DJANGO_SETTINGS_MODULE": "bench.server_settings", "CELERY_BROKER_URL": url, "TANDEM_TEST_BROKER_URL": url,
        "TANDEM_LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    server = subprocess.Popen(web_command("127.0.0.1", port), env=environ)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)
        valkey.stop(broker)


def wait_for(port: int) -> None:
    """Until the web server answers; a minute at most."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server did not come up")


class Person:
    """One connection of somebody who is signed in: a session of its own, kept alive."""

    def __init__(self, port: int, user: User) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        self._csrf = secrets.token_hex(16)
        self._headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={self._csrf}"
        }
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def connect(self) -> None:
        """Anew: the server hangs up on a line that is silent for two seconds."""
        self._line.close()
        self._line.connect()

    def ask(self, asked: Asked) -> Answer:
        begun = time.perf_counter()
        if asked.fields is None:
            self._line.request("GET", asked.path, headers=self._headers)
        else:
            body = urlencode(asked.fields)
            headers = self._headers | {"X-CSRFToken": self._csrf, "Content-Type": "application/x-www-form-urlencoded"}
            self._line.request("POST", asked.path, body, headers)
        answer = self._line.getresponse()
        answer.read()
        return Answer(answer.status, answer.getheader("Location", ""), time.perf_counter() - begun)

    def close(self) -> None:
        self._line.close()


def at_once(people: Sequence[Person], lots: Sequence[Sequence[Asked]]) -> tuple[list[Answer], float]:
    """Everybody asks what lies before them, all beginning at the same moment. (answers, seconds until the last)"""
    answers: list[list[Answer]] = [[] for _ in people]
    line = threading.Barrier(len(people) + 1)

    def work(n: int) -> None:
        people[n].connect()
        line.wait()
        answers[n] = [people[n].ask(asked) for asked in lots[n]]

    hands = [threading.Thread(target=work, args=(n,)) for n in range(len(people))]
    for hand in hands:
        hand.start()
    line.wait()
    begun = time.perf_counter()
    for hand in hands:
        hand.join()
    return [a for each in answers for a in each], time.perf_counter() - begun
