"""The lists that people open all day never read a big table from end to end (seq scans stay allowed: the planner
chooses, as it would in a clinic of five years).

Not here: the lists that look for what is missing (unbilled visits, visits awaiting their claim) or join all open claims
to their payers' days (no answer yet). They read more than a page shows, today.
"""

import json
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import ClaimResponse, Denial, Remittance
from billing.queries.denials import VIEWS, denials_in
from billing.queries.worklists import WORKLISTS
from checkin.queries import due_at_desk, flags_of
from checkin.queries.board import flow_board
from clearinghouse.models import Transmission
from clinic import clock
from clinic.bulk import copy_rows
from clinic.models import ChargeItem, Claim, Coverage, Guarantor, Location, Patient, Provider, User, Visit
from clinic.queries import find_patients
from ledger.accounts import Account
from ledger.models import OpenItem
from ledger.queries.balances import owed_by_patient, patient_items
from ledger.services.allocations import open_patient_items
from scheduling.models import Appointment, AppointmentType
from scheduling.queries import day_sheet, next_free_slots
from tests.billing.desk import MORNING, make_partner
from tests.factories.clinic import (
    ChargeItemFactory,
    CoverageFactory,
    GuarantorFactory,
    PatientFactory,
    PayerFactory,
    ProviderFactory,
    VisitFactory,
)
from tests.factories.scheduling import AppointmentFactory, AppointmentTypeFactory, works_all_week

pytestmark = [pytest.mark.proof, pytest.mark.django_db]

PATIENTS, DAYS, A_DAY = 20_000, 250, 80
BIG = (Patient, Guarantor, Coverage, Appointment, Visit, ChargeItem, Claim, Denial, OpenItem)
NAMES = ("Abara", "Bauer", "Castillo", "Doyle", "Edwards", "Fraser", "Haddad", "Jensen", "Kowalski", "Nguyen")
PAGE = 50


class Years:
    """Five thousand visits a quarter, nearly all long settled."""

    def __init__(self) -> None:
        self.payer = PayerFactory()
        self.providers: list[Provider] = [works_all_week(ProviderFactory())]
        self.place: Location = self.providers[0].location
        self.providers += [works_all_week(ProviderFactory(location=self.place)) for _ in range(3)]
        self.kind: AppointmentType = AppointmentTypeFactory()
        self.today = clock.today(self.place)
        self.guarantors = [GuarantorFactory.build() for _ in range(PATIENTS)]
        self.patients = [
            PatientFactory.build(
                guarantor=g, last_name=f"{NAMES[n % 10]}{n // 10}", first_name=NAMES[n // 7 % 10],
                birth_date=date(1940 + n % 70, 1 + n % 12, 1 + n % 28), phone_digits=f"312{5550000 + n}",
            )
            for n, g in enumerate(self.guarantors)
        ]  # fmt: skip
        self.coverages = [CoverageFactory.build(patient=p, payer=self.payer) for p in self.patients]
        for rows in (self.guarantors, self.patients, self.coverages):
            copy_rows(rows)
        self._seen()
        self._billed()
        with connection.cursor() as cursor:
            for index in ("patient_last_name_trgm", "patient_first_name_trgm"):
                cursor.execute("SELECT gin_clean_pending_list(%s)", [index])  # as autovacuum does
            cursor.execute("ANALYZE")

    def _day(self, n: int) -> date:
        return self.today - timedelta(days=n // A_DAY)

    def _seen(self) -> None:
        count = DAYS * A_DAY
        appointments = []
        for n in range(count):
            start = clock.at_local(self._day(n), time(8 + n % A_DAY // 4 // 4, n % A_DAY // 4 % 4 * 15), self.place)
            appointments.append(
                AppointmentFactory.build(
                    patient=self.patients[n % PATIENTS], provider=self.providers[n % 4], location=self.place,
                    appointment_type=self.kind, start=start, end=start + timedelta(minutes=15),
                    status="booked" if n < A_DAY else "fulfilled",
                )
            )  # fmt: skip
        copy_rows(appointments)
        self.visits = [
            VisitFactory.build(
                patient=a.patient, guarantor=a.patient.guarantor, provider=a.provider, location=self.place,
                service_date=self._day(n), appointment_id=a.pk, status="checked_out" if n < 2 * A_DAY else "closed",
            )
            for n, a in enumerate(appointments)
            if n >= A_DAY // 2
        ]  # fmt: skip
        copy_rows(self.visits)

    def _billed(self) -> None:
        charges = [ChargeItemFactory.build(visit=v) for v in self.visits]
        copy_rows(charges)
        states = ("ready", "submitted", "accepted", "rejected", "denied")
        claims = [
            Claim(
                number=f"C{n}", control_number=f"K{n}", visit=v, patient=v.patient, coverage=self.coverages[n % PATIENTS],
                payer=self.payer, rendering_provider=v.provider, total=Decimal("150.00"), order=1,
                status="paid" if n > 900 else states[n % 5], submitted_at=clock.now(), file_by=self.today + timedelta(days=n % 90),
            )
            for n, v in enumerate(self.visits)
        ]  # fmt: skip
        copy_rows(claims)
        items = []
        for n, charge in enumerate(charges):
            common: dict[str, Any] = {
                "charge": charge, "guarantor": charge.guarantor, "patient": charge.patient, "visit": charge.visit,
                "service_date": charge.service_date, "responsible_since": charge.service_date,
            }  # fmt: skip
            items.append(
                OpenItem(
                    key=f"INS {n}", account=Account.INS, coverage=claims[n].coverage, payer=self.payer,
                    balance=Decimal("150.00") if n < 900 else Decimal("0.00"), **common,
                )
            )  # fmt: skip
            items.append(
                OpenItem(key=f"PAT {n}", account=Account.PAT, balance=Decimal("20.00") if n % 10 == 0 else Decimal("0.00"), **common)
            )  # fmt: skip
        copy_rows(items)
        self._denied(charges, claims)

    def _denied(self, charges: list[ChargeItem], claims: list[Claim]) -> None:
        file = Transmission.objects.create(
            partner=make_partner(), direction="in", kind="835", payload=b"", size=0, sha256="x"
        )
        check = Remittance.objects.create(
            transmission=file, digest="d", check_key="k", trace_number="T", amount=Decimal("1.00"), method="ACH", position=1
        )  # fmt: skip
        said = ClaimResponse.objects.create(
            remittance=check, key="k", position=1, patient_control_number="K", status_code="4", charge=Decimal("1.00"),
            paid=Decimal("0.00"),
        )  # fmt: skip
        done = ("overturned", "to_patient", "written_off", "closed")
        copy_rows([
            Denial(
                claim=claims[n], response=said, charge=charges[n], payer=self.payer, group="CO", reason_code="50",
                status=("open", "waiting", "appealed")[n % 3] if n < 300 else done[n % 4], category="necessity",
                amount=Decimal("150.00"), next_step="appeal", owner_role="biller", due_on=self.today,
                denied_on=self._day(n), deadline_on=self.today + timedelta(days=n % 120),
                closed_at=None if n < 300 else clock.at_local(self._day(n * 3), time(12)),
            )
            for n in range(6_000)
        ])  # fmt: skip


@pytest.fixture
def years() -> Years:
    with clock.at(MORNING):
        return Years()


def full_reads(work: Callable[[], object]) -> list[str]:
    """Big tables that any query of `work` read from end to end, with the query."""
    names = {model._meta.db_table for model in BIG}
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    found = []
    for query in captured.captured_queries:
        if not query["sql"].lstrip().upper().startswith(("SELECT", "WITH")):
            continue
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"].replace("%", "%%"), None)
            plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        found += [f"{table}: {query['sql'][:400]}" for table in scanned(plan[0]["Plan"]) if table in names]
    return found


def scanned(node: dict[str, Any]) -> list[str]:
    here = [node["Relation Name"]] if node["Node Type"] in ("Seq Scan", "Parallel Seq Scan") else []
    return here + [table for child in node.get("Plans", []) for table in scanned(child)]


def test_hot_lists_read_no_big_table_from_end_to_end(years: Years, bill: User) -> None:
    patient = years.patients[120]
    visit = Visit.objects.select_related("patient__guarantor", "location").get(pk=years.visits[60].pk)
    works: dict[str, Callable[[], object]] = {
        "search by name": lambda: list(find_patients("Jensen77")),
        "search by part of a name": lambda: list(find_patients("nsen77")),
        "search by name and birth date": lambda: list(find_patients("jensen 1/1/1950")),
        "search by birth date": lambda: list(find_patients("3/15/1952")),
        "search by telephone": lambda: list(find_patients("(312) 555-0147")),
        "search by MRN": lambda: list(find_patients(patient.mrn)),
        "day sheet": lambda: day_sheet(years.place, years.today),
        "next free slots": lambda: next_free_slots(
            appointment_type=years.kind, providers=years.providers, after=clock.now(), count=8
        ),
        "board": lambda: flow_board(years.place),
        "due at the desk": lambda: due_at_desk(patient=visit.patient, on=years.today, visit=visit),
        "open items": lambda: patient_items(patient.guarantor),
        "open items to allocate": lambda: open_patient_items(patient.guarantor),
        "owed by the patient": lambda: owed_by_patient(guarantor=patient.guarantor),
        "owed by the visit": lambda: owed_by_patient(visit=years.visits[60]),
        "flags of a page": lambda: flags_of([p.pk for p in years.patients[:PAGE]], years.today),
        **{f"denials: {v.name}": lambda v=v: list(denials_in(v.name, user=bill)[:PAGE]) for v in VIEWS if v.name != "recovered"},
        **{f"claims: {w.name}": lambda w=w: list(w.rows()[:PAGE]) for w in WORKLISTS if w.name not in ("unbilled", "no-answer")},
    }  # fmt: skip

    with clock.at(MORNING):
        found = {name: reads for name, work in works.items() if (reads := full_reads(work))}

    assert found == {}, "\n".join(f"{name}: {read}" for name, reads in found.items() for read in reads)
