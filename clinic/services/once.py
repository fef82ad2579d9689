"""Idempotency keys: the same key with the same body has one effect and one answer."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import Json

from clinic import clock
from clinic.bulk import insert_or_none
from clinic.errors import ClinicError, Conflict
from clinic.models import OnceToken

KEEP = "UPDATE clinic_oncetoken SET status_code = %s, reply = %s, location = %s, updated_at = %s WHERE id = %s"


class KeyReused(ClinicError):
    """The key came with another body (422)."""


def take(*, scope: str, key: str, body: bytes) -> tuple[OnceToken, bool]:
    """(token, is_new). Call inside the transaction of the act: the row is locked until the act commits.

    A second caller with the same key waits for the first; if that one rolled back (a 4xx), the second is new.
    """
    if not key or len(key) > 100:
        raise ClinicError("An idempotency key has 1 to 100 characters.")
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic(savepoint=False):
        row = insert_or_none(OnceToken(scope=scope, key=key, body_sha256=digest))
        if row is not None:
            return row, True
        kept = OnceToken.objects.select_for_update().filter(scope=scope, key=key).first()
    if kept is None:
        raise Conflict("The same request is being carried out. Try again.")
    if kept.body_sha256 != digest:
        raise KeyReused("This key was used for another request. Send a new key with a changed request.")
    return kept, False


def keep(*, token: OnceToken, status_code: int, reply: Any = None, location: str = "") -> None:
    """Store the answer beside the key, in the transaction of the act."""
    token.status_code, token.reply, token.location = status_code, reply, location
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [status_code, None if reply is None else Json(reply), location, clock.now(), token.pk])


def forget_before(days: int = 30) -> int:
    """HTTP replies are kept for 30 days; money rows keep their own unique key for good."""
    deleted, _ = OnceToken.objects.filter(created_at__lt=clock.now() - timedelta(days=days)).delete()
    return deleted
