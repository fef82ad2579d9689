"""The lazy backend: the cluster starts with the first connection, so imports, checks and mypy start no server."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from clinic.embedded import CannotStart, postgres
from clinic.embedded.backend.creation import DatabaseCreation


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if cluster := self.settings_dict.get("CLUSTER"):
            params["host"] = postgres.host(cluster)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        cluster = self.settings_dict.get("CLUSTER")
        if cluster:
            try:
                postgres.ensure(cluster)
            except CannotStart as error:
                raise ImproperlyConfigured(str(error)) from error
            conn_params["host"] = postgres.host(cluster)
        return super().get_new_connection(conn_params)
