"""Settings come from the environment; what cannot be is one sentence, what is unsafe stops production."""

import base64
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import identify_hasher

from clinic import clock, env
from clinic.checks import production_faults, refuse_unsafe
from clinic.embedded import CannotStart
from tests.clinic.installation import ROOT, Installation

SAFE = {
    "PRODUCTION": True,
    "DEBUG": False,
    "DEMO_SIGN_INS": False,
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_KEYS": [base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()],
    "FIELD_HMAC_KEY": secrets.token_urlsafe(48),
    "ALLOWED_HOSTS": ["clinic.example"],
}


@pytest.fixture
def production(settings: LazySettings) -> LazySettings:
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def test_safe_production_starts(production: LazySettings) -> None:
    assert production_faults() == []
    refuse_unsafe()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "not-set", "TANDEM_SECRET_KEY"),
        ("SECRET_KEY", "django-insecure-" + "k" * 60, "TANDEM_SECRET_KEY"),
        ("SECRET_KEY", "a" * 80, "TANDEM_SECRET_KEY"),
        ("DEBUG", True, "TANDEM_DEBUG"),
        ("DEMO_SIGN_INS", True, "TANDEM_DEMO_SIGN_INS"),
        ("FIELD_KEYS", [], "TANDEM_FIELD_KEYS"),
        ("FIELD_KEYS", ["short"], "TANDEM_FIELD_KEYS"),
        ("FIELD_HMAC_KEY", "", "TANDEM_FIELD_HMAC_KEY"),
        ("ALLOWED_HOSTS", [], "TANDEM_HOSTS"),
        ("ALLOWED_HOSTS", ["*"], "TANDEM_HOSTS"),
    ],
)
def test_unsafe_production_is_refused(production: LazySettings, name: str, value: object, words: str) -> None:
    setattr(production, name, value)

    with pytest.raises(CannotStart, match=words):
        refuse_unsafe()


def test_production_refuses_a_moved_clock(production: LazySettings) -> None:
    with clock.at(clock.now()), pytest.raises(CannotStart, match="clock is moved"):
        refuse_unsafe()


def test_demo_is_not_held_to_production_rules(settings: LazySettings) -> None:
    settings.PRODUCTION = False
    settings.DEMO_SIGN_INS = True

    refuse_unsafe()


def test_deployment_check_is_clean_with_production_values() -> None:
    done = subprocess.run([sys.executable, "scripts/deploy_check.py"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_set_is_a_demo_with_embedded_parts(tmp_path: Path) -> None:
    own = Installation(tmp_path)
    own.environment.pop("TANDEM_MODE")

    said = own.python(
        "from django.conf import settings as s; "
        "print(s.MODE, s.CLUSTER, s.EMBEDDED_BROKER, s.DEMO_SIGN_INS, s.DEBUG, s.TIME_ZONE, s.USE_TZ)"
    )

    assert said == "demo pg valkey True False UTC True"


def test_urls_replace_the_embedded_parts(tmp_path: Path) -> None:
    own = Installation(tmp_path)
    own.environment |= {
        "DATABASE_URL": "postgresql://app@db.example:6432/clinic",
        "CELERY_BROKER_URL": "redis://b.example:1/0",
    }

    said = own.python(
        "from django.conf import settings as s; d = s.DATABASES['default']; "
        "print(d['HOST'], d['PORT'], d['NAME'], repr(s.CLUSTER), s.CELERY_BROKER_URL, repr(s.EMBEDDED_BROKER))"
    )

    assert said == "db.example 6432 clinic '' redis://b.example:1/0 ''"


def test_passwords_are_hashed_with_argon2id(tmp_path: Path) -> None:
    hashed = Installation(tmp_path).python(
        "from django.contrib.auth.hashers import make_password; print(make_password('a long pass phrase'))"
    )

    assert identify_hasher(hashed).algorithm == "argon2"
    assert "$argon2id$" in hashed


@pytest.mark.parametrize(("raw", "meant"), [("1", True), ("off", False), ("", True)])
def test_flag_is_read(monkeypatch: pytest.MonkeyPatch, raw: str, meant: bool) -> None:
    monkeypatch.setenv("TANDEM_A_FLAG", raw)

    assert env.flag("TANDEM_A_FLAG", default=True) is meant


def test_bad_values_name_the_variable_and_what_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_A_VALUE", "maybe")

    with pytest.raises(env.BadSetting, match="TANDEM_A_VALUE is 'maybe'; it may be 1 or 0"):
        env.flag("TANDEM_A_VALUE")
    with pytest.raises(env.BadSetting, match="TANDEM_A_VALUE is 'maybe'; it must be a whole number from 1 to 9"):
        env.number("TANDEM_A_VALUE", 5, low=1, high=9)
    with pytest.raises(env.BadSetting, match="TANDEM_A_VALUE is 'maybe'; it may be yes or no"):
        env.choice("TANDEM_A_VALUE", "yes", ("yes", "no"))


def test_list_is_read_without_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_A_LIST", " a, ,b ,")

    assert env.words("TANDEM_A_LIST") == ["a", "b"]
