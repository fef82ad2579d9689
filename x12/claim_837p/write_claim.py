"""One claim of an 837P: from its CLM to its last line."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ..adjudication import Reference, adjustment_segments, procedure_parts, reference_segments
from ..elements import amount_text, date_text, period_text, quantity_text
from ..parties import address_elements
from ..writer import Elements
from .model import (
    Claim,
    Drug,
    LineAdjudication,
    Name,
    OtherCoverage,
    Payer,
    Provider,
    RenderingProvider,
    ServiceFacility,
    ServiceLine,
)


def name_segment(role: str, name: Name, qualifier: str = "", identifier: str = "") -> Elements:
    return (
        "NM1",
        role,
        "1" if name.is_person else "2",
        name.last_name,
        name.first_name,
        name.middle_name,
        "",
        name.suffix,
        qualifier if identifier else "",
        identifier,
    )


def payer_segments(payer: Payer) -> Iterator[Elements]:
    yield "NM1", "PR", "2", payer.name, "", "", "", "", payer.identifier_qualifier, payer.identifier
    if payer.address:
        yield from address_elements(payer.address)


def claim_segments(claim: Claim) -> Iterator[Elements]:
    causes = [*claim.related_causes, "", ""][:2]
    yield (
        "CLM",
        claim.patient_control_number,
        amount_text(claim.charge),
        "",
        "",
        (claim.place_of_service, "B", claim.frequency),
        "Y" if claim.provider_signature_on_file else "N",
        claim.assignment,
        claim.benefits_assigned,
        claim.release_of_information,
        "",
        (*causes, "", claim.accident_state),
    )
    for each in claim.dates:
        yield "DTP", each.qualifier, *period_text(each.first_day, each.last_day)
    if claim.patient_paid is not None:
        yield "AMT", "F5", amount_text(claim.patient_paid)
    yield from _references(
        ("9F", claim.referral_number),
        ("G1", claim.prior_authorization),
        ("F8", claim.payer_claim_number),
        ("X4", claim.clia_number),
    )
    yield from reference_segments(claim.references)
    if claim.note:
        yield "NTE", "ADD", claim.note
    yield "HI", *(("ABF" if place else "ABK", code) for place, code in enumerate(claim.diagnoses))
    if claim.referring_provider:
        yield from _provider("DN", claim.referring_provider)
    if claim.rendering_provider:
        yield from _provider("82", claim.rendering_provider)
    if claim.facility:
        yield from _facility(claim.facility)
    if claim.supervising_provider:
        yield from _provider("DQ", claim.supervising_provider)
    for other in claim.other_coverages:
        yield from _other_coverage(other)
    for number, line in enumerate(claim.lines, start=1):
        yield "LX", str(number)
        yield from _line(line)


def _references(*pairs: tuple[str, str]) -> Iterator[Elements]:
    yield from reference_segments(Reference(qualifier, value) for qualifier, value in pairs if value)


def _provider(role: str, provider: Provider) -> Iterator[Elements]:
    yield name_segment(role, provider, "XX", provider.npi)
    if isinstance(provider, RenderingProvider) and provider.taxonomy:
        yield "PRV", "PE", "PXC", provider.taxonomy
    yield from reference_segments(provider.references)


def _facility(facility: ServiceFacility) -> Iterator[Elements]:
    yield name_segment("77", Name(last_name=facility.name, is_person=False), "XX", facility.npi)
    yield from address_elements(facility.address)
    yield from reference_segments(facility.references)


def _other_coverage(other: OtherCoverage) -> Iterator[Elements]:
    yield (
        "SBR",
        other.payer_sequence,
        other.relationship,
        other.group_number,
        other.group_name,
        other.medicare_secondary_type,
        "",
        "",
        "",
        other.filing_indicator,
    )
    yield from adjustment_segments(other.adjustments)
    yield from _amounts(("D", other.paid), ("A8", other.bypassed_charge), ("EAF", other.remaining_patient_liability))
    yield "OI", "", "", other.benefits_assigned, "", "", other.release_of_information
    if other.remark_codes:
        yield "MOA", "", "", *other.remark_codes
    yield name_segment("IL", other.insured, "MI", other.insured.member_id)
    if other.insured.address:
        yield from address_elements(other.insured.address)
    yield from payer_segments(other.payer)
    yield from _decided_on(other.adjudicated_on)
    yield from reference_segments(other.payer.references)
    yield from _references(("F8", other.payer_claim_number))


def _amounts(*pairs: tuple[str, Decimal | None]) -> Iterator[Elements]:
    for qualifier, value in pairs:
        if value is not None:
            yield "AMT", qualifier, amount_text(value)


def _decided_on(day: date | None) -> Iterator[Elements]:
    if day:
        yield "DTP", "573", "D8", date_text(day)


def _line(line: ServiceLine) -> Iterator[Elements]:
    yield (
        "SV1",
        procedure_parts(line.procedure),
        amount_text(line.charge),
        line.unit_kind,
        quantity_text(line.units),
        line.place_of_service,
        "",
        tuple(str(pointer) for pointer in line.diagnosis_pointers),
        "",
        "Y" if line.is_emergency else "",
    )
    yield "DTP", "472", *period_text(line.first_day, line.last_day)
    yield from _references(
        ("G1", line.prior_authorization),
        ("6R", line.control_number),
        ("X4", line.clia_number),
        ("9F", line.referral_number),
    )
    if line.note:
        yield "NTE", "ADD", line.note
    if line.drug:
        yield from _drug(line.drug)
    for role, provider in (
        ("82", line.rendering_provider),
        ("DQ", line.supervising_provider),
        ("DK", line.ordering_provider),
        ("DN", line.referring_provider),
    ):
        if provider:
            yield from _provider(role, provider)
    for decision in line.adjudications:
        yield from _adjudication(decision)


def _drug(drug: Drug) -> Iterator[Elements]:
    yield "LIN", "", "N4", drug.ndc
    yield "CTP", "", "", "", quantity_text(drug.quantity), (drug.unit,)
    yield from _references(("XZ", drug.prescription_number))


def _adjudication(decision: LineAdjudication) -> Iterator[Elements]:
    yield (
        "SVD",
        decision.payer_identifier,
        amount_text(decision.paid),
        procedure_parts(decision.procedure),
        "",
        quantity_text(decision.units),
        decision.bundled_into_line,
    )
    yield from adjustment_segments(decision.adjustments)
    yield from _decided_on(decision.adjudicated_on)
    yield from _amounts(("EAF", decision.remaining_patient_liability))
