"""Who pays when. The curve: of ten guarantors with a bill six pay by the link of the first statement, one by check in
the lockbox after the second, one wants a plan, one pays when called, one never pays. By account number, no dice.
"""

from datetime import date, timedelta

from billing.models import Remittance
from billing.services.check_desk import record_deposit
from clinic import clock
from clinic.errors import ClinicError
from clinic.models import Guarantor, User
from collections_app.models import CollectionCase, PayLink, Statement
from collections_app.services.lockbox import keep_file
from collections_app.services.pay_links import amount_due, pay_by_link, why_not
from demo.world import World
from ledger.queries.balances import owed_by_patient

PAYS_BY_LINK_AFTER = timedelta(days=6)
PAYS_BY_CHECK_AFTER = timedelta(days=12)
GOOD_CARD = "4242424242424242"


def kind_of(guarantor: Guarantor) -> str:
    """link, check, plan, call or never."""
    place = int("".join(c for c in guarantor.number if c.isdigit()) or 0) % 20
    if place < 12:
        return "link"
    if place < 15:
        return "check"
    if place < 17:
        return "plan"
    return "call" if place < 19 else "never"


def pay_what_they_pay(world: World) -> int:
    """This day's payments from outside: by link and by check to the lockbox."""
    today = clock.today()
    paid = 0
    for link in PayLink.objects.filter(used_at=None, statement__issued_on=today - PAYS_BY_LINK_AFTER).select_related(
        "statement__guarantor"
    ):
        if kind_of(link.statement.guarantor) == "link" and not why_not(link):
            pay_by_link(link=link, number=GOOD_CARD, expires_on=date(today.year + 2, 12, 31), asked=amount_due(link))
            paid += 1
    return paid + _checks(today)


def _checks(today: date) -> int:
    """One lockbox file a day, as the bank sends it."""
    rows = []
    sent = Statement.objects.filter(issued_on=today - PAYS_BY_CHECK_AFTER, notice__in=("reminder", "second"))
    for statement in sent.select_related("guarantor").order_by("number"):
        owed = owed_by_patient(guarantor=statement.guarantor)
        if kind_of(statement.guarantor) == "check" and owed > 0:
            rows.append(f"{statement.number},{min(owed, statement.balance)},{statement.number[-4:]},{today:%Y-%m-%d}")
    if rows:
        content = "\n".join(["statement,amount,check,date", *rows])
        keep_file(name=f"lockbox-{today:%Y%m%d}.csv", content=content.encode(), by=None)
    return len(rows)


def deposit_checks(by: User) -> int:
    """The office takes the week's checks and transfers to the bank's statement."""
    done = 0
    for row in Remittance.objects.filter(status__in=("posted", "part_held"), deposited_on=None, amount__gt=0):
        try:
            record_deposit(remittance=row, on=clock.today(), by=by)
            done += 1
        except ClinicError:
            continue
    return done


def calls_due() -> "list[CollectionCase]":
    return list(CollectionCase.objects.filter(status=CollectionCase.Status.CALL).select_related("guarantor"))
