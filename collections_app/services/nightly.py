"""What the nights do to patient balances: small ones are given up by policy, the others are billed in their cycle."""

import logging
from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby

from django.db import transaction

from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Guarantor, Practice, User
from clinic.money import ZERO
from collections_app.queries.billable import billable_items, due_items
from collections_app.queries.worklists import statement_candidates
from collections_app.services.statements import apply_credits, issue_statement
from ledger.accounts import WriteOff
from ledger.models import OpenItem
from ledger.services.entries import write_off
from ledger.services.journal import lock_accounts

log = logging.getLogger(__name__)


def issue_due(*, day: date, by: User | None = None) -> dict[str, int]:
    """Give up small balances, then bill everyone whose cycle has come. One bad account does not stop the night.

    Safe to repeat: nobody is billed twice within a cycle, nothing is given up twice.
    """
    given_up = each(_small_accounts(), lambda g: write_off_small(guarantor=g, by=by) > 0)
    sent = each([c.guarantor for c in statement_candidates(day)], lambda g: _issue(g, by))
    return {"small_balances": given_up, "statements": sent}


def _issue(guarantor: Guarantor, by: User | None) -> bool:
    issue_statement(guarantor=guarantor, on=clock.today(), by=by)
    return True


def each(guarantors: Iterable[Guarantor], work: Callable[[Guarantor], bool]) -> int:
    """How many accounts it was done for."""
    done = 0
    for guarantor in guarantors:
        try:
            done += work(guarantor)
        except ClinicError as error:
            log.info("account left alone", extra={"guarantor_id": str(guarantor.pk), "reason": error.sentence})
        except Exception:
            log.exception("account failed", extra={"guarantor_id": str(guarantor.pk)})
    return done


def _small_accounts() -> list[Guarantor]:
    limit = Practice.objects.get().small_balance
    small = []
    for _guarantor_id, rows in groupby(billable_items(), key=lambda item: item.guarantor_id):
        items = list(rows)
        if sum((i.balance for i in items), ZERO) <= limit and items[0].guarantor is not None:
            small.append(items[0].guarantor)
    return small


@transaction.atomic
def write_off_small(*, guarantor: Guarantor, by: User | None = None) -> int:
    """After the last payer: a whole balance at or below the practice's limit is not worth a stamp. Lines given up.

    Only when nothing else is due from this guarantor: what a larger statement carries along is billed.
    """
    lock_accounts([guarantor.pk])
    apply_credits(guarantor=guarantor, by=by)
    items = [i for i in billable_items(guarantor) if i.charge is not None]
    everything = sum((i.balance for i in due_items(guarantor)), ZERO)
    if not items or everything > Practice.objects.get().small_balance:
        return 0
    for item in items:
        _give_up(item, by)
    return len(items)


def _give_up(item: OpenItem, by: User | None) -> None:
    if item.charge is None:
        return
    write_off(
        charge=item.charge,
        coverage=None,
        amount=item.balance,
        reason=WriteOff.SMALL,
        key=f"small:{item.charge_id}:{clock.now():%Y%m%d%H%M%S%f}",
        by=by,
        memo="Small balance by policy",
    )
