"""Billing's work by the clock. Every task may run twice: rows are leased, keyed, or compared and set."""

from celery import shared_task

from billing.services.corrections import work_open_denials
from billing.services.denials import wake_waiting as wake_waiting_denials
from billing.services.inbound import read_mail as read_waiting_mail
from billing.services.make import make_due_claims
from billing.services.posting import post_due
from billing.services.rescrub import rescrub_changed
from billing.services.submission import submit_ready as submit_ready_claims


@shared_task(name="billing.make_claims")
def make_claims() -> None:
    """Claims of closed visits, and a second look at those whose record was mended. A made claim is not made again."""
    make_due_claims()
    rescrub_changed()


@shared_task(name="billing.submit_ready")
def submit_ready() -> None:
    """Ready claims to one file per partner. A sent claim is no longer ready; the file's key is its claims."""
    rescrub_changed()
    submit_ready_claims()


@shared_task(name="billing.read_mail")
def read_mail() -> None:
    """What came in. Every answer is kept under its file and segment, so a second reading applies nothing."""
    read_waiting_mail()


@shared_task(name="billing.post_remittances")
def post_remittances() -> None:
    """Imported checks to the ledger. An answer is posted under its own key, so a second run posts nothing twice."""
    post_due()


@shared_task(name="billing.correct_claims")
def correct_claims() -> None:
    """Open denials that the worker may mend alone. A denial that was looked at has its Correction row."""
    work_open_denials()


@shared_task(name="billing.watch_deadlines")
def watch_deadlines() -> None:
    """Denials whose payer did not answer in time come back to their owner. Safe to repeat: compare and set."""
    wake_waiting_denials()
