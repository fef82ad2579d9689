"""Typed reads of environment variables. A bad value is one sentence, never a traceback."""

import os
from pathlib import Path


class BadSetting(Exception):
    """The environment says something that cannot be; the sentence names the variable and what it may be."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    raw = text(name).lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} is {raw!r}; it may be 1 or 0.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    raw = text(name)
    if not raw:
        return default
    if not raw.isdecimal() or not low <= int(raw) <= high:
        raise BadSetting(f"{name} is {raw!r}; it must be a whole number from {low} to {high}.")
    return int(raw)


def choice(name: str, default: str, among: tuple[str, ...]) -> str:
    value = text(name, default).lower()
    if value not in among:
        raise BadSetting(f"{name} is {value!r}; it may be {', '.join(among[:-1])} or {among[-1]}.")
    return value


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list."""
    return [w for w in (part.strip() for part in text(name).split(",")) if w] or list(default)


def folder(name: str, default: Path) -> Path:
    raw = text(name)
    return Path(raw).expanduser().absolute() if raw else default
