"""What a collection case is about: its lines, and who is next on the ladder."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from clinic.money import ZERO
from collections_app.models import CollectionCase, Statement
from collections_app.queries.billable import billable_items, due_items
from ledger.models import OpenItem, Payment


def lines_of(case: CollectionCase) -> list[OpenItem]:
    """The lines that this case may collect now: billable, and first billed by the day it counts from."""
    return [i for i in billable_items(case.guarantor) if _is_of(case, i)]


def _is_of(case: CollectionCase, item: OpenItem) -> bool:
    return item.first_statement_on is not None and item.first_statement_on <= case.opened_on


@dataclass
class Standing:
    """One account on the night of the ladder. `billed` may be asked for; `stated` also counts what is held."""

    guarantor_id: UUID
    billed: list[OpenItem] = field(default_factory=list)
    stated: list[OpenItem] = field(default_factory=list)

    @property
    def first_statement_on(self) -> date:
        return min(i.first_statement_on for i in self.stated if i.first_statement_on)

    @property
    def amount(self) -> Decimal:
        return sum((i.balance for i in self.billed), ZERO)


def stated_accounts() -> dict[UUID, Standing]:
    """Every account with a due line that has been on a statement, in two queries."""
    standings: dict[UUID, Standing] = {}
    allowed = set(billable_items().filter(first_statement_on__isnull=False).values_list("pk", flat=True))
    for item in due_items().filter(first_statement_on__isnull=False):
        if item.guarantor_id is None:
            continue
        standing = standings.setdefault(item.guarantor_id, Standing(item.guarantor_id))
        standing.stated.append(item)
        if item.pk in allowed:
            standing.billed.append(item)
    return standings


def latest_notices(guarantor_ids: list[UUID]) -> dict[UUID, list[Statement]]:
    """The statements of these accounts, the newest first."""
    notices: dict[UUID, list[Statement]] = defaultdict(list)
    for statement in Statement.objects.filter(guarantor__in=guarantor_ids).order_by("-issued_on"):
        notices[statement.guarantor_id].append(statement)
    return notices


def paid_lately(day: date, within: timedelta) -> set[UUID]:
    """Who paid something in the last days: the ladder waits for them."""
    rows = Payment.objects.filter(status=Payment.Status.POSTED, received_on__gt=day - within)
    return set(rows.exclude(kind=Payment.Kind.COPAY).values_list("guarantor_id", flat=True))
