"""The API as a page of ours: every operation, the act it asks, what it takes. Drawn from the OpenAPI description."""

from dataclasses import dataclass

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator

from clinic.web.htmx import page
from clinic.web.permissions import SignedIn, may

METHODS = ("get", "post", "patch", "put", "delete")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    says: str
    takes: str
    needs_key: bool


@may("api.schema")
def api_operations(request: SignedIn) -> HttpResponse:
    described = SchemaGenerator().get_schema(request=None, public=True)
    offices: dict[str, list[Operation]] = {}
    for path, operations in described["paths"].items():
        office = path.removeprefix("/api/v1/").split("/")[0].strip("{}")
        for method in METHODS:
            if method in operations:
                offices.setdefault(office, []).append(_operation(method, path, operations[method]))
    return page(request, "rest/operations.html", {"offices": offices})


def _operation(method: str, path: str, told: dict[str, object]) -> Operation:
    body: dict[str, dict[str, dict[str, dict[str, str]]]] = told.get("requestBody", {})  # type: ignore[assignment]
    schema = body.get("content", {}).get("application/json", {}).get("schema", {})
    takes = schema.get("$ref", "").rpartition("/")[2]
    headers = [p for p in told.get("parameters", []) if p.get("name") == "Idempotency-Key"]  # type: ignore[attr-defined]
    says = str(told.get("description", "")).partition("\n")[0]
    return Operation(method.upper(), path, says, takes, bool(headers))
