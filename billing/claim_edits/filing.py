"""Edits about the payer, the deadline, authorizations, and what was sent before."""

from collections.abc import Iterator

from billing.claim_edits.facts import STOP, WARN, ClaimFacts, Finding

NEAR_DAYS = 15
"""Days before the filing deadline from which a claim is urgent: payers count receipt, not sending."""


def payer_inactive(claim: ClaimFacts) -> Iterator[Finding]:
    if not claim.payer_is_active:
        yield Finding("payer_inactive", STOP, f"{claim.payer_name} is no longer used. Choose the payer that took over.")


def payer_id_missing(claim: ClaimFacts) -> Iterator[Finding]:
    if not claim.payer_id:
        yield Finding("payer_id_missing", STOP, f"{claim.payer_name} has no payer id. Enter it in the payer's data.")


def payer_without_route(claim: ClaimFacts) -> Iterator[Finding]:
    if not claim.payer_has_route:
        yield Finding(
            "payer_without_route", STOP,
            f"No trading partner takes claims for {claim.payer_name}. Add a payer route, or send the claim on paper.",
        )  # fmt: skip


def filing_passed(claim: ClaimFacts) -> Iterator[Finding]:
    """CARC 29 is never the patient's: the claim is stopped so that a person decides."""
    if claim.file_by is not None and claim.today > claim.file_by:
        yield Finding(
            "filing_passed", STOP,
            f"The filing deadline was {claim.file_by:%m/%d/%Y}. Hold it with proof of an earlier filing, or write it off.",
        )  # fmt: skip


def filing_near(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.file_by is None or claim.today > claim.file_by:
        return
    days = (claim.file_by - claim.today).days
    if days <= NEAR_DAYS:
        yield Finding(
            "filing_near",
            WARN,
            f"{days} days are left until the filing deadline {claim.file_by:%m/%d/%Y}. Send it now.",
        )


def authorization_missing(claim: ClaimFacts) -> Iterator[Finding]:
    """CARC 197."""
    for line in claim.lines:
        if line.needs_authorization and not line.authorization_number:
            yield Finding(
                "authorization_missing", STOP,
                f"Line {line.position}: {claim.payer_name} wants an authorization for {line.code}. Enter or request it.",
                line.position,
            )  # fmt: skip


def authorization_invalid(claim: ClaimFacts) -> Iterator[Finding]:
    """CARC 198 and 15: named, but for another code, another time, or withdrawn."""
    for line in claim.lines:
        known = line.authorization
        if not line.authorization_number or known is None:
            continue
        start = f"Line {line.position}: authorization {known.number}"
        if not known.is_usable:
            yield Finding(
                "authorization_not_approved",
                STOP,
                f"{start} is not approved. Ask the payer before sending.",
                line.position,
            )
        elif line.code not in known.codes:
            yield Finding(
                "authorization_other_code",
                STOP,
                f"{start} is not for {line.code}. Choose the one that is.",
                line.position,
            )
        elif not known.starts_on <= line.service_date <= known.ends_on:
            yield Finding(
                "authorization_expired", STOP,
                f"{start} was good from {known.starts_on:%m/%d/%Y} to {known.ends_on:%m/%d/%Y}. Ask for an extension.",
                line.position,
            )  # fmt: skip
        elif known.units_left < 0:
            yield Finding(
                "authorization_units", STOP,
                f"{start} has {-known.units_left} units too few. Ask for more, or bill fewer.",
                line.position,
            )  # fmt: skip


def authorizations_differ(claim: ClaimFacts) -> Iterator[Finding]:
    """REF*G1 stands once on the claim; a line may carry its own, but many front ends read the claim's only."""
    numbers = {line.authorization_number for line in claim.lines if line.authorization_number}
    if len(numbers) > 1:
        yield Finding(
            "authorizations_differ", WARN, "The lines name different authorizations. Each goes with its line."
        )


def frequency_unknown(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.frequency not in ("1", "7", "8"):
        yield Finding(
            "frequency_unknown",
            STOP,
            f"Frequency {claim.frequency} is none of 1 (original), 7 (replacement), 8 (void).",
        )


def replacement_without_original(claim: ClaimFacts) -> Iterator[Finding]:
    """A 7 or 8 names the claim it corrects: REF*F8, the payer's number from the remittance."""
    if claim.frequency in ("7", "8") and not claim.original_reference:
        yield Finding(
            "replacement_without_original", STOP,
            "A replacement or void needs the payer's claim number of the original (REF*F8). Enter it from the remittance.",
        )  # fmt: skip


def original_with_reference(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.frequency == "1" and claim.original_reference:
        yield Finding(
            "original_with_reference",
            STOP,
            "An original claim must not name an earlier one. Clear the number, or send it as 7.",
        )


def payer_takes_no_replacement(claim: ClaimFacts) -> Iterator[Finding]:
    """Medicare Part B takes no 7 or 8: a reopening, or a new claim."""
    if claim.frequency in ("7", "8") and not claim.payer_takes_replacements:
        yield Finding(
            "payer_takes_no_replacement", STOP,
            f"{claim.payer_name} takes no replacement (7) or void (8). Ask for a reopening, or send a new claim.",
        )  # fmt: skip


def answered_before(claim: ClaimFacts) -> Iterator[Finding]:
    """The same content again is denied as a duplicate (CARC 18)."""
    same = claim.same_content_answered
    if same is not None and claim.frequency != "8":
        yield Finding(
            "answered_before", STOP,
            f"The same claim was already answered: {same.number}, {same.answer}. Change it, correct that one, or appeal.",
        )  # fmt: skip


EDITS = (
    payer_inactive, payer_id_missing, payer_without_route, filing_passed, filing_near, authorization_missing,
    authorization_invalid, authorizations_differ, frequency_unknown, replacement_without_original, original_with_reference,
    payer_takes_no_replacement, answered_before,
)  # fmt: skip
