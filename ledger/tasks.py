"""The ledger by the clock: card charges that had no answer."""

from celery import shared_task

from ledger.services import cards


@shared_task(name="ledger.settle_charges")
def settle_charges() -> None:
    """Ask the processor what became of them. Safe to run twice: it only looks up, and a settled charge is left alone."""
    cards.settle_charges()
