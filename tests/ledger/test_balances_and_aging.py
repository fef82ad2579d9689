"""Balances now and in the past, and receivables by age with three clocks."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Claim, ClaimLine, User
from ledger.accounts import Account
from ledger.models import OpenItem
from ledger.queries.activity import account_activity
from ledger.queries.aging import BUCKETS, age, age_total
from ledger.queries.balances import (
    balance,
    credit_of,
    owed_by_insurance,
    owed_by_patient,
    patient_balance,
    patient_items,
    payer_balance,
)
from ledger.services import entries
from ledger.services.journal import note_first_statement
from ledger.services.payments import receive_payment
from tests.factories.ledger import PatientAccount, on, visit_on

D = Decimal


def test_balance_of_a_past_day_does_not_change_when_more_is_posted(acct: PatientAccount) -> None:
    with on(date(2026, 1, 5)):
        line = acct.charge()
    with on(date(2026, 2, 2)):
        acct.paid(line, paid="85", co="40", pr="25")
    with on(date(2026, 3, 2)):
        acct.copay("10.00")
        entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply", by=None)

    def owed(day: date) -> tuple[Decimal, Decimal]:
        return (
            owed_by_patient(guarantor=acct.guarantor, as_of=day),
            owed_by_insurance(guarantor=acct.guarantor, as_of=day),
        )

    assert owed(date(2026, 1, 4)) == (D("0.00"), D("0.00"))
    assert owed(date(2026, 1, 5)) == (D("0.00"), D("150.00"))
    assert owed(date(2026, 2, 2)) == (D("25.00"), D("0.00"))
    assert owed(date(2026, 3, 2)) == (D("15.00"), D("0.00"))
    assert owed_by_patient(guarantor=acct.guarantor) == D("15.00")
    assert payer_balance(acct.payer, as_of=date(2026, 1, 31)) == D("150.00")


def test_a_backdated_entry_does_not_change_the_past(acct: PatientAccount) -> None:
    """As-of goes by when it was posted: what a report said then, it still says."""
    with on(date(2026, 1, 5)):
        line = acct.charge()
    with on(date(2026, 2, 2)):
        entries.insurance_payment(
            key="late",
            payer=acct.payer,
            reference="E",
            lines=[entries.PaidLine(charge=line, coverage=acct.primary, paid=D("150.00"))],
            by=None,
            effective_on=date(2026, 1, 6),
        )

    assert payer_balance(acct.payer, as_of=date(2026, 1, 10)) == D("150.00")


def test_patient_balance_tells_its_parts(acct: PatientAccount, cora: User, mona: User) -> None:
    due, plan, agency, gone = (acct.owed(amount) for amount in ("10.00", "20.00", "30.00", "40.00"))
    entries.to_plan(lines=[(plan, D("20.00"))], key="p", by=None)
    entries.to_agency(lines=[(agency, D("30.00")), (gone, D("40.00"))], key="a", by=None)
    entries.to_bad_debt(charges=[gone], key="b", by=cora, approved_by=mona)
    acct.copay("5.00")

    told = patient_balance(guarantor=acct.guarantor)

    assert (told.due, told.on_plan, told.at_agency, told.written_off, told.credit) == (
        D("10.00"), D("20.00"), D("30.00"), D("40.00"), D("5.00"),
    )  # fmt: skip
    assert told.owed == owed_by_patient(guarantor=acct.guarantor) == D("60.00")
    assert balance(Account.CRED, guarantor=acct.guarantor) == credit_of(acct.guarantor) == D("5.00")
    assert [line.charge.pk for line in patient_items(acct.guarantor)] == [due.pk]


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-3, "0-30"), (0, "0-30"), (30, "0-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"),
     (91, "91-120"), (120, "91-120"), (121, "121+"), (900, "121+")],
)  # fmt: skip
def test_buckets_end_inclusively(acct: PatientAccount, days: int, bucket: str) -> None:
    day = date(2026, 1, 5)
    acct.owed("25.00", service_date=day)

    with on(day + timedelta(days=days)):
        row, total = age(side="patient", anchor="service")
        whole = age_total(side="patient", anchor="service")

    assert {name: amount for name, amount in row.buckets.items() if amount} == {bucket: D("25.00")}
    assert row.amounts == total.amounts == whole.amounts


def test_three_clocks_of_one_debt(acct: PatientAccount) -> None:
    """Service on January 5, the patient's since February 9, first statement on February 20; asked on March 20."""
    old_visit = visit_on(acct, date(2026, 1, 5))
    line = acct.charge(visit=old_visit)
    with on(date(2026, 2, 9)):
        acct.paid(line, paid="85", co="40", pr="25")
    note_first_statement(items=OpenItem.objects.filter(charge=line, account="PAT"), on=date(2026, 2, 20))

    def where(anchor: str) -> str:
        with on(date(2026, 3, 20)):
            row = age(side="patient", anchor=anchor)[0]  # type: ignore[arg-type]
        assert row.total == D("25.00")
        assert row.id == acct.guarantor.pk
        return next(name for name in BUCKETS if row.buckets[name])

    assert where("service") == "61-90"
    assert where("responsibility") == "31-60"
    assert where("first_bill") == "0-30"


def test_insurance_ages_from_its_first_claim_and_unbilled_is_not_late(acct: PatientAccount) -> None:
    visit = visit_on(acct, date(2026, 1, 5))
    billed, unbilled = acct.charge("100.00", visit=visit), acct.charge("40.00", visit=visit)
    claim = Claim.objects.create(
        number="C1", control_number="C1", visit=visit, patient=acct.patient, coverage=acct.primary,
        payer=acct.payer, rendering_provider=visit.provider, first_billed_on=date(2026, 1, 10), total=D("100.00"),
    )  # fmt: skip
    ClaimLine.objects.create(
        claim=claim, charge=billed, position=1, control_number="L1", service_date=visit.service_date, code="G0439",
        units=1, amount=D("100.00"),
    )  # fmt: skip

    with on(date(2026, 3, 20)):
        row, total = age(side="insurance", anchor="first_bill")

    assert unbilled.amount == D("40.00")
    assert row.id == acct.payer.pk
    assert row.buckets["61-90"] == D("100.00")
    assert row.buckets["0-30"] == D("40.00")
    assert total.total == D("140.00")


def test_credits_stand_apart_and_never_make_a_debt_younger(acct: PatientAccount) -> None:
    line = acct.charge("150.00")
    other = acct.charge("80.00")
    acct.paid(line, "p", paid="170")

    row = age(side="insurance")[0]

    assert other.amount == D("80.00")
    assert row.buckets["0-30"] == D("80.00")
    assert row.credit == D("-20.00")
    assert row.total == D("60.00")


def test_plan_and_agency_have_columns_of_their_own(acct: PatientAccount) -> None:
    plan, agency = acct.owed("20.00"), acct.owed("30.00")
    entries.to_plan(lines=[(plan, D("20.00"))], key="p", by=None)
    entries.to_agency(lines=[(agency, D("30.00"))], key="a", by=None)

    row = age(side="patient")[0]

    assert (row.on_plan, row.at_agency, sum(row.amounts)) == (D("20.00"), D("30.00"), D("0.00"))


def test_aging_of_a_past_day_says_what_it_said_then(acct: PatientAccount) -> None:
    with on(date(2026, 1, 5)):
        acct.owed("60.00")
        then = age(side="patient")[-1].amounts
    with on(date(2026, 3, 10)):
        receive_payment(guarantor=acct.guarantor, amount=D("60.00"), method="cash", kind="balance", key="k", by=None)

    assert age(side="patient", as_of=date(2026, 1, 5))[-1].amounts == then
    assert age(side="patient", as_of=date(2026, 3, 9))[-1].buckets["61-90"] == D("60.00")
    assert age(side="patient", as_of=date(2026, 3, 10))[-1].total == D("0.00")


def test_aging_asks_the_same_number_of_queries_for_one_and_for_three_lines(acct: PatientAccount) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            age(side="patient", anchor="service", as_of=date(2026, 3, 2))
        return len(asked)

    acct.owed()
    one = queries()
    acct.owed()
    acct.owed()

    assert queries() == one


def test_activity_runs_from_charge_to_zero(acct: PatientAccount) -> None:
    acct.copay()
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25")
    entries.allocate_credit(guarantor=acct.guarantor, visit=acct.visit, key="apply", by=None)

    rows = account_activity(acct.guarantor)

    assert [(r.what, r.patient, r.insurance, r.credit, r.owed_after) for r in reversed(rows)] == [
        ("Payment", D("0.00"), D("0.00"), D("25.00"), D("0.00")),
        ("Charge", D("0.00"), D("150.00"), D("0.00"), D("0.00")),
        ("Insurance paid", D("25.00"), D("-150.00"), D("0.00"), D("25.00")),
        ("Credit applied", D("-25.00"), D("0.00"), D("-25.00"), D("0.00")),
    ]
    assert rows[-1].receipt == "R1001"
