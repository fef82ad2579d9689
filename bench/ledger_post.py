"""One charge posted through ledger.post(), locks, guards and open items included, against raw INSERTs of the same rows."""

from collections.abc import Iterator
from datetime import date

from django.db import connection, transaction

from bench.harness import Result, Size, in_turn, seconds, slower
from bench.own import practice
from bench.practice import TODAY
from clinic.models import ChargeItem, Coverage, Visit
from ledger.services import entries

CHARGES = 300
TIMES = 6.0


def run(size: Size) -> Iterator[Result]:
    count = size.of(CHARGES, least=20)
    with practice(size, "ledger"):
        coverages = list(Coverage.objects.select_related("payer").order_by("pk")[:count])
        visits = [Visit.objects.filter(patient=c.patient_id).first() for c in coverages]
        lots = iter([[_charge(v) for v in visits if v is not None] for _ in range(2 * size.rounds)])
        floor, product = in_turn(
            lambda: seconds(lambda: _insert(next(lots))),
            lambda: seconds(lambda: _post(next(lots), coverages)),
            size.rounds,
        )
    ratio, each = slower(floor, product), 1000 / count
    goal = f"<= {TIMES:g} x raw INSERTs"
    yield Result("ledger_post", round(product * each, 2), "ms", round(floor * each, 2), ratio, goal, ratio <= TIMES)


def _charge(visit: Visit) -> ChargeItem:
    return ChargeItem.objects.create(
        visit=visit, patient_id=visit.patient_id, guarantor_id=visit.guarantor_id, service_date=TODAY, code="G0439",
        amount="150.00", pointers=[1],
    )  # fmt: skip


def _post(charges: list[ChargeItem], coverages: list[Coverage]) -> None:
    for charge, coverage in zip(charges, coverages, strict=True):
        entries.charge(charge=charge, coverage=coverage, key=f"bench:{charge.pk}", by=None)


def _insert(charges: list[ChargeItem]) -> None:
    """An entry, its two postings in one statement, its open item, committed: no lock, no look before."""
    for charge in charges:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_journalentry (key, kind, reason, effective_on, posted_at, memo, txid)"
                " VALUES (%s, 'charge', '', %s, '2026-03-02Z', '', 0) RETURNING id",
                [f"raw:{charge.pk}", date(2026, 3, 2)],
            )
            (entry,) = cursor.fetchone()
            cursor.execute(
                "INSERT INTO ledger_posting (entry_id, account, debit, credit, charge_id, guarantor_id, reference)"
                " VALUES (%(e)s, 'PAT', 150, 0, %(c)s, %(g)s, ''), (%(e)s, 'REV', 0, 150, %(c)s, %(g)s, '')",
                {"e": entry, "c": charge.pk, "g": charge.guarantor_id},
            )
            cursor.execute(
                "INSERT INTO ledger_openitem (key, account, charge_id, guarantor_id, reference, service_date, balance)"
                " VALUES (%s, 'PAT', %s, %s, '', %s, 150)",
                [f"raw {charge.pk}", charge.pk, charge.guarantor_id, TODAY],
            )
