"""Charging a card: the row is committed before the call, the answer after it.

After a crash or a silence the processor's own book decides (`settle_charge`), never a blind second charge.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Guarantor, Patient, User, Visit
from ledger.cards.interface import CardAnswer, ProcessorUnavailable, processor
from ledger.models import CardToken, Payment
from ledger.services.journal import lock_accounts
from ledger.services.payments import build_payment, find_payment
from ledger.services.receiving import next_receipt, note_placement, post_payment

PATIENCE = timedelta(minutes=2)
"""A charge that has had no answer for this long is looked up."""


def keep_card(*, guarantor: Guarantor, number: str, expires_on: date, by: User | None) -> CardToken:
    """Hand the number to the processor and keep its token. Called outside a transaction."""
    if expires_on < clock.today():
        raise ClinicError("This card has expired.", field="expires_on")
    stored = processor().store(number=number, expires_on=expires_on)
    with transaction.atomic():
        token = CardToken.objects.create(
            guarantor=guarantor,
            token=stored.token,
            brand=stored.brand,
            last4=stored.last4,
            expires_on=stored.expires_on,
        )
        audit.record(act="card.kept", by=by, row=token)
    return token


def charge_card(
    *,
    guarantor: Guarantor,
    token: CardToken,
    amount: Decimal,
    kind: str,
    key: str,
    by: User | None,
    visit: Visit | None = None,
    patient: Patient | None = None,
    method: str = Payment.Method.CARD,
    allocate: bool = True,
    charges: Sequence[ChargeItem] | None = None,
) -> Payment:
    """Charge a card on file and post the payment. Call it outside any transaction.

    Same key, same payment: a second try of an unanswered charge asks what became of the first. Declined: raises
    ClinicError, nothing is posted. No answer: raises Conflict, the payment stays "charging".
    """
    there = processor()
    payment = _begin(guarantor, token, amount, kind, key, by, visit, patient, method)
    if payment.status == Payment.Status.CHARGING:
        try:
            answer = there.find(payment.key) or there.charge(key=payment.key, token=token.token, amount=payment.amount)
        except ProcessorUnavailable:
            raise Conflict(
                "The card processor did not answer. Do not charge again: the payment is looked up within minutes."
            ) from None
        payment = _finish(payment, answer, by=by, allocate=allocate, charges=charges)
    if payment.status == Payment.Status.DECLINED:
        raise ClinicError(f"The card was declined: {payment.decline_reason} Ask for another card.")
    return payment


@transaction.atomic(durable=True)
def _begin(
    guarantor: Guarantor,
    token: CardToken,
    amount: Decimal,
    kind: str,
    key: str,
    by: User | None,
    visit: Visit | None,
    patient: Patient | None,
    method: str,
) -> Payment:
    lock_accounts([guarantor.pk])
    before = find_payment(key=key, guarantor=guarantor, amount=amount)
    if before is not None:
        return before
    if token.guarantor_id != guarantor.pk:
        raise ClinicError("This card is kept for another account.")
    if not token.is_active or token.expires_on < clock.today():
        raise ClinicError("This card has expired or was removed. Ask for another card.")
    payment = build_payment(
        guarantor=guarantor, amount=amount, method=method, kind=kind, key=key, by=by, visit=visit, patient=patient,
        reference=token.last4,
    )  # fmt: skip
    payment.status = Payment.Status.CHARGING
    payment.card_token = token
    payment.save(force_insert=True)
    return payment


@transaction.atomic(durable=True)
def _finish(
    payment: Payment,
    answer: CardAnswer,
    *,
    by: User | None,
    allocate: bool = True,
    charges: Sequence[ChargeItem] | None = None,
) -> Payment:
    lock_accounts([payment.guarantor_id])
    payment = Payment.objects.select_for_update(of=("self",)).select_related("guarantor", "patient", "visit").get(
        pk=payment.pk
    )  # fmt: skip
    given_up = payment.status == Payment.Status.DECLINED and answer.approved  # looked up too early: the money did move
    if payment.status != Payment.Status.CHARGING and not given_up:
        return payment
    if not answer.approved:
        return payment.move_to(
            Payment.Status.DECLINED, by=by, reason=answer.decline_reason, decline_reason=answer.decline_reason[:200]
        )
    entry, parts, credit = post_payment(payment, by=by, allocate=allocate, charges=charges)
    payment.move_to(
        Payment.Status.POSTED, by=by, entry=entry, number=next_receipt(), processor_reference=answer.reference
    )
    note_placement(payment, entry, parts, credit)
    return payment


def settle_charge(*, payment: Payment) -> Payment:
    """What became of an unanswered charge: posted, declined, or never arrived (declined, so it may be tried anew)."""
    answer = processor().find(payment.key)
    if answer is None:
        answer = CardAnswer(False, decline_reason="The charge never reached the processor.")
    return _finish(payment, answer, by=None)


def settle_charges() -> int:
    """Settle every charge without an answer. Safe to repeat: a settled one is left alone."""
    waiting = Payment.objects.filter(status=Payment.Status.CHARGING, received_at__lt=clock.now() - PATIENCE)
    settled = 0
    for payment in waiting:
        try:
            settle_charge(payment=payment)
        except ProcessorUnavailable:
            continue
        settled += 1
    return settled
