"""Remittance advice to transaction set. The payer simulator and the tests write 835s."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from ..adjudication import ADJUSTMENTS_IN_A_SEGMENT, adjustment_segments, procedure_parts, reference_segments
from ..elements import amount_text, date_text, quantity_text
from ..envelope import TransactionSet
from ..errors import X12Error
from ..parties import Party, address_elements, contact_elements, party_elements
from ..writer import Elements
from .balance import check_balance
from .model import (
    Amount,
    ClaimPayment,
    Organization,
    ProviderAdjustment,
    Quantity,
    Remittance,
    ServicePayment,
)

VERSION = "005010X221A1"
GROUP_KIND = "HP"
REMARKS_IN_A_MOA = 5


def write_remittance(remittance: Remittance, *, control_number: str, must_balance: bool = True) -> TransactionSet:
    """The 835 as a transaction set; `unread` segments are not repeated.

    Refuses what does not balance, unless a test wants exactly that.
    """
    if must_balance:
        for finding in check_balance(remittance):
            raise X12Error(finding.sentence, tag=finding.tag, rule="balance")
    return TransactionSet(code="835", control_number=control_number, segments=list(_segments(remittance)))


def _segments(remittance: Remittance) -> Iterator[Elements]:
    if remittance.paid_on is None:
        raise X12Error("A remittance needs its payment date.", tag="BPR", element=16, rule="missing")
    yield (
        "BPR",
        remittance.handling,
        amount_text(remittance.payment_amount),
        "C" if remittance.is_credit else "D",
        remittance.method,
        *[""] * 11,
        date_text(remittance.paid_on),
    )
    yield "TRN", "1", remittance.trace_number, remittance.payer_identifier
    yield from reference_segments(remittance.references)
    if remittance.produced_on:
        yield "DTM", "405", date_text(remittance.produced_on)
    yield from _organization("PR", remittance.payer)
    yield from _organization("PE", remittance.payee)
    header_number = ""
    for claim in remittance.claims:
        if claim.header_number != header_number:
            header_number = claim.header_number
            yield "LX", header_number
        yield from _claim(claim)
    yield from _provider_adjustments(remittance.provider_adjustments)


def _organization(entity: str, organization: Organization) -> Iterator[Elements]:
    yield (
        "N1",
        entity,
        organization.name,
        organization.identifier_qualifier,
        organization.identifier,
    )
    if organization.address:
        yield from address_elements(organization.address)
    yield from reference_segments(organization.references)
    for contact in organization.contacts:
        yield contact_elements(contact)


def _claim(claim: ClaimPayment) -> Iterator[Elements]:
    responsibility = claim.patient_responsibility
    yield (
        "CLP",
        claim.patient_control_number,
        claim.status,
        amount_text(claim.charge),
        amount_text(claim.paid),
        "" if responsibility is None else amount_text(responsibility),
        claim.filing_indicator,
        claim.payer_claim_number,
        claim.facility_code,
        claim.frequency,
        "",
        claim.drg,
    )
    yield from adjustment_segments(claim.adjustments)
    for party in _parties(claim):
        yield party_elements(party)
    if claim.remark_codes:
        if len(claim.remark_codes) > REMARKS_IN_A_MOA:
            raise X12Error(
                f"Claim {claim.patient_control_number} has more than five remark codes.",
                tag="MOA",
                rule="too_many",
            )
        yield "MOA", "", "", *claim.remark_codes
    yield from reference_segments(claim.references)
    for each in claim.dates:
        yield "DTM", each.qualifier, date_text(each.on)
    for contact in claim.contacts:
        yield contact_elements(contact)
    yield from _amounts(claim.amounts)
    yield from _quantities(claim.quantities)
    for line in claim.lines:
        yield from _line(line)


def _parties(claim: ClaimPayment) -> list[Party]:
    parties = (
        claim.patient,
        claim.insured,
        claim.corrected_insured,
        claim.rendering_provider,
        claim.crossover_carrier,
        claim.corrected_payer,
        claim.other_insured,
    )
    return [party for party in parties if party is not None]


def _line(line: ServicePayment) -> Iterator[Elements]:
    yield (
        "SVC",
        procedure_parts(line.procedure),
        amount_text(line.charge),
        amount_text(line.paid),
        line.revenue_code,
        "" if line.units is None else quantity_text(line.units),
        procedure_parts(line.submitted_procedure) if line.submitted_procedure else "",
        "" if line.submitted_units is None else quantity_text(line.submitted_units),
    )
    if line.first_day and line.last_day and line.first_day != line.last_day:
        yield "DTM", "150", date_text(line.first_day)
        yield "DTM", "151", date_text(line.last_day)
    elif line.first_day:
        yield "DTM", "472", date_text(line.first_day)
    yield from adjustment_segments(line.adjustments)
    yield from reference_segments(line.references)
    yield from _amounts(line.amounts)
    yield from _quantities(line.quantities)
    for code in line.remark_codes:
        yield "LQ", "HE", code


def _provider_adjustments(adjustments: Iterable[ProviderAdjustment]) -> Iterator[Elements]:
    for (provider, ends_on), members in groupby(
        adjustments, key=lambda each: (each.provider, each.fiscal_period_ends_on)
    ):
        rest = list(members)
        while rest:
            elements: list[str | tuple[str, str]] = [
                "PLB",
                provider,
                date_text(ends_on) if ends_on else "",
            ]
            for each in rest[:ADJUSTMENTS_IN_A_SEGMENT]:
                elements += [(each.code, each.reference), amount_text(each.amount)]
            rest = rest[ADJUSTMENTS_IN_A_SEGMENT:]
            yield elements


def _amounts(amounts: Iterable[Amount]) -> Iterator[Elements]:
    for each in amounts:
        yield "AMT", each.qualifier, amount_text(each.amount)


def _quantities(quantities: Iterable[Quantity]) -> Iterator[Elements]:
    for each in quantities:
        yield "QTY", each.qualifier, quantity_text(each.quantity)
