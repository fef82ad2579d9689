"""How the API describes itself. Apart from rest.py: settings name it, and the describer reads the settings early."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter


class WithKey(AutoSchema):  # type: ignore[no-untyped-call]
    """Tells the Idempotency-Key header where it is asked for (clinic.web.rest.IdempotentPost)."""

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
