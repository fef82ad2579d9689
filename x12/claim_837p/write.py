"""Professional claims to a transaction set: checked first, then laid out by the guide.

Claims of one billing provider share a 2000A loop, those of one subscriber a 2000B loop; the
first of each decides the order. `unread` segments are not repeated.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from ..adjudication import reference_segments
from ..elements import date_text
from ..envelope import TransactionSet
from ..errors import X12Error
from ..parties import address_elements, contact_elements
from ..writer import Elements
from .check import claim_faults
from .model import BillingProvider, Claim, ClaimBatch, Patient, Payer, Subscriber
from .write_claim import claim_segments, name_segment, payer_segments

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
    yield name_segment("41", batch.submitter, "46", batch.submitter.identifier)
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
                    yield from claim_segments(claim)


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> Iterable[tuple[K, list[T]]]:
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups.items()


def _billing_provider(provider: BillingProvider) -> Iterator[Elements]:
    if provider.taxonomy:
        yield "PRV", "BI", "PXC", provider.taxonomy
    yield name_segment("85", provider, "XX", provider.npi)
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
    yield name_segment("IL", subscriber, "MI", subscriber.member_id)
    if subscriber.address:
        yield from address_elements(subscriber.address)
    if subscriber.birth_date:
        yield "DMG", "D8", date_text(subscriber.birth_date), subscriber.sex
    yield from payer_segments(payer)
    yield from reference_segments(payer.references)


def _patient(patient: Patient) -> Iterator[Elements]:
    yield "PAT", patient.relationship
    yield name_segment("QC", patient)
    yield from address_elements(patient.address)
    yield "DMG", "D8", date_text(patient.birth_date), patient.sex
