"""Claim edits: pure checks before a claim is sent. `check(facts)` gives what they found, what stops first.

An edit is a function from ClaimFacts to findings, listed in EDITS of its module. Sources: domain.md 5.3, 5.6, 5.8,
5.15 (public facts of the trade) and what payers' front ends reject.
"""

from billing.claim_edits import coordination, filing, lines, providers, subject
from billing.claim_edits.facts import STOP, WARN, ClaimFacts, Finding

NOT_FOR_A_VOID = frozenset(
    [
        subject.coverage_not_in_force,
        subject.patient_merged,
        subject.disclosure_restricted,
        subject.visit_void,
        subject.qmb,
        lines.line_void,
        lines.duplicate_line,
        filing.payer_inactive,
        filing.filing_passed,
        filing.filing_near,
        filing.authorization_missing,
        filing.authorization_invalid,
        filing.authorizations_differ,
        coordination.prior_payer_forwarded,
    ]
)
"""What is wrong with a claim is often why it is taken back: these do not keep a void (8) from being sent."""

EDITS = (*subject.EDITS, *providers.EDITS, *lines.EDITS, *filing.EDITS, *coordination.EDITS)


def check(facts: ClaimFacts) -> list[Finding]:
    """Every finding, those that stop the claim first, then in the order of its lines."""
    edits = [edit for edit in EDITS if facts.frequency != "8" or edit not in NOT_FOR_A_VOID]
    found = [finding for edit in edits for finding in edit(facts)]
    return sorted(found, key=lambda each: (not each.stops, each.line))


__all__ = ["EDITS", "NOT_FOR_A_VOID", "STOP", "WARN", "ClaimFacts", "Finding", "check"]
