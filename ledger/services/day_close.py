"""A desk's cash from float to bank: open, count blind, close over or short, deposit. A closed drawer takes nothing more.

The float stays in the drawer and is no part of the ledger; CASH holds takings until they are deposited.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import Location, User, next_number
from clinic.money import ZERO, dollars, exact
from ledger.accounts import Account
from ledger.models import Deposit, Drawer, Payment
from ledger.services.journal import Kind, leg, lock_accounts, post

TAKEN = (Payment.Status.POSTED, Payment.Status.RETURNED)


@transaction.atomic
def open_drawer(*, location: Location, float_amount: Decimal, by: User) -> Drawer:
    """Begin a shift with what lies in the drawer for change. One open drawer a person."""
    lock_accounts([by.pk])
    amount = exact(float_amount)
    if amount < ZERO:
        raise ClinicError("A float cannot be less than $0.00.", field="float_amount")
    if Drawer.objects.filter(keeper=by).exclude(status=Drawer.Status.CLOSED).exists():
        raise Conflict("You have a drawer open already. Close it first.")
    drawer = Drawer.objects.create(
        number=f"D{next_number('drawer', first=101)}",
        location=location,
        business_date=clock.today(location),
        keeper=by,
        float_amount=amount,
    )
    audit.record(act="drawer.opened", by=by, row=drawer, detail={"float": str(amount)})
    return drawer


def takings(drawer: Drawer) -> dict[str, Decimal]:
    """Cash and checks that should lie in the drawer beside the float."""
    rows = drawer.payments.filter(status__in=TAKEN).order_by().values("method").annotate(total=Sum("amount"))
    return {row["method"]: row["total"] for row in rows}


@transaction.atomic
def count_drawer(*, drawer: Drawer, counted: Decimal, by: User) -> Drawer:
    """Everything in the drawer with the float, counted before the expected sum is shown."""
    drawer = Drawer.objects.select_for_update().get(pk=drawer.pk)
    amount = exact(counted)
    if amount < ZERO:
        raise ClinicError("A count cannot be less than $0.00.", field="counted")
    expected = drawer.float_amount + sum(takings(drawer).values(), ZERO)
    drawer.move_to(Drawer.Status.COUNTED, by=by, counted_amount=amount, expected_amount=expected)
    audit.record(act="drawer.counted", by=by, row=drawer, detail={"counted": str(amount), "expected": str(expected)})
    return drawer


@transaction.atomic
def count_again(*, drawer: Drawer, reason: str, by: User) -> Drawer:
    if not reason.strip():
        raise ClinicError("Say why the drawer is counted again.", field="reason")
    drawer = Drawer.objects.select_for_update().get(pk=drawer.pk)
    return drawer.move_to(Drawer.Status.OPEN, by=by, reason=reason, counted_amount=None, expected_amount=None)


@transaction.atomic
def close_drawer(*, drawer: Drawer, by: User, explanation: str = "") -> Drawer:
    """Sign the count. A difference is explained, signed by a second person, and booked over or short."""
    drawer = Drawer.objects.select_for_update().get(pk=drawer.pk)
    difference = over_short(drawer)
    if drawer.status == Drawer.Status.OPEN:
        raise ClinicError("Count the drawer first.")
    if difference and not explanation.strip():
        raise ClinicError(f"The drawer is off by {dollars(difference)}. Explain it.", field="explanation")
    if difference and by.pk == drawer.keeper_id:
        raise ClinicError("A drawer that is over or short is closed by a second person.")
    drawer.move_to(
        Drawer.Status.CLOSED, by=by, closed_by=by, closed_at=clock.now(), explanation=explanation.strip()[:200]
    )
    if difference:
        post(
            kind=Kind.OVER_SHORT,
            key=f"over-short:{drawer.pk}",
            debits=[leg(Account.CASH, difference, reference=drawer.number)],
            credits=[leg(Account.OVERSHORT, difference, reference=drawer.number)],
            by=by,
            memo=explanation,
        )
    audit.record(act="drawer.closed", by=by, row=drawer, why=explanation, detail={"over_short": str(difference)})
    return drawer


def over_short(drawer: Drawer) -> Decimal:
    """Above zero: more was counted than expected."""
    if drawer.counted_amount is None or drawer.expected_amount is None:
        return ZERO
    return drawer.counted_amount - drawer.expected_amount


def to_deposit(location: Location) -> tuple["QuerySet[Drawer]", "QuerySet[Payment]", Decimal]:
    """(closed drawers, their payments and those taken without a drawer, the sum) that wait for the bank."""
    drawers = Drawer.objects.filter(location=location, status=Drawer.Status.CLOSED, deposit=None)
    payments = Payment.objects.filter(
        Q(drawer__in=drawers) | Q(drawer=None, visit__location=location) | Q(drawer=None, visit=None),
        method__in=Payment.INTO_DRAWER,
        status__in=TAKEN,
        deposit=None,
    )
    counted = sum((d.counted_amount - d.float_amount for d in drawers if d.counted_amount is not None), ZERO)
    loose = payments.filter(drawer=None).aggregate(total=Sum("amount"))["total"] or ZERO
    return drawers, payments, counted + loose


def _locked_takings(location: Location) -> tuple[list[Drawer], list[Payment]]:
    """What is counted is what is marked, though a drawer closes or a check comes in meanwhile.

    Money without a drawer belongs to no location: a second location's deposit waits for these rows, and leaves them.
    """
    drawers, payments, _amount = to_deposit(location)
    closed = list(drawers.select_for_update(of=("self",)).order_by("id"))
    ids = {drawer.pk for drawer in closed}
    rows = payments.select_for_update(of=("self",)).order_by("id")
    return closed, [row for row in rows if row.drawer_id is None or row.drawer_id in ids]


@transaction.atomic
def make_deposit(*, location: Location, by: User, key: str, reference: str = "") -> Deposit:
    """All closed takings of a location go to the bank: Dr BANK / Cr CASH. Their payments are locked from then on."""
    lock_accounts([location.pk])
    before = Deposit.objects.filter(entry__key=key).first()
    if before is not None:
        return before
    drawers, payments = _locked_takings(location)
    amount = sum((d.counted_amount - d.float_amount for d in drawers if d.counted_amount is not None), ZERO)
    amount += sum((p.amount for p in payments if p.drawer_id is None), ZERO)
    if amount <= ZERO:
        raise ClinicError("There is nothing to deposit. Close a drawer first.")
    entry = post(
        kind=Kind.DEPOSIT,
        key=key,
        debits=[leg(Account.BANK, amount, reference=reference)],
        credits=[leg(Account.CASH, amount, reference=reference)],
        by=by,
        memo=f"Deposit of {location.name}",
    )
    deposit = Deposit.objects.create(
        number=f"B{next_number('deposit', first=101)}",
        location=location,
        made_on=clock.today(location),
        amount=amount,
        made_by=by,
        entry=entry,
        reference=reference,
    )
    now = clock.now()
    Payment.objects.filter(pk__in=[p.pk for p in payments]).update(deposit=deposit, updated_at=now)
    Drawer.objects.filter(pk__in=[d.pk for d in drawers]).update(deposit=deposit, updated_at=now)
    audit.record(act="deposit.made", by=by, row=deposit, detail={"amount": str(amount)})
    return deposit
