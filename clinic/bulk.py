"""Rows in bulk, and one row that may lose a race."""

import io
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, models, router
from psycopg2 import Binary
from psycopg2.extras import Json

M = TypeVar("M", bound=models.Model)


def copy_rows(rows: Sequence[models.Model]) -> int:
    """COPY new rows of one model into its table: 3-6 times faster than bulk_create. Keys are made before."""
    if not rows:
        return 0
    model = type(rows[0])
    fields = [
        f for f in model._meta.concrete_fields if not (f.primary_key and f.get_internal_type().endswith("AutoField"))
    ]
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(_cell(f, row) for f in fields))
        buffer.write("\n")
    buffer.seek(0)
    names = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", buffer)
    return len(rows)


def _cell(field: "models.Field[Any, Any]", row: models.Model) -> str:
    """One value in COPY's text format."""
    value = field.get_db_prep_save(field.pre_save(row, True), connection)
    if value is None:
        return r"\N"
    if isinstance(value, Binary):
        value = value.adapted
    if isinstance(value, bytes | bytearray | memoryview):
        text = "\\x" + bytes(value).hex()
    elif isinstance(value, list):
        inner = ",".join('"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' for v in value)
        text = "{" + inner + "}"
    elif isinstance(value, Json):
        text = value.dumps(value.adapted)
    elif isinstance(value, bool):
        text = "t" if value else "f"
    else:
        text = str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def insert_or_none(row: M) -> M | None:
    """INSERT … ON CONFLICT DO NOTHING RETURNING: the row, or None when any constraint said no.

    Under an exclusion constraint a plain INSERT of racers in flight together ends in deadlocks; this does not.
    The caller then asks which row stands in the way, to say so.
    """
    using = router.db_for_write(type(row))
    fields = [f for f in row._meta.concrete_fields if f.primary_key or not f.generated]
    columns = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
    values = [f.get_db_prep_save(f.pre_save(row, True), connection) for f in fields]
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(row._meta.db_table)
    key = connection.ops.quote_name(str(row._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING {key}",  # noqa: S608  (quoted names)
            values,
        )
        if cursor.fetchone() is None:
            return None
    row._state.adding = False
    row._state.db = using
    return row
