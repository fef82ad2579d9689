"""verify_ledger finds what somebody changed behind the ledger's back, says where, and leaves with 1."""

import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from clinic.models import JobRun, Patient, Visit
from ledger import checks
from ledger.services import entries
from ledger.services.verification import verify_each_night
from tests.factories.ledger import PatientAccount, new_account

D = Decimal


def verify() -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    try:
        call_command("verify_ledger", "--json", stdout=out)
    except SystemExit as leave:
        return int(str(leave.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def sql(statement: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))  # type: ignore[arg-type]


@pytest.fixture
def acct(patient: Patient, visit: Visit) -> PatientAccount:
    """Without the proof at the end of the test: here the books are tampered with."""
    return new_account(patient, visit)


@pytest.fixture
def booked(acct: PatientAccount) -> PatientAccount:
    acct.copay()
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25")
    entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply", by=None)
    return acct


def test_honest_books_pass(booked: PatientAccount) -> None:
    code, report = verify()

    assert code == 0
    assert report["cents_lost"] == 0
    assert set(checks.OWN) <= set(report["checks"])
    assert report["clearing"] == [
        {"account": "CASH", "balance": "25.00", "open_items": 0},
        {"account": "REMIT", "balance": "85.00", "open_items": 1},
    ]


def test_text_says_the_same(booked: PatientAccount) -> None:
    out = io.StringIO()

    call_command("verify_ledger", stdout=out)

    assert "ok      every line is proved" in out.getvalue()
    assert "cents lost: 0" in out.getvalue()


def test_changed_open_item_is_found(booked: PatientAccount) -> None:
    sql("UPDATE ledger_openitem SET balance = balance + 7 WHERE account = 'PAT'")

    code, report = verify()

    assert code == 1
    assert report["cents_lost"] == 700
    assert report["checks"]["open items match the journal"][0]["problem"] == "stored 7.00, postings say 0.00"
    assert report["checks"]["receivables match their control accounts"]


def test_invented_open_item_is_found(booked: PatientAccount) -> None:
    sql("INSERT INTO ledger_openitem (key, account, reference, balance) VALUES ('REMIT x y', 'REMIT', 'y', 10)")

    code, report = verify()

    assert code == 1
    assert report["checks"]["open items match the journal"] == [
        {"where": "open item REMIT x y", "problem": "stored 10.00, postings say 0.00"}
    ]


def test_removed_open_item_is_found(booked: PatientAccount) -> None:
    sql("DELETE FROM ledger_openitem WHERE account = 'REMIT'")

    code, report = verify()

    assert code == 1
    assert report["cents_lost"] == 8500


def test_misplaced_payment_is_found(booked: PatientAccount) -> None:
    payment = booked.copay(key="copay-2")
    sql(
        "INSERT INTO ledger_allocation (payment_id, account, visit_id, amount, entry_id) VALUES (%s, 'CRED', %s, 5, %s)",
        payment.pk,
        booked.visit.pk,
        payment.entry_id,
    )

    code, report = verify()

    assert code == 1
    assert report["checks"]["every payment lies somewhere"]


def test_payment_that_pays_a_line_twice_is_found(booked: PatientAccount) -> None:
    sql(
        "INSERT INTO ledger_allocation (payment_id, account, charge_id, visit_id, amount, entry_id)"
        " SELECT payment_id, account, charge_id, visit_id, 5, entry_id FROM ledger_allocation WHERE account = 'PAT'"
    )

    code, report = verify()

    assert code == 1
    assert report["cents_lost"] == 500
    (found,) = report["checks"]["a payment's parts are what we hold of it"]
    assert found["problem"] == "we hold 25.00 of it, its parts add up to 30.00"


def test_missing_receipt_is_found(booked: PatientAccount) -> None:
    booked.copay(key="copay-2")
    sql("UPDATE ledger_payment SET number = 'R1099' WHERE key = 'copay-2'")

    code, report = verify()

    assert code == 1
    assert report["checks"]["receipts have no gaps"] == [{"where": "receipt R1098", "problem": "is missing"}]


def test_line_that_does_not_prove_is_found(booked: PatientAccount) -> None:
    """A balanced entry whose legs are about different lines passes the journal's guards; the line proof sees it."""
    line = booked.charge()
    sql(
        "WITH e AS (INSERT INTO ledger_journalentry (key, kind, reason, effective_on, posted_at, memo, txid)"
        " VALUES ('forged', 'write_off', '', '2026-03-02', '2026-03-02 12:00Z', '', 0) RETURNING id)"
        " SELECT id FROM e"
    )
    sql(
        "INSERT INTO ledger_posting (entry_id, account, debit, credit, charge_id, reference)"
        " SELECT id, 'CTR', 30, 0, %s::uuid, '' FROM ledger_journalentry WHERE key = 'forged'"
        " UNION ALL SELECT id, 'OVERSHORT', 0, 30, NULL, '' FROM ledger_journalentry WHERE key = 'forged'",
        line.pk,
    )

    code, report = verify()

    assert code == 1
    assert report["checks"]["every line is proved"] == [
        {"where": f"charge {line.pk}", "problem": "the line's proof is off by 30.00"}
    ]


@pytest.fixture
def extra_check() -> Iterator[None]:
    before = dict(checks._registered)
    checks.register("remittances are posted whole", lambda: [checks.Finding("remittance 7", "half of it", D("1.50"))])
    yield
    checks._registered.clear()
    checks._registered.update(before)


def test_check_of_an_upper_app_is_run(booked: PatientAccount, extra_check: None) -> None:
    code, report = verify()

    assert code == 1
    assert report["cents_lost"] == 150
    assert report["checks"]["remittances are posted whole"][0]["where"] == "remittance 7"


def test_books_are_proved_once_for_each_night(booked: PatientAccount) -> None:
    assert verify_each_night() == 1
    assert verify_each_night() == 0

    run = JobRun.objects.get(job="ledger.verify_books")
    assert (run.state, run.for_date, run.result["cents_lost"]) == ("done", date(2026, 3, 1), 0)


def test_night_whose_books_do_not_hold_stays_failed_and_says_where(booked: PatientAccount) -> None:
    sql("UPDATE ledger_openitem SET balance = balance + 7 WHERE account = 'PAT'")

    assert verify_each_night() == 0

    run = JobRun.objects.get(job="ledger.verify_books")
    assert run.state == "failed"
    assert "stored 7.00, postings say 0.00" in run.error
