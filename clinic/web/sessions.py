"""The session store: Django's own in the database, cheaper where every page and every act goes through it."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection

from clinic.models import WatchedSession

CHANGE = "UPDATE django_session SET session_data = %s, expire_date = %s WHERE session_key = %s"
NOT_WAITING = "SET LOCAL synchronous_commit TO off"
"""What an act tells its person is written behind the act: no waiting for the disk, and no harm when it is lost."""


class SessionStore(DatabaseStore):
    """`started_at` and `last_act_at`, which SessionLimits asks, are read in the same query as the session; both are
    None until it has noted them.
    """

    started_at: datetime | None = None
    last_act_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[WatchedSession]:
        return WatchedSession

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]
        if row is not None:
            self.started_at, self.last_act_at = row.started_at, row.last_act_at
        return row

    def save(self, must_create: bool = False) -> None:
        """One statement for a session that is there; a new one (a sign-in) is the library's to make."""
        if must_create or self.session_key is None:
            return super().save(must_create)
        row = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]
        statement = CHANGE if connection.in_atomic_block else f"{NOT_WAITING}; {CHANGE}"
        with connection.cursor() as cursor:
            cursor.execute(statement, [row.session_data, row.expire_date, row.session_key])
            if not cursor.rowcount:
                raise UpdateError
        return None
