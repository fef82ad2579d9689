"""Field history: how a row stood before each change of it, with the moment and whoever changed it.

Triggers write it (django-pghistory, statement level), so raw SQL, `update()` and bulk updates leave it as a service
does. Its defaults are turned round in two places:

- The row *before* the change is kept, and nothing at INSERT: the last state is the row itself, so new rows and COPY
  cost nothing, and rows from before this table have their history from their next change on.
- `pgh_created_at` is not the server's time but the `updated_at` that the change set, which is the app's clock
  (clinic.clock; a played month runs on another one). A statement that does not touch `updated_at`, and a DELETE, have
  no moment of their own: theirs is then the one of the state before, which says "not earlier than".

Who comes from `audit.acting`, which tells the connection; a change without it was not made through Tandem's doors.
Rows are append-only by a trigger in plain SQL (0005). `clinic.queries.history` reads them.
"""

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from pghistory.models import Event as KeptRow
from pghistory.trigger import Event as KeepingTrigger

from clinic.models.claim import Claim
from clinic.models.coverage import Coverage
from clinic.models.fee_schedule import Fee
from clinic.models.patient import Patient

CHANGED, REMOVED = "changed", "removed"

UNTOLD = ("id", "created_at")
"""Never change, or are the row's own key (`pgh_obj`)."""
COUNTING = ("updated_at", "version")
"""Kept, since they say when and which; a change of nothing else is none."""


class Change(KeptRow):  # type: ignore[misc]
    """What every table of changes has besides the columns of its model."""

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_created_at = models.DateTimeField("changed at")

    class Meta:
        abstract = True


class KeepBefore(KeepingTrigger):  # type: ignore[misc]
    """The library's trigger with the app's clock as its time, and one join of the states before and after."""

    def get_func(self, model: Any) -> pgtrigger.Func:
        is_change = self.operation == pgtrigger.Update
        table: Any = self.event_model
        own = {f.name for f in model._meta.concrete_fields}
        kept = sorted(f.column for f in table._meta.concrete_fields if f.name in own)
        columns = {c: f'old_values."{c}"' for c in kept} | {
            "pgh_created_at": f'{"new_values" if is_change else "old_values"}."updated_at"',
            "pgh_label": f"'{self.label}'",
            "pgh_obj_id": 'old_values."id"',
            "pgh_context": "NULLIF(current_setting('pghistory.context_metadata', true), '')::jsonb",
        }
        names = ", ".join(f'"{c}"' for c in columns)
        source = "{cond_joined_values}" if is_change else "{cond_old_values}"
        return pgtrigger.Func(
            f'INSERT INTO "{table._meta.db_table}" ({names}) '  # noqa: S608  (names of our own columns)
            f"SELECT {', '.join(columns.values())} FROM {source}; RETURN NULL;"
        )

    def get_func_template_kwargs(self, model: Any) -> dict[str, Any]:
        """FULL JOIN, which cannot become a nested loop: a plan made for one row is kept for the session, and would
        compare each row of a bulk update with every other. Both states are always there, so it finds the same."""
        told: dict[str, Any] = super().get_func_template_kwargs(model)
        told["cond_joined_values"] = told["cond_joined_values"].replace(" JOIN ", " FULL JOIN ", 1)
        return told


class _Kept(pghistory.RowEvent):  # type: ignore[misc]
    row = pghistory.Old
    level = pghistory.Statement

    def add_event_trigger(self, event_model: Any) -> None:
        trigger = KeepBefore(
            event_model=event_model, label=self.label, name=self.trigger_name, row=self.row, operation=self.operation,
            condition=self.condition, level=self.level,
        )  # fmt: skip
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)


def changes_of_model(model: type[models.Model], *, noise: tuple[str, ...] = (), unwatched: tuple[str, ...] = ()) -> Any:
    """The abstract table of a model's changes. `noise` is not kept; `unwatched` is, but makes no change by itself."""
    left_out = (*UNTOLD, *noise)
    watched = [f.name for f in model._meta.concrete_fields if f.name not in (*left_out, *COUNTING, *unwatched)]
    return pghistory.create_event_model(
        model,
        _Kept(CHANGED, operation=pgtrigger.Update, condition=pgtrigger.AnyChange(*watched), trigger_name="keep_before_change"),
        _Kept(REMOVED, operation=pgtrigger.Delete, trigger_name="keep_before_removal"),
        exclude=list(left_out),
        obj_field=pghistory.ObjForeignKey(related_name="+", related_query_name="+"),
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type]
        base_model=Change,
        attrs={
            f.name: models.ForeignKey(
                f.remote_field.model, verbose_name=f.verbose_name, null=f.null, related_name="+",
                on_delete=models.DO_NOTHING, db_constraint=False, db_index=False,
            )
            for f in model._meta.concrete_fields
            if isinstance(f, models.ForeignKey) and f.name not in left_out
        },
    )  # fmt: skip


class PatientChange(changes_of_model(Patient)):  # type: ignore[misc]
    """A patient as the record had it before."""


class CoverageChange(changes_of_model(Coverage, unwatched=("member_id",))):  # type: ignore[misc]
    """A policy as it was before. A sealed member id differs each time it is saved; its fingerprint tells."""

    class Meta:
        indexes = [models.Index(fields=["patient"], name="coverage_change_patient")]


class ClaimChange(changes_of_model(Claim, noise=("findings", "content_sha256"))):  # type: ignore[misc]
    """A claim as it was before. Findings follow from the rest; what was sent is kept as its file."""


class FeeChange(changes_of_model(Fee)):  # type: ignore[misc]
    """A fee as it was before."""
