"""Every operation of the API with everything its description allows (reliability.md R8): no server error, no status
that the description does not know, JSON always, and answers of the described shape.

The client has all scopes. Ids of real rows are put in place of most invented ones, so that the services are reached.
"""

import json
import os
import random
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema_rs import ValidationError, validator_for
from schemathesis.openapi import from_dict

from billing.services.claims import create_claims
from billing.services.submission import submit_ready
from clinic import clock
from clinic.models import ChargeItem, Claim, Visit
from clinic.services.clients import create_api_client
from clinic.web.permissions import CLIENT_ACTS
from ledger.services.payments import receive_payment
from scheduling.models import Appointment, AppointmentType
from tests.billing.desk import MORNING, capture, make_fees, make_partner, make_route
from tests.billing.payer_desk import pay
from tests.factories.clinic import CoverageFactory, PatientFactory, ProviderFactory, VisitFactory
from tests.factories.scheduling import AppointmentFactory, AppointmentTypeFactory, ScheduleFactory

REAL = 4
"""Of five ids that are sent, four are of rows that exist."""
LONG = bool(os.environ.get("TANDEM_PROOF"))


class Clinic:
    """One of everything, and an API client with every scope."""

    def __init__(self) -> None:
        _row, token = create_api_client(name="fire", scopes=CLIENT_ACTS, by=None)
        self.client = Client(raise_request_exception=True, headers={"Authorization": f"Bearer {token}"})
        self.patient = PatientFactory()
        self.coverage = CoverageFactory(patient=self.patient)
        self.partner = make_partner()
        make_route(self.coverage.payer, self.partner)
        make_fees()
        self.provider = ProviderFactory()
        for weekday in range(7):
            ScheduleFactory(provider=self.provider, weekday=weekday)
        self.kind: AppointmentType = AppointmentTypeFactory()
        start = clock.at_local(clock.today(), time(9), self.provider.location)
        self.appointment: Appointment = AppointmentFactory(
            provider=self.provider, patient=self.patient, appointment_type=self.kind, start=start
        )
        self.ready = self._claim("G0439")
        self.denied = self._claim("G0439", "G0101")
        submit_ready()
        self.denied.refresh_from_db()
        pay(self.denied, ("0", "CO-50 150"), ("0", "PR-1 80"))
        self.ready = self._claim("G0101")
        self.open_visit: Visit = VisitFactory(patient=self.patient, provider=self.provider)
        self.payment = receive_payment(
            guarantor=self.patient.guarantor, amount=Decimal("12.00"), method="cash", kind="copay",
            key="fire", by=None, visit=self.open_visit,
        )  # fmt: skip

    def _claim(self, *codes: str) -> Claim:
        visit = VisitFactory(patient=self.patient, provider=self.provider, status="checked_out")
        capture(visit, *codes)
        return create_claims(visit=visit, by=None)[0]

    def ids(self) -> dict[str, str]:
        """By the name of the field that asks for one."""
        from billing.models import Denial, Remittance
        from collections_app.models import CollectionCase, PaymentPlan, Statement
        from insurance.models import EligibilityCheck, PriorAuthorization

        first = {
            "charges": ChargeItem, "denials": Denial, "remittances": Remittance, "plans": PaymentPlan,
            "statements": Statement, "cases": CollectionCase, "eligibility": EligibilityCheck,
            "authorizations": PriorAuthorization,
        }  # fmt: skip
        found = {name: model.objects.first() for name, model in first.items()}
        rows: dict[str, Any] = {
            "patient": self.patient, "guarantor": self.patient.guarantor, "coverage": self.coverage, "visit": self.open_visit,
            "provider": self.provider, "rendering_provider": self.provider, "location": self.provider.location,
            "payer": self.coverage.payer, "appointment": self.appointment, "appointment_type": self.kind, "claim": self.ready,
            "patients": self.patient, "coverages": self.coverage, "arrivals": self.open_visit, "claims": self.ready,
            "accounts": self.patient.guarantor, "payments": self.payment, "appointments": self.appointment,
            "providers": self.provider, "locations": self.provider.location, "payers": self.coverage.payer, **found,
        }  # fmt: skip
        return {name: str(row.pk) for name, row in rows.items() if row is not None}


def put_real_ids(said: Any, ids: dict[str, str], dice: random.Random) -> Any:
    if isinstance(said, dict):
        return {
            name: ids[name] if name in ids and dice.randrange(REAL + 1) else put_real_ids(value, ids, dice)
            for name, value in said.items()
        }
    if isinstance(said, list):
        return [put_real_ids(each, ids, dice) for each in said]
    return said


def fire(examples: int) -> None:
    clinic = Clinic()
    description = json.loads(json.dumps(SchemaGenerator().get_schema(public=True), cls=DjangoJSONEncoder))
    shapes = as_json_schema(description["components"])
    seen: dict[str, set[int]] = {}
    for found in from_dict(description).get_all_operations():
        operation = found.ok()
        seen[f"{operation.method.upper()} {operation.path}"] = attack(clinic, operation, description, shapes, examples)

    print("\n" + "\n".join(f"{name}: {sorted(codes)}" for name, codes in sorted(seen.items())))
    reached = sum(1 for codes in seen.values() if any(c < 300 for c in codes))
    assert len(seen) == sum(len(operations) for operations in description["paths"].values())
    assert reached >= len(seen) // 2, "most operations were never answered with success: the ids do not fit"


def attack(
    clinic: Clinic, operation: Any, description: dict[str, Any], shapes: dict[str, Any], examples: int
) -> set[int]:
    """The statuses that one operation answered. Each attempt is rolled back."""
    documented = description["paths"][operation.path][operation.method.lower()]["responses"]
    ids, plural = clinic.ids(), operation.path.split("/")[4]
    seen: set[int] = set()

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=not LONG, print_blob=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate),
    )  # fmt: skip
    @given(case=operation.as_strategy(), seed=st.integers(0, 2**32))
    def one(case: Any, seed: int) -> None:
        dice = random.Random(seed)
        path = dict(case.path_parameters or {})
        if "id" in path and plural in ids and dice.randrange(REAL + 1):
            path["id"] = ids[plural]
        body = put_real_ids(case.body, ids, dice) if isinstance(case.body, dict | list) else None
        with transaction.atomic():
            answer = clinic.client.generic(
                operation.method.upper(), operation.path.format(**path), "" if body is None else json.dumps(body, default=str),
                content_type="application/json", query_params=plain(case.query),
                headers={"Idempotency-Key": str(seed) if dice.randrange(10) else ""},
            )  # fmt: skip
            transaction.set_rollback(True)
        seen.add(answer.status_code)
        told = f"{operation.method} {operation.path} {path} {body} {dict(case.query or {})} -> {answer.status_code} {answer.content[:300]!r}"
        assert answer.status_code < 500, told
        assert str(answer.status_code) in documented, told
        if answer.content:
            assert answer["Content-Type"].startswith("application/json"), told
            fits(shapes, documented[str(answer.status_code)], answer.json(), told)

    one()
    return seen


def plain(query: Any) -> dict[str, Any]:
    """Query parameters as a browser would write them."""
    return {
        name: value
        for name, value in (query or {}).items()
        if isinstance(value, str | int | list) and "\x00" not in str(value)
    }


def as_json_schema(said: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema says "or null". A blank text fits `format: email` as well as "blank",
    formats being no more than a remark: one of them is enough."""
    if isinstance(said, list):
        return [as_json_schema(each) for each in said]
    if not isinstance(said, dict):
        return said
    words = {"oneOf": "anyOf"}
    plain = {words.get(name, name): as_json_schema(value) for name, value in said.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if said.get("nullable") is True else plain


def fits(shapes: dict[str, Any], documented: dict[str, Any], answer: Any, told: str) -> None:
    shape = documented.get("content", {}).get("application/json", {}).get("schema")
    if shape is None:
        return
    try:
        validator_for({**as_json_schema(shape), "components": shapes}).validate(answer)
    except ValidationError as error:
        raise AssertionError(f"{told}\n{error}") from None


@pytest.mark.django_db
def test_every_operation_withstands_what_its_description_allows() -> None:
    with clock.at(MORNING):
        fire(examples=4)


@pytest.mark.proof
@pytest.mark.django_db
def test_every_operation_withstands_two_hundred_attempts() -> None:
    with clock.at(MORNING):
        fire(examples=200)
