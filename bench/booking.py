"""Booking an appointment through the service, locks and history included, against a raw INSERT of the row.

python -m bench.booking
"""

import json
import time
from datetime import timedelta

from bench.own import database

ROUNDS = 120


def main() -> None:
    with database() as folder:
        from datetime import date

        from django.db import connection

        from clearinghouse.simulator.book import Book
        from clinic import clock
        from demo.world import build_world
        from scheduling.models import Appointment
        from scheduling.queries import next_free_slots
        from scheduling.services.booking import book_appointment
        from tests.factories.clinic import PatientFactory

        with Book(folder / "payers.sqlite3") as book:
            world = build_world(book, since=date(2024, 1, 1))
        kind = world.types["Office visit"]
        slots = next_free_slots(
            appointment_type=kind, providers=world.providers, after=clock.now() + timedelta(days=2), count=ROUNDS
        )
        patients = [PatientFactory() for _ in slots]
        begun = time.perf_counter()
        for slot, patient in zip(slots, patients, strict=True):
            book_appointment(
                patient=patient, provider=slot.provider, appointment_type=kind, start=slot.start, location=slot.location,
                by=None,
            )  # fmt: skip
        ours = (time.perf_counter() - begun) / ROUNDS * 1000
        table = Appointment._meta.db_table
        columns = [f.column for f in Appointment._meta.concrete_fields if f.column != "id" and not f.generated]
        moved = [f"\"{c}\" + interval '700 days'" if c in ("start", "end") else f'"{c}"' for c in columns]
        quoted = ", ".join(f'"{c}"' for c in columns)
        rows = list(Appointment.objects.values_list("pk", flat=True))
        begun = time.perf_counter()
        for pk in rows:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"INSERT INTO {table} (id, {quoted}) SELECT gen_random_uuid(), {', '.join(moved)} FROM {table} WHERE id = %s"
                    " ON CONFLICT DO NOTHING",
                    [pk],
                )
        raw = (time.perf_counter() - begun) / len(rows) * 1000
        print(json.dumps({"book_ms": round(ours, 2), "raw_ms": round(raw, 2), "ratio": round(ours / raw, 1)}))


if __name__ == "__main__":
    main()
