"""What a proof's clinic begins with, made inside its installation: the demo's world, insured people, visits to charge."""

import json
from datetime import timedelta
from random import Random

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.payers import HARBOR, LAKESHORE, MEDICARE
from clinic import clock
from clinic.models import Visit
from clinic.services.clients import create_api_client
from clinic.services.visits import move_visit, open_visit
from demo.people import People
from demo.world import build_world
from scheduling.models import Appointment
from scheduling.queries import next_free_slots

STAGES = (Visit.Status.CHECKED_IN, Visit.Status.WITH_PROVIDER, Visit.Status.CHECKED_OUT)
SCOPES = ("charge.edit", "claim.edit", "claim.view", "payment.take", "appointment.book", "patient.view")


def plant(visits: int) -> None:
    """Prints one line of JSON: the client's token, the visits, and free slots for the desk to book."""
    today = clock.today()
    with Book() as book:
        world = build_world(book, since=today - timedelta(days=500))
        people = People(world, book, Random(7), today)
        made = []
        for n in range(visits):
            person = people.healthy((LAKESHORE, HARBOR, LAKESHORE, MEDICARE)[n % 4])
            visit = open_visit(
                patient=person.patient, provider=world.providers[n % 4], location=world.location, service_date=today, by=None
            )  # fmt: skip
            for stage in STAGES:
                move_visit(visit=visit, to=stage, by=None)
            made.append(
                {"visit": str(visit.pk), "patient": str(person.patient.pk), "guarantor": str(visit.guarantor_id)}
            )
    _row, token = create_api_client(name="proof", scopes=SCOPES, by=None)
    kind = world.types["Office visit"]
    slots = next_free_slots(appointment_type=kind, providers=world.providers, after=clock.now(), count=60)
    free = [
        {"provider": str(s.provider.pk), "appointment_type": str(kind.pk), "start": s.start.isoformat()} for s in slots
    ]
    print(json.dumps({"token": token, "visits": made, "slots": free, "booked": Appointment.objects.count()}))
