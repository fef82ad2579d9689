"""Several payers on one claim: their order, why Medicare comes second, and each one's balance."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from ..errors import X12Error
from .check_address import address_faults, fault
from .model import Claim, OtherCoverage

MEDICARE_INDICATORS: Final = ("MA", "MB")
MEDICARE_SECONDARY_TYPES: Final = frozenset(["12", "13", "14", "15", "16", "41", "42", "43", "47"])
ZERO: Final = Decimal("0.00")


def coordination_faults(claim: Claim, name: str) -> Iterator[X12Error]:
    """The other payers: order, Medicare secondary type, and their own balances."""
    subscriber = claim.subscriber
    is_medicare_secondary = subscriber.filing_indicator in MEDICARE_INDICATORS and subscriber.payer_sequence != "P"
    if is_medicare_secondary and subscriber.medicare_secondary_type not in MEDICARE_SECONDARY_TYPES:
        yield fault(f"{name}: Medicare pays second here, so say why (MSP type).", "SBR", 5, "medicare_secondary")
    if subscriber.medicare_secondary_type and not is_medicare_secondary:
        yield fault(f"{name}: an MSP type is only for Medicare as second payer.", "SBR", 5, "medicare_secondary")
    sequences = [subscriber.payer_sequence, *(other.payer_sequence for other in claim.other_coverages)]
    if len(set(sequences)) != len(sequences):
        yield fault(f"{name}: two payers claim the same place in the order.", "SBR", 1, "payer_sequence")
    payers = [other.payer.identifier for other in claim.other_coverages]
    if len(set(payers)) != len(payers):
        yield fault(f"{name}: two other payers have one number.", "NM1", 9, "payer")
    for number, line in enumerate(claim.lines, start=1):
        for decision in line.adjudications:
            where = f"{name}, line {number}"
            if decision.payer_identifier not in payers:
                yield fault(f"{where}: {decision.payer_identifier!r} is none of its other payers.", "SVD", 1, "payer")
            if decision.paid < 0:
                yield fault(f"{where}: another payer's payment must not be negative.", "SVD", 2, "amount")
            adjusted = sum((each.amount for each in decision.adjustments), ZERO)
            if line.charge != decision.paid + adjusted:
                yield fault(
                    f"{where}: {line.charge} charged is not {decision.paid} paid and {adjusted} adjusted"
                    f" by payer {decision.payer_identifier}.",
                    "SVD",
                    2,
                    "balance",
                )
    for other in claim.other_coverages:
        yield from _other_payer_faults(claim, other, f"{name}, payer {other.payer.identifier}")


def _other_payer_faults(claim: Claim, other: OtherCoverage, name: str) -> Iterator[X12Error]:
    if other.payer.address:
        yield from address_faults(other.payer.address, name)
    if other.insured.address:
        yield from address_faults(other.insured.address, f"{name}, insured")
    decisions = [
        decision
        for line in claim.lines
        for decision in line.adjudications
        if decision.payer_identifier == other.payer.identifier
    ]
    if other.bypassed_charge is not None:
        if other.paid is not None or other.adjustments or decisions:
            yield fault(f"{name}: was passed over, so it cannot have decided.", "AMT", 2, "bypassed")
        if other.bypassed_charge != claim.charge:
            yield fault(f"{name}: the amount not covered must be the whole charge.", "AMT", 2, "bypassed")
        return
    if other.paid is None:
        if decisions or other.adjustments:
            yield fault(f"{name}: has decided, so what it paid must be told, 0 too.", "AMT", 2, "missing")
        return
    if other.paid < 0:
        yield fault(f"{name}: its payment must not be negative.", "AMT", 2, "amount")
    adjusted = sum((each.amount for each in other.adjustments), ZERO)
    adjusted += sum((each.amount for decision in decisions for each in decision.adjustments), ZERO)
    if claim.charge != other.paid + adjusted:
        yield fault(
            f"{name}: {claim.charge} charged is not {other.paid} paid and {adjusted} adjusted.", "AMT", 2, "balance"
        )
    dated_lines = [decision for decision in decisions if decision.adjudicated_on]
    if other.adjudicated_on and dated_lines:
        yield fault(f"{name}: its date stands on the claim or on the lines, not both.", "DTP", 3, "date")
    if not other.adjudicated_on and (not decisions or len(dated_lines) < len(decisions)):
        yield fault(f"{name}: the date of its decision is missing.", "DTP", 3, "missing")
    liable_lines = [decision for decision in decisions if decision.remaining_patient_liability is not None]
    if other.remaining_patient_liability is not None and liable_lines:
        yield fault(f"{name}: the patient's rest stands on the claim or on the lines, not both.", "AMT", 2, "liability")
