"""The session store: Django's own in the database; what SessionLimits asks about a session comes in the same query."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from clinic.models import WatchedSession


class SessionStore(DatabaseStore):
    started_at: datetime | None = None
    """When its person signed in, and last did something; None until SessionLimits has noted it."""
    last_act_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[WatchedSession]:
        return WatchedSession

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]
        if row is not None:
            self.started_at, self.last_act_at = row.started_at, row.last_act_at
        return row
