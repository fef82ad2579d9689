"""People and organisations as NM1, N3, N4 and PER tell them, the same in every guide."""

from dataclasses import dataclass

from .segment import Segment
from .writer import Elements

PERSON = "1"
ORGANIZATION = "2"


@dataclass(frozen=True, slots=True)
class Party:
    """NM1. An organisation's name stands in `last_name`."""

    role: str  # NM101: 85 billing, 82 rendering, IL insured, QC patient, PR payer ...
    is_person: bool
    last_name: str
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    identifier_qualifier: str = ""  # NM108: XX NPI, MI member, PI payer, 46 ETIN, FI tax id
    identifier: str = ""

    @property
    def full_name(self) -> str:
        """First, middle, last, suffix; what is missing leaves no gap."""
        parts = (self.first_name, self.middle_name, self.last_name, self.suffix)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Address:
    """N3 and N4. A ZIP has five or nine digits and no hyphen."""

    line_1: str
    city: str
    state: str
    zip_code: str
    line_2: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """PER: whom to call. Numbers are digits only."""

    name: str = ""
    telephone: str = ""
    extension: str = ""
    email: str = ""
    fax: str = ""
    kind: str = "IC"


def read_party(segment: Segment) -> Party:
    """NM1 to Party."""
    return Party(
        role=segment[1],
        is_person=segment[2] == PERSON,
        last_name=segment[3],
        first_name=segment[4],
        middle_name=segment[5],
        suffix=segment[7],
        identifier_qualifier=segment[8],
        identifier=segment[9],
    )


def party_elements(party: Party) -> Elements:
    """Party to NM1."""
    return (
        "NM1",
        party.role,
        PERSON if party.is_person else ORGANIZATION,
        party.last_name,
        party.first_name,
        party.middle_name,
        "",
        party.suffix,
        party.identifier_qualifier if party.identifier else "",
        party.identifier,
    )


def read_address(street: Segment | None, city: Segment | None) -> Address:
    """N3 and N4 to Address; either may be missing in real files."""
    return Address(
        line_1=street[1] if street else "",
        line_2=street[2] if street else "",
        city=city[1] if city else "",
        state=city[2] if city else "",
        zip_code=city[3] if city else "",
        country=city[4] if city else "",
    )


def address_elements(address: Address) -> list[Elements]:
    """Address to N3 and N4."""
    return [
        ("N3", address.line_1, address.line_2),
        ("N4", address.city, address.state, address.zip_code, address.country),
    ]


_NUMBER_FIELDS = {"TE": "telephone", "EX": "extension", "EM": "email", "FX": "fax"}


def read_contact(segment: Segment) -> Contact:
    """PER to Contact; numbers of other kinds are left to the raw segment."""
    numbers: dict[str, str] = {}
    for index in (3, 5, 7):
        field = _NUMBER_FIELDS.get(segment[index])
        if field:
            numbers.setdefault(field, segment[index + 1])
    return Contact(kind=segment[1], name=segment[2], **numbers)


def contact_elements(contact: Contact) -> Elements:
    """Contact to PER; it has room for three numbers, the extension after its telephone."""
    numbers: list[str] = []
    for qualifier, field in _NUMBER_FIELDS.items():
        value = getattr(contact, field)
        if value and len(numbers) < 6:
            numbers += [qualifier, value]
    return ("PER", contact.kind, contact.name, *numbers)
