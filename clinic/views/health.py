"""For load balancers and supervisors: am I alive, may I be given work."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from clinic.nudge import broker_answers
from clinic.web.context import house


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers. Asks nothing of anybody else."""
    return JsonResponse({"ok": True})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready = the database answers and is migrated. A broker or a clock that is away is told, not fatal."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        executor = MigrationExecutor(connection)
        pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        late = house().clock_is_late if not pending else True
    except DatabaseError:
        return JsonResponse({"ok": False, "database": False}, status=503)
    told = {"database": True, "migrations_pending": pending, "broker": broker_answers(), "clock": not late}
    return JsonResponse({"ok": not pending, **told}, status=200 if not pending else 503)
