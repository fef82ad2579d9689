"""HasStatus: what may follow what, moved by compare-and-set, with a row for every change."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.db import models, transaction

from clinic import clock
from clinic.bulk import copy_rows, insert
from clinic.errors import IllegalTransition, StaleStatus
from clinic.models.base import new_id


class StatusChange(models.Model):
    """One change of one row's status: who, when, from, to and why. Append-only (trigger in 0002)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record_type = models.CharField(max_length=60)
    record_id = models.UUIDField()
    from_status = models.CharField(max_length=30, blank=True)
    to_status = models.CharField(max_length=30)
    reason = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["record_type", "record_id", "changed_at"])]

    def __str__(self) -> str:
        return f"{self.record_type} {self.from_status} → {self.to_status}"


class HasStatus(models.Model):
    """Mix in, name the states in `Status` and the ways between them in `TRANSITIONS`."""

    TRANSITIONS: ClassVar[dict[Any, set[Any]]] = {}
    status: Any
    pk: Any

    class Meta:
        abstract = True

    @classmethod
    def record_type(cls) -> str:
        return cls._meta.label_lower

    def can_move_to(self, to: str) -> bool:
        return to in self.TRANSITIONS.get(self.status, set())

    def move_to(
        self,
        to: str,
        *,
        by: "models.Model | None",
        reason: str = "",
        detail: dict[str, Any] | None = None,
        **also: Any,
    ) -> Self:
        """UPDATE … WHERE status = what we saw. `also` sets further columns in the same statement.

        Raises IllegalTransition when the table knows no such way, StaleStatus when somebody was first.
        """
        seen = self.status
        if not self.can_move_to(to):
            raise IllegalTransition(f"{_noun(self)} is {_word(seen)} and cannot become {_word(to)}.")
        with transaction.atomic():
            changed = (
                type(self)
                ._default_manager.filter(pk=self.pk, status=seen)
                .update(status=to, updated_at=clock.now(), **also)
            )
            if not changed:
                raise StaleStatus(f"{_noun(self)} was changed by somebody else. Look at it again.")
            record_status(self, from_status=str(seen), to_status=str(to), by=by, reason=reason, detail=detail)
        self.status = to
        for name, value in also.items():
            setattr(self, name, value)
        return self

    @classmethod
    def move_many(
        cls, rows: Sequence[Self], to: str, *, by: "models.Model | None", reason: str = "", **also: Any
    ) -> None:
        """`move_to` for rows that share what they become, in two statements. All or none.

        `also` may hold expressions; the rows in hand are not refreshed beyond their status.
        """
        with transaction.atomic():
            for seen in sorted({str(row.status) for row in rows}):
                some = [row for row in rows if row.status == seen]
                if not some[0].can_move_to(to):
                    raise IllegalTransition(f"{_noun(some[0])} is {_word(seen)} and cannot become {_word(to)}.")
                changed = (
                    cls._default_manager.filter(pk__in=[row.pk for row in some], status=seen)
                    .update(status=to, updated_at=clock.now(), **also)
                )  # fmt: skip
                if changed != len(some):
                    raise StaleStatus(f"{_noun(some[0])} was changed by somebody else. Look at it again.")
            copy_rows([_change(row, str(row.status), str(to), by, reason, None) for row in rows])
        for row in rows:
            row.status = to

    def history(self) -> "models.QuerySet[StatusChange]":
        return StatusChange.objects.filter(record_type=self.record_type(), record_id=self.pk).order_by(
            "changed_at", "id"
        )


def record_status(
    row: HasStatus,
    *,
    from_status: str,
    to_status: str,
    by: "models.Model | None",
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> StatusChange:
    """The history row of a change; also for a first state and for a move that keeps its state (a reschedule)."""
    change = _change(row, from_status, to_status, by, reason, detail)
    return insert(change)


def record_first_statuses(rows: Sequence[HasStatus], *, by: "models.Model | None") -> None:
    """The history rows of what was just made, in one statement."""
    copy_rows([_change(row, "", str(row.status), by, "", None) for row in rows])


def _change(
    row: HasStatus,
    from_status: str,
    to_status: str,
    by: "models.Model | None",
    reason: str,
    detail: dict[str, Any] | None,
) -> StatusChange:
    record_id: uuid.UUID = row.pk
    return StatusChange(
        record_type=row.record_type(),
        record_id=record_id,
        from_status=from_status,
        to_status=to_status,
        reason=reason,
        detail=detail or {},
        changed_by=by,  # type: ignore[misc]
    )


def _noun(row: models.Model) -> str:
    return f"This {row._meta.verbose_name}"


def _word(status: object) -> str:
    return str(status).replace("_", " ")
