"""One transaction for one act, whoever opens it: the service, or the door with its once-token in the same transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from clinic.errors import ClinicError

_at_the_door: ContextVar[bool] = ContextVar("at_the_door", default=False)


@contextmanager
def door() -> Iterator[None]:
    """The transaction of a request that does one act. A refusal rolls it back whole, then looks up what it still has to say."""
    token = _at_the_door.set(True)
    try:
        with transaction.atomic():
            yield
    except ClinicError as error:
        error.complete()
        raise
    finally:
        _at_the_door.reset(token)


@contextmanager
def act() -> Iterator[None]:
    """All or nothing. Behind a `door` there is no savepoint to pay for: a view that went on after a refusal would be
    stopped by Django at its next query. One that means to go on sets a savepoint of its own around the service, and
    calls the error's `complete`.
    """
    with transaction.atomic(savepoint=not _at_the_door.get()):
        yield
