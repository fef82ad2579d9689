"""Answers a 270 with a 271 from the book: covered, not covered, or "we cannot tell", and for what."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from clearinghouse.simulator.benefit_answer import benefits_on
from clearinghouse.simulator.book import Book
from clearinghouse.simulator.members import identify
from clearinghouse.simulator.traders import Trader
from clearinghouse.simulator.world import Member, SimulatedPayer
from clinic import clock
from x12 import EnvelopeReader, X12Error
from x12.adjudication import Reference
from x12.eligibility_270_271 import (
    RESPONSE_GROUP_KIND,
    VERSION,
    Inquiry,
    Person,
    PlanDate,
    Rejection,
    Response,
    read_inquiries,
    write_response,
)

SELF = "18"
CORRECT, AGAIN, DO_NOT = "C", "R", "N"  # AAA04


@dataclass(frozen=True)
class _Found:
    """Whom the payer found; `is_corrected`: under another id than was asked. Else why not (AAA03)."""

    member: Member | None
    is_corrected: bool = False
    reason: str = ""


def answer(book: Book, payload: bytes, *, now: datetime) -> bytes:
    """The 271 to every inquiry of the file, in its order."""
    transaction = next(EnvelopeReader(payload), None)
    if transaction is None:
        raise X12Error("This file asks nothing.", rule="missing")
    trader = Trader.of(transaction.interchange, transaction.group)
    written_at = clock.local(now).replace(tzinfo=None)
    sets = [
        write_response(replace(response, created_at=written_at), control_number=f"{number:04d}")
        for number, response in enumerate(_responses(book, payload, clock.local(now).date()), start=1)
    ]
    with book.change():
        _, file = trader.envelope(book, sets, kind=RESPONSE_GROUP_KIND, version=VERSION, at=now)
    return file


def _responses(book: Book, payload: bytes, today: date) -> Iterator[Response]:
    for inquiry in read_inquiries(payload):
        yield _respond(book, inquiry, today)


def _respond(book: Book, inquiry: Inquiry, today: date) -> Response:
    empty = Response(
        payer=inquiry.payer, provider=inquiry.provider, subscriber=inquiry.subscriber, dependent=inquiry.dependent,
        trace_number=inquiry.trace_number, trace_origin=inquiry.trace_origin,
        reference_number=inquiry.reference_number or "271",
    )  # fmt: skip
    payer = book.payer(inquiry.payer.identifier)
    if payer is None:
        return _refuse(empty, "payer", "T4", DO_NOT)
    if not payer.answers_eligibility:
        return _refuse(empty, "payer", "42", AGAIN)
    level = "dependent" if inquiry.dependent else "subscriber"
    found = _find(book, payer, inquiry)
    if found.member is None:
        return _refuse(empty, level, found.reason, CORRECT)
    return _tell(book, payer, replace(empty, payer=replace(inquiry.payer, last_name=payer.name)), inquiry, found, today)


def _refuse(empty: Response, level: str, reason: str, follow_up: str) -> Response:
    if level == "payer":
        empty = replace(empty, provider=None, subscriber=None, dependent=None)
    return replace(empty, rejections=(Rejection(level=level, reason=reason, follow_up=follow_up),))


def _find(book: Book, payer: SimulatedPayer, inquiry: Inquiry) -> _Found:
    person, member_id = inquiry.patient, inquiry.subscriber.member_id
    if person.birth_date is None:
        return _Found(None, reason="58")
    if member_id:
        identity = identify(
            book, payer.payer_id, member_id=member_id, last_name=person.last_name, first_name=person.first_name,
            birth_date=person.birth_date,
        )  # fmt: skip
        if identity.member is not None:
            return _Found(identity.member)
        if identity.id_known:
            return _Found(None, reason=_which_differs(book, payer, member_id, person))
        if not payer.habits.finds_by_name:
            return _Found(None, reason="72")
    named = book.members_named(payer.payer_id, person.last_name, person.first_name, person.birth_date)
    if len({each.member_id for each in named}) > 1:
        return _Found(None, reason="68")
    if not named:
        return _Found(None, reason="72" if member_id else "75")
    return _Found(named[0], is_corrected=bool(member_id))


def _which_differs(book: Book, payer: SimulatedPayer, member_id: str, person: Person) -> str:
    """71: the birth date is another; 73: the name is."""
    names = {member.last_name.upper() for member in book.members_with_id(payer.payer_id, member_id)}
    return "71" if person.last_name.strip().upper() in names else "73"


def _tell(book: Book, payer: SimulatedPayer, empty: Response, inquiry: Inquiry, found: _Found, today: date) -> Response:
    member = found.member
    if member is None:
        raise ValueError("nobody was found to tell of")
    day = inquiry.asked.first_day or today
    told = _person(member, is_corrected=found.is_corrected)
    subscriber, dependent = told, None
    if inquiry.dependent is not None:
        subscriber = replace(inquiry.subscriber, member_id=member.member_id)
        dependent = replace(told, member_id="", relationship=member.relationship)
    return replace(
        empty,
        subscriber=subscriber,
        dependent=dependent,
        dates=_dates(member, today),
        benefits=tuple(benefits_on(book, payer, member, day, today)),
    )


def _person(member: Member, *, is_corrected: bool) -> Person:
    return Person(
        last_name=member.last_name, first_name=member.first_name, member_id=member.member_id,
        birth_date=member.birth_date, sex=member.sex, is_changed=is_corrected,
        references=(Reference("6P", member.group_number),) if member.group_number else (),
    )  # fmt: skip


def _dates(member: Member, today: date) -> tuple[PlanDate, ...]:
    """346 plan begins, 347 plan ends, as far as the payer knows today."""
    begins = PlanDate("346", member.starts_on)
    if member.ends_on is None or (member.ended_known_on is not None and member.ended_known_on > today):
        return (begins,)
    return (begins, PlanDate("347", member.ends_on))
