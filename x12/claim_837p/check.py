"""What a payer refuses although the guide's syntax is kept; asked before a claim is written.

Each rule yields an X12Error whose sentence names the claim and the line. The places (CLM05, SV1)
are those of 005010X222A1.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from ..codes.states import STATES
from ..elements import is_npi
from ..errors import X12Error
from .check_address import address_faults, fault
from .check_coordination import coordination_faults
from .model import Claim, Provider, ServiceLine

MOST_LINES: Final = 50
MOST_DIAGNOSES: Final = 12
MOST_POINTERS: Final = 4
MOST_MODIFIERS: Final = 4
LONGEST_PATIENT_CONTROL_NUMBER: Final = 20
LONGEST_LINE_CONTROL_NUMBER: Final = 30
FREQUENCIES: Final = ("1", "7", "8")
PAYER_SEQUENCES: Final = "PSTABCDEFGH"
_ICD10: Final = re.compile(r"[A-Z][0-9][0-9AB][0-9A-Z]{0,4}")
_HCPCS: Final = re.compile(r"[A-Z0-9]{5}")
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_TAXONOMY: Final = re.compile(r"[A-Z0-9]{10}")
_PLACE: Final = re.compile(r"[0-9]{2}")
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_POST_BOX: Final = re.compile(r"\bP\.? ?O\.? ?BOX\b")
_NDC: Final = re.compile(r"[0-9]{11}")
ZERO: Final = Decimal("0.00")


def claim_faults(claim: Claim) -> Iterator[X12Error]:
    """Every broken rule of one claim; none when it may be written."""
    name = f"Claim {claim.patient_control_number}"
    yield from _header_faults(claim, name)
    yield from _people_faults(claim, name)
    yield from _provider_faults(claim, name)
    yield from _diagnosis_faults(claim, name)
    for number, line in enumerate(claim.lines, start=1):
        yield from _line_faults(claim, line, f"{name}, line {number}")
    total = sum((line.charge for line in claim.lines), ZERO)
    if total != claim.charge:
        yield fault(f"{name}: the charge {claim.charge} is not the sum of its lines, {total}.", "CLM", 2, "sum")
    yield from coordination_faults(claim, name)


def _header_faults(claim: Claim, name: str) -> Iterator[X12Error]:
    if not 1 <= len(claim.patient_control_number) <= LONGEST_PATIENT_CONTROL_NUMBER:
        yield fault(f"{name}: its number must have 1 to 20 characters.", "CLM", 1, "length")
    if claim.charge <= 0:
        yield fault(f"{name}: payers reject a claim whose charge is {claim.charge}.", "CLM", 2, "amount")
    if not _PLACE.fullmatch(claim.place_of_service):
        yield fault(f"{name}: the place of service must be two digits.", "CLM", 5, "place_of_service")
    if claim.frequency not in FREQUENCIES:
        yield fault(
            f"{name}: frequency {claim.frequency!r} is none of 1 (original), 7 (replacement), 8 (void).",
            "CLM",
            5,
            "frequency",
        )
    elif claim.frequency != "1" and not claim.payer_claim_number:
        yield fault(
            f"{name}: a replacement or void needs the payer's claim number from the remittance.",
            "REF",
            2,
            "payer_claim_number",
        )
    elif claim.frequency == "1" and claim.payer_claim_number:
        yield fault(f"{name}: an original claim must not name a payer's claim number.", "REF", 2, "payer_claim_number")
    for value, allowed, element in (
        (claim.assignment, ("A", "B", "C"), 7),
        (claim.benefits_assigned, ("Y", "N", "W"), 8),
        (claim.release_of_information, ("Y", "I"), 9),
    ):
        if value not in allowed:
            yield fault(f"{name}: {value!r} is none of {', '.join(allowed)}.", "CLM", element, "code")
    if len(claim.related_causes) > 2 or not set(claim.related_causes) <= {"AA", "EM", "OA"}:
        yield fault(f"{name}: the related causes are up to two of AA, EM, OA.", "CLM", 11, "code")
    if "AA" in claim.related_causes and claim.accident_state not in STATES:
        yield fault(f"{name}: a car accident needs the state where it happened.", "CLM", 11, "state")
    if claim.accident_state and not claim.related_causes:
        yield fault(f"{name}: an accident's state needs its cause.", "CLM", 11, "code")


def _people_faults(claim: Claim, name: str) -> Iterator[X12Error]:
    subscriber, patient = claim.subscriber, claim.patient
    if not subscriber.member_id:
        yield fault(f"{name}: the member id is missing.", "NM1", 9, "missing")
    if not subscriber.last_name:
        yield fault(f"{name}: the subscriber's name is missing.", "NM1", 3, "missing")
    if subscriber.payer_sequence not in PAYER_SEQUENCES or len(subscriber.payer_sequence) != 1:
        yield fault(f"{name}: {subscriber.payer_sequence!r} is no place among payers.", "SBR", 1, "code")
    if not subscriber.filing_indicator:
        yield fault(f"{name}: the claim filing indicator is missing.", "SBR", 9, "missing")
    if not claim.payer.identifier or not claim.payer.name:
        yield fault(f"{name}: the payer needs its name and number.", "NM1", 9, "missing")
    if patient is None:
        if subscriber.birth_date is None or subscriber.address is None:
            yield fault(f"{name}: the subscriber is the patient and needs birth date and address.", "DMG", 2, "missing")
        if subscriber.sex not in ("M", "F", "U"):
            yield fault(f"{name}: the patient's sex must be M, F or U.", "DMG", 3, "code")
    else:
        if patient.relationship in ("", "18"):
            yield fault(f"{name}: a dependent needs a relationship other than self.", "PAT", 1, "code")
        if patient.sex not in ("M", "F", "U"):
            yield fault(f"{name}: the patient's sex must be M, F or U.", "DMG", 3, "code")
        yield from address_faults(patient.address, f"{name}, patient")
    if (subscriber.birth_date is None) != (subscriber.sex == ""):
        yield fault(f"{name}: birth date and sex of the subscriber go together.", "DMG", 2, "missing")
    for who, address in (("subscriber", subscriber.address), ("payer", claim.payer.address)):
        if address is not None:
            yield from address_faults(address, f"{name}, {who}")


def _provider_faults(claim: Claim, name: str) -> Iterator[X12Error]:
    billing = claim.billing_provider
    yield from _npi_faults(billing, f"{name}, billing provider", required=True)
    yield from address_faults(billing.address, f"{name}, billing provider", long_zip=True)
    if _POST_BOX.search(billing.address.line_1.upper()):
        yield fault(
            f"{name}: the billing provider needs a street, a post box only as pay-to address.", "N3", 1, "address"
        )
    if billing.pay_to_address:
        yield from address_faults(billing.pay_to_address, f"{name}, pay-to address")
    if not _NINE_DIGITS.fullmatch(billing.tax_id) or billing.tax_id_qualifier not in ("EI", "SY"):
        yield fault(f"{name}: the billing provider's tax id must be nine digits.", "REF", 2, "tax_id")
    if billing.taxonomy and not _TAXONOMY.fullmatch(billing.taxonomy):
        yield fault(f"{name}: {billing.taxonomy!r} is no taxonomy code.", "PRV", 3, "taxonomy")
    rendering_taxonomy = claim.rendering_provider.taxonomy if claim.rendering_provider else ""
    if rendering_taxonomy and not _TAXONOMY.fullmatch(rendering_taxonomy):
        yield fault(f"{name}: the rendering provider's taxonomy code is wrong.", "PRV", 3, "taxonomy")
    for role, provider in (
        ("referring provider", claim.referring_provider),
        ("rendering provider", claim.rendering_provider),
        ("supervising provider", claim.supervising_provider),
    ):
        if provider:
            yield from _npi_faults(provider, f"{name}, {role}")
    if claim.facility:
        yield from address_faults(claim.facility.address, f"{name}, facility")
        if claim.facility.npi and not is_npi(claim.facility.npi):
            yield fault(f"{name}: the facility's NPI is wrong (check digit).", "NM1", 9, "npi")


def _npi_faults(provider: Provider, name: str, *, required: bool = False) -> Iterator[X12Error]:
    if not provider.last_name:
        yield fault(f"{name}: the name is missing.", "NM1", 3, "missing")
    if (required or provider.npi) and not is_npi(provider.npi):
        yield fault(f"{name}: {provider.npi!r} is no NPI (ten digits, check digit).", "NM1", 9, "npi")


def _diagnosis_faults(claim: Claim, name: str) -> Iterator[X12Error]:
    if not 1 <= len(claim.diagnoses) <= MOST_DIAGNOSES:
        yield fault(f"{name}: a claim needs 1 to 12 diagnoses.", "HI", 1, "diagnosis")
    if len(set(claim.diagnoses)) != len(claim.diagnoses):
        yield fault(f"{name}: a diagnosis stands there twice.", "HI", 1, "diagnosis")
    for place, code in enumerate(claim.diagnoses, start=1):
        if "." in code:
            yield fault(f"{name}: diagnosis {code} must be written without its dot.", "HI", place, "diagnosis")
        elif not _ICD10.fullmatch(code):
            yield fault(f"{name}: {code!r} is not shaped like an ICD-10-CM code.", "HI", place, "diagnosis")
    if not 1 <= len(claim.lines) <= MOST_LINES:
        yield fault(f"{name}: a claim needs 1 to 50 lines, this one has {len(claim.lines)}.", "LX", 1, "lines")
    numbers = [line.control_number for line in claim.lines if line.control_number]
    if len(set(numbers)) != len(numbers):
        yield fault(f"{name}: two lines bear one line control number.", "REF", 2, "line_control_number")


def _line_faults(claim: Claim, line: ServiceLine, name: str) -> Iterator[X12Error]:
    procedure = line.procedure
    if procedure.kind == "HC" and not _HCPCS.fullmatch(procedure.code):
        yield fault(f"{name}: {procedure.code!r} is not shaped like a procedure code.", "SV1", 1, "procedure")
    if len(procedure.modifiers) > MOST_MODIFIERS or not all(map(_MODIFIER.fullmatch, procedure.modifiers)):
        yield fault(f"{name}: up to four modifiers of two characters.", "SV1", 1, "modifier")
    if line.charge < 0:
        yield fault(f"{name}: a charge must not be negative.", "SV1", 2, "amount")
    if line.units <= 0:
        yield fault(f"{name}: the units must be more than 0.", "SV1", 4, "quantity")
    if line.place_of_service and not _PLACE.fullmatch(line.place_of_service):
        yield fault(f"{name}: the place of service must be two digits.", "SV1", 5, "place_of_service")
    pointers = line.diagnosis_pointers
    if not 1 <= len(pointers) <= MOST_POINTERS or len(set(pointers)) != len(pointers):
        yield fault(f"{name}: it needs 1 to 4 different diagnosis pointers.", "SV1", 7, "pointer")
    for pointer in pointers:
        if not 1 <= pointer <= len(claim.diagnoses):
            yield fault(f"{name}: pointer {pointer} points to no diagnosis.", "SV1", 7, "pointer")
    if line.last_day < line.first_day:
        yield fault(f"{name}: its last day is before its first.", "DTP", 3, "date")
    if len(line.control_number) > LONGEST_LINE_CONTROL_NUMBER:
        yield fault(f"{name}: its control number is longer than 30 characters.", "REF", 2, "length")
    if line.drug and (not _NDC.fullmatch(line.drug.ndc) or line.drug.quantity <= 0):
        yield fault(f"{name}: a drug needs an NDC of eleven digits and a quantity.", "LIN", 3, "ndc")
    for role, provider in (
        ("rendering", line.rendering_provider),
        ("supervising", line.supervising_provider),
        ("ordering", line.ordering_provider),
        ("referring", line.referring_provider),
    ):
        if provider:
            yield from _npi_faults(provider, f"{name}, {role} provider")
