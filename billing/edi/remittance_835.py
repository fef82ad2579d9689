"""An 835 to our words: each ST..SE is accepted whole or refused with the segment that is wrong.

Nothing is forced and nothing is rounded: a part whose line, claim or check does not balance is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from x12.errors import X12Error
from x12.remittance_835 import read_each_remittance
from x12.remittance_835.balance import check_balance
from x12.remittance_835.model import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment

__all__ = [
    "ClaimPayment", "ProviderAdjustment", "Refusal", "Remittance", "ServicePayment", "check_key", "patient_name",
    "payer_names", "read_parts",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a part was not accepted. `expected` and `found` are the two sums where a balance fails."""

    segment: int
    tag: str
    rule: str
    sentence: str
    expected: Decimal | None = None
    found: Decimal | None = None
    trace_number: str = ""
    payer_name: str = ""
    amount: Decimal | None = None


def read_parts(payload: bytes) -> Iterator[Remittance | Refusal]:
    """Every ST..SE of the file. A file with no 835 in it gives one refusal."""
    found = False
    try:
        for part in read_each_remittance(payload):
            found = True
            yield _judge(part)
    except X12Error as fault:
        found = True
        yield _refusal(fault)
    if not found:
        yield Refusal(1, "ISA", "no_remittance", "The file holds no 835.")


def _judge(part: Remittance | X12Error) -> Remittance | Refusal:
    if isinstance(part, X12Error):
        return _refusal(part)
    findings = check_balance(part)
    if findings:
        worst = findings[0]
        return Refusal(
            segment=worst.segment,
            tag=worst.tag,
            rule=f"{worst.level}_balance",
            sentence=worst.sentence,
            expected=worst.expected,
            found=worst.found,
            trace_number=part.trace_number,
            payer_name=part.payer.name,
            amount=part.payment_amount,
        )
    if part.payment_amount < 0 or not part.is_credit:
        return Refusal(
            part.payment_position, "BPR", "negative_check", "The check amount is below zero; a payer never sends one.",
            trace_number=part.trace_number, payer_name=part.payer.name, amount=part.payment_amount,
        )  # fmt: skip
    return part


def _refusal(fault: X12Error) -> Refusal:
    return Refusal(fault.segment or 1, fault.tag, fault.rule, str(fault))


def check_key(part: Remittance) -> str:
    """Which check this is: payer id + TRN02 + BPR16."""
    day = f"{part.paid_on:%Y%m%d}" if part.paid_on else ""
    return f"{part.payer_identifier or part.payer.identifier or part.payer.name}|{part.trace_number}|{day}"


def payer_names(part: Remittance) -> list[str]:
    """Every id under which we may know this payer: N104, REF*2U, TRN03 with and without its leading 1."""
    ids = [part.payer.identifier, *(r.value for r in part.payer.references if r.qualifier in ("2U", "EO", "NF"))]
    ids += [part.payer_identifier, part.payer_identifier.removeprefix("1")]
    return [each for each in dict.fromkeys(ids) if each]


def patient_name(claim: ClaimPayment) -> str:
    """Last and first name as the payer wrote them."""
    who = claim.patient or claim.insured
    return f"{who.last_name}, {who.first_name}".strip(", ") if who else ""
