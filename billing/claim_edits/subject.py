"""Edits about people: the patient, the subscriber, the policy, and whether the claim may be sent at all."""

from collections.abc import Iterator

from billing.claim_edits.facts import STOP, WARN, ClaimFacts, Finding
from clinic.validators import MEMBER_ID

SELF = "18"


def member_id_missing(claim: ClaimFacts) -> Iterator[Finding]:
    if not claim.coverage.member_id.strip():
        yield Finding("member_id_missing", STOP, "The member id is missing. Enter it on the patient's coverage.")


def member_id_shape(claim: ClaimFacts) -> Iterator[Finding]:
    member_id = claim.coverage.member_id.strip().upper().replace(" ", "")
    if member_id and not MEMBER_ID.match(member_id):
        yield Finding(
            "member_id_shape", STOP, "The member id has characters no member id has. Compare it with the card."
        )


def coverage_not_in_force(claim: ClaimFacts) -> Iterator[Finding]:
    """CARC 26 and 27: before the policy began, after it ended."""
    coverage = claim.coverage
    for line in claim.lines:
        day = line.service_date
        ended = coverage.ends_on is not None and day > coverage.ends_on
        if not coverage.is_active or day < coverage.starts_on or ended:
            yield Finding(
                "coverage_not_in_force", STOP,
                f"The coverage was not in force on {day:%m/%d/%Y}. Verify it, and bill the policy of that day.",
                line.position,
            )  # fmt: skip
            return


def coverage_of_another_patient(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.coverage.patient_id and claim.coverage.patient_id != claim.patient_id:
        yield Finding(
            "coverage_of_another_patient", STOP,
            "This policy stands on another patient's record. Choose the patient's own coverage.",
        )  # fmt: skip


def subscriber_missing(claim: ClaimFacts) -> Iterator[Finding]:
    """A dependent's claim carries the subscriber whole (2010BA)."""
    if claim.coverage.relationship == SELF:
        return
    subscriber = claim.coverage.subscriber
    missing = [
        word
        for word, value in (
            ("first name", subscriber.first_name), ("last name", subscriber.last_name),
            ("birth date", subscriber.birth_date),
        )
        if not value
    ]  # fmt: skip
    if missing:
        yield Finding(
            "subscriber_missing", STOP,
            f"The patient is a dependent, and the subscriber's {', '.join(missing)} is missing. Enter it on the coverage.",
        )  # fmt: skip


def birth_date_missing(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.patient.birth_date is None:
        yield Finding(
            "birth_date_missing", STOP, "The patient's birth date is missing. Enter it on the patient's page."
        )


def birth_date_after_service(claim: ClaimFacts) -> Iterator[Finding]:
    born, first = claim.patient.birth_date, claim.first_day
    if born is not None and first is not None and born > first:
        yield Finding(
            "birth_date_after_service", STOP, "The patient was born after the date of service. Correct one of the two."
        )


def sex_missing(claim: ClaimFacts) -> Iterator[Finding]:
    """DMG03 takes U, but payers match members by it."""
    if claim.patient.sex not in ("F", "M", "U"):
        yield Finding("sex_missing", STOP, "The patient's sex is missing. Enter F, M or U on the patient's page.")


def patient_address_missing(claim: ClaimFacts) -> Iterator[Finding]:
    who = claim.patient
    if not (who.line1 and who.city and who.state and who.zip_code):
        yield Finding(
            "patient_address_missing", STOP, "The patient's address is incomplete. Enter street, city, state and ZIP."
        )


def two_people(claim: ClaimFacts) -> Iterator[Finding]:
    """A claim is one patient's. A line of somebody else's would tell one person's care to another's insurer."""
    for line in claim.lines:
        if line.patient_id != claim.patient_id:
            yield Finding(
                "two_people", STOP,
                f"Line {line.position} belongs to another patient. Void it here and enter it on that patient's visit.",
                line.position,
            )  # fmt: skip
    if claim.visit_patient_id and claim.visit_patient_id != claim.patient_id:
        yield Finding(
            "two_people", STOP, "The visit belongs to another patient. Void this claim and bill the right visit."
        )


def patient_merged(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.patient_is_merged:
        yield Finding(
            "patient_merged", STOP, "This record was merged into another. Bill the visit under the record that stays."
        )


def disclosure_restricted(claim: ClaimFacts) -> Iterator[Finding]:
    """45 CFR 164.522(a)(1)(vi): paid in full by the patient, who forbade telling the plan."""
    if claim.restricts_disclosure:
        yield Finding(
            "disclosure_restricted", STOP,
            "The patient paid in full and forbade telling the plan (45 CFR 164.522). Void the claim; it may not be sent.",
        )  # fmt: skip


def visit_void(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.visit_status in ("undone", "left"):
        yield Finding(
            "visit_void", STOP, "The visit was undone or the patient left unseen. Void the claim and its charges."
        )


def qmb(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.is_qmb and not any(other.is_medicaid for other in claim.other_coverages) and not claim.payer_is_medicaid:
        yield Finding(
            "qmb_without_medicaid", WARN,
            "A Qualified Medicare Beneficiary may not be billed. Add the Medicaid coverage that pays after Medicare.",
        )  # fmt: skip


EDITS = (
    member_id_missing, member_id_shape, coverage_not_in_force, coverage_of_another_patient, subscriber_missing,
    birth_date_missing, birth_date_after_service, sex_missing, patient_address_missing, two_people, patient_merged,
    disclosure_restricted, visit_void, qmb,
)  # fmt: skip
