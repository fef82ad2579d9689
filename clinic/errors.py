"""ClinicError: a rule said no, in words for the person at the desk."""

from collections.abc import Callable, Mapping
from typing import Any


class ClinicError(Exception):
    """A rule refused an act. `sentence` says what is wrong and what to do; nothing was written.

    `field` names the input it is about (for the form and the API); `detail` carries what a client may
    act on, such as the next free slots.
    """

    status = 422

    def __init__(self, sentence: str, *, field: str = "", detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.detail = dict(detail or {})
        self.later: Callable[[], None] | None = None

    def complete(self) -> None:
        """Add what could not be looked up while the refused transaction stood (`later`). Doing it twice adds nothing."""
        later, self.later = self.later, None
        if later is not None:
            later()


class Conflict(ClinicError):
    """Somebody else was first: the slot is taken, the row has changed. Look again, then decide (409)."""

    status = 409


class StaleStatus(Conflict):
    """The row no longer stands in the state from which it was to move."""


class StaleVersion(Conflict):
    """The row was changed after the form was filled from it. The page shows the differences and lets the person decide."""


class IllegalTransition(ClinicError):
    """The status table knows no way from here to there."""
