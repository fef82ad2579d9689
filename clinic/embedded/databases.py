"""Is the database there, and is it one we can work with? One sentence each when not."""

from django.db import DatabaseError, connection
from django.db.utils import OperationalError

from clinic.embedded import CannotStart

OLDEST_MAJOR = 17


def _where() -> str:
    values = connection.settings_dict
    return f"{values['NAME']} at {values.get('HOST') or 'the local socket'}:{values.get('PORT') or 5432}"


def _reason(error: Exception) -> str:
    """The server's last line. Connection errors of libpq never carry the password."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].removeprefix("FATAL:").strip() if lines else type(error).__name__


def require_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise CannotStart(f"The database {_where()} does not answer: {_reason(error)}. Check DATABASE_URL.") from None
    major = int(connection.pg_version) // 10000  # type: ignore[attr-defined]
    if major < OLDEST_MAJOR:
        raise CannotStart(f"The database {_where()} is PostgreSQL {major}; Tandem needs {OLDEST_MAJOR} or newer.")


def explain_migration(error: DatabaseError) -> CannotStart:
    return CannotStart(f"The database {_where()} could not be migrated: {_reason(error)}.")


def empty_database() -> None:
    """Drop and make anew. Whoever calls this has asked whether it may go."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
