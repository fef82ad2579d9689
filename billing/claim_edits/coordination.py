"""Edits about the order of payers and what the payer before has decided (domain.md 5.6)."""

from collections.abc import Iterator
from decimal import Decimal

from billing.claim_edits.facts import STOP, ClaimFacts, Finding

ZERO = Decimal("0.00")
MEDICARE_SECONDARY_TYPES = frozenset(["12", "13", "14", "15", "16", "41", "42", "43", "47"])


def medicare_secondary_type(claim: ClaimFacts) -> Iterator[Finding]:
    """SBR05. A wrong one is rejected without the right to appeal."""
    kind = claim.coverage.medicare_secondary_type
    if claim.payer_is_medicare and claim.is_secondary and kind not in MEDICARE_SECONDARY_TYPES:
        yield Finding(
            "medicare_secondary_type", STOP,
            "Medicare pays second here. Ask the patient why (working aged, disability …) and enter the MSP type.",
        )  # fmt: skip


def medicaid_before_others(claim: ClaimFacts) -> Iterator[Finding]:
    """Medicaid pays last."""
    if claim.payer_is_medicaid:
        later = [
            other for other in claim.other_coverages if other.order > claim.coverage.order and not other.is_medicaid
        ]
        if later:
            yield Finding(
                "medicaid_before_others", STOP,
                f"Medicaid pays last, and {later[0].payer_name} stands after it. Reorder the coverages.",
            )  # fmt: skip


def medicaid_skipped_payer(claim: ClaimFacts) -> Iterator[Finding]:
    """A further payer is asked only with the answer of the one before."""
    if claim.is_secondary and claim.prior_payer is None:
        yield Finding(
            "prior_payer_missing", STOP, "This payer comes second. Bill the first payer, and send its answer along."
        )


def prior_payer_unanswered(claim: ClaimFacts) -> Iterator[Finding]:
    prior = claim.prior_payer
    if prior is None:
        return
    if not prior.has_answered:
        yield Finding("prior_payer_unanswered", STOP, f"{prior.name} has not answered yet. Wait for its remittance.")
    elif prior.adjudicated_on is None:
        yield Finding("prior_payer_date", STOP, f"The date on which {prior.name} decided is missing.")


def prior_payer_forwarded(claim: ClaimFacts) -> Iterator[Finding]:
    """CLP02 19, 20, 21, a crossover carrier, MA18, MA07 or N89: the payer before has sent it on itself."""
    if claim.prior_payer is not None and claim.prior_payer.was_forwarded:
        yield Finding(
            "prior_payer_forwarded", STOP,
            f"{claim.prior_payer.name} has forwarded this claim itself. Wait for the answer; sent again it is a duplicate.",
        )  # fmt: skip


def prior_payment_balances(claim: ClaimFacts) -> Iterator[Finding]:
    """SV102 = SVD02 + CAS on every line; front ends reject what does not add up."""
    prior = claim.prior_payer
    if prior is None or not prior.has_answered:
        return
    answers = {answer.line: answer for answer in prior.lines}
    for line in claim.lines:
        answer = answers.get(line.position)
        if answer is None:
            yield Finding(
                "prior_payment_missing", STOP,
                f"Line {line.position}: {prior.name} did not answer {line.code}. Ask it before billing the next payer.",
                line.position,
            )  # fmt: skip
        elif answer.paid < ZERO:
            yield Finding(
                "prior_payment_negative", STOP,
                f"Line {line.position}: {prior.name} took money back. Wait for its correction.", line.position,
            )  # fmt: skip
        elif answer.paid + answer.adjusted != line.amount:
            yield Finding(
                "prior_payment_unbalanced", STOP,
                f"Line {line.position}: {line.amount} charged is not {answer.paid} paid and {answer.adjusted} adjusted"
                f" by {prior.name}.",
                line.position,
            )  # fmt: skip


EDITS = (
    medicare_secondary_type, medicaid_before_others, medicaid_skipped_payer, prior_payer_unanswered,
    prior_payer_forwarded, prior_payment_balances,
)  # fmt: skip
