"""Collections by the clock. Nightly work has one run per local date and catches up; the rest looks at what is due."""

from celery import shared_task

from clinic import clock
from clinic.services.jobs import run_for_each_date
from collections_app.services import aging, autopay, cases, lockbox, nightly


@shared_task(name="collections.age_receivables")
def age_receivables() -> None:
    """Keep each night's aging. Safe to run twice: one run per date, and a repeated date gives the same rows."""
    run_for_each_date(
        job="collections.age_receivables", upto=aging.last_night(), work=lambda day: aging.age_receivables(day=day)
    )


@shared_task(name="collections.issue_statements")
def issue_statements() -> None:
    """Give up small balances and bill who is due. Safe to run twice: one run per date, one statement per cycle."""
    run_for_each_date(
        job="collections.issue_statements", upto=clock.today(), work=lambda day: nightly.issue_due(day=day)
    )


@shared_task(name="collections.take_installments")
def take_installments() -> None:
    """Charge what is due today, note what was missed. Safe to run twice: a charge has the installment's id as key.

    Not bound to one run a date: what a crash left half-way is finished by the next tick.
    """
    autopay.run_installments(day=clock.today())


@shared_task(name="collections.read_lockbox")
def read_lockbox() -> None:
    """Take files from the folder, then read and post them. Safe to run twice: a file is kept and read once."""
    lockbox.collect_folder()
    lockbox.read_files()


@shared_task(name="collections.advance_cases")
def advance_cases() -> None:
    """One step of the ladder for each date. Safe to run twice: one run per date, and a step looks at what stands."""
    run_for_each_date(
        job="collections.advance_cases", upto=clock.today(), work=lambda day: cases.advance_cases(day=day)
    )
