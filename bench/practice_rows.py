"""The generated practice's clinical rows and its full day, written by the server in chunks."""

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

from bench.practice import APPOINTMENTS_EACH, LINES_ANSWERED, PAYERS, TODAY, Plan, Tell
from clinic import clock
from clinic.bulk import copy_rows
from clinic.fields import fingerprint
from clinic.models import (
    ChargeItem,
    Claim,
    ClaimLine,
    Coverage,
    Guarantor,
    Location,
    Patient,
    Payer,
    Provider,
    User,
    Visit,
)
from scheduling.models import Appointment, AppointmentType

CHUNK = 50_000
KINDS = {Guarantor: 1, Patient: 2, Coverage: 3, Visit: 4, ChargeItem: 5, Claim: 6, ClaimLine: 7}
FIRST = ("Karl", "Ana", "Ruth", "Omar", "Lucy", "Ivan", "Mei")
LAST = (
    "Jensen",
    "Alvarez",
    "Baker",
    "Chowdhury",
    "Dumont",
    "Eriksen",
    "Fischer",
    "Grady",
    "Haddad",
    "Iversen",
    "Kowal",
)

AGE = """CASE WHEN {n} >= {first_answered} THEN 21
 WHEN {u} < 0.15 THEN 121 + floor((0.15 - {u}) / 0.15 * 580)::int
 WHEN {u} < 0.23 THEN 91 + floor((0.23 - {u}) / 0.08 * 30)::int
 WHEN {u} < 0.35 THEN 61 + floor((0.35 - {u}) / 0.12 * 30)::int
 WHEN {u} < 0.55 THEN 31 + floor((0.55 - {u}) / 0.20 * 30)::int
 ELSE floor((1 - {u}) / 0.45 * 31)::int END"""
"""Days since the service: 45 % up to 30, 20 % up to 60, 12 % up to 90, 8 % up to 120, 15 % older, up to two years."""


def row_id(model: type[models.Model], number: str) -> str:
    """SQL of the id of the n-th row of a model: shaped as a UUIDv7 of early 2024, so that new rows sort behind."""
    kind = KINDS[model]
    return f"('018d0000-{kind:04x}-7000-8{kind:03x}-' || lpad(to_hex({number}), 12, '0'))::uuid"


def amount_sql(number: str, place: str) -> str:
    """SQL of what a line costs; `bench.answers.amount` says the same."""
    return f"(100 + 10 * ((({number}) * 7 + ({place}) * 3) % 21))::numeric(12, 2)"


def numbered(plan: Plan, first: int, last: int) -> str:
    """A FROM item `s`: n, the days since its service, the service's date, the payer and patient of claim n."""
    u = f"(n::float8 / {plan.claims})"
    age = AGE.format(n="n", u=u, first_answered=plan.first_answered)
    every = plan.patients // PAYERS
    patient = f"CASE WHEN n >= {plan.first_answered} THEN (n % {every}) * {PAYERS} ELSE n * 7 % {plan.patients} END"
    if first > plan.claims:  # without a claim: spread over all ages
        age = "(n * 13 % 240)::int"
    return (
        f"(SELECT n, age, DATE '{TODAY}' - age AS day, patient FROM (SELECT n, {age} AS age, {patient} AS patient"
        f" FROM generate_series({first}::bigint, {last}) n) numbers) s"
    )


def insert(model: type[models.Model], values: dict[str, str], source: str) -> None:
    """INSERT ... SELECT; columns that are not named get the model's own default."""
    with connection.cursor() as cursor:
        for field in model._meta.concrete_fields:
            if field.column not in values and not field.null and not isinstance(field, models.AutoField):
                default = field.get_db_prep_save(field.get_default(), connection)
                text = cursor.mogrify("%s", [default]).decode()
                values[field.column] = f"'{{}}'::{field.db_type(connection)}" if isinstance(field, ArrayField) else text
        columns = ", ".join(f'"{name}"' for name in values)
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(values.values())} FROM {source}"
        )


def one_of(values: Iterable[Any], index: str, cast: str) -> str:
    """SQL of the index-th of these, counted round."""
    listed = [str(v) for v in values]
    return f"(ARRAY[{', '.join(repr(v) for v in listed)}])[(1 + ({index}) % {len(listed)})::int]::{cast}"


def chunks(first: int, last: int) -> Iterable[tuple[int, int]]:
    for start in range(first, last + 1, CHUNK):
        yield start, min(start + CHUNK - 1, last)


def payer_ids() -> list[Any]:
    return list(Payer.objects.order_by("payer_id").values_list("pk", flat=True))


def fill(plan: Plan, tell: Tell) -> None:
    _patients(plan)
    tell(f"  {plan.patients} patients")
    place = Location.objects.get().pk
    providers = one_of(Provider.objects.order_by("npi").values_list("pk", flat=True), "n", "uuid")
    for first, last in (*chunks(1, plan.claims), *chunks(plan.claims + 1, plan.claims + plan.self_pay)):
        with transaction.atomic():
            _visits(plan, first, last, place, providers)
        if last == plan.claims or last % 250_000 == 0:
            tell(f"  {last} visits with charges")
    for first, last in chunks(1, plan.claims):
        with transaction.atomic():
            _claims(plan, first, last, providers)
        if last == plan.claims or last % 250_000 == 0:
            tell(f"  {last} claims")


def _patients(plan: Plan) -> None:
    """Three of four have an account of their own, the fourth is on the account of the one before. One coverage each."""
    people = f"generate_series(0, {plan.patients - 1}) n"
    name = {
        "first_name": one_of(FIRST, "n", "text"), "last_name": one_of(LAST, "n / 7", "text"), "birth_date": "DATE '1950-01-01' + (n % 20000)::int",
        "line1": "'1 Harbor Street'", "city": "'Chicago'", "state": "'IL'", "zip_code": "'60613'", "phone": "'(312) 555-0147'",
        "phone_digits": "lpad((3120000000 + n)::text, 10, '0')",
    }  # fmt: skip
    with transaction.atomic():
        insert(Guarantor, {"id": row_id(Guarantor, "n"), "number": "'G' || n", **name}, people)
        account = row_id(Guarantor, "n - (n % 4) / 3")
        insert(Patient, {"id": row_id(Patient, "n"), "mrn": "'M' || n", "guarantor_id": account, **name}, people)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT n, {row_id(Coverage, 'n')}, {row_id(Patient, 'n')} FROM {people}")
        made = cursor.fetchall()
    payers = payer_ids()
    for start in range(0, len(made), CHUNK):
        copy_rows([_coverage(n, pk, patient, payers) for n, pk, patient in made[start : start + CHUNK]])


def _coverage(n: int, pk: Any, patient: Any, payers: list[Any]) -> Coverage:
    member = member_id(n)
    return Coverage(
        pk=pk, patient_id=patient, payer_id=payers[n % PAYERS], member_id=member, starts_on=clock.today() - timedelta(days=900),
        member_id_fingerprint=fingerprint(member), member_id_last4=member[-4:],
    )  # fmt: skip


def member_id(patient: int) -> str:
    return f"XOF{patient:09d}"


def _visits(plan: Plan, first: int, last: int, place: Any, providers: str) -> None:
    people = {
        "patient_id": row_id(Patient, "patient"), "guarantor_id": row_id(Guarantor, "patient - (patient % 4) / 3"),
        "service_date": "day",
    }  # fmt: skip
    source = numbered(plan, first, last)
    insert(
        Visit,
        {
            "id": row_id(Visit, "n"), "number": "'V' || n", "provider_id": providers, "location_id": f"'{place}'::uuid",
            "status": "'closed'", "is_self_pay": "false" if last <= plan.claims else "true", **people,
        },
        source,
    )  # fmt: skip
    insert(
        ChargeItem,
        {
            "id": row_id(ChargeItem, "n * 4 + k"), "visit_id": row_id(Visit, "n"), "code": one_of(CODES, "k", "text"),
            "amount": amount_sql("n", "k"), "pointers": "ARRAY[1]", "rendering_provider_id": providers, **people,
        },
        f"{source}, {lines(plan)}",
    )  # fmt: skip


CODES = ("G0008", "G0463", "G0439")


def lines(plan: Plan) -> str:
    """A lateral FROM item: the places 1 .. 3 of the lines of n."""
    three = f"n >= {plan.first_answered} AND n <= {plan.claims}"
    return f"LATERAL generate_series(1, CASE WHEN {three} THEN {LINES_ANSWERED} ELSE 1 END) k"


def _claims(plan: Plan, first: int, last: int, providers: str) -> None:
    source = numbered(plan, first, last)
    total = " + ".join(amount_sql("n", str(k)) for k in range(1, LINES_ANSWERED + 1))
    insert(
        Claim,
        {
            "id": row_id(Claim, "n"), "number": "'C' || n", "control_number": "'P' || n", "visit_id": row_id(Visit, "n"),
            "patient_id": row_id(Patient, "patient"), "coverage_id": row_id(Coverage, "patient"),
            "payer_id": one_of(payer_ids(), "patient", "uuid"), "rendering_provider_id": providers,
            "status": "'accepted'", "diagnosis_codes": "ARRAY['I10']",
            "total": f"CASE WHEN n >= {plan.first_answered} THEN {total} ELSE {amount_sql('n', '1')} END",
            "first_billed_on": "day + 2", "file_by": "day + 180", "submitted_at": "(day + 2)::timestamptz",
            "accepted_at": "(day + 3)::timestamptz",
        },
        source,
    )  # fmt: skip
    insert(
        ClaimLine,
        {
            "id": row_id(ClaimLine, "n * 4 + k"), "claim_id": row_id(Claim, "n"), "charge_id": row_id(ChargeItem, "n * 4 + k"),
            "position": "k", "control_number": "'L' || n || '-' || k", "service_date": "day", "code": one_of(CODES, "k", "text"),
            "units": "1", "amount": amount_sql("n", "k"), "pointers": "ARRAY[1]",
        },
        f"{source}, {lines(plan)}",
    )  # fmt: skip


def fill_day() -> None:
    """TODAY as the desk sees it at one o'clock: 600 appointments of 50 providers, the morning's patients have been."""
    kinds = list(AppointmentType.objects.order_by("minutes"))
    place = Location.objects.get()
    booker = User.objects.get(username="fran")
    patients = iter(Patient.objects.order_by("pk"))
    appointments, visits = [], []
    for provider in Provider.objects.order_by("npi"):
        start = clock.at_local(TODAY, time(8), place)
        for n in range(APPOINTMENTS_EACH):
            if n == APPOINTMENTS_EACH // 2:
                start = clock.at_local(TODAY, time(13), place)
            kind, patient = kinds[n % len(kinds)], next(patients)
            row = Appointment(
                patient=patient, provider=provider, location=place, appointment_type=kind, start=start, booked_by=booker,
                end=start + timedelta(minutes=kind.minutes), reason="Follow-up on blood pressure" if n % 2 else "",
                status=_state(start, n),
            )  # fmt: skip
            appointments.append(row)
            if row.status in (Appointment.Status.ARRIVED, Appointment.Status.FULFILLED):
                visits.append(_visit_of(row, len(visits)))
            start = row.end
    copy_rows(appointments)
    copy_rows(visits)


def _state(start: Any, n: int) -> str:
    if start >= clock.now():
        return Appointment.Status.CONFIRMED if n % 2 else Appointment.Status.BOOKED
    return (Appointment.Status.FULFILLED, Appointment.Status.ARRIVED, Appointment.Status.NO_SHOW)[(n // 2) % 3]


def _visit_of(row: Appointment, n: int) -> Visit:
    stage = Visit.Status.CHECKED_OUT if row.status == Appointment.Status.FULFILLED else Visit.Status.WITH_PROVIDER
    return Visit(
        number=f"D{n}", patient=row.patient, guarantor_id=row.patient.guarantor_id, provider=row.provider, location=row.location,
        appointment_id=row.pk, service_date=TODAY, status=stage, arrived_at=row.start, checked_in_at=row.start,
    )  # fmt: skip


def settle(tell: Tell) -> None:
    """Sequences behind the rows that brought their own numbers; statistics, visibility and hint bits as in a used database."""
    with connection.cursor() as cursor:
        for table in ("ledger_journalentry",):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        tell("  vacuum and statistics")
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
