"""Eligibility inquiry and response as frozen dataclasses.

`position` is the number of the segment in its file (ISA = 1); it and `unread` do not count for equality.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ..adjudication import Reference, reference
from ..parties import Address, Contact, Party
from ..segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Subscriber (IL) or dependent (03): name, id, birth date, sex, as asked or as the payer has them."""

    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    member_id: str = ""  # NM109 with MI
    birth_date: date | None = None
    sex: str = ""
    relationship: str = ""  # INS02 of a dependent
    address: Address | None = None
    references: tuple[Reference, ...] = ()
    is_changed: bool = False  # INS03 001, INS04 25: the payer corrected what we sent

    @property
    def group_number(self) -> str:
        """REF*6P, else REF*18 (plan number)."""
        return reference(self.references, "6P") or reference(self.references, "18")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question's heart: for which days and which kinds of service."""

    first_day: date | None = None
    last_day: date | None = None
    service_types: tuple[str, ...] = ("30",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One 270: one person asked about."""

    payer: Party
    provider: Party
    subscriber: Person
    dependent: Person | None = None
    asked: Asked = Asked()
    trace_number: str = ""  # TRN02, comes back in the 271
    trace_origin: str = ""  # TRN03, ten characters
    reference_number: str = ""  # BHT03
    created_at: datetime | None = None
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def patient(self) -> Person:
        """The person asked about."""
        return self.dependent or self.subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """AAA: why the payer did not answer, at which level, and what to do (C correct, R ask again, N do not ...)."""

    level: str  # payer, provider, subscriber, dependent, benefit
    reason: str
    follow_up: str = ""
    is_valid: bool = False  # AAA01 Y: the request was valid, the answer is not to be had
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PlanDate:
    """DTP: 346/347 plan begins and ends, 291 plan, 356/357 eligible from and to, 307 eligibility."""

    qualifier: str
    first: date
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """TRN. `kind` 2 in a 271 is a number of whoever asked, 1 one of the answering side."""

    kind: str
    number: str
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """HSD: how much in which time; VS 35 in 1 period 21 is 35 visits a year."""

    quantity_kind: str = ""
    quantity: Decimal | None = None
    unit: str = ""  # HSD03
    frequency: Decimal | None = None  # HSD04
    period: str = ""  # HSD05, as EB06
    period_count: Decimal | None = None
    pattern: tuple[str, ...] = ()  # HSD07 and 08


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPayer:
    """A party named in the LS..LE loop of an EB: another payer (PR, PRP primary, SEP secondary), a contact ...

    `name` is the last name of a person.
    """

    role: str
    name: str
    first_name: str = ""
    identifier: str = ""
    identifier_qualifier: str = ""
    is_person: bool = False
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    taxonomy: str = ""  # PRV03 with PXC
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def full_name(self) -> str:
        """First name before last."""
        return f"{self.first_name} {self.name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """EB with what hangs on it."""

    information: str  # EB01
    level: str = ""  # EB02
    service_types: tuple[str, ...] = ()  # EB03
    insurance_type: str = ""  # EB04
    plan: str = ""  # EB05
    period: str = ""  # EB06
    amount: Decimal | None = None  # EB07
    percent: Decimal | None = None  # EB08, 0.2 is 20 %
    quantity_kind: str = ""  # EB09
    quantity: Decimal | None = None  # EB10
    needs_authorization: str = ""  # EB11 Y, N, U
    in_network: str = ""  # EB12 Y, N, U, W not applicable
    procedure: tuple[str, ...] = ()  # EB13, qualifier first
    messages: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[PlanDate, ...] = ()
    qualifiers: tuple[tuple[str, str], ...] = ()  # III01, III02
    others: tuple[OtherPayer, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    rejections: tuple[Rejection, ...] = ()  # AAA about this service only, level "benefit"
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One 271 about one person. An empty `benefits` with `rejections` means: not answered, never "not covered"."""

    payer: Party | None
    provider: Party | None = None
    subscriber: Person | None = None
    dependent: Person | None = None
    rejections: tuple[Rejection, ...] = ()
    dates: tuple[PlanDate, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    trace_number: str = ""  # the TRN02 of our question
    trace_origin: str = ""
    reference_number: str = ""
    created_at: datetime | None = None
    payer_contacts: tuple[Contact, ...] = ()
    traces: tuple[Trace, ...] = field(default=(), compare=False)  # all of them, also a clearinghouse's
    position: int = field(default=0, compare=False)
    unread: tuple[Segment, ...] = field(default=(), compare=False)

    @property
    def patient(self) -> Person | None:
        """The person the answer is about."""
        return self.dependent or self.subscriber
