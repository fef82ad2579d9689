"""The payers' claim register in the book: every claim accepted, what was decided and paid, what is owed back."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from clearinghouse.simulator.register_rows import Payments, RegisteredClaim, RegisteredLine, Standing, Takeback
from clearinghouse.simulator.rows import from_json, to_json
from x12.remittance_835 import ClaimPayment


class Register:
    """Works inside the transaction of the Book that owns the connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def accept(self, *, lines: Iterable[RegisteredLine], **claim: Any) -> RegisteredClaim:
        claim.setdefault("status", Standing.ACCEPTED)
        columns, marks = ", ".join(claim), ", ".join("?" * len(claim))
        cursor = self._db.execute(
            f"INSERT INTO claim ({columns}) VALUES ({marks})",  # noqa: S608  our own names
            [_cell(value) for value in claim.values()],
        )
        claim_id = int(cursor.lastrowid or 0)
        self.keep_lines(claim_id, claim["member"], lines)
        return self.claim(claim_id)

    def keep_lines(self, claim_id: int, member: int | None, lines: Iterable[RegisteredLine]) -> None:
        self._db.execute("DELETE FROM claim_line WHERE claim=?", (claim_id,))
        self._db.executemany(
            "INSERT INTO claim_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    claim_id, line.number, member, line.service_on.isoformat(), line.code, ":".join(line.modifiers),
                    line.units, int(line.is_denied), _cents(line.deductible), _cents(line.share), line.authorization,
                )
                for line in lines
            ],
        )  # fmt: skip

    def decide(self, claim: RegisteredClaim, payments: Sequence[ClaimPayment], *, on: date) -> None:
        self._db.execute(
            "UPDATE claim SET status=?, paid_on=?, payment=? WHERE id=?",
            (Standing.DECIDED, on.isoformat(), to_json(Payments(payments=tuple(payments))), claim.id),
        )

    def keep_payments(self, claim_id: int, payments: Sequence[ClaimPayment]) -> None:
        """What still stands of a claim, part of which was replaced."""
        self._db.execute(
            "UPDATE claim SET payment=? WHERE id=?", (to_json(Payments(payments=tuple(payments))), claim_id)
        )

    def drop_line(self, claim_id: int, number: int) -> None:
        """A replaced line is no history any more."""
        self._db.execute("DELETE FROM claim_line WHERE claim=? AND number=?", (claim_id, number))

    def set_standing(self, claim_id: int, standing: Standing) -> None:
        self._db.execute("UPDATE claim SET status=? WHERE id=?", (str(standing), claim_id))

    def claim(self, claim_id: int) -> RegisteredClaim:
        return self._claims("id=?", claim_id)[0]

    def by_payer_number(self, payer_id: str, payer_claim_number: str) -> RegisteredClaim | None:
        found = self._claims("payer_id=? AND payer_claim_number=?", payer_id, payer_claim_number)
        return found[0] if found else None

    def by_control_number(self, control_number: str) -> list[RegisteredClaim]:
        return self._claims("control_number=?", control_number)

    def due(self, until: date) -> list[RegisteredClaim]:
        """Claims to be decided, in the order of their payment days."""
        return self._claims("status='accepted' AND pay_on<=? ORDER BY pay_on, id", until.isoformat())

    def decided_for(self, member: int) -> list[RegisteredClaim]:
        return self._claims("member=? AND status='decided' ORDER BY id", member)

    def lines(self, claim_id: int) -> list[RegisteredLine]:
        return [
            _line(row)
            for row in self._db.execute("SELECT * FROM claim_line WHERE claim=? ORDER BY number", (claim_id,))
        ]

    def history(self, member: int, *, day: date, before: int) -> list[RegisteredLine]:
        """What of that person's day is paid or pending in claims registered before the claim `before`."""
        rows = self._db.execute(
            "SELECT l.* FROM claim_line l JOIN claim c ON c.id = l.claim"
            " WHERE l.member=? AND l.service_on=? AND l.is_denied=0 AND c.status IN ('accepted', 'decided') AND c.id<?",
            (member, day.isoformat(), before),
        )
        return [_line(row) for row in rows]

    def met(self, member: int, year: int, *, except_claim: int) -> tuple[Decimal, Decimal]:
        """(deductible, all patient shares) decided for that calendar year."""
        row = self._db.execute(
            "SELECT COALESCE(SUM(l.deductible), 0) AS deductible, COALESCE(SUM(l.share), 0) AS share"
            " FROM claim_line l JOIN claim c ON c.id = l.claim"
            " WHERE l.member=? AND substr(l.service_on, 1, 4)=? AND c.status='decided' AND c.id<>?",
            (member, str(year), except_claim),
        ).fetchone()
        return _money(row["deductible"]), _money(row["share"])

    def units_used(self, *, payer_id: str, authorization: str, before: int) -> int:
        return self._sum_units("c.payer_id=? AND l.authorization=? AND c.id<?", payer_id, authorization, before)

    def units_in_year(self, *, member: int, code: str, year: int, before: int) -> int:
        return self._sum_units(
            "l.member=? AND l.code=? AND substr(l.service_on, 1, 4)=? AND c.id<?", member, code, str(year), before
        )

    def owe(
        self, *, payer_id: str, trader: str, payee_npi: str, reference: str, amount: Decimal, on: date, kind: str
    ) -> None:
        self._db.execute(
            "INSERT INTO takeback (payer_id, trader, payee_npi, reference, left_cents, known_on, kind)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (payer_id, trader, payee_npi, reference, _cents(amount), on.isoformat(), kind),
        )

    def takebacks(self, *, payer_id: str, trader: str, payee_npi: str, before: date) -> list[Takeback]:
        """Still to be taken, known before that day: never in the check that announces it."""
        rows = self._db.execute(
            "SELECT * FROM takeback WHERE payer_id=? AND trader=? AND payee_npi=? AND left_cents>0 AND known_on<? ORDER BY id",
            (payer_id, trader, payee_npi, before.isoformat()),
        )
        return [
            Takeback(id=row["id"], reference=row["reference"], left=_money(row["left_cents"]), kind=row["kind"])
            for row in rows
        ]

    def take(self, takeback: Takeback, amount: Decimal) -> None:
        self._db.execute("UPDATE takeback SET left_cents=left_cents-? WHERE id=?", (_cents(amount), takeback.id))

    def _sum_units(self, where: str, *values: Any) -> int:
        row = self._db.execute(
            "SELECT COALESCE(SUM(l.units), 0) AS units FROM claim_line l JOIN claim c ON c.id = l.claim"  # noqa: S608
            f" WHERE {where} AND l.is_denied=0 AND c.status IN ('accepted', 'decided')",
            values,
        ).fetchone()
        return int(row["units"])

    def _claims(self, where: str, *values: Any) -> list[RegisteredClaim]:
        return [_claim(row) for row in self._db.execute(f"SELECT * FROM claim WHERE {where}", values)]  # noqa: S608


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _claim(row: sqlite3.Row) -> RegisteredClaim:
    kept = {key: row[key] for key in row.keys() if key not in ("received_on", "pay_on", "paid_on", "payment")}  # noqa: SIM118
    return RegisteredClaim(
        **kept,
        received_on=date.fromisoformat(row["received_on"]),
        pay_on=date.fromisoformat(row["pay_on"]),
        paid_on=_day(row["paid_on"]),
        payments=from_json(Payments, row["payment"]).payments if row["payment"] else (),
    )


def _line(row: sqlite3.Row) -> RegisteredLine:
    return RegisteredLine(
        number=row["number"],
        service_on=date.fromisoformat(row["service_on"]),
        code=row["code"],
        modifiers=tuple(each for each in row["modifiers"].split(":") if each),
        units=row["units"],
        is_denied=bool(row["is_denied"]),
        deductible=_money(row["deductible"]),
        share=_money(row["share"]),
        authorization=row["authorization"],
    )
