"""A check's plain answers are posted many at once, and leave what one by one would have left."""

from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import ClaimResponse, Denial, Remittance
from billing.services.answers import payment_key
from billing.services.bulk_posting import AT_ONCE, post_plain
from billing.services.posting import post_remittance, post_response
from clinic.models import AuditEvent, Claim, Coverage, Event, StatusChange, User, Visit
from ledger.models import Allocation, JournalEntry, OpenItem, Posting
from ledger.services.entries import PaidLine, insurance_payment
from ledger.services.payments import receive_payment
from tests.billing.desk import make_claim, secondary_of
from tests.billing.payer_desk import PAID_ON, advice, answer, reversal, take
from tests.factories.clinic import CoverageFactory, PayerFactory, VisitFactory
from x12.remittance_835 import ClaimPayment

pytestmark = pytest.mark.usefixtures("morning", "fees", "partner")

PAID = (("110", "CO-45 40"), ("60", "CO-45 20"))
SHARED = (("85", "CO-45 40, PR-3 25"), ("44", "CO-45 20, PR-2 16"))
DEDUCTIBLE = (("0", "CO-45 40, PR-1 110"), ("0", "CO-45 20, PR-1 60"))
SEQUESTERED = (("107.80", "CO-45 40, CO-253 2.20"), ("60", "CO-45 20"))
DENIED = (("0", "CO-16 150"), ("0", "CO-197 80"))
ONE_DENIED = (("110", "CO-45 40"), ("0", "CO-45 20, CO-197 60"))
PART_DENIED = (("60", "CO-45 40, CO-151 50"), ("0", "CO-45 20, PR-1 60"))
PLAIN = (PAID, SHARED, DEDUCTIBLE, SEQUESTERED, DENIED, ONE_DENIED, PART_DENIED)
DENIAL = (
    "charge__code", "status", "group", "reason_code", "remark_codes", "category", "amount", "next_step", "owner_role",
    "due_on", "deadline_on", "denied_on", "payer", "line_response__position", "version",
)  # fmt: skip
Lines = tuple[tuple[str, str], ...]


@pytest.fixture
def sent(coverage: Coverage, visit: Visit) -> Callable[[], Claim]:
    """Another patient's claim over 150.00 and 80.00 before the same payer, with a copay of 25.00 taken."""

    def make() -> Claim:
        own = CoverageFactory(payer=coverage.payer)
        seen = VisitFactory(patient=own.patient, provider=visit.provider)
        claim = make_claim(seen, "G0439", "G0101")
        receive_payment(
            guarantor=seen.guarantor, visit=seen, amount=D("25.00"), method="cash", kind="copay", by=None,
            key=f"copay:{seen.pk}",
        )  # fmt: skip
        return claim.move_to(Claim.Status.SUBMITTED, by=None)

    return make


def taken(*payments: ClaimPayment, check: str = "EFT1", payer_id: str) -> Remittance:
    (verdict,) = take(advice(payments, payer_id=payer_id, check=check))
    assert verdict.remittance is not None
    return verdict.remittance


def answered(claims: list[Claim], shapes: tuple[Lines, ...], check: str) -> Remittance:
    payments = [
        answer(c, *shape, number=f"ICN{n}") for n, (c, shape) in enumerate(zip(claims, shapes, strict=True), start=1)
    ]
    return taken(*payments, check=check, payer_id=claims[0].payer.payer_id)


def left_by(claim: Claim, check: str) -> dict[str, Any]:
    """Everything the posting has written about this claim, without the names of rows and of the check."""
    claim.refresh_from_db()
    response = claim.responses.get()
    charges = list(claim.lines.values_list("charge", flat=True))
    refused = list(claim.denials.values_list("pk", flat=True))
    about = {"record_id__in": [claim.pk, response.pk, *refused]}
    changes = StatusChange.objects.filter(**about).order_by("record_type", "changed_at", "id")
    entry = response.entry
    return {
        "claim": (claim.status, claim.payer_claim_number, claim.answered_at, claim.version),
        "response": (response.status, response.posted_at, response.patient_leg_held, response.held_reason),
        "lines": list(response.lines.values_list("outcome", "denied_amount", "paid")),
        "denials": sorted(claim.denials.values_list(*DENIAL), key=str),
        "entry": entry and (
            entry.kind, entry.effective_on, entry.posted_at, entry.memo, entry.key == payment_key(response.pk)
        ),
        "postings": sorted(
            (account, debit, credit, reference.replace(check, "CHECK"))
            for account, debit, credit, reference in Posting.objects.filter(charge__in=charges).values_list(
                "account", "debit", "credit", "reference"
            )
        ),
        "open": sorted(
            OpenItem.objects.filter(visit=claim.visit).values_list(
                "account", "balance", "responsible_since", "first_statement_on"
            ),
            key=str,
        ),
        "copay": sorted(Allocation.objects.filter(charge__in=charges).values_list("account", "amount")),
        "changes": [
            (c.record_type, c.from_status, c.to_status, c.reason.replace(check, "CHECK"), c.detail, c.changed_by_id)
            for c in changes
        ],
        "events": [
            (e.kind, e.record_type, e.patient_id == claim.patient_id, e.by_id,
             {name: "this claim" if value == str(claim.pk) else value for name, value in e.payload.items()})
            for e in Event.objects.filter(**about).order_by("id")
        ],
        "audit": sorted(
            AuditEvent.objects.filter(**about).values_list(
                "act", "actor_kind", "is_change", "why", "record_type", "detail__code"
            ), key=str
        ),
        "patient": set(AuditEvent.objects.filter(**about, act="remittance.claim_posted").values_list("patient_id"))
        == {(claim.patient_id,)},
    }  # fmt: skip


def test_many_at_once_leave_what_one_by_one_would_have_left(sent: Callable[[], Claim]) -> None:
    together = [sent() for _ in PLAIN]
    alone = [sent() for _ in PLAIN]
    first, second = answered(together, PLAIN, "EFT1"), answered(alone, PLAIN, "EFT2")

    assert post_plain(remittance=first, by=None) == len(PLAIN)
    for response in second.responses.all():
        post_response(response=response, by=None)

    for one, other in zip(together, alone, strict=True):
        assert left_by(one, "EFT1") == left_by(other, "EFT2")
        assert left_by(one, "EFT1")["postings"]


def test_the_statements_do_not_grow_with_the_check(sent: Callable[[], Claim]) -> None:
    counts = []
    for size, check in ((4, "EFT1"), (12, "EFT2")):
        claims = [sent() for _ in range(size)]
        remittance = answered(claims, (PAID, DENIED, ONE_DENIED, SEQUESTERED) * (size // 4), check)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert post_plain(remittance=remittance, by=None) == size
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert size < AT_ONCE


def test_what_is_not_plain_is_left_to_be_posted_alone(sent: Callable[[], Claim]) -> None:
    plain, denied, held, disputed, shared = [sent() for _ in range(5)]
    secondary_of(shared.coverage, PayerFactory())
    earlier = answered([disputed], ((("0", "CO-16 150"), ("60", "CO-45 20")),), "EFT0")
    post_remittance(remittance=earlier, by=None)
    payer_id = plain.payer.payer_id
    remittance = taken(
        answer(plain, *PAID), answer(denied, ("0", "CO-197 150"), PAID[1]),
        answer(held, *SHARED, patient_responsibility=D("5.00")), answer(disputed, *PAID), answer(shared, *SHARED),
        payer_id=payer_id,
    )  # fmt: skip

    assert post_plain(remittance=remittance, by=None) == 2
    assert set(remittance.responses.filter(status="posted").values_list("claim", flat=True)) == {plain.pk, denied.pk}
    assert remittance.responses.filter(status="matched").count() == 3

    post_remittance(remittance=remittance, by=None)
    statuses = [Claim.objects.get(pk=c.pk).status for c in (plain, denied, held, disputed, shared)]
    assert statuses == ["paid", "partially_paid", "paid", "paid", "paid"]
    assert {d.claim_id: d.status for d in Denial.objects.exclude(claim=held)} == {
        denied.pk: "open", disputed.pk: "overturned",
    }  # fmt: skip
    assert Claim.objects.filter(after=shared).exists()
    remittance.refresh_from_db()
    assert remittance.status == "posted"


def test_a_claim_answered_twice_in_its_check_is_taken_in_the_order_of_the_file(sent: Callable[[], Claim]) -> None:
    claim, other = sent(), sent()
    first = answered([claim], (PAID,), "EFT1")
    post_remittance(remittance=first, by=None)
    payer_id = claim.payer.payer_id
    pair = (reversal(claim, *PAID), answer(claim, *SHARED, number="ICN2"), answer(other, *PAID))
    second = taken(*pair, check="EFT2", payer_id=payer_id)

    assert post_plain(remittance=second, by=None) == 1
    post_remittance(remittance=second, by=None)

    assert list(second.responses.values_list("status", flat=True)) == ["posted"] * 3
    claim.refresh_from_db()
    assert claim.status == Claim.Status.PAID


def test_both_coverages_with_one_payer_are_answered_in_the_order_of_the_file(sent: Callable[[], Claim]) -> None:
    first = sent()
    second = secondary_of(first.coverage, first.payer)
    post_remittance(remittance=answered([first], (SHARED,), "EFT1"), by=None)
    after = Claim.objects.get(after=first)
    Claim.objects.filter(pk=after.pk).update(status=Claim.Status.SUBMITTED)
    corrected = (("80", "CO-45 40, PR-3 30"), SHARED[1])
    check = taken(
        reversal(first, *SHARED), answer(first, *corrected, number="ICN2"),
        answer(after, ("25", "OA-23 120, CO-45 5"), ("16", "OA-23 64"), number="S1"),
        check="EFT2", payer_id=first.payer.payer_id,
    )  # fmt: skip

    post_remittance(remittance=check, by=None)

    assert list(check.responses.values_list("status", flat=True)) == ["posted"] * 3
    assert not OpenItem.objects.filter(coverage__in=(first.coverage, second)).exclude(balance=0).exists()


def test_an_obstacle_in_the_batch_posts_its_answers_one_by_one(sent: Callable[[], Claim], bill: User) -> None:
    claims = [sent(), sent()]
    remittance = answered(claims, (PAID, PAID), "EFT1")
    posted_before = remittance.responses.get(claim=claims[0])
    lines = [
        PaidLine(charge=row.charge_item, coverage=claims[0].coverage, paid=row.paid, contractual=row.charge - row.paid)
        for row in posted_before.lines.select_related("charge_item") if row.charge_item
    ]  # fmt: skip
    insurance_payment(
        key=payment_key(posted_before.pk), payer=claims[0].payer, reference=remittance.reference, lines=lines, by=bill,
        effective_on=PAID_ON,
    )  # fmt: skip

    assert post_plain(remittance=remittance, by=None) == 0
    assert remittance.responses.filter(status=ClaimResponse.Status.MATCHED).count() == 2

    post_remittance(remittance=remittance, by=None)
    assert remittance.responses.get(claim=claims[1]).status == "posted"
    assert JournalEntry.objects.filter(key__startswith="835:").count() == 2


def test_the_same_check_again_posts_nothing(sent: Callable[[], Claim]) -> None:
    remittance = answered([sent(), sent()], (PAID, SHARED), "EFT1")
    post_remittance(remittance=remittance, by=None)
    before = Posting.objects.count()

    assert post_plain(remittance=remittance, by=None) == 0
    post_remittance(remittance=remittance, by=None)

    assert Posting.objects.count() == before
