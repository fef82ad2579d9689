"""One EB of a 271 with everything that hangs on it."""

from collections.abc import Sequence

from ..adjudication import Reference
from ..elements import read_amount, read_period, read_quantity
from ..parties import Contact, read_address, read_contact
from ..segment import Segment
from .model import Benefit, Delivery, OtherPayer, PlanDate, Rejection


def read_benefit(block: Sequence[Segment]) -> Benefit:
    """The segments from one EB up to the next."""
    eb = block[0]
    references: list[Reference] = []
    dates: list[PlanDate] = []
    messages: list[str] = []
    qualifiers: list[tuple[str, str]] = []
    deliveries: list[Delivery] = []
    rejections: list[Rejection] = []
    parties: list[list[Segment]] = []
    unread: list[Segment] = []
    for segment in block[1:]:
        tag = segment.tag
        if tag == "NM1":
            parties.append([segment])
        elif tag == "MSG":
            messages.append(segment[1])
        elif tag == "III":
            qualifiers.append((segment[1], segment[2]))
        elif tag == "AAA":
            rejections.append(read_rejection(segment, "benefit"))
        elif parties and tag not in ("LS", "LE"):
            parties[-1].append(segment)
        elif tag == "REF":
            references.append(Reference(segment[1], segment[2]))
        elif tag == "DTP":
            dates += read_plan_dates(segment)
        elif tag == "HSD":
            deliveries.append(_delivery(segment))
        elif tag not in ("LS", "LE"):
            unread.append(segment)
    return Benefit(
        information=eb[1],
        level=eb[2],
        service_types=tuple(eb.repetitions(3)),
        insurance_type=eb[4],
        plan=eb[5],
        period=eb[6],
        amount=read_amount(eb, 7),
        percent=read_quantity(eb, 8),
        quantity_kind=eb[9],
        quantity=read_quantity(eb, 10),
        needs_authorization=eb[11],
        in_network=eb[12],
        procedure=tuple(part for part in eb.components(13) if part),
        messages=tuple(messages),
        references=tuple(references),
        dates=tuple(dates),
        qualifiers=tuple(qualifiers),
        others=tuple(_party(each) for each in parties),
        deliveries=tuple(deliveries),
        rejections=tuple(rejections),
        position=eb.position,
        unread=tuple(unread),
    )


def _delivery(segment: Segment) -> Delivery:
    return Delivery(
        quantity_kind=segment[1],
        quantity=read_quantity(segment, 2),
        unit=segment[3],
        frequency=read_quantity(segment, 4),
        period=segment[5],
        period_count=read_quantity(segment, 6),
        pattern=(segment[7], segment[8]) if segment[7] or segment[8] else (),
    )


def _party(block: Sequence[Segment]) -> OtherPayer:
    name = block[0]
    street = city = None
    contacts: list[Contact] = []
    taxonomy = ""
    unread: list[Segment] = []
    for segment in block[1:]:
        match segment.tag:
            case "N3":
                street = segment
            case "N4":
                city = segment
            case "PER":
                contacts.append(read_contact(segment))
            case "PRV" if segment[2] == "PXC":
                taxonomy = segment[3]
            case _:
                unread.append(segment)
    return OtherPayer(
        role=name[1],
        is_person=name[2] == "1",
        name=name[3],
        first_name=name[4],
        identifier_qualifier=name[8],
        identifier=name[9],
        address=read_address(street, city) if street or city else None,
        contacts=tuple(contacts),
        taxonomy=taxonomy,
        unread=tuple(unread),
    )


def read_rejection(segment: Segment, level: str) -> Rejection:
    """AAA."""
    return Rejection(
        level=level,
        reason=segment[3],
        follow_up=segment[4],
        is_valid=segment[1] == "Y",
        position=segment.position,
    )


def read_plan_dates(segment: Segment) -> list[PlanDate]:
    """DTP; empty when it has no date."""
    period = read_period(segment, 2, 3)
    if period is None:
        return []
    return [PlanDate(segment[1], period[0], period[1] if period[1] != period[0] else None)]
