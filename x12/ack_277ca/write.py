"""Claim acknowledgment to transaction set. The payer simulator and the tests write 277CAs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from ..adjudication import procedure_parts, reference_segments
from ..elements import amount_text, date_text, period_text, quantity_text
from ..errors import X12Error
from ..headers import TransactionSet
from ..parties import party_elements
from ..writer import Element, Elements
from .effective import Status, StatusInformation
from .model import AcknowledgedClaim, AcknowledgedLine, AcknowledgedProvider, ClaimAcknowledgment, Totals
from .read import STRUCTURE

VERSION: Final = "005010X214"
GROUP_KIND: Final = "HN"
NO_TRACE: Final = "0"  # the guide wants a TRN02 even where the 837 had nothing to echo
STATUSES_IN_A_SEGMENT: Final = 3


def write_claim_acknowledgment(acknowledgment: ClaimAcknowledgment, *, control_number: str) -> TransactionSet:
    """The 277CA as a transaction set; `unread` segments are not repeated."""
    return TransactionSet("277", control_number, list(_segments(acknowledgment)), VERSION)


def _segments(acknowledgment: ClaimAcknowledgment) -> Iterator[Elements]:
    created = acknowledgment.created_at
    if created is None:
        raise X12Error("The moment of writing is missing.", tag="BHT", element=4, rule="missing")
    yield "BHT", STRUCTURE, "08", acknowledgment.reference_number, f"{created:%Y%m%d}", f"{created:%H%M}", "TH"
    yield "HL", "1", "", "20", "1"
    yield party_elements(acknowledgment.source)
    yield "TRN", "1", acknowledgment.source_trace or acknowledgment.reference_number
    yield from _dated("050", acknowledgment.received_on)
    yield from _dated("009", acknowledgment.processed_on)
    yield "HL", "2", "1", "21", "1" if acknowledgment.providers else "0"
    yield party_elements(acknowledgment.receiver)
    yield "TRN", "2", acknowledgment.batch_number or NO_TRACE
    for each in acknowledgment.statuses:
        yield _status(each)
    yield from _totals(acknowledgment.totals, accepted="90", rejected="AA")
    number = 2
    for provider in acknowledgment.providers:
        number += 1
        parent = str(number)
        yield "HL", parent, "2", "19", "1" if provider.claims else "0"
        yield from _provider(provider)
        for claim in provider.claims:
            number += 1
            yield "HL", str(number), parent, "PT"
            yield party_elements(claim.patient)
            yield from _claim(claim)


def _provider(provider: AcknowledgedProvider) -> Iterator[Elements]:
    yield party_elements(provider.party)
    if provider.trace or provider.statuses or provider.references or provider.totals != Totals():
        yield "TRN", "1", provider.trace or NO_TRACE
    for each in provider.statuses:
        yield _status(each, dated=False)
    yield from reference_segments(provider.references)
    yield from _totals(provider.totals, accepted="QA", rejected="QC")


def _claim(claim: AcknowledgedClaim) -> Iterator[Elements]:
    if not claim.statuses:
        raise X12Error(f"Claim {claim.control_number} has no status.", tag="STC", rule="missing")
    yield "TRN", "2", claim.control_number
    for each in claim.statuses:
        yield _status(each)
    yield from reference_segments(claim.references)
    yield from _service_dates(claim.first_day, claim.last_day)
    for line in claim.lines:
        yield from _line(line)


def _line(line: AcknowledgedLine) -> Iterator[Elements]:
    units = "" if line.units is None else quantity_text(line.units)
    yield "SVC", procedure_parts(line.procedure), amount_text(line.charge), "", line.revenue_code, "", "", units
    for each in line.statuses:
        yield _status(each, dated=False)
    if line.control_number:
        yield "REF", "FJ", line.control_number
    if line.prescription:
        yield "REF", "XZ", line.prescription
    yield from _service_dates(line.first_day, line.last_day)


def _status(information: StatusInformation, *, dated: bool = True) -> Elements:
    """STC; the guide dates it for files and claims, not for providers and lines."""
    if not 1 <= len(information.statuses) <= STATUSES_IN_A_SEGMENT:
        raise X12Error("An STC holds one to three statuses.", tag="STC", element=1, rule="too_many")
    first, *more = (_composite(each) for each in information.statuses)
    others: Sequence[Element] = (*more, "", "")[:2]
    return (
        "STC",
        first,
        date_text(information.on) if dated and information.on else "",
        information.action,
        "" if information.amount is None else amount_text(information.amount),
        *[""] * 5,
        *others,
        information.message,
    )


def _composite(status: Status) -> Element:
    return status.category, status.code, status.entity


def _totals(totals: Totals, *, accepted: str, rejected: str) -> Iterator[Elements]:
    for qualifier, count in ((accepted, totals.accepted_count), (rejected, totals.rejected_count)):
        if count is not None:
            yield "QTY", qualifier, str(count)
    for qualifier, amount in (("YU", totals.accepted_amount), ("YY", totals.rejected_amount)):
        if amount is not None:
            yield "AMT", qualifier, amount_text(amount)


def _dated(qualifier: str, day: date | None) -> Iterable[Elements]:
    return [("DTP", qualifier, "D8", date_text(day))] if day else []


def _service_dates(first: date | None, last: date | None) -> Iterator[Elements]:
    if first is not None:
        yield "DTP", "472", *period_text(first, last or first)
