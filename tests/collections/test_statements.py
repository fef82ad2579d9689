"""Who is sent a statement, what stands on it, and what the night gives up instead."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from clinic.errors import ClinicError
from clinic.models import Claim, Event, Hold, Message, Patient, Role, User, Visit
from clinic.services.holds import place_hold, release_hold
from collections_app.models import PayLink, Statement
from collections_app.services.nightly import issue_due, write_off_small
from collections_app.services.payment_plans import open_plan
from collections_app.services.statements import issue_statement
from ledger.accounts import Account
from ledger.models import JournalEntry, OpenItem
from ledger.queries.balances import credit_of
from tests.collections.conftest import START, after, another, closed
from tests.factories.clinic import VisitFactory
from tests.factories.ledger import PatientAccount, at, new_account, prove, visit_on

D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_books")]


def claim_of(account: PatientAccount, status: str) -> Claim:
    return Claim.objects.create(
        number=f"C{account.visit.number}", control_number=f"C{account.visit.number}", visit=account.visit,
        patient=account.patient, coverage=account.primary, payer=account.payer, status=status,
        rendering_provider=account.visit.provider, total=D("150.00"),
    )  # fmt: skip


def test_statement_shows_how_each_line_came_to_its_balance_to_the_cent(acct: PatientAccount):
    line = acct.charge("150.00")
    acct.paid(line, paid="85.00", co="40.00", pr="25.00")
    acct.owed("60.00")

    statement = issue_statement(guarantor=acct.guarantor, by=None)

    first, second = statement.lines.order_by("-charged")
    assert (first.charged, first.insurance_paid, first.adjusted, first.patient_paid, first.balance) == (
        D("150.00"), D("85.00"), D("40.00"), D("0.00"), D("25.00"),
    )  # fmt: skip
    assert (second.charged, second.balance) == (D("60.00"), D("60.00"))
    assert statement.balance == D("85.00")
    assert (statement.notice, statement.issued_on) == ("statement", START)
    prove(line)


def test_statement_notes_the_first_day_each_line_was_billed_and_keeps_it(acct: PatientAccount):
    line = acct.owed("60.00")
    issue_statement(guarantor=acct.guarantor, by=None)

    with after(31):
        second = issue_statement(guarantor=acct.guarantor, by=None)

    assert OpenItem.objects.get(account=Account.PAT, charge=line).first_statement_on == START
    assert second.notice == "reminder"


def test_statement_goes_out_with_a_link_and_without_a_name(acct: PatientAccount):
    acct.owed("60.00")

    statement = issue_statement(guarantor=acct.guarantor, by=None)

    message = Message.objects.get(key=f"statement:{statement.pk}")
    assert (message.kind, message.channel, message.status) == ("statement", "email", "queued")
    assert "$60.00" in message.body
    assert "/collections/pay/" in message.body
    assert acct.guarantor.last_name not in message.body + message.subject
    assert PayLink.objects.get().statement == statement
    assert Event.objects.filter(kind="statement.issued", record_id=statement.pk).count() == 1


def test_a_guarantor_of_two_patients_gets_one_statement(acct: PatientAccount):
    acct.owed("60.00")
    child = another(acct, guarantor=acct.guarantor)
    child.owed("40.00")

    counts = issue_due(day=START)

    assert counts == {"small_balances": 0, "statements": 1}
    assert Statement.objects.get().balance == D("100.00")


def test_issuing_twice_the_same_day_is_one_statement(acct: PatientAccount):
    acct.owed("60.00")

    first = issue_statement(guarantor=acct.guarantor, by=None)
    again = issue_statement(guarantor=acct.guarantor, by=None)

    assert first == again
    assert Statement.objects.count() == 1


def test_the_night_bills_once_in_thirty_days(acct: PatientAccount):
    acct.owed("60.00")
    sent = []
    for day in (0, 1, 29, 30, 31, 60):
        with after(day):
            sent.append(issue_due(day=START.fromordinal(START.toordinal() + day))["statements"])

    assert sent == [1, 0, 0, 1, 0, 1]
    assert [s.notice for s in Statement.objects.order_by("issued_on")] == ["statement", "reminder", "second"]


@pytest.mark.parametrize(
    "status", ["submitted", "denied", "partially_paid", "appealed", "rejected", "edits_failed", "forwarded", "reversed"]
)
def test_no_statement_while_a_claim_of_the_visit_has_no_last_word(status: str, acct: PatientAccount):
    acct.owed("60.00")
    claim_of(acct, status)

    with pytest.raises(ClinicError, match="payers have not settled this visit"):
        issue_statement(guarantor=acct.guarantor, by=None)

    assert issue_due(day=START)["statements"] == 0
    assert not Statement.objects.exists()


def test_no_statement_while_the_secondary_has_not_answered(acct: PatientAccount):
    line = acct.charge("150.00")
    acct.paid(line, paid="85.00", co="40.00", pr="25.00", to=acct.secondary)
    acct.owed("60.00")
    claim_of(acct, "paid")

    with pytest.raises(ClinicError, match="payers have not settled this visit"):
        issue_statement(guarantor=acct.guarantor, by=None)


def test_another_settled_visit_is_billed_while_one_waits(acct: PatientAccount):
    acct.owed("60.00")
    claim_of(acct, "submitted")
    other = visit_on(acct, START)
    Visit.objects.filter(pk=other.pk).update(status="closed")
    acct.owed("45.00", visit=other)

    statement = issue_statement(guarantor=acct.guarantor, by=None)

    assert statement.balance == D("45.00")


def test_no_statement_before_the_charges_of_the_visit_are_closed(acct: PatientAccount):
    acct.owed("60.00")
    Visit.objects.filter(pk=acct.visit.pk).update(status="checked_out")

    with pytest.raises(ClinicError, match="not settled"):
        issue_statement(guarantor=acct.guarantor, by=None)


def test_no_statement_for_someone_on_hold(acct: PatientAccount, mona: User):
    acct.owed("60.00")
    place_hold(guarantor=acct.guarantor, reason="dispute", by=mona)

    with pytest.raises(ClinicError, match="on hold: patient disputes the bill"):
        issue_statement(guarantor=acct.guarantor, by=mona)

    assert issue_due(day=START)["statements"] == 0
    assert not Statement.objects.exists()
    assert not Message.objects.exists()


def test_a_hold_on_one_visit_excludes_that_visit_only(acct: PatientAccount, mona: User):
    acct.owed("60.00")
    other = VisitFactory(patient=acct.patient, provider=acct.visit.provider, status="closed")
    acct.owed("45.00", visit=other)
    place_hold(guarantor=acct.guarantor, visit=acct.visit, reason="estimate_dispute", by=mona)

    statement = issue_statement(guarantor=acct.guarantor, by=None)

    assert statement.balance == D("45.00")


def test_a_hold_that_has_ended_holds_nobody(acct: PatientAccount, mona: User):
    acct.owed("60.00")
    place_hold(guarantor=acct.guarantor, reason="hardship", until=START, by=mona)

    with after(1):
        sent = issue_due(day=START)["statements"]

    assert sent == 1
    assert Hold.objects.filter(released_at=None).count() == 1


def test_nothing_owed_and_too_little_are_said(acct: PatientAccount):
    with pytest.raises(ClinicError, match="owes nothing now"):
        issue_statement(guarantor=acct.guarantor, by=None)
    acct.owed("4.99")

    with pytest.raises(ClinicError, match=r"\$4.99 is below the smallest statement of \$5.00"):
        issue_statement(guarantor=acct.guarantor, by=None)


def test_credit_on_the_account_pays_before_anybody_is_billed(acct: PatientAccount):
    acct.copay("25.00")
    acct.owed("60.00")

    statement = issue_statement(guarantor=acct.guarantor, by=None)

    assert statement.balance == D("35.00")
    assert credit_of(acct.guarantor) == D("0.00")


def test_small_balance_is_given_up_by_the_worker_after_the_last_payer(acct: PatientAccount):
    line = acct.charge("150.00")
    acct.paid(line, paid="140.01", co="0.00", pr="9.99")

    counts = issue_due(day=START)

    assert counts == {"small_balances": 1, "statements": 0}
    assert (at(Account.PAT), at(Account.SB)) == (D("0.00"), D("9.99"))
    assert JournalEntry.objects.get(kind="write_off").reason == "small"
    prove(line)


def test_ten_dollars_are_billed(acct: PatientAccount):
    acct.owed("10.00")

    counts = issue_due(day=START)

    assert counts == {"small_balances": 0, "statements": 1}


def test_a_small_line_beside_a_large_one_is_billed_not_given_up(acct: PatientAccount):
    acct.owed("3.00")
    acct.owed("40.00")

    assert write_off_small(guarantor=acct.guarantor) == 0
    assert issue_statement(guarantor=acct.guarantor, by=None).balance == D("43.00")


def test_a_small_balance_on_hold_or_unsettled_stays(acct: PatientAccount, mona: User):
    acct.owed("3.00")
    claim_of(acct, "denied")
    held = another(acct)
    held.owed("3.00")
    place_hold(guarantor=held.guarantor, reason="bankruptcy", by=mona)

    counts = issue_due(day=START)

    assert counts == {"small_balances": 0, "statements": 0}
    assert at(Account.PAT) == D("6.00")


def test_letter_when_there_is_no_email_and_a_sentence_when_there_is_neither(acct: PatientAccount):
    acct.owed("60.00")
    guarantor = acct.guarantor
    guarantor.email = ""
    guarantor.save()
    lost = another(acct)
    lost.owed("60.00")
    lost.guarantor.email = lost.guarantor.line1 = ""
    lost.guarantor.save()

    assert issue_statement(guarantor=guarantor, by=None).channel == "letter"
    with pytest.raises(ClinicError, match="neither an e-mail nor a whole address"):
        issue_statement(guarantor=lost.guarantor, by=None)


def test_what_is_on_a_plan_is_shown_but_not_billed(acct: PatientAccount):
    on_plan = acct.owed("60.00")
    acct.owed("40.00")
    open_plan(guarantor=acct.guarantor, parts=1, lines=[(on_plan, D("60.00"))], by=None)
    release_hold(hold=Hold.objects.get(), by=None)

    statement = issue_statement(guarantor=acct.guarantor, by=None)

    assert (statement.balance, statement.on_plan) == (D("40.00"), D("60.00"))


def test_the_statement_of_a_child_goes_to_the_guarantor_named_at_registration(
    client: Client, fran: User, acct: PatientAccount
):
    client.force_login(fran)
    client.post(
        "/patients/new/",
        {
            "first_name": "Nico", "last_name": "Lopez", "birth_date": "04/11/2020", "sex": "M", "once_token": "one",
            "guarantor": "new", "guarantor_relationship": "19", "guarantor_first_name": "Maria",
            "guarantor_last_name": "Lopez", "guarantor_line1": "12 Oak St", "guarantor_city": "Chicago",
            "guarantor_state": "IL", "guarantor_zip_code": "60614", "guarantor_phone": "(312) 555-0188",
        },
    )  # fmt: skip
    child = Patient.objects.get(first_name="Nico")
    closed(new_account(child, VisitFactory(patient=child, provider=acct.visit.provider))).owed("60.00")

    issue_due(day=START)

    statement = Statement.objects.get(guarantor=child.guarantor)
    client.force_login(User.objects.create(username="cora2", role=Role.COLLECTOR))
    letter = client.get(reverse("collections:statement_print", args=[statement.pk])).content.decode()
    assert "Maria Lopez<br>12 Oak St" in letter
    assert statement.balance == D("60.00")
