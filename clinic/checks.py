"""What production refuses to start with. Errors, not warnings: `up`, migrate and the web server stop on them."""

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, register

from clinic import clock
from clinic.embedded import CannotStart


@register()
def production_is_safe(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[Error]:
    if not settings.PRODUCTION:
        return []
    return [Error(sentence, id=f"clinic.E{number:03}") for number, sentence in production_faults()]


def production_faults() -> list[tuple[int, str]]:
    faults: list[tuple[int, str]] = []
    if (
        len(settings.SECRET_KEY) < 50
        or len(set(settings.SECRET_KEY)) < 5
        or settings.SECRET_KEY.startswith("django-insecure")
    ):
        faults.append(
            (1, "TANDEM_SECRET_KEY is missing or guessable: production needs a random one of 50 characters or more.")
        )
    if settings.DEBUG:
        faults.append((2, "TANDEM_DEBUG is on: production would show its insides to strangers."))
    if clock.is_moved():
        faults.append((3, "The clock is moved: production runs on the real time."))
    if settings.DEMO_SIGN_INS:
        faults.append((4, "TANDEM_DEMO_SIGN_INS is on: anybody could sign in as anybody."))
    if not settings.FIELD_KEYS or not all(_is_fernet_key(k) for k in settings.FIELD_KEYS):
        faults.append((5, "TANDEM_FIELD_KEYS is missing or not a list of Fernet keys: member ids could not be sealed."))
    if len(settings.FIELD_HMAC_KEY) < 32:
        faults.append((6, "TANDEM_FIELD_HMAC_KEY is missing or shorter than 32 characters."))
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        faults.append((7, "TANDEM_HOSTS must name the hosts that production answers to."))
    return faults


def refuse_unsafe() -> None:
    """For the web server, the workers and `up`, which do not run Django's checks by themselves."""
    if settings.PRODUCTION and (faults := production_faults()):
        raise CannotStart(" ".join(sentence for _, sentence in faults))


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
