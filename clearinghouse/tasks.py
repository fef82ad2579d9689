"""The post office by the clock: the outbox out, the mail in."""

from celery import shared_task

from clearinghouse.services import exchange


@shared_task(name="clearinghouse.deliver")
def deliver() -> None:
    """Send what is due. Safe to run twice: rows are leased, and a half-sent file is asked for, not sent again."""
    exchange.deliver_due()


@shared_task(name="clearinghouse.collect")
def collect() -> None:
    """Fetch what waits. Safe to run twice: a file is kept once for each partner, by its bytes."""
    exchange.collect_all()
