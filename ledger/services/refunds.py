"""Credit back to the patient, by the way it came: one user asks, another approves, then it is sent."""

from decimal import Decimal

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import User, Visit
from clinic.money import ZERO, dollars, positive
from clinic.services.events import emit
from ledger.accounts import Account
from ledger.cards.interface import CardAnswer, ProcessorUnavailable, processor
from ledger.models import Allocation, Payment, Refund
from ledger.queries.standing import Placed, parts_of_payment
from ledger.services.journal import Kind, Leg, leg, lock_accounts, post

Status = Refund.Status


def refundable(payment: Payment) -> list[Placed]:
    """The parts of the payment that still lie as credit."""
    return [part for part in parts_of_payment(payment) if part.account == Account.CRED]


@transaction.atomic
def request_refund(*, payment: Payment, amount: Decimal, reason: str, key: str, by: User) -> Refund:
    """Ask for credit to go back. Only what lies as credit and is not asked for already. Same key, same refund."""
    lock_accounts([payment.guarantor_id])
    before = Refund.objects.filter(key=key).first()
    if before is not None:
        return before
    amount = positive(amount, "The refund")
    if not reason.strip():
        raise ClinicError("Say why the money goes back.", field="reason")
    if payment.status != Payment.Status.POSTED:
        raise ClinicError("Only money that was received can be refunded.")
    held = sum((part.amount for part in refundable(payment)), ZERO)
    asked = sum(payment.refunds.filter(status=Status.REQUESTED).values_list("amount", flat=True), ZERO)
    if amount > held - asked:
        raise ClinicError(f"Only {dollars(max(held - asked, ZERO))} of this payment is credit that can be refunded.")
    refund = Refund.objects.create(
        key=key, payment=payment, amount=amount, reason=reason.strip(), method=payment.method, requested_by=by
    )
    audit.record(act="refund.requested", by=by, patient=payment.patient, row=refund, why=reason)
    return refund


@transaction.atomic
def approve_refund(*, refund: Refund, by: User) -> Refund:
    """A second user agrees: Dr CRED / Cr REFP."""
    refund = _locked(refund)
    if refund.status != Status.REQUESTED:
        return refund
    if by.pk == refund.requested_by_id:
        raise ClinicError("A refund is approved by a second person.")
    payment = refund.payment
    parts = refundable(payment)
    if refund.amount > sum((part.amount for part in parts), ZERO):
        raise ClinicError("This credit was used in the meantime. Refuse the refund or ask for less.")
    visits = Visit.objects.in_bulk([p.visit_id for p in parts if p.visit_id])
    debits: list[Leg] = []
    rows: list[Allocation] = []
    left = refund.amount
    for part in parts:
        piece = min(left, part.amount)
        if piece <= ZERO:
            break
        left -= piece
        visit = visits[part.visit_id] if part.visit_id else None
        debits.append(leg(Account.CRED, piece, guarantor=payment.guarantor, visit=visit))
        rows.append(Allocation(payment=payment, account=Account.CRED, visit=visit, amount=-piece))
    entry = post(
        kind=Kind.REFUND_APPROVED,
        key=f"refund-approved:{refund.pk}",
        debits=debits,
        credits=[_payable(refund)],
        by=by,
        memo=refund.reason,
    )
    for row in rows:
        row.entry = entry
    Allocation.objects.bulk_create(rows)
    refund.move_to(Status.APPROVED, by=by, approved_by=by)
    audit.record(act="refund.approved", by=by, patient=payment.patient, row=refund)
    return refund


@transaction.atomic
def refuse_refund(*, refund: Refund, reason: str, by: User) -> Refund:
    row = _locked(refund).move_to(Status.REFUSED, by=by, reason=reason)
    audit.record(act="refund.refused", by=by, patient=row.payment.patient, row=row, why=reason)
    return row


def send_refund(*, refund: Refund, by: User | None) -> Refund:
    """The money leaves: to the card it came from, else by our check (no drawer pays out).

    A card is credited by the processor: call outside a transaction.
    """
    if not refund.payment.processor_reference:
        return _book_sent(refund, by=by, reference="")
    refund = _begin_sending(refund, by)
    if refund.status == Status.SENT:
        return refund
    key = f"refund:{refund.pk}"
    try:
        answer = processor().find(key) or processor().refund(
            key=key, reference=refund.payment.processor_reference, amount=refund.amount
        )
    except ProcessorUnavailable:
        raise Conflict(
            "The card processor did not answer. Try again in a few minutes: nothing is sent twice."
        ) from None
    if answer.approved:
        return _book_sent(refund, by=by, reference=answer.reference)
    _note_failure(refund, answer, by)
    raise ClinicError(f"The card processor refused the refund: {answer.decline_reason}")


def refund_payment(
    *, payment: Payment, amount: Decimal, reason: str, requested_by: User, approved_by: User, key: str
) -> Refund:
    """Ask, approve and send in one go, when both people stand there."""
    refund = request_refund(payment=payment, amount=amount, reason=reason, key=key, by=requested_by)
    refund = approve_refund(refund=refund, by=approved_by)
    return refund if refund.status == Status.SENT else send_refund(refund=refund, by=approved_by)


@transaction.atomic
def refund_unclaimed(*, refund: Refund, by: User) -> Refund:
    """Our refund check was never cashed: it is unclaimed property now (Dr BANK / Cr ESCH)."""
    refund = _locked(refund)
    if refund.payment.is_by_card:
        raise ClinicError("A refund to a card is never unclaimed.")
    post(
        kind=Kind.REFUND_UNCLAIMED,
        key=f"refund-unclaimed:{refund.pk}",
        debits=[leg(Account.BANK, refund.amount, guarantor=refund.payment.guarantor)],
        credits=[leg(Account.ESCH, refund.amount, guarantor=refund.payment.guarantor)],
        by=by,
    )
    refund.move_to(Status.UNCLAIMED, by=by)
    audit.record(act="refund.unclaimed", by=by, patient=refund.payment.patient, row=refund)
    return refund


def _locked(refund: Refund) -> Refund:
    lock_accounts([refund.payment.guarantor_id])
    return Refund.objects.select_for_update(of=("self",)).select_related(
        "payment__guarantor", "payment__patient"
    ).get(pk=refund.pk)  # fmt: skip


def _payable(refund: Refund) -> Leg:
    return leg(Account.REFP, refund.amount, guarantor=refund.payment.guarantor, reference=str(refund.pk))


@transaction.atomic(durable=True)
def _begin_sending(refund: Refund, by: User | None) -> Refund:
    refund = _locked(refund)
    if refund.status == Status.APPROVED:
        refund.move_to(Status.SENDING, by=by)
    if refund.status not in (Status.SENDING, Status.SENT):
        raise ClinicError("This refund is not approved.")
    return refund


@transaction.atomic
def _book_sent(refund: Refund, *, by: User | None, reference: str) -> Refund:
    refund = _locked(refund)
    if refund.status == Status.SENT:
        return refund
    if refund.status not in (Status.APPROVED, Status.SENDING):
        raise ClinicError("This refund is not approved.")
    money = Account.CARD if refund.payment.is_by_card else Account.BANK  # cash and checks go back by our check
    post(
        kind=Kind.REFUND_SENT,
        key=f"refund-sent:{refund.pk}",
        debits=[_payable(refund)],
        credits=[leg(money, refund.amount, guarantor=refund.payment.guarantor)],
        by=by,
    )
    refund.move_to(Status.SENT, by=by, sent_at=clock.now(), processor_reference=reference)
    audit.record(act="refund.sent", by=by, patient=refund.payment.patient, row=refund)
    emit(kind="refund.sent", record=refund, patient=refund.payment.patient, by=by)
    return refund


@transaction.atomic
def _note_failure(refund: Refund, answer: CardAnswer, by: User | None) -> None:
    _locked(refund).move_to(Status.APPROVED, by=by, failure=answer.decline_reason[:200])
