"""One payment day of one payer to one practice: the claims' outcomes, what is kept or added, one balanced 835."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.traders import Trader
from clearinghouse.simulator.world import ZERO, SimulatedPayer
from x12 import Address, Contact
from x12.claim_837p import BillingProvider
from x12.remittance_835 import (
    GROUP_KIND,
    VERSION,
    ClaimPayment,
    Organization,
    ProviderAdjustment,
    Reference,
    Remittance,
    write_remittance,
)

OVERPAYMENT, FORWARDED_BALANCE, INTEREST = "WO", "FB", "L6"  # PLB; positive: the payer keeps it


@dataclass
class Check:
    """What one check will say. `announced`: (reference, amount) taken back of later checks, so not yet of this one."""

    payer: SimulatedPayer
    trader: str
    payee: BillingProvider
    paid_on: date
    payments: list[ClaimPayment] = field(default_factory=list)
    announced: list[tuple[str, Decimal]] = field(default_factory=list)


def settle(book: Book, check: Check) -> list[ProviderAdjustment]:
    """The PLBs: interest added, overpayments announced and taken, a negative rest carried forward. Never below zero."""
    adjustments: list[ProviderAdjustment] = []
    total = sum((payment.paid for payment in check.payments), ZERO)

    def put(code: str, reference: str, amount: Decimal) -> None:
        nonlocal total
        adjustments.append(
            ProviderAdjustment(check.payee.npi, date(check.paid_on.year, 12, 31), code, reference, amount)
        )
        total -= amount

    for payment in check.payments:
        if payment.interest:
            put(INTEREST, payment.payer_claim_number, -payment.interest)
    for reference, amount in check.announced:
        put(OVERPAYMENT, reference, -amount)
        _owe(book, check, reference, amount, OVERPAYMENT)
    for debt in book.claims.takebacks(
        payer_id=check.payer.payer_id, trader=check.trader, payee_npi=check.payee.npi, before=check.paid_on
    ):
        taken = min(debt.left, total)
        if taken > 0:
            put(debt.kind, debt.reference, taken)
            book.claims.take(debt, taken)
    if total < 0:
        reference = f"FB{check.paid_on:%y%m%d}"
        _owe(book, check, reference, -total, FORWARDED_BALANCE)
        put(FORWARDED_BALANCE, reference, total)
    return adjustments


def write_check(book: Book, check: Check, trader: Trader, *, due_at: datetime) -> None:
    """The 835 into the mailbox; the writer refuses one that does not balance."""
    adjustments = settle(book, check)
    amount = sum((p.paid for p in check.payments), ZERO) - sum((a.amount for a in adjustments), ZERO)
    number = book.files.next_number(f"check {check.payer.payer_id}")
    remittance = Remittance(
        payment_amount=amount,
        trace_number=f"{_letters(check.payer.name)}{number:08d}",
        payer_identifier=f"1{check.payer.tax_id}",
        payer=_payer(check.payer),
        payee=_payee(check.payee),
        method=check.payer.habits.method if amount else "NON",
        handling="I" if amount else "H",
        paid_on=check.paid_on,
        produced_on=check.paid_on,
        claims=tuple(check.payments),
        provider_adjustments=tuple(adjustments),
    )
    transaction = write_remittance(remittance, control_number="0001")
    trader.put_out(
        book, [transaction], kind=GROUP_KIND, version=VERSION, stem=f"835-{check.payer.payer_id}", due_at=due_at
    )


def _owe(book: Book, check: Check, reference: str, amount: Decimal, kind: str) -> None:
    book.claims.owe(
        payer_id=check.payer.payer_id, trader=check.trader, payee_npi=check.payee.npi, reference=reference,
        amount=amount, on=check.paid_on, kind=kind,
    )  # fmt: skip


def _payer(payer: SimulatedPayer) -> Organization:
    return Organization(
        name=payer.name,
        address=Address(line_1=payer.street, city=payer.city, state=payer.state, zip_code=payer.zip_code),
        references=(Reference("2U", payer.payer_id),),
        contacts=(Contact(kind="BL", name="Provider services", telephone=payer.telephone),),
    )


def _payee(provider: BillingProvider) -> Organization:
    name: Sequence[str] = (provider.first_name, provider.last_name) if provider.is_person else (provider.last_name,)
    return Organization(
        name=" ".join(part for part in name if part),
        identifier_qualifier="XX",
        identifier=provider.npi,
        references=(Reference("TJ", provider.tax_id),),
    )


def _letters(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isalpha()).upper()[:4]
