"""The payers' own book: one SQLite file outside the practice's database, so that no rollback here reaches it.

`Book` opens it and holds the world (world.py). Files lie in `book.files` (files.py), claims in `book.claims`
(register.py).
"""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings

from clearinghouse.simulator.files import Files
from clearinghouse.simulator.register import Register
from clearinghouse.simulator.rows import from_json, to_json
from clearinghouse.simulator.schema import SCHEMA, SCHEMA_VERSION
from clearinghouse.simulator.world import (
    AllowedFee,
    AuthorizationOnFile,
    CodeRule,
    Member,
    Plan,
    RuleKind,
    SimulatedPayer,
)

PATIENCE = 30.0  # seconds to wait for another process's turn


class Book:
    """One opened book. Open one for each thread; SQLite keeps several processes apart."""

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path or settings.SIMULATOR_BOOK)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA foreign_keys=ON")
        if self._version() != SCHEMA_VERSION:
            self._lay_out()

    def _version(self) -> int:
        return int(self.db.execute("PRAGMA user_version").fetchone()[0])

    def _lay_out(self) -> None:
        """Make the tables, one process at a time: the switch to WAL does not wait for anybody."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._version() not in (0, SCHEMA_VERSION):
                raise RuntimeError(
                    f"The simulator's book {self.path.name} is of another version. Delete it (make reset)."
                )
            self.db.execute("PRAGMA journal_mode=WAL")
            self.db.executescript(SCHEMA)
            self.db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One writer at a time; all or nothing. Inside another change it is part of that one."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    @cached_property
    def files(self) -> Files:
        return Files(self.db)

    @cached_property
    def claims(self) -> Register:
        return Register(self.db)

    def duplicates(self) -> int:
        """Files that arrived more than once: what "sent twice" means, counted by the receiver."""
        return self.files.duplicates()

    # The world, as the demo and tests plant it. Adding the same key again replaces the row.

    def add_payer(self, payer: SimulatedPayer) -> SimulatedPayer:
        self._put("payer", {"payer_id": payer.payer_id}, payer)
        return payer

    def add_plan(self, plan: Plan) -> Plan:
        self._put("plan", {"payer_id": plan.payer_id, "plan_id": plan.plan_id}, plan)
        return plan

    def add_member(self, member: Member) -> Member:
        """The member with its row id."""
        with self.change():
            cursor = self.db.execute(
                "INSERT INTO member (payer_id, member_id, last_name, first_name, birth_date, ended_known_on, data)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*_identity(member), to_json(member)),
            )
        return replace(member, id=int(cursor.lastrowid or 0))

    def change_member(self, member: Member, **changes: Any) -> Member:
        """Cover ends, another payer becomes known, a claim is going to be lost ..."""
        changed = replace(member, **changes)
        with self.change():
            self.db.execute(
                "UPDATE member SET payer_id=?, member_id=?, last_name=?, first_name=?, birth_date=?, ended_known_on=?,"
                " data=? WHERE id=?",
                (*_identity(changed), to_json(changed), member.id),
            )
        return changed

    def add_fees(self, fees: Iterable[AllowedFee]) -> None:
        with self.change():
            for fee in fees:
                self._put("fee", {"payer_id": fee.payer_id, "code": fee.code}, fee)

    def add_authorization(self, authorization: AuthorizationOnFile) -> AuthorizationOnFile:
        key = {"payer_id": authorization.payer_id, "number": authorization.number}
        self._put("authorization", key, authorization)
        return authorization

    def add_rule(self, payer_id: str, kind: RuleKind, code: str, value: str = "") -> CodeRule:
        rule = CodeRule(payer_id=payer_id, kind=kind, code=code, value=value)
        self._put("rule", {"payer_id": payer_id, "kind": str(kind), "code": code, "value": value}, rule)
        return rule

    # What the payers look up

    def payer(self, payer_id: str) -> SimulatedPayer | None:
        return self._one(SimulatedPayer, "SELECT data FROM payer WHERE payer_id=?", payer_id)

    def payers(self) -> list[SimulatedPayer]:
        return self._all(SimulatedPayer, "SELECT data FROM payer ORDER BY payer_id")

    def plan(self, member: Member) -> Plan:
        plan = self._one(Plan, "SELECT data FROM plan WHERE payer_id=? AND plan_id=?", member.payer_id, member.plan_id)
        if plan is None:
            raise LookupError(f"the simulator's book has no plan {member.plan_id} of payer {member.payer_id}")
        return plan

    def member(self, row_id: int) -> Member:
        rows = self._members("id=?", row_id)
        return rows[0]

    def members(self, payer_id: str) -> list[Member]:
        return self._members("payer_id=?", payer_id)

    def members_with_id(self, payer_id: str, member_id: str) -> list[Member]:
        return self._members("payer_id=? AND member_id=?", payer_id, _folded_id(member_id))

    def members_named(self, payer_id: str, last_name: str, first_name: str, birth_date: date) -> list[Member]:
        """Name and birth date exact; case does not count."""
        return self._members(
            "payer_id=? AND last_name=? AND first_name=? AND birth_date=?",
            payer_id, last_name.strip().upper(), first_name.strip().upper(), birth_date.isoformat(),
        )  # fmt: skip

    def members_to_reopen(self, until: date) -> list[Member]:
        """Cover that has turned out to have ended, and whose paid claims have not yet been looked through."""
        return self._members("ended_known_on<=?", until.isoformat())

    def note_reopened(self, member: Member) -> None:
        self.db.execute("UPDATE member SET ended_known_on=NULL WHERE id=?", (member.id,))

    def fee(self, payer_id: str, code: str) -> AllowedFee | None:
        return self._one(AllowedFee, "SELECT data FROM fee WHERE payer_id=? AND code=?", payer_id, code)

    def authorization(self, payer_id: str, number: str) -> AuthorizationOnFile | None:
        return self._one(
            AuthorizationOnFile, "SELECT data FROM authorization WHERE payer_id=? AND number=?", payer_id, number
        )

    def rules(self, payer_id: str, kind: RuleKind, code: str) -> list[str]:
        """The values of the rules of that kind for the code or for every code."""
        rows = self.db.execute(
            "SELECT value FROM rule WHERE payer_id=? AND kind=? AND code IN (?, '*') ORDER BY value",
            (payer_id, str(kind), code),
        )
        return [row["value"] for row in rows]

    def rules_of(self, payer_id: str, kind: RuleKind) -> list[tuple[str, str]]:
        """(code, value) of every rule of that kind."""
        rows = self.db.execute(
            "SELECT code, value FROM rule WHERE payer_id=? AND kind=? ORDER BY code, value", (payer_id, str(kind))
        )
        return [(row["code"], row["value"]) for row in rows]

    def _members(self, where: str, *values: Any) -> list[Member]:
        rows = self.db.execute(f"SELECT id, data FROM member WHERE {where} ORDER BY id", values)  # noqa: S608  our own
        return [replace(from_json(Member, row["data"]), id=row["id"]) for row in rows]

    def _put(self, table: str, key: dict[str, str], row: Any) -> None:
        columns = ", ".join(key)
        marks = ", ".join("?" * len(key))
        with self.change():
            self.db.execute(
                f"INSERT OR REPLACE INTO {table} ({columns}, data) VALUES ({marks}, ?)",  # noqa: S608  our own names
                (*key.values(), to_json(row)),
            )

    def _one(self, kind: type[Any], query: str, *values: str) -> Any:
        row = self.db.execute(query, values).fetchone()
        return None if row is None else from_json(kind, row["data"])

    def _all(self, kind: type[Any], query: str) -> list[Any]:
        return [from_json(kind, row["data"]) for row in self.db.execute(query)]


def _folded_id(member_id: str) -> str:
    return "".join(member_id.split()).upper()


def _identity(member: Member) -> tuple[str | None, ...]:
    return (
        member.payer_id,
        _folded_id(member.member_id),
        member.last_name.strip().upper(),
        member.first_name.strip().upper(),
        member.birth_date.isoformat(),
        member.ended_known_on.isoformat() if member.ended_known_on else None,
    )
