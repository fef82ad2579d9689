"""Money from patients: received, voided the same day, returned by the bank."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from clinic import audit, clock
from clinic.errors import ClinicError, Conflict
from clinic.models import ChargeItem, Guarantor, Patient, User, Visit
from clinic.money import ZERO, positive
from clinic.services.events import emit
from ledger.accounts import Account
from ledger.models import Allocation, CardToken, Drawer, JournalEntry, Payment
from ledger.queries.standing import Placed, open_balance, parts_of_payment
from ledger.services.allocations import allocate_credit
from ledger.services.fees import charge_fee
from ledger.services.journal import Kind, Leg, leg, lock_accounts, post
from ledger.services.receiving import MONEY_ACCOUNT, next_receipt, note_placement, post_payment


@transaction.atomic
def receive_payment(
    *,
    guarantor: Guarantor,
    amount: Decimal,
    method: str,
    kind: str,
    key: str,
    by: User | None,
    visit: Visit | None = None,
    patient: Patient | None = None,
    reference: str = "",
    card_token: CardToken | None = None,
    allocate: bool = True,
    charges: Sequence[ChargeItem] | None = None,
) -> Payment:
    """Take money and give a receipt. Same key, same payment.

    A copay stays credit on its visit; other money pays the oldest open lines first (`charges` narrows them, and
    `allocate=False` keeps all of it as credit). A card on file is charged with `cards.charge_card` instead.
    """
    if card_token is not None:
        raise ClinicError("A card on file is charged through the processor, not booked by hand.")
    lock_accounts([guarantor.pk])
    before = find_payment(key=key, guarantor=guarantor, amount=amount)
    if before is not None:
        return _taken(before)
    payment = build_payment(
        guarantor=guarantor, amount=amount, method=method, kind=kind, key=key, by=by, visit=visit, patient=patient,
        reference=reference,
    )  # fmt: skip
    payment.status = Payment.Status.POSTED
    payment.drawer = _open_drawer(payment)
    entry, parts, credit = post_payment(payment, by=by, allocate=allocate, charges=charges)
    payment.entry = entry
    payment.number = next_receipt()
    payment.save(force_insert=True)
    note_placement(payment, entry, parts, credit)
    return payment


def _taken(before: Payment) -> Payment:
    """A card that was declined, or has not answered yet, is no money: this form cannot stand for another tender."""
    if before.status == Payment.Status.DECLINED:
        raise ClinicError("A card was declined for this payment. Open the form again and take the money anew.")
    if before.status == Payment.Status.CHARGING:
        raise Conflict("A card is being charged for this payment. Wait a few minutes, then look again.")
    return before


def find_payment(*, key: str, guarantor: Guarantor, amount: Decimal) -> Payment | None:
    """The payment that was taken under this key; refuses a key that was used for another one."""
    before = Payment.objects.filter(key=key).first()
    if before is not None and (before.guarantor_id != guarantor.pk or before.amount != positive(amount)):
        raise ClinicError("This payment form was used before, for another payment. Open it again.")
    return before


def build_payment(
    *,
    guarantor: Guarantor,
    amount: Decimal,
    method: str,
    kind: str,
    key: str,
    by: User | None,
    visit: Visit | None,
    patient: Patient | None,
    reference: str,
) -> Payment:
    """A payment that is not written yet; refuses what can never be one."""
    if kind not in Payment.Kind.values:
        raise ClinicError("Choose what the payment is for.", field="kind")
    if method not in Payment.Method.values:
        raise ClinicError("Choose how it is paid.", field="method")
    if kind == Payment.Kind.COPAY and visit is None:
        raise ClinicError("A copay belongs to a visit. Take other money as a payment on the account.")
    if visit is not None and visit.guarantor_id != guarantor.pk:
        raise ClinicError("This visit belongs to another account. Take the money on that account.")
    if method in (Payment.Method.CHECK, Payment.Method.LOCKBOX) and not reference.strip():
        raise ClinicError("Enter the check number.", field="reference")
    return Payment(
        key=key,
        guarantor=guarantor,
        patient=patient or (visit.patient if visit else None),
        visit=visit,
        kind=kind,
        method=method,
        amount=positive(amount),
        reference=reference.strip(),
        taken_by=by,
        received_on=clock.today(visit.location if visit else None),
        received_at=clock.now(),
    )


def _open_drawer(payment: Payment) -> Drawer | None:
    if payment.method not in Payment.INTO_DRAWER or payment.taken_by is None:
        return None
    drawer = (
        Drawer.objects.select_for_update().filter(keeper=payment.taken_by).exclude(status=Drawer.Status.CLOSED).first()
    )
    if drawer is not None and drawer.status == Drawer.Status.COUNTED:
        raise ClinicError("Your drawer is counted and takes no more money. Close it or open the count again.")
    return drawer


@transaction.atomic
def void_payment(*, payment: Payment, reason: str, by: User) -> Payment:
    """A slip of the desk, the same day, before the drawer is closed: the money goes back, the receipt stays void."""
    payment = _locked(payment)
    if payment.status == Payment.Status.VOIDED:
        return payment
    if not reason.strip():
        raise ClinicError("Say why the payment is voided.", field="reason")
    if payment.status != Payment.Status.POSTED:
        raise ClinicError(f"This payment is {payment.get_status_display().lower()} and cannot be voided.")
    if payment.received_on != clock.today(payment.visit.location if payment.visit else None):
        raise ClinicError("A payment can be voided on its own day only. Refund it instead.")
    if payment.deposit_id or (payment.drawer and payment.drawer.status != Drawer.Status.OPEN):
        raise ClinicError("This payment's drawer is counted. Refund it instead.")
    if payment.processor_reference:
        raise ClinicError("This card was charged through the processor. Refund it to the card instead.")
    if payment.refunds.exclude(status="refused").exists():
        raise ClinicError("A refund of this payment is under way. It cannot be voided.")
    money = MONEY_ACCOUNT[Payment.Method(payment.method)]
    _take_back(payment, money=money, kind=Kind.PAYMENT_VOIDED, key=f"void:{payment.pk}", by=by, memo=reason)
    payment.move_to(Payment.Status.VOIDED, by=by, reason=reason)
    audit.record(act="payment.voided", by=by, patient=payment.patient, row=payment, why=reason)
    emit(kind="payment.voided", record=payment, patient=payment.patient, by=by)
    return payment


@transaction.atomic
def returned_check(
    *,
    payment: Payment,
    key: str,
    by: User | None,
    bank_fee: Decimal = ZERO,
    policy_fee: Decimal = ZERO,
) -> Payment:
    """The bank sends a deposited check back. The same lines are owed again, as old as they were; no drawer is touched.

    `bank_fee` is what the bank takes from us, `policy_fee` what our policy charges the patient.
    """
    payment = _locked(payment)
    if payment.status == Payment.Status.RETURNED:
        return payment
    if payment.method not in (Payment.Method.CHECK, Payment.Method.LOCKBOX):
        raise ClinicError("Only a check can be returned by the bank.")
    if payment.status != Payment.Status.POSTED:
        raise ClinicError(f"This payment is {payment.get_status_display().lower()}.")
    if payment.refunds.exclude(status="refused").exists():
        raise ClinicError("A refund of this check is under way. Settle it before noting the return.")
    _take_back(payment, money=Account.BANK, kind=Kind.CHECK_RETURNED, key=key, by=by, memo="Check returned")
    if bank_fee:
        post(
            kind=Kind.BANK_FEE,
            key=f"{key}:bank-fee",
            debits=[leg(Account.BFEE, positive(bank_fee), reference=str(payment.number))],
            credits=[leg(Account.BANK, bank_fee, reference=str(payment.number))],
            by=by,
        )
    if policy_fee:
        charge_fee(
            patient=payment.patient or payment.guarantor.patients.order_by("id")[0],
            code="NSF",
            amount=policy_fee,
            key=f"{key}:fee",
            by=by,
            payment_id=payment.pk,
        )
    payment.move_to(Payment.Status.RETURNED, by=by, reason="Returned by the bank")
    audit.record(act="payment.returned", by=by, patient=payment.patient, row=payment)
    emit(kind="payment.returned", record=payment, patient=payment.patient, by=by)
    return payment


def _locked(payment: Payment) -> Payment:
    lock_accounts([payment.guarantor_id])
    return Payment.objects.select_for_update(of=("self",)).select_related(
        "guarantor", "patient", "visit__location", "drawer"
    ).get(pk=payment.pk)  # fmt: skip


def _take_back(payment: Payment, *, money: Account, kind: str, key: str, by: User | None, memo: str) -> JournalEntry:
    """Undo the payment where its money lies now: lines are owed again, credit is gone."""
    parts = parts_of_payment(payment)
    charges = ChargeItem.objects.in_bulk([p.charge_id for p in parts if p.charge_id])
    visits = Visit.objects.in_bulk([p.visit_id for p in parts if p.visit_id])
    debits: list[Leg] = []
    credits: list[Leg] = []
    rows: list[Allocation] = []
    for part in parts:
        charge = charges[part.charge_id] if part.charge_id else None
        if charge is None:
            visit = visits[part.visit_id] if part.visit_id else None
            debits.append(leg(Account.CRED, part.amount, guarantor=payment.guarantor, visit=visit))
            credits.append(leg(money, part.amount, guarantor=payment.guarantor, visit=visit))
        else:
            debits += _owed_again(payment, charge, part)
            credits.append(leg(money, part.amount, charge=charge))
        rows.append(
            Allocation(
                payment=payment, account=part.account, charge=charge, visit_id=part.visit_id, amount=-part.amount
            )
        )
    entry = post(kind=kind, key=key, debits=debits, credits=credits, by=by, memo=memo)
    for row in rows:
        row.entry = entry
    Allocation.objects.bulk_create(rows)
    return entry


def _owed_again(payment: Payment, charge: ChargeItem, part: Placed) -> list[Leg]:
    """The debt goes back to the plan or the agency while the rest of it is still there, else to the patient.

    What this payment had recovered of a bad debt is bad debt again.
    """
    if part.account == Account.AGCY and payment.entry is not None:
        recovered = sum((p.credit for p in payment.entry.postings.filter(account=Account.BREC, charge=charge)), ZERO)
        again = min(recovered, part.amount)
        if again:
            rest = part.amount - again
            return [leg(Account.BREC, again, charge=charge), leg(Account.AGCY, rest, charge=charge)]
    is_there = part.account == Account.PAT or open_balance(part.account, charge) > ZERO
    return [leg(part.account if is_there else Account.PAT, part.amount, charge=charge)]


__all__ = ["allocate_credit", "build_payment", "find_payment", "receive_payment", "returned_check", "void_payment"]
