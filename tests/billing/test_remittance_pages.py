"""Checks on pages: lists, proof of the total, held answers, what was kept, deposits, files by hand, the file itself."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import ClaimResponse, ProviderAdjustment, RefusedRemittance, Remittance
from billing.services import remittances
from billing.services.provider_adjustments import settle
from clinic import clock
from clinic.models import AuditEvent, Claim, Coverage, User, Visit
from clinic.web.once import new_token
from ledger.accounts import Account
from ledger.queries.balances import balance, owed_by_coverage
from tests.billing.desk import make_claim, secondary_of
from tests.billing.payer_desk import advice, answer, file_of, pay, post, take
from tests.factories.clinic import CoverageFactory, PatientFactory, PayerFactory, VisitFactory
from x12.parties import Party

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")
PAID = ("85", "CO-45 40, PR-3 25")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, name: str, *args: object, **said: Any) -> Any:
    return client.post(reverse(name, args=args), {"once_token": new_token(), **said})


def in_words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("&#x27;", "'")


def sent(visit: Visit) -> Claim:
    made = make_claim(visit, "G0439")
    made.move_to(Claim.Status.SUBMITTED, by=None)
    return made


@pytest.fixture
def claim(visit: Visit, coverage: Coverage) -> Claim:
    return sent(visit)


def another(claim: Claim) -> Claim:
    """The same service of somebody else, before the same payer."""
    person = PatientFactory()
    CoverageFactory(patient=person, payer=claim.payer)
    return sent(VisitFactory(patient=person, provider=claim.rendering_provider))


def stranger(claim: Claim) -> Remittance:
    """A check whose one answer names a claim of nobody here."""
    odd = answer(claim, PAID, patient_control_number="ZZ999", patient=Party("QC", True, claim.patient.last_name, "X"))
    (row,) = post(take(advice([odd], payer_id=claim.payer.payer_id, check="ODD1")))
    return row


def test_a_check_shows_the_proof_of_its_total_and_reasons_in_words(claim: Claim, bill: User) -> None:
    pay(claim, PAID, plb="WO KEEP1 10")
    row = Remittance.objects.get()

    page = in_words(signed_in(bill).get(reverse("billing:remittance", args=[row.pk])))

    for words in (
        "Paid by its claims $85.00", "less kept by the payer (PLB) $10.00", "Together $75.00", "The check (BPR02) $75.00",
        "balances", "CO-45", "PR-3", "KEEP1", claim.number,
    ):  # fmt: skip
        assert words in page
    assert AuditEvent.objects.filter(act="patient.viewed", why="remittance").exists()


def test_a_held_answer_offers_claims_that_might_be_meant_and_is_posted_once_assigned(claim: Claim, bill: User) -> None:
    row = stranger(claim)
    held = row.responses.get()
    client = signed_in(bill)
    listed = client.get(reverse("billing:remittances"))
    shown = client.get(reverse("billing:held_answer", args=[held.pk]))
    assert list(listed.context["rows"]) == [row]
    assert [c.pk for c in shown.context["candidates"]] == [claim.pk]

    send(client, "billing:held_answer", held.pk, claim=claim.pk)
    send(client, "billing:post_remittance", row.pk)

    row.refresh_from_db()
    claim.refresh_from_db()
    assert (row.status, claim.status) == (Remittance.Status.POSTED, Claim.Status.PAID)
    assert balance(Account.REMIT, payer=claim.payer) == Decimal("85.00")


def test_who_fits_in_name_and_charge_stands_first_among_many_of_the_same_charge(claim: Claim, bill: User) -> None:
    for _ in range(9):
        another(claim)
    held = stranger(claim).responses.get()

    shown = signed_in(bill).get(reverse("billing:held_answer", args=[held.pk]))

    assert shown.context["candidates"][0] == claim


def test_a_held_answer_is_posted_to_a_claim_named_by_its_number(claim: Claim, bill: User) -> None:
    row = stranger(claim)
    client = signed_in(bill)
    unknown = send(client, "billing:held_answer", row.responses.get().pk, number="C999")

    send(client, "billing:held_answer", row.responses.get().pk, number=claim.number.lower())
    send(client, "billing:post_remittance", row.pk)

    claim.refresh_from_db()
    assert unknown.status_code == 422
    assert "No claim that was sent has the number C999." in in_words(unknown)
    assert claim.status == Claim.Status.PAID


def test_a_payers_answer_is_never_posted_to_another_payers_claim(claim: Claim, bill: User) -> None:
    row = stranger(claim)
    foreign = another(claim)
    Claim.objects.filter(pk=foreign.pk).update(payer=PayerFactory())

    refused = send(signed_in(bill), "billing:held_answer", row.responses.get().pk, claim=foreign.pk)

    assert refused.status_code == 422
    assert "A payer's money pays its own claims." in in_words(refused)


def test_the_next_payers_answer_is_posted_to_its_own_claim_though_the_first_payers_was_chosen(
    claim: Claim, bill: User
) -> None:
    second = secondary_of(claim.coverage, PayerFactory())
    pay(claim, ("94", "CO-45 32, PR-2 24"), status="19")
    asked = Claim.objects.get(after=claim)
    odd = answer(claim, ("24", "OA-23 126"), patient_control_number="ZZ999", number="SEC1")
    (row,) = post(take(advice([odd], payer_id=second.payer.payer_id, check="ODD1")))
    client = signed_in(bill)

    send(client, "billing:held_answer", row.responses.get().pk, claim=str(claim.pk))
    send(client, "billing:post_remittance", row.pk)

    assert (row.responses.get().status, row.responses.get().claim) == ("posted", asked)
    charge = claim.lines.get().charge
    assert [owed_by_coverage(charge=charge, coverage=c) for c in (claim.coverage, second)] == [Decimal("0.00")] * 2


def held_whole(claim: Claim, other: Claim) -> Remittance:
    """A second file of the same check that states more than the check is."""
    payer = claim.payer.payer_id
    pay(claim, PAID, check="C1")
    take(advice([answer(other, PAID)], payer_id=payer, check="C1"), name="second")
    return Remittance.objects.get(status=Remittance.Status.HELD)


def test_a_check_held_whole_is_set_aside_and_the_payers_right_file_is_posted_after_it(claim: Claim, bill: User) -> None:
    other = another(claim)
    row = held_whole(claim, other)
    client = signed_in(bill)
    said = "Sent in error, says the payer"

    send(client, "billing:set_aside_remittance", row.pk, reason=said)
    right = advice([answer(claim, PAID), answer(other, PAID)], payer_id=claim.payer.payer_id, check="C1")
    post(take(right, name="right"))

    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.status, row.held_reason) == (Remittance.Status.SET_ASIDE, said)
    assert other.status == Claim.Status.PAID
    assert balance(Account.REMIT, payer=claim.payer) == Decimal("170.00")
    assert "Which claim is it?" not in in_words(client.get(reverse("billing:remittance", args=[row.pk])))


def test_what_is_set_aside_is_neither_deposited_nor_set_aside_twice(claim: Claim, bill: User) -> None:
    row = held_whole(claim, another(claim))
    client = signed_in(bill)
    send(client, "billing:set_aside_remittance", row.pk, reason="a repeat")

    assert send(client, "billing:set_aside_remittance", row.pk, reason="again").status_code == 422
    assert send(client, "billing:deposit_remittance", row.pk, on=clock.today().isoformat()).status_code == 422


def test_a_deposit_dated_long_before_the_check_is_refused(claim: Claim, bill: User) -> None:
    pay(claim, PAID)

    answered = send(signed_in(bill), "billing:deposit_remittance", Remittance.objects.get().pk, on="1926-03-20")

    assert answered.status_code == 422
    assert "the bank cannot have booked it before" in in_words(answered)


def test_a_held_answer_is_dismissed_with_a_reason_and_posts_nothing(claim: Claim, bill: User) -> None:
    held = stranger(claim).responses.get()
    client = signed_in(bill)

    assert send(client, "billing:dismiss_answer", held.pk, reason="").status_code == 422
    send(client, "billing:dismiss_answer", held.pk, reason="Another clinic's patient")

    held.refresh_from_db()
    assert (held.status, held.entry) == (ClaimResponse.Status.DISMISSED, None)


def test_an_unexplained_adjustment_waits_in_suspense_until_somebody_explains_it(claim: Claim, bill: User) -> None:
    pay(claim, PAID, plb="J1 ODD 5")
    kept = ProviderAdjustment.objects.get()
    client = signed_in(bill)
    url = reverse("billing:remittances")
    assert len(client.get(url, {"view": "suspense"}).context["rows"]) == 1

    send(client, "billing:settle_adjustment", kept.pk)

    assert len(client.get(url, {"view": "suspense"}).context["rows"]) == 0


def test_an_adjustment_is_settled_once(claim: Claim, bill: User) -> None:
    pay(claim, PAID, plb="J1 ODD 5")
    kept = ProviderAdjustment.objects.get()
    first = settle(adjustment=kept, by=bill).resolved_at

    answered = send(signed_in(bill), "billing:settle_adjustment", kept.pk)

    kept.refresh_from_db()
    assert answered.status_code == 422
    assert kept.resolved_at == first


def test_a_deposit_clears_the_check_and_leaves_the_list(claim: Claim, bill: User) -> None:
    pay(claim, PAID)
    row = Remittance.objects.get()
    client = signed_in(bill)
    url = reverse("billing:remittances")
    assert list(client.get(url, {"view": "deposit"}).context["rows"]) == [row]

    send(client, "billing:deposit_remittance", row.pk, on=clock.today().isoformat())

    assert list(client.get(url, {"view": "deposit"}).context["rows"]) == []
    assert balance(Account.REMIT, payer=claim.payer) == Decimal("0.00")


def test_a_file_handed_in_shows_a_verdict_for_each_check(claim: Claim, bill: User) -> None:
    right = answer(claim, PAID)
    good = advice([right], payer_id=claim.payer.payer_id, check="GOOD1")
    bad = advice([right], payer_id=claim.payer.payer_id, check="BAD1", amount="99")
    file = SimpleUploadedFile("by-hand.835", file_of(good, bad, must_balance=False))

    page = in_words(send(signed_in(bill), "billing:remittance_upload", file=file))

    assert "GOOD1 Accepted" in page
    assert "Refused" in page
    assert RefusedRemittance.objects.get().trace_number == "BAD1"


def test_a_file_that_is_no_835_is_refused_in_words(bill: User) -> None:
    file = SimpleUploadedFile("letter.txt", b"Dear clinic, we have paid you.")

    answered = send(signed_in(bill), "billing:remittance_upload", file=file)

    assert answered.status_code == 200
    assert "Refused" in in_words(answered)
    assert not Remittance.objects.exists()


def test_the_refused_list_shows_segment_and_difference_and_takes_a_settlement(claim: Claim, bill: User) -> None:
    bad = advice([answer(claim, PAID)], payer_id=claim.payer.payer_id, check="BAD1", amount="99")
    take_bytes(bad)
    client = signed_in(bill)
    url = f"{reverse('billing:remittances')}?view=refused"

    page = in_words(client.get(url))
    send(client, "billing:resolve_refusal", RefusedRemittance.objects.get().pk, reason="The payer sent it again")

    assert "$14.00" in page
    assert "The payer sent it again" in in_words(client.get(url))
    assert client.get(url).context["counts"]["refused"] == 0


def take_bytes(bad: Any) -> None:
    remittances.import_bytes(payload=file_of(bad, must_balance=False), name="bad.835", by=None)


def test_the_check_of_another_payee_stands_on_its_own_list_and_is_neither_posted_nor_deposited(
    claim: Claim, bill: User
) -> None:
    take(advice([answer(claim, PAID)], payer_id=claim.payer.payer_id, payee_npi="1992999999"))
    row = Remittance.objects.get()
    client = signed_in(bill)

    listed = client.get(reverse("billing:remittances"), {"view": "not-ours"})
    posted = send(client, "billing:post_remittance", row.pk)

    assert list(listed.context["rows"]) == [row]
    assert posted.status_code == 422
    assert not balance(Account.REMIT, payer=claim.payer)


def test_a_check_whose_files_add_up_to_more_is_held_until_released(claim: Claim, bill: User) -> None:
    pay(claim, PAID)
    other = another(claim)
    take(advice([answer(other, PAID)], payer_id=claim.payer.payer_id), name="b.835")
    row = Remittance.objects.get(status=Remittance.Status.HELD)
    client = signed_in(bill)
    assert "more than its $85.00" in in_words(client.get(reverse("billing:remittance", args=[row.pk])))

    send(client, "billing:release_remittance", row.pk, reason="The payer says both files are right")
    send(client, "billing:post_remittance", row.pk)

    row.refresh_from_db()
    assert row.status == Remittance.Status.POSTED


def test_the_file_of_a_check_shows_that_check_only(claim: Claim, audrey: User) -> None:
    other = another(claim)
    payer = claim.payer.payer_id
    post(
        take(
            advice([answer(claim, PAID)], payer_id=payer, check="C1"),
            advice([answer(other, PAID)], payer_id=payer, check="C2"),
        )
    )
    row = Remittance.objects.get(trace_number="C2")

    page = signed_in(audrey).get(reverse("billing:remittance_file", args=[row.pk])).content.decode()

    assert f"CLP*{other.control_number}*" in page
    assert f"CLP*{claim.control_number}*" not in page
    assert page.count("<code>ST*835") == page.count("<code>SE*") == 1


def test_a_clinician_and_the_desk_see_no_remittance(claim: Claim, dee: User, fran: User) -> None:
    pay(claim, PAID)
    row = Remittance.objects.get()

    for user in (dee, fran):
        for name in ("billing:remittance", "billing:remittance_file"):
            assert signed_in(user).get(reverse(name, args=[row.pk])).status_code == 403


def test_the_auditor_posts_nothing(claim: Claim, audrey: User) -> None:
    take(advice([answer(claim, PAID)], payer_id=claim.payer.payer_id))

    assert send(signed_in(audrey), "billing:post_remittance", Remittance.objects.get().pk).status_code == 403
    assert Remittance.objects.get().status == Remittance.Status.IMPORTED


def test_lists_and_a_check_cost_the_same_with_one_row_and_with_three(claim: Claim, bill: User) -> None:
    client = signed_in(bill)
    pay(claim, PAID, check="ONE")
    row = Remittance.objects.get()
    urls = [reverse("billing:remittances") + "?view=posted", reverse("billing:remittances") + "?view=refused"]

    def cost(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    one = [cost(url) for url in urls] + [cost(reverse("billing:remittance", args=[row.pk]))]
    made = [another(claim) for _ in range(3)]
    post(take(advice([answer(c, PAID) for c in made], payer_id=claim.payer.payer_id, check="THREE"), name="three"))
    pay(another(claim), PAID, check="TWO", number="ICN9")
    large = Remittance.objects.get(trace_number="THREE")

    assert [cost(url) for url in urls] + [cost(reverse("billing:remittance", args=[large.pk]))] == one


def test_a_deposit_dated_ahead_is_refused_with_the_day_kept(claim: Claim, bill: User) -> None:
    pay(claim, PAID)

    answered = send(
        signed_in(bill), "billing:deposit_remittance", Remittance.objects.get().pk, on=date(2026, 12, 1).isoformat()
    )

    assert answered.status_code == 422
    assert "lies ahead" in in_words(answered)
    assert 'value="2026-12-01"' in answered.content.decode()
