"""Inquiries and responses to transaction sets: we write 270s, the payer simulator writes 271s."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from ..adjudication import reference_segments
from ..elements import amount_text, date_text, period_text, quantity_text
from ..envelope import TransactionSet
from ..errors import X12Error
from ..parties import address_elements, contact_elements, party_elements
from ..writer import Elements, Repeated
from .model import Benefit, Delivery, Inquiry, OtherPayer, Person, Rejection, Response

VERSION = "005010X279A1"
INQUIRY_GROUP_KIND = "HS"
RESPONSE_GROUP_KIND = "HB"
INQUIRY, ANSWER = "13", "11"


def write_inquiry(inquiry: Inquiry, *, control_number: str) -> TransactionSet:
    """The 270. Refuses an inquiry by which no payer could find anybody."""
    if not (inquiry.subscriber.member_id or inquiry.subscriber.last_name):
        raise X12Error("An inquiry needs the member id or the name.", tag="NM1", element=9, rule="missing")
    return TransactionSet("270", control_number, list(_inquiry(inquiry)), VERSION)


def write_response(response: Response, *, control_number: str) -> TransactionSet:
    """The 271; `unread` segments are not repeated."""
    return TransactionSet("271", control_number, list(_response(response)), VERSION)


def _inquiry(inquiry: Inquiry) -> Iterator[Elements]:
    yield _heading(INQUIRY, inquiry)
    yield "HL", "1", "", "20", "1"
    yield party_elements(inquiry.payer)
    yield "HL", "2", "1", "21", "1"
    yield party_elements(inquiry.provider)
    yield "HL", "3", "2", "22", "1" if inquiry.dependent else "0"
    trace = [("TRN", "1", inquiry.trace_number, inquiry.trace_origin)] if inquiry.trace_number else []
    if inquiry.dependent is None:
        yield from trace
    yield from _person(inquiry.subscriber, "IL")
    if inquiry.dependent is not None:
        yield "HL", "4", "3", "23", "0"
        yield from trace
        yield from _person(inquiry.dependent, "03")
    asked = inquiry.asked
    if asked.first_day:
        yield _dated("291", asked.first_day, asked.last_day)
    for kind in asked.service_types:
        yield "EQ", kind


def _response(response: Response) -> Iterator[Elements]:
    yield _heading(ANSWER, response)
    number = 1
    yield "HL", "1", "", "20", "1" if response.provider else "0"
    yield from _rejections(response, "payer")
    if response.payer is not None:
        yield party_elements(response.payer)
    for contact in response.payer_contacts:
        yield contact_elements(contact)
    if response.provider is not None:
        number += 1
        yield "HL", str(number), "1", "21", "1" if response.subscriber else "0"
        yield party_elements(response.provider)
        yield from _rejections(response, "provider")
    if response.subscriber is not None:
        number += 1
        yield "HL", str(number), str(number - 1), "22", "1" if response.dependent else "0"
        if response.dependent is None:
            yield from _trace(response)
        yield from _person(response.subscriber, "IL", rejections=_rejections(response, "subscriber"))
        if response.dependent is None:
            yield from _changed(response.subscriber, "18")
    if response.dependent is not None:
        number += 1
        yield "HL", str(number), str(number - 1), "23", "0"
        yield from _trace(response)
        rejected = _rejections(response, "dependent")
        yield from _person(response.dependent, "03", with_relationship=False, rejections=rejected)
        yield from _relationship(response.dependent)
    for each in response.dates:
        yield _dated(each.qualifier, each.first, each.last)
    for benefit in response.benefits:
        yield from _benefit(benefit)


def _heading(purpose: str, what: Inquiry | Response) -> Elements:
    created = what.created_at
    if created is None:
        raise X12Error("The moment of writing is missing.", tag="BHT", element=4, rule="missing")
    return "BHT", "0022", purpose, what.reference_number, f"{created:%Y%m%d}", f"{created:%H%M}"


def _trace(response: Response) -> Iterator[Elements]:
    if response.trace_number:
        yield "TRN", "2", response.trace_number, response.trace_origin


def _rejections(response: Response, level: str) -> Iterator[Elements]:
    for each in response.rejections:
        if each.level == level:
            yield _rejection(each)


def _rejection(rejection: Rejection) -> Elements:
    return "AAA", "Y" if rejection.is_valid else "N", "", rejection.reason, rejection.follow_up


def _person(
    person: Person, role: str, *, with_relationship: bool = True, rejections: Iterable[Elements] = ()
) -> Iterator[Elements]:
    yield (
        "NM1",
        role,
        "1",
        person.last_name,
        person.first_name,
        person.middle_name,
        "",
        person.suffix,
        "MI" if person.member_id else "",
        person.member_id,
    )
    yield from reference_segments(person.references)
    if person.address is not None:
        yield from address_elements(person.address)
    yield from rejections
    if person.birth_date or person.sex:
        born = ("D8", date_text(person.birth_date)) if person.birth_date else ("", "")
        yield "DMG", *born, person.sex
    if role == "03" and with_relationship:
        yield from _relationship(person)


def _relationship(person: Person) -> Iterator[Elements]:
    if person.relationship:
        yield from _changed(person, person.relationship, own="N")


def _changed(person: Person, relationship: str, own: str = "Y") -> Iterator[Elements]:
    if person.is_changed:
        yield "INS", own, relationship, "001", "25"
    elif own == "N":
        yield "INS", own, relationship


def _dated(qualifier: str, first: date, last: date | None) -> Elements:
    if last is not None and last != first:
        return "DTP", qualifier, *period_text(first, last)
    return "DTP", qualifier, "D8", date_text(first)


def _benefit(benefit: Benefit) -> Iterator[Elements]:
    yield (
        "EB",
        benefit.information,
        benefit.level,
        Repeated(benefit.service_types),
        benefit.insurance_type,
        benefit.plan,
        benefit.period,
        amount_text(benefit.amount) if benefit.amount is not None else "",
        quantity_text(benefit.percent) if benefit.percent is not None else "",
        benefit.quantity_kind,
        quantity_text(benefit.quantity) if benefit.quantity is not None else "",
        benefit.needs_authorization,
        benefit.in_network,
        benefit.procedure,
    )
    for delivery in benefit.deliveries:
        yield _delivery(delivery)
    yield from reference_segments(benefit.references)
    for each in benefit.dates:
        yield _dated(each.qualifier, each.first, each.last)
    for rejection in benefit.rejections:
        yield _rejection(rejection)
    for message in benefit.messages:
        yield "MSG", message
    for qualifier, code in benefit.qualifiers:
        yield "III", qualifier, code
    if benefit.others:
        yield "LS", "2120"
        for other in benefit.others:
            yield from _other(other)
        yield "LE", "2120"


def _delivery(delivery: Delivery) -> Elements:
    return (
        "HSD",
        delivery.quantity_kind,
        _quantity(delivery.quantity),
        delivery.unit,
        _quantity(delivery.frequency),
        delivery.period,
        _quantity(delivery.period_count),
        *delivery.pattern,
    )


def _quantity(value: Decimal | None) -> str:
    return "" if value is None else quantity_text(value)


def _other(other: OtherPayer) -> Iterator[Elements]:
    kind = "1" if other.is_person else "2"
    qualifier = other.identifier_qualifier if other.identifier else ""
    yield "NM1", other.role, kind, other.name, other.first_name, "", "", "", qualifier, other.identifier
    if other.address is not None:
        yield from address_elements(other.address)
    for contact in other.contacts:
        yield contact_elements(contact)
    if other.taxonomy:
        yield "PRV", "PE", "PXC", other.taxonomy
