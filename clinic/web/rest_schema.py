"""How the API describes itself. Apart from rest.py: settings name it, and the describer reads the settings early."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiParameter


class WithKey(AutoSchema):  # type: ignore[no-untyped-call]
    """Tells the Idempotency-Key header where it is asked for (clinic.web.rest.IdempotentPost)."""

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
