"""Who owes what, now or as of any moment in the past.

Now is read from the open items; the past is summed from postings that were written by then (`posted_at`), so
history never changes. A date means the end of that day where the practice is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from clinic import clock
from clinic.models import ChargeItem, Coverage, Guarantor, Payer, Visit
from clinic.money import ZERO
from ledger.accounts import CHART, ITEM_ACCOUNTS, PATIENT_OWES, Account
from ledger.models import OpenItem, Posting

AsOf = datetime | date | None


@dataclass(frozen=True)
class PatientBalance:
    """`due` is billed; `on_plan` and `at_agency` are owed elsewhere; `written_off` is owed but given up."""

    due: Decimal
    on_plan: Decimal
    at_agency: Decimal
    written_off: Decimal
    credit: Decimal

    @property
    def owed(self) -> Decimal:
        return self.due + self.on_plan + self.at_agency


@dataclass(frozen=True)
class OpenLine:
    """One line behind a figure. `since` is the day it became the patient's to pay."""

    item_id: int
    charge: ChargeItem
    account: Account
    balance: Decimal
    service_date: date
    since: date | None
    first_statement_on: date | None


def moment_of(as_of: datetime | date) -> datetime:
    """The last instant that counts: a date is its end, in the practice's zone."""
    if isinstance(as_of, datetime):
        return as_of
    return clock.at_local(as_of + timedelta(days=1), time(0)) - timedelta(microseconds=1)


def _about(guarantor: Guarantor | None, visit: Visit | None, charge: ChargeItem | None) -> dict[str, Any]:
    named = {"guarantor": guarantor, "visit": visit, "charge": charge}
    keys = {name: row for name, row in named.items() if row is not None}
    if len(keys) != 1:
        raise TypeError("name a guarantor, a visit or a charge")
    return keys


def _sums(rows: "QuerySet[Any]", *, by_postings: bool) -> dict[str, Decimal]:
    total = Sum("debit") - Sum("credit") if by_postings else Sum("balance")
    return dict(rows.order_by().values("account").annotate(total=total).values_list("account", "total"))


def by_account(accounts: tuple[Account, ...], as_of: AsOf = None, **keys: Any) -> dict[str, Decimal]:
    """Debits less credits per account, for rows with these keys."""
    if as_of is None and set(accounts) <= ITEM_ACCOUNTS:
        return _sums(OpenItem.objects.filter(account__in=accounts, **keys), by_postings=False)
    rows = Posting.objects.filter(account__in=accounts, **keys)
    if as_of is not None:
        rows = rows.filter(entry__posted_at__lte=moment_of(as_of))
    return _sums(rows, by_postings=True)


def account_balance(account: Account, *, as_of: AsOf = None, **keys: Any) -> Decimal:
    """Debits less credits of an account; `keys` narrow it (charge, coverage, guarantor, visit, payer, reference)."""
    return by_account((Account(account),), as_of, **keys).get(account, ZERO)


def balance(account: Account, *, as_of: AsOf = None, **keys: Any) -> Decimal:
    """The balance on the account's normal side: credit of $25 is 25.00."""
    value = account_balance(account, as_of=as_of, **keys)
    return -value if CHART[Account(account)].side == "credit" else value


def owed_by_patient(
    *,
    guarantor: Guarantor | None = None,
    visit: Visit | None = None,
    charge: ChargeItem | None = None,
    as_of: AsOf = None,
) -> Decimal:
    """All that the patient owes: due, on a plan and at the agency. Credit is not taken off."""
    return sum(by_account(PATIENT_OWES, as_of, **_about(guarantor, visit, charge)).values(), ZERO)


def patient_balance(
    *,
    guarantor: Guarantor | None = None,
    visit: Visit | None = None,
    charge: ChargeItem | None = None,
    as_of: AsOf = None,
) -> PatientBalance:
    keys = _about(guarantor, visit, charge)
    sums = by_account(PATIENT_OWES, as_of, **keys)
    given_up = by_account((Account.BAD, Account.BREC), as_of, **keys)
    credit = ZERO if charge is not None else -account_balance(Account.CRED, as_of=as_of, **keys)
    return PatientBalance(
        due=sums.get(Account.PAT, ZERO),
        on_plan=sums.get(Account.PLAN, ZERO),
        at_agency=sums.get(Account.AGCY, ZERO),
        written_off=sum(given_up.values(), ZERO),
        credit=credit,
    )


def owes(guarantor: str) -> Subquery:
    """What a guarantor owes, as a column of somebody else's query; `guarantor` is the way to the id from there."""
    rows = OpenItem.objects.open().owed_by_patient().filter(guarantor_id=OuterRef(guarantor)).order_by()
    return Subquery(rows.values("guarantor_id").annotate(owed=Sum("balance")).values("owed"))


def owed_by_coverage(*, charge: ChargeItem, coverage: Coverage, as_of: AsOf = None) -> Decimal:
    return account_balance(Account.INS, as_of=as_of, charge=charge, coverage=coverage)


def owed_on_lines(charge_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], Decimal]:
    """What each coverage owes now of each of these charges, by (charge, coverage), in one query."""
    rows = OpenItem.objects.filter(account=Account.INS, charge_id__in=charge_ids)
    return {(charge, coverage): left for charge, coverage, left in rows.values_list("charge", "coverage", "balance")}


def visits_with_credit(visit_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these visits on which money lies that pays nothing yet."""
    rows = OpenItem.objects.filter(account=Account.CRED, visit_id__in=visit_ids).exclude(balance=0)
    return set(rows.values_list("visit_id", flat=True))


def owed_by_insurance(
    *,
    guarantor: Guarantor | None = None,
    visit: Visit | None = None,
    charge: ChargeItem | None = None,
    as_of: AsOf = None,
) -> Decimal:
    return account_balance(Account.INS, as_of=as_of, **_about(guarantor, visit, charge))


def payer_balance(payer: Payer, as_of: AsOf = None) -> Decimal:
    """What this payer owes on all lines."""
    return account_balance(Account.INS, as_of=as_of, payer=payer)


def credit_of(guarantor: Guarantor, visit: Visit | None = None, as_of: AsOf = None) -> Decimal:
    """Money of the guarantor that pays nothing yet; with a visit, only what lies on it."""
    keys: dict[str, Any] = {"guarantor": guarantor}
    if visit is not None:
        keys["visit"] = visit
    return -account_balance(Account.CRED, as_of=as_of, **keys)


def patient_items(guarantor: Guarantor, *, accounts: tuple[Account, ...] = (Account.PAT,)) -> list[OpenLine]:
    """The open lines of an account, the oldest debt first. By default those that are due and may be billed."""
    items = (
        OpenItem.objects.filter(guarantor=guarantor, account__in=accounts)
        .open()
        .select_related("charge__patient", "charge__visit")
        .order_by("responsible_since", "service_date", "id")
    )
    return [
        OpenLine(
            item_id=i.pk,
            charge=i.charge,
            account=Account(i.account),
            balance=i.balance,
            service_date=i.charge.service_date,
            since=i.responsible_since,
            first_statement_on=i.first_statement_on,
        )
        for i in items
        if i.charge is not None
    ]


@dataclass(frozen=True)
class LineProof:
    """charge = payer paid + adjustments + patient paid + open (in any account); `difference` must be zero."""

    charged: Decimal
    payer_paid: Decimal
    adjusted: Decimal
    patient_paid: Decimal
    open: Decimal

    @property
    def difference(self) -> Decimal:
        return self.charged - self.payer_paid - self.adjusted - self.patient_paid - self.open


def line_proof(charge: ChargeItem) -> LineProof:
    """What became of a line's charge, from its postings and, for what is open, from its open items."""
    sums = _sums(Posting.objects.filter(charge=charge), by_postings=True)
    open_now = OpenItem.objects.filter(charge=charge).aggregate(total=Sum("balance"))["total"] or ZERO

    def of(*accounts: Account) -> Decimal:
        return sum((sums.get(a, ZERO) for a in accounts), ZERO)

    return LineProof(
        charged=-of(Account.REV, Account.FEE),
        payer_paid=of(Account.REMIT, Account.RECOUP, Account.REFP, Account.PAYU),
        adjusted=of(
            Account.CTR, Account.SEQ, Account.SPD, Account.DWO, Account.SB, Account.CHAR, Account.BAD, Account.BREC,
            Account.PLBX,
        ),
        patient_paid=of(Account.CASH, Account.CARD, Account.BANK, Account.CRED, Account.AFEE),
        open=open_now,
    )  # fmt: skip
