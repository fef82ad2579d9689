"""Edits about diagnoses and service lines: shapes, pointers, units, doubles, what a code needs beside it."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from billing.claim_edits.facts import STOP, WARN, ClaimFacts, Finding, LineFacts
from clinic.validators import ICD10, MODIFIER, PROCEDURE

ZERO = Decimal("0.00")
MOST_LINES = 50
MOST_DIAGNOSES = 12
MOST_UNITS = 999
DRUG = re.compile(r"^J\d{4}$")
LABORATORY = re.compile(r"^(?:8[0-9]\d{3}|G0(?:103|123|143|144|145|306|307|328|432|433|435|472|475|476|480|481|483))$")
"""Codes of laboratory tests under CLIA: the 80000 series and HCPCS Level II screening tests."""
REPEATS = frozenset({"59", "76", "77", "91", "XE", "XP", "XS", "XU"})
"""Modifiers that say the same service was done again on purpose."""


def diagnosis_missing(claim: ClaimFacts) -> Iterator[Finding]:
    if not claim.diagnoses:
        yield Finding(
            "diagnosis_missing", STOP, "The claim has no diagnosis. Enter at least one ICD-10 code on the visit."
        )


def diagnosis_too_many(claim: ClaimFacts) -> Iterator[Finding]:
    if len(claim.diagnoses) > MOST_DIAGNOSES:
        yield Finding(
            "diagnosis_too_many",
            STOP,
            f"A claim carries at most 12 diagnoses, this one has {len(claim.diagnoses)}. Remove some.",
        )


def diagnosis_shape(claim: ClaimFacts) -> Iterator[Finding]:
    for code in claim.diagnoses:
        if not ICD10.match(code.upper()):
            yield Finding("diagnosis_shape", STOP, f"{code} does not have the shape of an ICD-10-CM code. Correct it.")


def diagnosis_twice(claim: ClaimFacts) -> Iterator[Finding]:
    for code, count in Counter(code.replace(".", "").upper() for code in claim.diagnoses).items():
        if count > 1:
            yield Finding("diagnosis_twice", STOP, f"Diagnosis {code} stands there twice. Remove one.")


def principal_diagnosis_external(claim: ClaimFacts) -> Iterator[Finding]:
    """V00-Y99 tell how it happened and are never the principal diagnosis (ICD-10-CM guidelines I.C.20)."""
    if claim.diagnoses and claim.diagnoses[0][:1].upper() in "VWXY":
        yield Finding(
            "principal_diagnosis_external", STOP,
            f"{claim.diagnoses[0]} tells how it happened and cannot come first. Put the condition treated before it.",
        )  # fmt: skip


def no_lines(claim: ClaimFacts) -> Iterator[Finding]:
    if not claim.lines:
        yield Finding("no_lines", STOP, "The claim has no service line. Enter the charges, or void the claim.")


def too_many_lines(claim: ClaimFacts) -> Iterator[Finding]:
    if len(claim.lines) > MOST_LINES:
        yield Finding(
            "too_many_lines", STOP, f"A claim carries at most 50 lines, this one has {len(claim.lines)}. Split it."
        )


def line_void(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if line.is_void:
            yield _on(line, "line_void", f"the charge {line.code} was voided. Take it off the claim.")


def code_shape(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if not PROCEDURE.match(line.code.upper()):
            yield _on(line, "code_shape", f"{line.code!r} is not a five-character procedure code. Correct it.")


def pointer_missing(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if claim.diagnoses and not line.pointers:
            yield _on(line, "pointer_missing", f"{line.code} points to no diagnosis. Say why it was done.")


def pointer_without_diagnosis(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        for pointer in line.pointers:
            if claim.diagnoses and not 1 <= pointer <= len(claim.diagnoses):
                yield _on(
                    line, "pointer_without_diagnosis",
                    f"{line.code} points to diagnosis {pointer}, and there are {len(claim.diagnoses)}. Correct the pointer.",
                )  # fmt: skip


def pointer_count(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if len(line.pointers) > 4 or len(set(line.pointers)) != len(line.pointers):
            yield _on(line, "pointer_count", f"{line.code} takes up to four different diagnosis pointers.")


def modifier_shape(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        bad = [m for m in line.modifiers if not MODIFIER.match(m.upper())]
        if bad or len(line.modifiers) > 4:
            yield _on(
                line, "modifier_shape",
                f"{', '.join(bad) or 'five modifiers'}: up to four modifiers of two letters or digits. Correct them.",
            )  # fmt: skip


def modifier_twice(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if len(set(line.modifiers)) != len(line.modifiers):
            yield _on(line, "modifier_twice", f"a modifier of {line.code} stands there twice. Remove one.")


def zero_charge(claim: ClaimFacts) -> Iterator[Finding]:
    """Front ends reject a chargeable line of $0.00."""
    for line in claim.lines:
        if line.amount <= ZERO:
            yield _on(line, "zero_charge", f"{line.code} is charged $0.00. Enter its fee, or take the line off.")


def units_range(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if not 1 <= line.units <= MOST_UNITS:
            yield _on(line, "units_range", f"{line.units} units of {line.code} cannot be. Enter 1 to {MOST_UNITS}.")


def duplicate_line(claim: ClaimFacts) -> Iterator[Finding]:
    """CARC 18: the same service on the same day, unless a modifier says that it was done again."""
    seen: dict[tuple[object, ...], int] = {}
    for line in claim.lines:
        same = (line.code, tuple(sorted(line.modifiers)), line.service_date)
        first = seen.setdefault(same, line.position)
        if first != line.position and not REPEATS & set(line.modifiers):
            yield _on(
                line, "duplicate_line",
                f"{line.code} is the same service as line {first}. Remove it, raise the units, or add modifier 76 or 59.",
            )  # fmt: skip


def drug_code_missing(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if DRUG.match(line.code) and not line.ndc:
            yield _on(line, "ndc_missing", f"drug {line.code} needs its NDC. Enter the eleven digits from the package.")


def drug_code_shape(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if line.ndc and not re.fullmatch(r"\d{11}", line.ndc):
            yield _on(line, "ndc_shape", f"the NDC {line.ndc} needs eleven digits (5-4-2, without hyphens).")


def clia_missing(claim: ClaimFacts) -> Iterator[Finding]:
    if claim.clia_number:
        return
    for line in claim.lines:
        if LABORATORY.match(line.code):
            yield _on(
                line, "clia_missing", f"laboratory test {line.code} needs the CLIA number. Enter it at the location."
            )
            return


def total_differs(claim: ClaimFacts) -> Iterator[Finding]:
    summed = sum((line.amount for line in claim.lines), ZERO)
    if claim.lines and summed != claim.total:
        yield Finding(
            "total_differs", STOP,
            f"The claim's total {claim.total} is not the sum of its lines, {summed}. Save the charges again.",
        )  # fmt: skip


def service_in_future(claim: ClaimFacts) -> Iterator[Finding]:
    for line in claim.lines:
        if line.service_date > claim.today:
            yield _on(
                line,
                "service_in_future",
                f"{line.service_date:%m/%d/%Y} is still to come. Correct the date of service.",
            )


def several_days(claim: ClaimFacts) -> Iterator[Finding]:
    if len({line.service_date for line in claim.lines}) > 1:
        yield Finding("several_days", WARN, "The lines are of different days. Check that they belong to one visit.")


def accident_incomplete(claim: ClaimFacts) -> Iterator[Finding]:
    """CLM11 goes with DTP*439, the day; AA (a car) also with the state."""
    if claim.is_accident and not claim.accident_date:
        yield Finding(
            "accident_incomplete",
            STOP,
            "The visit is due to an accident. Enter its date, and its state when a car was involved.",
        )


def _on(line: LineFacts, code: str, sentence: str) -> Finding:
    return Finding(code, STOP, f"Line {line.position}: {sentence}", line.position)


EDITS = (
    diagnosis_missing, diagnosis_too_many, diagnosis_shape, diagnosis_twice, principal_diagnosis_external, no_lines,
    too_many_lines, line_void, code_shape, pointer_missing, pointer_without_diagnosis, pointer_count, modifier_shape,
    modifier_twice, zero_charge, units_range, duplicate_line, drug_code_missing, drug_code_shape, clia_missing,
    total_differs, service_in_future, several_days, accident_incomplete,
)  # fmt: skip
