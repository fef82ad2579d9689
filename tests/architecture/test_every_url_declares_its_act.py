"""Default deny: no view without an act, no API class that does not ask, no exemption without a reason."""

import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from clinic.web.middleware import WITHOUT_ACT, DefaultDeny, is_declared
from clinic.web.permissions import ACTS, may
from tests.architecture.url_table import url_table


def test_every_view_declares_an_act_or_stands_on_the_list() -> None:
    silent = [e.full_name for e in url_table() if not is_declared(e.view, e.name, list(e.namespaces))]

    assert silent == []


def test_every_operation_of_the_api_names_an_act() -> None:
    silent = []
    for entry in url_table():
        if not entry.is_api:
            continue
        acts = getattr(entry.view.cls, "acts", {})
        operations = getattr(entry.view, "actions", None) or {
            m: m for m in ("get", "post", "put", "patch", "delete") if hasattr(entry.view.cls, m)
        }
        silent += [f"{entry.full_name} {m}" for m, action in operations.items() if acts.get(action) not in ACTS]

    assert silent == []


def test_the_list_of_exemptions_names_only_views_that_exist() -> None:
    names = {e.full_name for e in url_table()} | {f"{e.namespaces[0]}:*" for e in url_table() if e.namespaces}

    assert set(WITHOUT_ACT) - names == set()
    assert all(WITHOUT_ACT.values())


def test_a_view_without_an_act_is_refused_by_the_middleware() -> None:
    def silent(request: HttpRequest) -> HttpResponse:
        return HttpResponse("everything")

    request = RequestFactory().get("/silent/")
    request.resolver_match = ResolverMatch(silent, (), {}, url_name="silent")

    with pytest.raises(PermissionDenied):
        DefaultDeny(silent).process_view(request, silent, (), {})


def test_an_act_that_is_not_in_the_table_fails_at_import() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"claim\.corect"):
        may("claim.corect")
