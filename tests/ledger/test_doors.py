"""The ledger's pages and API: what they show, who may act, what a double click does, what bad input gets."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import AuditEvent, Claim, ClaimLine, User
from clinic.services.clients import create_api_client
from ledger.accounts import Account
from ledger.models import Drawer, OpenItem, Payment, Refund
from ledger.queries.balances import credit_of, owed_by_patient
from ledger.services import entries
from ledger.services.cards import keep_card
from ledger.services.payments import receive_payment
from tests.factories.ledger import PatientAccount, at, visit_on

D = Decimal
pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pay(client: Client, acct: PatientAccount, key: str = "t1", **said: Any) -> Any:
    values = {"amount": "25.00", "kind": "balance", "method": "cash", "reference": "", "once_token": key, **said}
    return client.post(reverse("ledger:pay", args=[acct.guarantor.pk]), values)


def test_payment_leads_to_a_receipt_that_tells_what_was_paid(acct: PatientAccount, fran: User) -> None:
    acct.owed("20.00")

    answer = pay(signed_in(fran), acct)
    page = signed_in(fran).get(answer["Location"]).content.decode()

    assert answer.status_code == 303
    assert "Receipt R1001" in page
    assert "$25.00" in page
    assert "G0439" in page
    assert "On account, until insurance has answered" in page
    assert "Taken by Fran Ames" in page


def test_double_click_takes_the_money_once(acct: PatientAccount, fran: User) -> None:
    client = signed_in(fran)

    first, second = pay(client, acct), pay(client, acct)

    assert first["Location"] == second["Location"]
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("amount", ["-5", "1e9", "25.005", "NaN", "", "12,50", "99999999999"])
def test_bad_amount_is_refused_on_the_form(acct: PatientAccount, fran: User, amount: str) -> None:
    answer = pay(signed_in(fran), acct, amount=amount)

    assert answer.status_code == 422
    assert not Payment.objects.exists()


def test_check_without_its_number_comes_back_with_what_was_typed(acct: PatientAccount, fran: User) -> None:
    answer = pay(signed_in(fran), acct, method="check", amount="31.00")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter the check number." in page
    assert 'value="31.00"' in page


def test_card_on_file_is_charged_from_the_page(acct: PatientAccount, fran: User) -> None:
    token = keep_card(guarantor=acct.guarantor, number="4242424242424242", expires_on=date(2028, 5, 31), by=fran)
    client = signed_in(fran)
    url = reverse("ledger:pay_card", args=[acct.guarantor.pk])

    answer = client.post(url, {"amount": "40.00", "kind": "balance", "card": token.pk, "once_token": "c1"})

    assert answer.status_code == 303
    assert at(Account.CARD) == D("40.00")
    assert "Visa ending in 4242" in client.get(reverse("ledger:pay", args=[acct.guarantor.pk])).content.decode()


def test_account_page_tells_the_story_and_is_audited(acct: PatientAccount, bill: User) -> None:
    acct.copay()
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25")

    page = signed_in(bill).get(reverse("ledger:account", args=[acct.guarantor.pk])).content.decode()

    story = ["Insurance paid", "Charge", "Payment"]
    places = [page.index(f'class="wrap">{what}') for what in story]
    assert places == sorted(places)
    assert AuditEvent.objects.filter(patient_id=acct.patient.pk, act="patient.viewed").exists()


def test_account_page_asks_the_same_number_of_queries_for_one_and_for_three_lines(
    acct: PatientAccount, bill: User
) -> None:
    client = signed_in(bill)
    url = reverse("ledger:account", args=[acct.guarantor.pk])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(url)
        return len(asked)

    acct.owed()
    client.get(url)
    one = queries()
    acct.owed()
    acct.owed()

    assert queries() == one


def test_front_desk_sees_the_balance_but_not_the_activity(acct: PatientAccount, fran: User) -> None:
    client = signed_in(fran)
    acct.owed("42.00")

    panel = client.get(reverse("ledger:patient_panel", args=[acct.patient.pk]))
    activity = client.get(reverse("ledger:account", args=[acct.guarantor.pk]))

    assert "$42.00" in panel.content.decode()
    assert activity.status_code == 403


def test_desk_lead_voids_and_front_desk_may_not(acct: PatientAccount, fran: User, lena: User) -> None:
    payment = acct.copay()
    url = reverse("ledger:void", args=[payment.pk])

    refused = signed_in(fran).post(url, {"reason": "Wrong amount", "once_token": "v1"})
    done = signed_in(lena).post(url, {"reason": "Wrong amount", "once_token": "v1"})

    payment.refresh_from_db()
    assert (refused.status_code, done.status_code, payment.status) == (403, 303, "voided")
    assert "Voided" in signed_in(lena).get(reverse("ledger:receipt", args=[payment.pk])).content.decode()


def test_refund_is_asked_for_approved_by_another_and_sent(acct: PatientAccount, bill: User, mona: User) -> None:
    payment = acct.copay()
    asked = signed_in(bill).post(
        reverse("ledger:refund_request", args=[payment.pk]),
        {"amount": "25.00", "reason": "Final share is zero", "once_token": "r1"},
    )
    refund = Refund.objects.get()
    client = signed_in(mona)

    listed = client.get(reverse("ledger:refunds")).content.decode()
    client.post(reverse("ledger:refund_approve", args=[refund.pk]), {"once_token": "r2"})
    client.post(reverse("ledger:refund_send", args=[refund.pk]), {"once_token": "r3"})

    refund.refresh_from_db()
    assert asked.status_code == 303
    assert "Final share is zero" in listed
    assert refund.status == "sent"
    assert credit_of(acct.guarantor) == D("0.00")


def test_who_asked_for_a_refund_cannot_approve_it_on_the_page(acct: PatientAccount, mona: User) -> None:
    payment = acct.copay()
    client = signed_in(mona)
    client.post(
        reverse("ledger:refund_request", args=[payment.pk]),
        {"amount": "25.00", "reason": "Overpaid", "once_token": "r1"},
    )

    answer = client.post(reverse("ledger:refund_approve", args=[Refund.objects.get().pk]), {"once_token": "r2"})

    assert answer.status_code == 422
    assert "second person" in answer.content.decode()


def test_day_close_from_float_to_bank(acct: PatientAccount, fran: User) -> None:
    client = signed_in(fran)
    place = acct.visit.location
    client.post(reverse("ledger:drawer_open", args=[place.pk]), {"float_amount": "100.00", "once_token": "d1"})
    drawer = Drawer.objects.get()
    receive_payment(
        guarantor=acct.guarantor, amount=D("25.00"), method="cash", kind="copay", key="k", by=fran, visit=acct.visit
    )
    page = client.get(reverse("ledger:day_close")).content.decode()
    assert "$125.00" not in page

    client.post(reverse("ledger:drawer_count", args=[drawer.pk]), {"counted": "125.00", "once_token": "d2"})
    counted = client.get(reverse("ledger:day_close")).content.decode()
    client.post(reverse("ledger:drawer_close", args=[drawer.pk]), {"explanation": "", "once_token": "d3"})
    client.post(reverse("ledger:deposit", args=[place.pk]), {"reference": "S-1", "once_token": "d4"})

    assert "$125.00" in counted
    assert at(Account.BANK) == D("25.00")
    assert at(Account.CASH) == D("0.00")
    assert "B101" in client.get(reverse("ledger:day_close")).content.decode()


def test_drawer_that_is_short_is_refused_with_its_sentence(acct: PatientAccount, fran: User) -> None:
    client = signed_in(fran)
    client.post(
        reverse("ledger:drawer_open", args=[acct.visit.location.pk]), {"float_amount": "100.00", "once_token": "d1"}
    )
    drawer = Drawer.objects.get()
    client.post(reverse("ledger:drawer_count", args=[drawer.pk]), {"counted": "90.00", "once_token": "d2"})

    answer = client.post(reverse("ledger:drawer_close", args=[drawer.pk]), {"explanation": "Lost", "once_token": "d3"})

    assert answer.status_code == 422
    assert "second person" in answer.content.decode()


BASE = "/api/v1/ledger/"


@pytest.fixture
def portal() -> Client:
    _row, token = create_api_client(
        name="portal", scopes=["ledger.balance", "ledger.view", "ledger.receipt", "payment.take"], by=None
    )
    return Client(headers={"Authorization": f"Bearer {token}"})


def take(client: Client, acct: PatientAccount, key: str = "k1", **said: Any) -> Any:
    body = {"guarantor": str(acct.guarantor.pk), "amount": "25.00", "kind": "balance", "method": "portal", **said}
    return client.post(BASE + "payments/", body, content_type="application/json", headers={"Idempotency-Key": key})


def test_api_takes_a_payment_once_and_tells_money_as_strings(acct: PatientAccount, portal: Client) -> None:
    line = acct.owed("60.00")

    first, second = take(portal, acct), take(portal, acct)
    account = portal.get(BASE + f"accounts/{acct.guarantor.pk}/")

    assert (first.status_code, first.json()["amount"]) == (201, "25.00")
    assert second.json() == first.json()
    assert account.json()["due"] == "35.00"
    assert owed_by_patient(charge=line) == D("35.00")


@pytest.mark.parametrize("amount", ["-5", "1e9", "25.005", "NaN", ""])
def test_api_refuses_bad_amounts(acct: PatientAccount, portal: Client, amount: str) -> None:
    answer = take(portal, acct, amount=amount)

    assert answer.status_code == 422
    assert not Payment.objects.exists()


def test_api_tells_the_activity(acct: PatientAccount, portal: Client) -> None:
    acct.owed("60.00")
    take(portal, acct)

    rows = portal.get(BASE + f"accounts/{acct.guarantor.pk}/activity/").json()

    assert [(r["what"], r["patient"], r["owed_after"]) for r in rows] == [
        ("Payment", "-25.00", "35.00"),
        ("Charge", "60.00", "60.00"),
    ]


def test_api_without_the_scope_is_refused(acct: PatientAccount) -> None:
    _row, token = create_api_client(name="board", scopes=["appointment.view"], by=None)

    answer = take(Client(headers={"Authorization": f"Bearer {token}"}), acct)

    assert answer.status_code == 403


def test_what_has_not_cleared_is_listed_by_what_to_do(acct: PatientAccount, bill: User) -> None:
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25", check="EFT-85")
    entries.bank_deposit(payer=acct.payer, reference="EFT-415", amount=D("415.00"), key="b", by=None)
    entries.recoup_taken(payer=acct.payer, reference="EFT-9", amount=D("30.00"), recoupment="ICN-7", key="w", by=None)

    page = signed_in(bill).get(reverse("ledger:clearing")).content.decode()

    for name in ("Remitted, not in the bank", "In the bank, no remittance", "Taken by a payer, unexplained"):
        assert name in page
    for reference in ("EFT-85", "EFT-415", "ICN-7"):
        assert reference in page
    assert "Everything has cleared" not in page


def test_clearing_asks_the_same_number_of_queries_for_one_and_for_three(acct: PatientAccount, bill: User) -> None:
    client = signed_in(bill)

    def queries(n: int) -> int:
        entries.bank_deposit(payer=acct.payer, reference=f"E{n}", amount=D("4.00"), key=f"b{n}", by=None)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("ledger:clearing"))
        return len(asked)

    queries(0)
    one = queries(1)
    queries(2)

    assert queries(3) == one


def test_remittance_is_cleared_from_the_list_when_its_money_arrives(acct: PatientAccount, bill: User) -> None:
    line = acct.charge()
    acct.paid(line, paid="85", co="40", pr="25", check="EFT-85")
    item = OpenItem.objects.get(account=Account.REMIT)
    client = signed_in(bill)

    client.post(reverse("ledger:deposit_arrived", args=[item.pk]), {"amount": "85.00", "once_token": "a1"})
    again = client.post(reverse("ledger:deposit_arrived", args=[item.pk]), {"amount": "85.00", "once_token": "a1"})

    assert again.status_code == 303
    assert at(Account.REMIT) == D("0.00")
    assert at(Account.BANK) == D("85.00")
    assert "Everything has cleared" in client.get(reverse("ledger:clearing")).content.decode()


def test_refund_to_a_payer_is_noted_by_who_may_approve(acct: PatientAccount, bill: User, mona: User) -> None:
    line = acct.charge()
    acct.paid(line, "p", paid="110", co="40")
    acct.paid(line, "s", paid="110", coverage=acct.secondary)
    overpaid = OpenItem.objects.get(account=Account.INS, balance__lt=0)
    signed_in(bill).post(reverse("ledger:payer_refund_due", args=[overpaid.pk]), {"once_token": "d1"})
    assert at(Account.REFP) == D("-110.00")
    url = reverse("ledger:payer_refund_sent", args=[OpenItem.objects.get(account=Account.REFP).pk])

    refused = signed_in(bill).post(url, {"once_token": "s1"})
    done = signed_in(mona).post(url, {"once_token": "s1"})

    assert (refused.status_code, done.status_code) == (403, 303)
    assert at(Account.REFP) == D("0.00")


def test_credit_of_a_visit_that_is_done_pays_another_line_by_the_button(
    acct: PatientAccount, fran: User, bill: User
) -> None:
    line = acct.charge("150.00")
    acct.copay("25.00")
    acct.paid(line, "p", paid="110", co="40")
    due = acct.owed("70.00", visit=visit_on(acct, date(2026, 2, 2)))
    url = reverse("ledger:use_credit", args=[acct.guarantor.pk])
    page = signed_in(bill).get(reverse("ledger:account", args=[acct.guarantor.pk])).content.decode()
    client = signed_in(fran)

    done = client.post(url, {"once_token": "u1"})
    twice = client.post(url, {"once_token": "u1"})
    again = client.post(url, {"once_token": "u2"})

    assert url in page
    assert (done.status_code, twice.status_code, again.status_code) == (303, 303, 422)
    assert (at(Account.CRED), at(Account.PAT, charge=due)) == (D("0.00"), D("45.00"))


def test_a_copay_that_waits_for_its_payer_is_not_used_for_other_lines(acct: PatientAccount, fran: User) -> None:
    acct.charge("150.00")
    acct.copay("25.00")
    acct.owed("70.00", visit=visit_on(acct, date(2026, 2, 2)))

    refused = signed_in(fran).post(reverse("ledger:use_credit", args=[acct.guarantor.pk]), {"once_token": "u1"})

    assert refused.status_code == 422
    assert at(Account.CRED) == D("-25.00")


def claim_of(acct: PatientAccount, *lines: Any, number: str = "C1") -> Claim:
    claim = Claim.objects.create(
        number=number, control_number=number, visit=acct.visit, patient=acct.patient, coverage=acct.primary,
        payer=acct.payer, rendering_provider=acct.visit.provider, total=sum(line.amount for line in lines),
        status="paid",
    )  # fmt: skip
    for n, line in enumerate(lines, 1):
        ClaimLine.objects.create(
            claim=claim, charge=line, position=n, control_number=f"{number}-{n}", service_date=line.service_date,
            code=line.code, units=line.units, amount=line.amount,
        )  # fmt: skip
    return claim


def test_what_a_payer_took_is_accepted_for_a_claim_its_overpaid_line_first(acct: PatientAccount, bill: User) -> None:
    line, other = acct.charge("150.00"), acct.charge("80.00")
    acct.paid(line, "p", paid="110", co="40")
    acct.paid(line, "p2", paid="20")
    claim = claim_of(acct, other, line)
    entries.recoup_taken(payer=acct.payer, reference="EFT-9", amount=D("30.00"), recoupment="C1", key="w", by=None)
    client = signed_in(bill)
    item = OpenItem.objects.get(account=Account.RECOUP)
    url = reverse("ledger:recoupment_accepted", args=[item.pk])
    page = client.get(reverse("ledger:clearing")).content.decode()

    unknown = client.post(url, {"number": "C77", "once_token": "r1"})
    done = client.post(url, {"number": "c1", "once_token": "r2"})
    twice = client.post(url, {"number": "c1", "once_token": "r2"})

    assert url in page
    assert (unknown.status_code, done.status_code, twice.status_code) == (422, 303, 303)
    assert at(Account.RECOUP) == D("0.00")
    assert at(Account.INS, charge=line) == D("0.00")
    assert at(Account.INS, charge=other) == D("90.00")
    assert AuditEvent.objects.filter(act="recoupment.accepted", record_id=claim.pk).count() == 1


def test_what_one_payer_took_is_not_accepted_for_anothers_claim(acct: PatientAccount, bill: User) -> None:
    claim_of(acct, acct.charge("150.00"))
    entries.recoup_taken(
        payer=acct.secondary.payer, reference="EFT-9", amount=D("30.00"), recoupment="X", key="w", by=None
    )
    item = OpenItem.objects.get(account=Account.RECOUP)

    refused = signed_in(bill).post(
        reverse("ledger:recoupment_accepted", args=[item.pk]), {"number": "C1", "once_token": "r1"}
    )

    assert refused.status_code == 422
    assert at(Account.RECOUP) == D("30.00")


def test_card_payout_splits_off_the_fee_and_never_exceeds_what_waits(acct: PatientAccount, bill: User) -> None:
    acct.copay("100.00", method="card_terminal", reference="1")
    client = signed_in(bill)
    url = reverse("ledger:card_payout")

    too_much = client.post(url, {"amount": "100.01", "fee": "3.00", "once_token": "p1"})
    done = client.post(url, {"amount": "100.00", "fee": "3.00", "once_token": "p2"})

    assert (too_much.status_code, done.status_code) == (422, 303)
    assert (at(Account.BANK), at(Account.BFEE), at(Account.CARD)) == (D("97.00"), D("3.00"), D("0.00"))


def test_returned_check_is_noted_on_its_receipt(acct: PatientAccount, lena: User) -> None:
    line = acct.owed("110.00")
    check = receive_payment(
        guarantor=acct.guarantor, amount=D("110.00"), method="check", kind="balance", key="k", by=None,
        reference="2044", patient=acct.patient,
    )  # fmt: skip
    client = signed_in(lena)

    client.post(
        reverse("ledger:check_returned", args=[check.pk]),
        {"bank_fee": "12.00", "policy_fee": "25.00", "once_token": "n1"},
    )

    assert owed_by_patient(charge=line) == D("110.00")
    assert owed_by_patient(guarantor=acct.guarantor) == D("135.00")
    assert "Returned by the bank" in client.get(reverse("ledger:receipt", args=[check.pk])).content.decode()


def test_credit_is_listed_when_it_waits_for_no_payer_any_more(acct: PatientAccount, bill: User) -> None:
    client = signed_in(bill)
    acct.copay()
    line = acct.charge()

    waiting = client.get(reverse("ledger:clearing")).content.decode()
    acct.paid(line, paid="110", co="40")
    answered = client.get(reverse("ledger:clearing")).content.decode()

    assert "credit" not in waiting
    assert "Patients&#x27; credit" in answered
    assert reverse("ledger:account", args=[acct.guarantor.pk]) in answered
