"""Who is meant: a member id, a name and a birth date against the payer's rolls."""

from dataclasses import dataclass
from datetime import date

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.world import Member
from x12.claim_837p import Claim


@dataclass(frozen=True)
class Identity:
    """`id_known`: somebody has that id, though perhaps not this person."""

    member: Member | None
    id_known: bool


def identify(
    book: Book, payer_id: str, *, member_id: str, last_name: str, first_name: str, birth_date: date | None
) -> Identity:
    """The person with that id whose last name and birth date agree. A first name may be short or another spelling."""
    with_id = book.members_with_id(payer_id, member_id)
    same = [
        member for member in with_id
        if member.last_name.upper() == last_name.strip().upper()
        and (birth_date is None or member.birth_date == birth_date)
    ]  # fmt: skip
    by_first_name = [member for member in same if member.first_name.upper() == first_name.strip().upper()]
    found = by_first_name or same
    return Identity(found[0] if found else None, bool(with_id))


def identify_patient(book: Book, claim: Claim) -> Identity:
    person = claim.patient or claim.subscriber
    return identify(
        book,
        claim.payer.identifier,
        member_id=claim.subscriber.member_id,
        last_name=person.last_name,
        first_name=person.first_name,
        birth_date=person.birth_date,
    )
