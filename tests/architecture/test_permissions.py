"""Every act and every address against the table written by hand (permissions.yaml), role by role."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from clinic.models import Device, Role, User
from clinic.web.middleware import on_the_list
from clinic.web.permissions import ACTS, DEVICE_ACTS, PERSONS_ONLY, ROLE_ACTS, can
from tests.architecture.url_table import Entry, url_table
from tests.factories.clinic import UserFactory

ORACLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "permissions.yaml").read_text())


def acts_at(entry: Entry) -> Any:
    if not entry.is_api:
        return entry.view.act
    actions = getattr(entry.view, "actions", None)
    acts = entry.view.cls.acts
    return {m: acts[a] for m, a in actions.items() if m != "head"} if actions else dict(acts)


GUARDED = [e for e in url_table() if not on_the_list(e.name, e.namespaces)]


def test_the_table_names_every_act_and_no_other() -> None:
    assert set(ORACLE["acts"]) == ACTS


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_table_says_and_nothing_else(role: Role) -> None:
    expected = {act for act, roles in ORACLE["acts"].items() if role in roles}

    assert ROLE_ACTS[role] == expected
    assert {act for act in ACTS if can(User(role=role), act)} == expected


def test_the_auditor_writes_nothing() -> None:
    writes = {
        a
        for a in ROLE_ACTS[Role.AUDITOR]
        if a.rpartition(".")[2] not in ("view", "search", "receipt", "balance", "schema", "open")
    }

    assert writes == {"own.settings"}


def test_the_administrator_touches_no_patient_and_no_money() -> None:
    assert {a.partition(".")[0] for a in ROLE_ACTS[Role.ADMINISTRATOR]} == {
        "home", "own", "reference", "api", "admin", "schedule", "user", "work",
    }  # fmt: skip


def test_a_deactivated_person_may_do_nothing() -> None:
    gone = User(role=Role.BILLING_MANAGER, is_active=False)

    assert [act for act in ACTS if can(gone, act)] == []


@pytest.mark.parametrize("kind", list(Device.Kind))
def test_devices_may_do_what_the_table_says(kind: Device.Kind) -> None:
    assert DEVICE_ACTS[kind] == set(ORACLE["devices"][kind])


def test_scopes_that_belong_to_persons() -> None:
    assert set(ORACLE["persons_only"]) == PERSONS_ONLY


def test_every_address_has_its_line_and_asks_the_act_it_names() -> None:
    code = {e.full_name: acts_at(e) for e in GUARDED}

    missing = {name: acts for name, acts in code.items() if name not in ORACLE["urls"]}
    different = {
        n: (acts, ORACLE["urls"][n]) for n, acts in code.items() if n not in missing and acts != ORACLE["urls"][n]
    }

    assert missing == {}, "write these into permissions.yaml by hand, after asking who should be there"
    assert different == {}


def test_the_table_names_no_address_that_is_gone() -> None:
    assert set(ORACLE["urls"]) - {e.full_name for e in GUARDED} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_page_refuses_whom_the_table_does_not_name(role: Role) -> None:
    """GET and POST by machine, with ids of nobody. Whoever may not gets 403; whoever may never does."""
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role=role))
    wrong = []
    for entry in GUARDED:
        if entry.is_api:
            continue
        allowed = role in ORACLE["acts"][entry.view.act]
        for answer in [client.get(entry.path())] if allowed else [client.get(entry.path()), client.post(entry.path())]:
            if (answer.status_code == 403) == allowed:
                wrong.append((entry.full_name, answer.status_code))

    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_api_operation_refuses_whom_the_table_does_not_name(role: Role) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role=role))
    wrong = []
    for entry in GUARDED:
        if not entry.is_api:
            continue
        for method, act in acts_at(entry).items():
            allowed = role in ORACLE["acts"][act]
            if allowed and method not in ("get", "post"):
                continue
            answer = client.generic(method.upper(), entry.path(), "{}", content_type="application/json")
            if (answer.status_code == 403) == allowed:
                wrong.append((entry.full_name, method, answer.status_code))

    assert wrong == []


@pytest.mark.django_db
def test_nobody_gets_in_unsigned() -> None:
    client = Client(raise_request_exception=False)

    open_doors = [
        (e.full_name, answer.status_code)
        for e in GUARDED
        for answer in [client.get(e.path()), client.post(e.path())]
        if not (answer.status_code == 401 or (answer.status_code == 302 and answer["Location"].startswith("/sign-in/")))
    ]

    assert open_doors == []
