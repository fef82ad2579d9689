"""What a payer's claim payment does to the lines, and how it is taken back. Billing has decided the amounts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from clinic.errors import ClinicError
from clinic.models import ChargeItem, Coverage, Payer, User
from clinic.money import ZERO
from ledger.accounts import PATIENT_OWES, Account
from ledger.models import JournalEntry
from ledger.queries.standing import where_debt_stands
from ledger.services.allocations import release_credit
from ledger.services.journal import Draft, Kind, Leg, leg, legs_of, lock_accounts, post, post_many, posted


@dataclass(frozen=True)
class PaidLine:
    """One service line of a claim payment, in amounts that are to be posted.

    `transfer` is what the next party owes: the coverage `transfer_to`, or the patient when it is None. A denied
    line has zeros everywhere; it posts nothing. `other` names further accounts to debit (DWO, PLBX ...).
    """

    charge: ChargeItem
    coverage: Coverage
    paid: Decimal = ZERO
    contractual: Decimal = ZERO
    sequestration: Decimal = ZERO
    other: Mapping[Account, Decimal] = field(default_factory=dict)
    transfer: Decimal = ZERO
    transfer_to: Coverage | None = None
    responsible_since: date | None = None

    @property
    def total(self) -> Decimal:
        """What leaves the receivable of this coverage."""
        return self.paid + self.contractual + self.sequestration + sum(self.other.values(), ZERO) + self.transfer


@transaction.atomic
def insurance_payment(
    *,
    key: str,
    payer: Payer,
    reference: str,
    lines: Sequence[PaidLine],
    by: User | None,
    effective_on: date | None = None,
    memo: str = "",
) -> JournalEntry | None:
    """One claim payment of an 835: Dr REMIT(payer, reference), adjustments, the next party / Cr INS.

    `reference` is the check or EFT number (TRN02). None when the claim payment posts nothing, as a denial does.
    """
    lock_accounts(line.charge.guarantor_id for line in lines)
    before = posted(key)
    if before is not None:
        return before
    debits, credits = _legs_of_payment(lines, payer, reference)
    if not any(each.amount for each in debits):
        return None
    return post(
        kind=Kind.INSURANCE_PAYMENT,
        key=key,
        debits=debits,
        credits=credits,
        by=by,
        effective_on=effective_on,
        memo=memo,
    )


@transaction.atomic
def insurance_payments(
    *,
    payer: Payer,
    reference: str,
    payments: Mapping[str, Sequence[PaidLine]],
    by: User | None,
    effective_on: date | None = None,
) -> int:
    """Many claim payments of one check, each an entry of its own; `payments` maps the entry's key to its lines.

    How many entries were made. Raises Conflict when one of them was posted before.
    """
    drafts = []
    for key, lines in payments.items():
        debits, credits = _legs_of_payment(lines, payer, reference)
        drafts.append(Draft(key=key, debits=debits, credits=credits, effective_on=effective_on))
    return post_many(kind=Kind.INSURANCE_PAYMENT, drafts=drafts, by=by)


def _legs_of_payment(lines: Sequence[PaidLine], payer: Payer, reference: str) -> tuple[list[Leg], list[Leg]]:
    """(debits, credits)"""
    debits: list[Leg] = []
    credits: list[Leg] = []
    for line in lines:
        debits += _line_debits(line, payer, reference)
        credits.append(leg(Account.INS, line.total, charge=line.charge, coverage=line.coverage))
    return debits, credits


def _line_debits(line: PaidLine, payer: Payer, reference: str) -> list[Leg]:
    charge, coverage = line.charge, line.coverage
    legs = [
        leg(Account.REMIT, line.paid, payer=payer, reference=reference, charge=charge, coverage=coverage),
        leg(Account.CTR, line.contractual, charge=charge, coverage=coverage),
        leg(Account.SEQ, line.sequestration, charge=charge, coverage=coverage),
    ]
    legs += [leg(account, amount, charge=charge, coverage=coverage) for account, amount in line.other.items()]
    if line.transfer_to is not None:
        legs.append(
            leg(Account.INS, line.transfer, charge=charge, coverage=line.transfer_to, since=line.responsible_since)
        )
    else:
        legs.append(leg(Account.PAT, line.transfer, charge=charge, since=line.responsible_since))
    return legs


@transaction.atomic
def reverse_insurance_payment(
    *,
    entry: JournalEntry,
    key: str,
    payer: Payer,
    reference: str,
    by: User | None,
    effective_on: date | None = None,
    memo: str = "",
) -> JournalEntry:
    """Undo what `entry` posted, dated today (CLP02 22). The money goes against the check that carries the reversal.

    The patient's share is taken back where that debt stands now: PAT, PLAN, AGCY, bad debt. What the patient has
    paid of it (the copay first) is set free to credit on the visit before, so no line falls below zero.
    """
    legs = legs_of(entry)
    lock_accounts(each.guarantor_id for each in legs)
    before = posted(key)
    if before is not None:
        return before
    if entry.kind != Kind.INSURANCE_PAYMENT:
        raise ClinicError("Only an insurance payment can be reversed by the payer.")
    if entry.reversals.exists():
        raise ClinicError("This claim payment was reversed before. Look at the claim's money.")
    patient_share: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    undone: list[Leg] = []
    for each in legs:
        if each.account in PATIENT_OWES and each.charge_id is not None:
            patient_share[each.charge_id] += each.amount
        elif each.account == Account.REMIT:
            undone.append(replace(each, payer_id=payer.pk, reference=reference))
        else:
            undone.append(each)
    charges = ChargeItem.objects.in_bulk(patient_share)
    for charge_id, share in patient_share.items():
        undone += _patient_legs(charges[charge_id], share, key, by)
    return post(
        kind=Kind.INSURANCE_REVERSAL,
        key=key,
        debits=[],
        credits=undone,
        by=by,
        effective_on=effective_on,
        memo=memo,
        reverses=entry,
    )


def _patient_legs(charge: ChargeItem, share: Decimal, key: str, by: User | None) -> list[Leg]:
    """The legs to credit for a line's patient share, after freeing what was paid of it.

    What neither stands open nor was paid to us (the agency had it) leaves PAT below zero: a credit to look at.
    """
    if share <= ZERO:
        return [leg(Account.PAT, share, charge=charge)]
    standing, missing = where_debt_stands(charge, share)
    if missing:
        release_credit(charge=charge, amount=missing, key=f"{key}:free:{charge.pk}", by=by)
        standing, missing = where_debt_stands(charge, share)
    return [leg(account, part, charge=charge) for account, part in [*standing, (Account.PAT, missing)]]
