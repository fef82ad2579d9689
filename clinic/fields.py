"""Fields for what may not lie in the open, and for instants taken from the app's own clock."""

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.checks import CheckMessage
from django.db import models

from clinic import clock


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(k) for k in keys])


def encrypt(plain: bytes) -> bytes:
    return _box(tuple(settings.FIELD_KEYS)).encrypt(plain)


def decrypt(sealed: bytes) -> bytes:
    """Any key of the list opens; only the first one seals, so keys can be rotated."""
    return _box(tuple(settings.FIELD_KEYS)).decrypt(sealed)


def fingerprint(value: str) -> str:
    """HMAC by which an encrypted value is found again. Case and spaces do not count."""
    folded = "".join(value.split()).upper()
    return hmac.new(settings.FIELD_HMAC_KEY.encode(), folded.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.BinaryField):
    """Text that is sealed in the database and open in Python. Look it up by `fingerprint()` in a column beside it."""

    if TYPE_CHECKING:  # what mypy's Django plugin reads: text goes in and comes out
        _pyi_private_set_type: str  # type: ignore[assignment]
        _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(bytes(value)).decode()

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(str(value).encode())

    def to_python(self, value: Any) -> Any:
        return value

    def _check_str_default_value(self) -> list[CheckMessage]:
        """In Python this field is text, so a text default is right."""
        return []

    def get_default(self) -> Any:
        return models.Field.get_default(self)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


class EncryptedBytesField(models.BinaryField):
    """Bytes that are sealed in the database: raw X12, scanned cards."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else decrypt(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(bytes(value))


class TouchedAtField(models.DateTimeField):
    """The app clock's instant of the last save of this row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", clock.now)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = clock.now()
        setattr(model_instance, self.attname, value)
        return value


class MoneyField(models.DecimalField):
    """Dollars and cents, up to ten digits before the point. Never a float."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, float):
            raise TypeError(f"{self.name} is money: a Decimal, never a float")
        return super().get_prep_value(value)
