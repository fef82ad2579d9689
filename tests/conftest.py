"""The suite's own ground: its cluster, its broker, and a database per process cloned from a migrated template."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's sync API keeps a loop in the main thread

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase

from clinic.embedded import valkey

if not settings.TESTING:
    pytest.exit(f"TANDEM_MODE is {settings.MODE}: the suite runs in test mode only. Unset it.", returncode=4)


def _clear_by_cloning(self: TransactionTestCase) -> None:
    """Instead of TRUNCATE, which the ledger's triggers refuse: every test finds the template's rows again."""
    for alias in self._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        connections[alias].creation.fresh_clone()  # type: ignore[attr-defined]


TransactionTestCase._fixture_teardown = _clear_by_cloning  # type: ignore[method-assign,attr-defined]


@pytest.fixture
def fresh_database(transactional_db: None) -> str:
    """The name of a freshly cloned database whose commits other processes and threads see."""
    return str(connection.settings_dict["NAME"])


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """A Valkey of this test process alone; gives its URL."""
    if not settings.EMBEDDED_BROKER:
        yield settings.CELERY_BROKER_URL
        return
    valkey.start(settings.EMBEDDED_BROKER)
    yield settings.CELERY_BROKER_URL
    valkey.stop(settings.EMBEDDED_BROKER)


@pytest.fixture
def process_env(fresh_database: str, tmp_path: Path) -> dict[str, str]:
    """The environment in which a child process (manage.py, celery, gunicorn) works on this test's database."""
    return {
        **os.environ,
        "TANDEM_MODE": "test",
        "TANDEM_DATABASE_NAME": fresh_database,
        "TANDEM_TEST_BROKER_URL": settings.CELERY_BROKER_URL,
        "TANDEM_STATIC_ROOT": str(tmp_path / "static"),
    }


from tests.people import (  # noqa: E402, F401
    adam,
    audrey,
    bill,
    cora,
    coverage,
    dee,
    fran,
    lena,
    location,
    mona,
    patient,
    practice,
    provider,
    visit,
)
