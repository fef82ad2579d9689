"""The ledger by the clock: card charges that had no answer, and the nightly proof of the books."""

from celery import shared_task

from ledger.services import cards, verification


@shared_task(name="ledger.settle_charges")
def settle_charges() -> None:
    """Ask the processor what became of them. Safe to run twice: it only looks up, and a settled charge is left alone."""
    cards.settle_charges()


@shared_task(name="ledger.verify_books")
def verify_books() -> None:
    """Prove the books once a night. Safe to run twice: it reads, and a date that held is done."""
    verification.verify_each_night()
