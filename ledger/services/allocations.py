"""Where a payment's money lies: credit applied to lines, and payments set free from them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import ChargeItem, Guarantor, User, Visit
from clinic.money import ZERO, dollars, positive
from ledger.accounts import Account
from ledger.models import Allocation, JournalEntry, OpenItem
from ledger.queries.standing import Placed, credit_parts, open_balance, parts_on_charge
from ledger.services.journal import Kind, Leg, leg, lock_accounts, post, posted

Share = tuple[ChargeItem, Decimal]


def open_patient_items(guarantor: Guarantor, *, accounts: Iterable[Account] = (Account.PAT,)) -> list[OpenItem]:
    """The guarantor's open lines in the order in which money pays them: the oldest debt first."""
    return list(
        OpenItem.objects.filter(guarantor=guarantor, account__in=list(accounts), balance__gt=0)
        .select_related("charge")
        .order_by("responsible_since", "service_date", "id")
    )


def spread(amount: Decimal, items: Iterable[OpenItem]) -> tuple[list[tuple[OpenItem, Decimal]], Decimal]:
    """(parts, rest): fill the items one after the other."""
    parts = []
    for item in items:
        part = min(amount, item.balance)
        if part > ZERO:
            parts.append((item, part))
            amount -= part
    return parts, amount


@transaction.atomic
def apply_credit(
    *,
    guarantor: Guarantor,
    amount: Decimal,
    charge: ChargeItem,
    key: str,
    by: User | None,
    visit: Visit | None = None,
) -> JournalEntry:
    """Pay a line out of the credit that lies on `visit` (None: on the account). Same key, same entry."""
    lock_accounts([guarantor.pk])
    before = posted(key)
    if before is not None:
        return before
    amount = positive(amount)
    if charge.guarantor_id != guarantor.pk:
        raise ClinicError("This line belongs to another account. Money never moves between guarantors.")
    owed = open_balance(Account.PAT, charge)
    if amount > owed:
        raise ClinicError(f"Only {dollars(max(owed, ZERO))} is open on this line.")
    return _apply(guarantor=guarantor, visit_id=visit.pk if visit else None, shares=[(charge, amount)], key=key, by=by)


@transaction.atomic
def allocate_credit(
    *, guarantor: Guarantor, by: User | None, key: str, visit: Visit | None = None
) -> JournalEntry | None:
    """Apply credit as far as it goes: a visit's own credit to that visit's lines, the account's to the oldest.

    None when there is no credit or nothing open. What is left of a copay stays on its visit.
    """
    lock_accounts([guarantor.pk])
    before = posted(key)
    if before is not None:
        return before
    visit_id = visit.pk if visit else None
    credit = sum((part.amount for part in credit_parts(guarantor, visit_id)), ZERO)
    items = [i for i in open_patient_items(guarantor) if visit_id is None or i.visit_id == visit_id]
    parts, _rest = spread(credit, items)
    shares = [(item.charge, part) for item, part in parts if item.charge is not None]
    if not shares:
        return None
    return _apply(guarantor=guarantor, visit_id=visit_id, shares=shares, key=key, by=by)


@transaction.atomic
def use_idle_credit(*, guarantor: Guarantor, by: User | None, key: str) -> Decimal:
    """By a person's decision: credit of the account, and of visits whose payers are done, pays what is due, oldest first.

    How much it paid. A copay that still waits for its payer's answer is left alone.
    """
    lock_accounts([guarantor.pk])
    used = ZERO
    for visit_id in _idle_places(guarantor):
        credit = sum((part.amount for part in credit_parts(guarantor, visit_id)), ZERO)
        items = sorted(open_patient_items(guarantor), key=lambda item: item.visit_id != visit_id)
        shares = [(i.charge, part) for i, part in spread(credit, items)[0] if i.charge is not None]
        if shares:
            _apply(guarantor=guarantor, visit_id=visit_id, shares=shares, key=f"{key}:{visit_id or 'account'}", by=by)
            used += sum((part for _charge, part in shares), ZERO)
    return used


def _idle_places(guarantor: Guarantor) -> list[UUID | None]:
    """Where credit lies that waits for no payer: the account itself (None), and visits that are done there."""
    rows = OpenItem.objects.filter(guarantor=guarantor)
    places = rows.filter(account=Account.CRED, balance__lt=0).order_by("responsible_since", "id")
    waiting = set(rows.filter(account=Account.INS, balance__gt=0).values_list("visit_id", flat=True))
    charged = set(rows.exclude(account=Account.CRED).values_list("visit_id", flat=True))
    found = places.values_list("visit_id", flat=True)
    return [v for v in dict.fromkeys(found) if v is None or (v in charged and v not in waiting)]


def _apply(
    *, guarantor: Guarantor, visit_id: UUID | None, shares: Sequence[Share], key: str, by: User | None
) -> JournalEntry:
    total = sum((part for _charge, part in shares), ZERO)
    pool = credit_parts(guarantor, visit_id)
    available = sum((part.amount for part in pool), ZERO)
    if total > available:
        raise ClinicError(f"Only {dollars(available)} of credit is left.")
    visit = Visit.objects.get(pk=visit_id) if visit_id else None
    entry = post(
        kind=Kind.CREDIT_APPLIED,
        key=key,
        debits=[leg(Account.CRED, part, guarantor=guarantor, visit=visit, charge=charge) for charge, part in shares],
        credits=[leg(Account.PAT, part, charge=charge) for charge, part in shares],
        by=by,
    )
    rows: list[Allocation] = []
    for charge, part in shares:
        for source, piece in _draw(pool, part):
            rows.append(_row(entry, source, Account.CRED, -piece, visit_id=visit_id))
            rows.append(_row(entry, source, Account.PAT, piece, charge=charge))
    Allocation.objects.bulk_create(rows)
    return entry


@transaction.atomic
def release_credit(*, charge: ChargeItem, amount: Decimal, key: str, by: User | None) -> JournalEntry | None:
    """Set payments free from a line, back to credit on its visit: the copay first, then the newest.

    None when no payment lies on the line. Less than `amount` when less lies there.
    """
    lock_accounts([charge.guarantor_id])
    before = posted(key)
    if before is not None:
        return before
    drawn = list(_draw(parts_on_charge(charge), positive(amount)))
    if not drawn:
        return None
    total = sum((piece for _part, piece in drawn), ZERO)
    debits: dict[Account, Decimal] = {}
    for part, piece in drawn:
        debits[part.account] = debits.get(part.account, ZERO) + piece
    entry = post(
        kind=Kind.CREDIT_RELEASED,
        key=key,
        debits=[leg(account, part, charge=charge) for account, part in debits.items()],
        credits=[credit_leg(charge, total)],
        by=by,
    )
    rows = []
    for part, piece in drawn:
        rows.append(_row(entry, part, part.account, -piece, charge=charge))
        rows.append(_row(entry, part, Account.CRED, piece, visit_id=charge.visit_id))
    Allocation.objects.bulk_create(rows)
    return entry


def credit_leg(charge: ChargeItem, amount: Decimal) -> Leg:
    """Credit of the line's guarantor that lies on the line's visit."""
    return leg(Account.CRED, amount, guarantor=charge.guarantor, visit=charge.visit, charge=charge)


def _draw(parts: list[Placed], amount: Decimal) -> Iterable[tuple[Placed, Decimal]]:
    """Take `amount` out of the parts in their order; each part is used up before the next."""
    while amount > ZERO and parts:
        part = parts.pop(0)
        piece = min(amount, part.amount)
        amount -= piece
        if part.amount > piece:
            parts.insert(0, Placed(part.payment_id, part.account, part.charge_id, part.visit_id, part.amount - piece))
        yield part, piece


def _row(
    entry: JournalEntry,
    part: Placed,
    account: Account,
    amount: Decimal,
    *,
    charge: ChargeItem | None = None,
    visit_id: UUID | None = None,
) -> Allocation:
    return Allocation(
        payment_id=part.payment_id,
        account=account,
        charge=charge,
        visit_id=charge.visit_id if charge else visit_id,
        amount=amount,
        entry=entry,
    )
