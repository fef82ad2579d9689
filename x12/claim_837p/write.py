"""Professional claims to a transaction set: checked first, then laid out by the guide.

Claims of one billing provider share a 2000A loop, those of one subscriber a 2000B loop; the
first of each decides the order. `unread` segments are not repeated.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar

from ..adjudication import (
    Reference,
    adjustment_segments,
    procedure_parts,
    reference_segments,
)
from ..elements import amount_text, date_text, period_text, quantity_text
from ..envelope import TransactionSet
from ..errors import X12Error
from ..parties import address_elements, contact_elements
from ..writer import Elements
from .check import claim_faults
from .model import (
    BillingProvider,
    Claim,
    ClaimBatch,
    Drug,
    LineAdjudication,
    Name,
    OtherCoverage,
    Patient,
    Payer,
    Provider,
    RenderingProvider,
    ServiceFacility,
    ServiceLine,
    Subscriber,
)

VERSION = "005010X222A1"
GROUP_KIND = "HC"

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def write_claims(batch: ClaimBatch, *, control_number: str) -> TransactionSet:
    """The 837P of a batch. Raises the first fault of the first claim that has one."""
    if not batch.claims:
        raise X12Error("A batch needs at least one claim.", rule="missing")
    for claim in batch.claims:
        for fault in claim_faults(claim):
            raise fault
    return TransactionSet(
        code="837",
        control_number=control_number,
        segments=[*_header(batch), *_hierarchy(batch.claims)],
        version=VERSION,
    )


def _header(batch: ClaimBatch) -> Iterator[Elements]:
    day, hour = batch.created_at.strftime("%Y%m%d"), batch.created_at.strftime("%H%M")
    yield "BHT", "0019", "00", batch.reference, day, hour, "RP" if batch.is_encounter else "CH"
    yield _name("41", batch.submitter, "46", batch.submitter.identifier)
    yield contact_elements(batch.submitter.contact)
    yield "NM1", "40", "2", batch.receiver.name, "", "", "", "", "46", batch.receiver.identifier


def _hierarchy(claims: Iterable[Claim]) -> Iterator[Elements]:
    number = 0
    for billing_provider, theirs in _grouped(claims, lambda claim: claim.billing_provider):
        number += 1
        parent = number
        yield "HL", str(number), "", "20", "1"
        yield from _billing_provider(billing_provider)
        for (subscriber, payer, is_patient), own in _grouped(
            theirs, lambda claim: (claim.subscriber, claim.payer, claim.patient is None)
        ):
            number += 1
            holder = number
            yield "HL", str(number), str(parent), "22", "0" if is_patient else "1"
            yield from _subscriber(subscriber, payer, is_patient)
            for patient, last in _grouped(own, lambda claim: claim.patient):
                if patient is not None:
                    number += 1
                    yield "HL", str(number), str(holder), "23", "0"
                    yield from _patient(patient)
                for claim in last:
                    yield from _claim(claim)


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> Iterable[tuple[K, list[T]]]:
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups.items()


def _name(role: str, name: Name, qualifier: str = "", identifier: str = "") -> Elements:
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


def _billing_provider(provider: BillingProvider) -> Iterator[Elements]:
    if provider.taxonomy:
        yield "PRV", "BI", "PXC", provider.taxonomy
    yield _name("85", provider, "XX", provider.npi)
    yield from address_elements(provider.address)
    yield "REF", provider.tax_id_qualifier, provider.tax_id
    yield from reference_segments(provider.references)
    if provider.contact:
        yield contact_elements(provider.contact)
    if provider.pay_to_address:
        yield "NM1", "87", "1" if provider.is_person else "2"
        yield from address_elements(provider.pay_to_address)


def _subscriber(subscriber: Subscriber, payer: Payer, is_patient: bool) -> Iterator[Elements]:
    yield (
        "SBR",
        subscriber.payer_sequence,
        "18" if is_patient else "",
        subscriber.group_number,
        subscriber.group_name,
        subscriber.medicare_secondary_type,
        "",
        "",
        "",
        subscriber.filing_indicator,
    )
    yield _name("IL", subscriber, "MI", subscriber.member_id)
    if subscriber.address:
        yield from address_elements(subscriber.address)
    if subscriber.birth_date:
        yield "DMG", "D8", date_text(subscriber.birth_date), subscriber.sex
    yield from _payer(payer)
    yield from reference_segments(payer.references)


def _payer(payer: Payer) -> Iterator[Elements]:
    yield "NM1", "PR", "2", payer.name, "", "", "", "", payer.identifier_qualifier, payer.identifier
    if payer.address:
        yield from address_elements(payer.address)


def _patient(patient: Patient) -> Iterator[Elements]:
    yield "PAT", patient.relationship
    yield _name("QC", patient)
    yield from address_elements(patient.address)
    yield "DMG", "D8", date_text(patient.birth_date), patient.sex


def _claim(claim: Claim) -> Iterator[Elements]:
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
    yield _name(role, provider, "XX", provider.npi)
    if isinstance(provider, RenderingProvider) and provider.taxonomy:
        yield "PRV", "PE", "PXC", provider.taxonomy
    yield from reference_segments(provider.references)


def _facility(facility: ServiceFacility) -> Iterator[Elements]:
    yield _name("77", Name(last_name=facility.name, is_person=False), "XX", facility.npi)
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
    yield _name("IL", other.insured, "MI", other.insured.member_id)
    if other.insured.address:
        yield from address_elements(other.insured.address)
    yield from _payer(other.payer)
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
