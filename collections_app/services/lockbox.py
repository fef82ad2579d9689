"""The lockbox: checks that the bank opened, read from its file and posted once each.

The file is CSV in UTF-8 (a byte-order mark is allowed) with a heading line and these columns, in any order:

    statement,amount,check,date
    S5001,85.00,1047,2026-03-09

`statement` is the number printed on the statement, `amount` dollars and cents without sign or comma, `check` the
check's number, `date` the day of the deposit as YYYY-MM-DD. A file is kept once, by its SHA-256. A line that cannot
be matched or read stands on the worklist with its reason and posts nothing; the other lines post.
"""

import csv
import hashlib
import io
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from clinic import audit, clock
from clinic.bulk import insert_or_none
from clinic.errors import ClinicError
from clinic.models import User
from clinic.money import positive
from collections_app.models import LockboxFile, LockboxItem, Statement
from ledger.models import Payment
from ledger.services.payments import receive_payment

log = logging.getLogger(__name__)

COLUMNS = ("statement", "amount", "check", "date")
LARGEST_FILE = 5_000_000


@dataclass(frozen=True)
class Line:
    """One line as read; `problem` says in one sentence why it cannot be posted."""

    number: int
    statement: str = ""
    check: str = ""
    amount: Decimal | None = None
    paid_on: date | None = None
    problem: str = ""

    @property
    def key(self) -> str:
        return check_key(self.statement, self.check, self.amount, self.paid_on)


def check_key(statement: str, check: str, amount: Decimal | None, paid_on: date | None) -> str:
    """Names the check: a second file of the bank with the same check posts nothing."""
    return f"lockbox:{statement}:{check}:{amount}:{paid_on}"


@transaction.atomic
def keep_file(*, name: str, content: bytes, by: User | None) -> tuple[LockboxFile, bool]:
    """(the file, whether it is new). The same bytes under any name are the same file."""
    if not content.strip():
        raise ClinicError("This file is empty. Choose the bank's lockbox file.", field="file")
    if len(content) > LARGEST_FILE:
        raise ClinicError(
            "This file is larger than a lockbox file can be (5 MB). Choose the bank's file.", field="file"
        )
    digest = hashlib.sha256(content).hexdigest()
    row = LockboxFile(
        name=Path(name).name[:120],
        sha256=digest,
        content=content,
        size=len(content),
        received_at=clock.now(),
        received_by=by,
    )
    kept = insert_or_none(row)
    if kept is None:
        return LockboxFile.objects.get(sha256=digest), False
    audit.record(act="lockbox.kept", by=by, row=kept)
    return kept, True


def collect_folder() -> int:
    """Keep what the bank's connection dropped into the folder (TANDEM_LOCKBOX_DIR). Files stay where they are:
    a file that is kept is known by its bytes."""
    folder = Path(getattr(settings, "LOCKBOX_DIR", "") or Path(settings.STATE_DIR) / "lockbox")
    if not folder.is_dir():
        return 0
    new = 0
    for path in sorted(folder.glob("*.csv")):
        try:
            new += keep_file(name=path.name, content=path.read_bytes(), by=None)[1]
        except (ClinicError, OSError) as error:
            log.warning("lockbox file not taken", extra={"file": path.name, "reason": str(error)})
    return new


def read_files() -> int:
    """Read and post every file that waits. Safe to repeat: a file is read once, a line is one payment."""
    done = 0
    for pk in (
        LockboxFile.objects.filter(status=LockboxFile.Status.RECEIVED)
        .order_by("received_at")
        .values_list("pk", flat=True)
    ):
        try:
            done += read_file(pk)
        except Exception:
            log.exception("lockbox file failed", extra={"file_id": str(pk)})
    return done


@transaction.atomic
def read_file(pk: UUID) -> bool:
    """The whole file in one transaction: all its lines stand as items, those that match are posted."""
    row = (
        LockboxFile.objects.select_for_update(skip_locked=True)
        .filter(pk=pk, status=LockboxFile.Status.RECEIVED)
        .first()
    )
    if row is None:
        return False
    try:
        lines = list(parse(bytes(row.content)))
    except ClinicError as error:
        row.move_to(LockboxFile.Status.REFUSED, by=None, reason=error.sentence, problem=error.sentence)
        return True
    seen: Counter[str] = Counter()
    for line in lines:
        seen[line.key] += 1
        _take(row, line, nth=seen[line.key])
    row.move_to(LockboxFile.Status.READ, by=None)
    return True


def parse(content: bytes) -> Iterator[Line]:
    """The lines of a lockbox file. ClinicError when it is no lockbox file at all."""
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise ClinicError("This is not a CSV text file. Ask the bank for the lockbox file again.") from None
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    if sorted(heading) != sorted(COLUMNS):
        raise ClinicError(f"The first line must name the columns {', '.join(COLUMNS)}.")
    for number, cells in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in cells):
            yield _read_line(number, heading, cells)


def _read_line(number: int, heading: list[str], cells: list[str]) -> Line:
    if len(cells) != len(heading):
        return Line(number, problem=f"This line has {len(cells)} values instead of {len(heading)}.")
    said = {name: cell.strip()[:40] for name, cell in zip(heading, cells, strict=True)}
    line = Line(number, said["statement"].upper(), said["check"])
    try:
        amount = positive(said["amount"] or "0")
    except ClinicError as error:
        return Line(number, line.statement, line.check, problem=error.sentence[:300])
    try:
        paid_on = date.fromisoformat(said["date"])
    except ValueError:
        return Line(number, line.statement, line.check, amount, problem="The date is not a day as YYYY-MM-DD.")
    problem = ""
    if paid_on > clock.today():
        problem = "The date lies in the future."
    elif not line.check:
        problem = "The check number is missing."
    return Line(number, line.statement, line.check, amount, paid_on, problem)


def _take(row: LockboxFile, line: Line, *, nth: int) -> LockboxItem:
    statement = Statement.objects.filter(number=line.statement).select_related("guarantor").first()
    key = f"{line.key}:{nth}"
    before = Payment.objects.filter(key=key).first()
    problem = line.problem
    if not problem and statement is None:
        problem = f"No statement has the number {line.statement or '(none)'}."
    elif not problem and before is not None:
        problem = f"This check was posted before, on receipt {before.number}."
    item = LockboxItem.objects.create(
        file=row,
        line=line.number,
        statement_number=line.statement,
        amount=line.amount,
        check_number=line.check,
        paid_on=line.paid_on,
        problem=problem,
    )
    if not problem and statement is not None:
        _post(item, statement, key=key, by=None)
    return item


def _post(item: LockboxItem, statement: Statement, *, key: str, by: User | None) -> Payment:
    if item.amount is None:
        raise ClinicError("This line has no readable amount. Take the check as a payment on the account.")
    payment = receive_payment(
        guarantor=statement.guarantor,
        amount=item.amount,
        method=Payment.Method.LOCKBOX,
        kind=Payment.Kind.BALANCE,
        key=key,
        by=by,
        reference=item.check_number or f"lockbox line {item.line}",
    )
    item.move_to(LockboxItem.Status.POSTED, by=by, payment=payment, problem="")
    return payment


@transaction.atomic
def match_item(*, item: LockboxItem, statement_number: str, by: User) -> Payment:
    """A person says which statement this check is for; it posts to that guarantor."""
    item = LockboxItem.objects.select_for_update().get(pk=item.pk)
    if item.status != LockboxItem.Status.UNMATCHED:
        raise ClinicError("This line is settled already. Look at the list again.")
    statement = Statement.objects.filter(number=statement_number.strip().upper()).select_related("guarantor").first()
    if statement is None:
        raise ClinicError("No statement has this number. Check it on the check's stub.", field="statement_number")
    payment = _post(item, statement, key=_key_by_hand(item, statement), by=by)
    audit.record(act="lockbox.matched", by=by, row=item, detail={"statement": statement.number})
    return payment


def _key_by_hand(item: LockboxItem, statement: Statement) -> str:
    """The key that the bank's corrected file would have, so that the check posts once by either way."""
    if not item.check_number:
        return f"lockbox-item:{item.pk}"
    base = check_key(statement.number, item.check_number, item.amount, item.paid_on)
    same = LockboxItem.objects.filter(file=item.file_id, payment__key__startswith=f"{base}:").count()
    key = f"{base}:{same + 1}"
    before = Payment.objects.filter(key=key).first()
    if before is not None:
        raise ClinicError(
            f"This check was posted before, on receipt {before.number}. Settle this line by hand.",
            field="statement_number",
        )
    return key


@transaction.atomic
def dismiss_item(*, item: LockboxItem, reason: str, by: User) -> LockboxItem:
    """The line is settled elsewhere (returned to the bank, taken by hand)."""
    if not reason.strip():
        raise ClinicError("Say how this line was settled.", field="reason")
    item = LockboxItem.objects.select_for_update().get(pk=item.pk)
    item.move_to(LockboxItem.Status.DISMISSED, by=by, reason=reason.strip(), problem=reason.strip()[:300])
    audit.record(act="lockbox.dismissed", by=by, row=item, why=reason.strip())
    return item
