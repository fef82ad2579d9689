"""The only writer of ApiClient and Device: a token is shown once and kept as its digest."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from clinic import audit
from clinic.errors import ClinicError
from clinic.models import ApiClient, Device, Location, User, token_digest
from clinic.web.permissions import CLIENT_ACTS


@transaction.atomic
def create_api_client(
    *, name: str, scopes: Iterable[str], by: User | None, expires_at: datetime | None = None
) -> tuple[ApiClient, str]:
    """(client, token). The token cannot be shown again; a lost one is replaced by a new client."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in CLIENT_ACTS]
    if unknown or not wanted:
        raise ClinicError(
            f"No such scope: {', '.join(unknown)}. Scopes are acts such as appointment.book."
            if unknown
            else "Name at least one scope, such as appointment.view.",
            field="scopes",
        )
    if ApiClient.objects.filter(name=name).exists():
        raise ClinicError(f"There is an API client called {name}. Choose another name.", field="name")
    token = secrets.token_urlsafe(32)
    client = ApiClient.objects.create(
        name=name, token_sha256=token_digest(token), scopes=wanted, expires_at=expires_at, added_by=by
    )
    audit.record(act="api_client.created", by=by, row=client, detail={"scopes": wanted})
    return client, token


@transaction.atomic
def pair_device(*, name: str, kind: str, location: Location, by: User | None) -> tuple[Device, str]:
    """(device, code). The code is typed once at the device (/pair/)."""
    code = secrets.token_urlsafe(12)
    device = Device.objects.create(name=name, kind=kind, location=location, token_sha256=token_digest(code))
    audit.record(act="device.paired", by=by, row=device)
    return device, code
