"""How the API describes itself. Apart from rest.py: settings name it, and the describer reads the settings early."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


class RefusalSerializer(serializers.Serializer[Any]):
    """What stands in every answer from 400 on: a sentence for a person, the field it is about, what to do next."""

    error = serializers.CharField()
    field = serializers.CharField(required=False, allow_blank=True)
    detail = serializers.DictField(required=False)


class WithKey(AutoSchema):  # type: ignore[no-untyped-call]
    """Tells the Idempotency-Key header where it is asked for (clinic.web.rest.IdempotentPost), and how it may refuse."""

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:
        """Names carry their office: two offices may both have a Payment."""
        name = str(super()._get_serializer_name(serializer, direction, bypass_extensions))
        office = type(force_instance(serializer)).__module__.partition(".")[0].removesuffix("_app")
        return name if office in ("rest_framework", "drf_spectacular") else f"{office.capitalize()}{name}"

    def get_override_parameters(self) -> list[Any]:
        told = list(super().get_override_parameters())
        repeatable = getattr(self.view, "repeatable_posts", None)
        if self.method == "POST" and repeatable is not None and getattr(self.view, "action", None) not in repeatable:
            told.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    required=True,
                    description="One value for each act.",
                )
            )
        return told

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        told: dict[str, Any] = super()._get_response_bodies(direction)
        for code in self._refusals():
            told.setdefault(code, self._get_response_for_code(RefusalSerializer, code))
        return told

    def _refusals(self) -> list[str]:
        """400 shape, 401 nobody, 403 not allowed, 404 not there; for what changes something 409 and 422 as well."""
        codes = ["400", "401", "403", "404"]
        return codes if self.method == "GET" else [*codes, "409", "415", "422"]

    def _get_paginator(self) -> Any:
        """Only a GET comes in pages: a POST that makes several rows answers with all of them."""
        return super()._get_paginator() if self.method == "GET" else None

    def get_filter_backends(self) -> list[Any]:
        return list(super().get_filter_backends()) if self.method == "GET" else []

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """A choice that may stay empty in the record is empty in the answer, too."""
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        if isinstance(field, serializers.ChoiceField) and field.read_only and model is not None:
            column = next((f for f in model._meta.concrete_fields if f.name == field.source), None)
            field.allow_blank = field.allow_blank or (column is not None and column.blank)
        return super()._map_serializer_field(field, direction, bypass_extensions)
