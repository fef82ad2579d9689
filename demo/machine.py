"""The worker of the played month: the real tasks of the clock table, run in turn at the clock's instant."""

from collections.abc import Callable, Iterable

from billing import tasks as billing
from clearinghouse import tasks as clearinghouse
from clinic import tasks as clinic
from collections_app import tasks as collections
from insurance import tasks as insurance
from scheduling import tasks as scheduling

Task = Callable[[], None]

MAIL: tuple[Task, ...] = (
    clearinghouse.collect, billing.read_mail, billing.post_remittances, billing.correct_claims, billing.watch_deadlines,
)  # fmt: skip
CLAIMS: tuple[Task, ...] = (billing.make_claims, billing.submit_ready, clearinghouse.deliver)
MONEY: tuple[Task, ...] = (
    collections.read_lockbox, collections.age_receivables, collections.issue_statements, collections.take_installments,
    collections.advance_cases,
)  # fmt: skip
ASKING: tuple[Task, ...] = (insurance.verify_upcoming,)
QUIET: tuple[Task, ...] = (
    scheduling.send_reminders, clinic.deliver_messages, insurance.expire_authorizations, clinic.seal_audit,
)  # fmt: skip


def run(tasks: Iterable[Task]) -> None:
    for task in tasks:
        task()


def morning(*, asks: bool) -> None:
    """What came in overnight, then the questions about today's and the next days' visits."""
    run(MAIL)
    run(CLAIMS)
    if asks:
        run(ASKING)
    run(QUIET)


def evening() -> None:
    """The day's claims out and their first acknowledgments back; then the money by night."""
    run(CLAIMS)
    run(MAIL[:2])
    run(MONEY)
