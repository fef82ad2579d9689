"""Every URL of the project with the view behind it, walked from the root."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Entry:
    """`full_name` is `namespace:name`; `arguments` are the names in the path."""

    full_name: str
    namespaces: tuple[str, ...]
    name: str
    view: Any
    arguments: tuple[tuple[str, Any], ...]

    @property
    def is_api(self) -> bool:
        return hasattr(self.view, "cls")

    def path(self) -> str:
        """The URL with ids that belong to nobody."""
        return reverse(self.full_name, kwargs={name: _nobody(kind) for name, kind in self.arguments})


def url_table() -> list[Entry]:
    return list(_walk(get_resolver().url_patterns, (), ()))


def _walk(patterns: Any, namespaces: tuple[str, ...], above: tuple[tuple[str, Any], ...]) -> Iterator[Entry]:
    for pattern in patterns:
        arguments = above + tuple(pattern.pattern.converters.items())
        if isinstance(pattern, URLResolver):
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern.url_patterns, inside, arguments)
        elif isinstance(pattern, URLPattern):
            if not pattern.pattern.converters and pattern.pattern.regex.groups:
                arguments += tuple((name, None) for name in pattern.pattern.regex.groupindex)
            name = pattern.name or ""
            yield Entry(":".join((*namespaces, name)), namespaces, name, pattern.callback, arguments)


def _nobody(converter: Any) -> Any:
    kind = type(converter).__name__
    if kind == "UUIDConverter" or converter is None:
        return uuid.UUID("00000000-0000-7000-8000-000000000000")
    return {"IntConverter": 0, "SlugConverter": "nothing"}.get(kind, "nothing")
