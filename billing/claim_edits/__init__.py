"""Claim edits: pure checks before a claim is sent. `check(facts)` gives what they found, what stops first.

An edit is a function from ClaimFacts to findings, listed in EDITS of its module. Sources: domain.md 5.3, 5.6, 5.8,
5.15 (public facts of the trade) and what payers' front ends reject.
"""

from billing.claim_edits import coordination, filing, lines, providers, subject
from billing.claim_edits.facts import STOP, WARN, ClaimFacts, Finding

EDITS = (*subject.EDITS, *providers.EDITS, *lines.EDITS, *filing.EDITS, *coordination.EDITS)


def check(facts: ClaimFacts) -> list[Finding]:
    """Every finding, those that stop the claim first, then in the order of its lines."""
    found = [finding for edit in EDITS for finding in edit(facts)]
    return sorted(found, key=lambda each: (not each.stops, each.line))


__all__ = ["EDITS", "STOP", "WARN", "ClaimFacts", "Finding", "check"]
