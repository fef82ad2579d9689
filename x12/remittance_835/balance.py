"""The three balances of an 835: line, claim, check. Shows what is wrong and forces nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .model import ZERO, ClaimPayment, Remittance, RemittanceHeader


@dataclass(frozen=True, slots=True)
class Finding:
    """One balance that does not hold."""

    level: Literal["line", "claim", "check"]
    segment: int
    tag: str
    subject: str  # the claim's number, with the line's code; or the check number
    expected: Decimal
    found: Decimal

    @property
    def difference(self) -> Decimal:
        """What is paid too much (positive) or too little."""
        return self.found - self.expected

    @property
    def sentence(self) -> str:
        """For the person who must ring the payer."""
        return (
            f"Segment {self.segment} ({self.tag}), {self.level} {self.subject}: "
            f"paid {self.found}, but charges less adjustments give {self.expected} "
            f"(difference {self.difference})."
            if self.level != "check"
            else f"Segment {self.segment} ({self.tag}), check {self.subject}: "
            f"the check says {self.found}, but its claims less PLB give {self.expected} "
            f"(difference {self.difference})."
        )


def check_balance(remittance: Remittance) -> list[Finding]:
    """Every balance that fails, in the order of the file; empty when all hold."""
    findings = [finding for claim in remittance.claims for finding in check_claim(claim)]
    findings += check_total(remittance, claims_paid=remittance.claims_paid, kept=remittance.provider_adjusted)
    return findings


def check_claim(claim: ClaimPayment) -> Iterable[Finding]:
    """SVC02 - CAS = SVC03 for each line, CLP03 - CAS of claim and lines = CLP04."""
    expected = claim.charge - claim.adjusted
    if expected != claim.paid:
        yield Finding("claim", claim.position, "CLP", claim.patient_control_number, expected, claim.paid)
    for line in claim.lines:
        expected = line.charge - line.adjusted
        if expected != line.paid:
            subject = f"{claim.patient_control_number} {line.procedure.code}"
            yield Finding("line", line.position, "SVC", subject, expected, line.paid)


def check_total(header: RemittanceHeader, *, claims_paid: Decimal, kept: Decimal = ZERO) -> list[Finding]:
    """Sum of CLP04 - sum of PLB = BPR02. For a stream: add up while iterating, ask at the end."""
    expected = claims_paid - kept
    if expected == header.payment_amount:
        return []
    return [
        Finding(
            "check",
            header.payment_position,
            "BPR",
            header.trace_number,
            expected,
            header.payment_amount,
        )
    ]
