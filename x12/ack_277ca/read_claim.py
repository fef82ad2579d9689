"""The claims of one patient in a 277CA, and the segments that every level has."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ..adjudication import Reference, read_procedure
from ..elements import need_amount, need_text, read_amount, read_date, read_integer, read_period, read_quantity
from ..parties import Party
from ..segment import Segment
from .effective import Status, StatusInformation
from .model import AcknowledgedClaim, AcknowledgedLine, Totals

STATUS_ELEMENTS = (1, 10, 11)  # STC01, STC10, STC11
LINE_REFERENCES = ("FJ", "XZ")


def read_claims(patient: Party, header: Segment, segments: Sequence[Segment]) -> Iterator[AcknowledgedClaim]:
    """One claim for each TRN under a patient."""
    blocks: list[list[Segment]] = []
    for segment in segments:
        if segment.tag == "TRN":
            blocks.append([segment])
        elif not blocks:
            raise segment.error(0, "missing", f"This {segment.tag} stands before the claim's number (TRN).")
        else:
            blocks[-1].append(segment)
    if not blocks:
        raise header.error(0, "missing", "No claim (TRN) stands under this patient.")
    for block in blocks:
        yield _claim(patient, block)


def _claim(patient: Party, block: Sequence[Segment]) -> AcknowledgedClaim:
    starts = [at for at, segment in enumerate(block) if segment.tag == "SVC"]
    head = block[1 : starts[0]] if starts else block[1:]
    statuses, rest = read_statuses(head)
    references, rest = read_references(rest)
    period, rest = _period(rest)
    if not statuses:
        raise block[0].error(0, "missing", "This claim has no status (STC).")
    return AcknowledgedClaim(
        patient=patient,
        control_number=need_text(block[0], 2),
        statuses=statuses,
        references=references,
        first_day=period[0] if period else None,
        last_day=period[1] if period else None,
        lines=tuple(_line(block[at:end]) for at, end in pairwise([*starts, len(block)])),
        position=block[0].position,
        unread=tuple(rest),
    )


def _line(block: Sequence[Segment]) -> AcknowledgedLine:
    service = block[0]
    statuses, rest = read_statuses(block[1:])
    references = {segment[1]: segment[2] for segment in reversed(rest) if segment.tag == "REF"}
    period, rest = _period(rest)
    return AcknowledgedLine(
        procedure=read_procedure(service, 1),
        charge=need_amount(service, 2),
        revenue_code=service[4],
        units=read_quantity(service, 7),
        statuses=statuses,
        control_number=references.get("FJ", ""),
        prescription=references.get("XZ", ""),
        first_day=period[0] if period else None,
        last_day=period[1] if period else None,
        position=service.position,
        unread=tuple(segment for segment in rest if segment.tag != "REF" or segment[1] not in LINE_REFERENCES),
    )


def _period(segments: Sequence[Segment]) -> tuple[tuple[date, date] | None, list[Segment]]:
    dated = next((segment for segment in segments if segment.tag == "DTP" and segment[1] == "472"), None)
    if dated is None:
        return None, list(segments)
    return read_period(dated, 2, 3), [segment for segment in segments if segment is not dated]


def read_statuses(segments: Sequence[Segment]) -> tuple[tuple[StatusInformation, ...], list[Segment]]:
    """The STCs, and what else there is."""
    found = tuple(_status(segment) for segment in segments if segment.tag == "STC")
    return found, [segment for segment in segments if segment.tag != "STC"]


def _status(segment: Segment) -> StatusInformation:
    need_text(segment, 1)
    return StatusInformation(
        statuses=tuple(
            Status(segment.component(index, 1), segment.component(index, 2), segment.component(index, 3))
            for index in STATUS_ELEMENTS
            if segment[index]
        ),
        on=read_date(segment, 2),
        action=segment[3],
        amount=read_amount(segment, 4),
        message=segment[12],
        position=segment.position,
    )


def read_references(segments: Sequence[Segment]) -> tuple[tuple[Reference, ...], list[Segment]]:
    """The REFs, and what else there is."""
    found = tuple(Reference(segment[1], segment[2]) for segment in segments if segment.tag == "REF")
    return found, [segment for segment in segments if segment.tag != "REF"]


def read_totals(segments: Sequence[Segment], *, accepted: str, rejected: str) -> tuple[Totals, list[Segment]]:
    """QTY and AMT; the receiver's counts have other qualifiers than the provider's."""
    counts: dict[str, int | None] = {}
    amounts: dict[str, Decimal | None] = {}
    rest = []
    for segment in segments:
        match segment.tag, segment[1]:
            case "QTY", qualifier if qualifier in (accepted, rejected):
                counts[qualifier] = read_integer(segment, 2)
            case "AMT", "YU" | "YY" as qualifier:
                amounts[qualifier] = read_amount(segment, 2)
            case _:
                rest.append(segment)
    totals = Totals(
        accepted_count=counts.get(accepted),
        rejected_count=counts.get(rejected),
        accepted_amount=amounts.get("YU"),
        rejected_amount=amounts.get("YY"),
    )
    return totals, rest
