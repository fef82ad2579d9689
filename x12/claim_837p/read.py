"""Transaction set to professional claims: the hierarchy, and who stands in it.

The inverse of `write`. The payer simulator reads our claims with it, the tests what others
write. Segments that no field shows are kept in `unread`; a broken hierarchy, amount or date
raises X12Error.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from ..elements import need_text, read_date
from ..envelope import EnvelopeReader, Transaction, read_each
from ..errors import X12Error
from ..parties import Contact, read_contact
from ..reader import Source
from ..segment import Segment
from .loops import Loop, named, split, take_name_loop
from .model import BillingProvider, Claim, ClaimBatch, Patient, Payer, Receiver, Submitter, Subscriber
from .read_claim import NOWHERE, Above, read_claim, read_payer

BILLING_PROVIDER, SUBSCRIBER, PATIENT = "20", "22", "23"  # HL03
PARENT_LEVEL = {SUBSCRIBER: BILLING_PROVIDER, PATIENT: SUBSCRIBER}


def read_batches(source: Source) -> Iterator[ClaimBatch]:
    """One ClaimBatch per ST..SE; raises at the first broken rule."""
    for transaction in EnvelopeReader(source):
        yield read_batch(transaction)


def read_each_batch(source: Source) -> Iterator[ClaimBatch | X12Error]:
    """Every batch of the file, an X12Error standing where one is broken."""
    return read_each(source, read_batch)


def read_batch(transaction: Transaction) -> ClaimBatch:
    """The whole of one 837P."""
    if transaction.code != "837":
        raise transaction.header.error(1, "kind", "This is not a claim transaction (837).")
    head, blocks = split(list(transaction), {"HL"})
    opening = _Opening(head, transaction.header)
    claims: list[Claim] = []
    unread = opening.unread
    levels: dict[str, _Level] = {}
    for block in blocks:
        above, claim_blocks = _enter(block, levels, unread)
        for claim_block in claim_blocks:
            claims.append(read_claim(claim_block, above))
    for level in levels.values():
        if level.says_children and not level.has_children:
            raise level.segment.error(4, "hierarchy", "HL04 says that levels follow below it; none does.")
    return ClaimBatch(
        reference=opening.reference,
        created_at=opening.created_at,
        submitter=opening.submitter,
        receiver=opening.receiver,
        is_encounter=opening.is_encounter,
        claims=tuple(claims),
        control_number=transaction.control_number,
        position=transaction.position,
        unread=tuple(unread),
    )


@dataclass(slots=True)
class _Level:
    """One HL on the way down, with everything above its claims."""

    segment: Segment
    above: Above
    has_children: bool = False

    @property
    def says_children(self) -> bool:
        return self.segment[4] == "1"


def _enter(
    block: Sequence[Segment], levels: dict[str, _Level], unread: list[Segment]
) -> tuple[Above, list[list[Segment]]]:
    hl = block[0]
    number, kind = need_text(hl, 1), hl[3]
    if number in levels:
        raise hl.error(1, "hierarchy", f"HL {number[:12]} occurs twice.")
    if kind not in (BILLING_PROVIDER, SUBSCRIBER, PATIENT):
        raise hl.error(3, "hierarchy", f"{kind[:12]!r} is no level of an 837P.")
    parent = levels.get(hl[2])
    if kind in PARENT_LEVEL:
        if parent is None or parent.segment[3] != PARENT_LEVEL[kind]:
            raise hl.error(2, "hierarchy", f"HL {number[:12]} has no proper parent.")
        if not parent.says_children:
            raise parent.segment.error(4, "hierarchy", "HL04 says that no level follows, but one does.")
        parent.has_children = True
    elif hl[2]:
        raise hl.error(2, "hierarchy", "A billing provider has no parent.")
    head, claim_blocks = split(block[1:], {"CLM"})
    plain, loops = split(head, {"NM1"})
    start = Loop(plain)
    if parent is None:
        above = Above(billing_provider=_billing_provider(hl, start, loops))
        if claim_blocks:
            raise claim_blocks[0][0].error(0, "hierarchy", "A claim needs a subscriber above it.")
    elif kind == SUBSCRIBER:
        subscriber, payer = _subscriber(hl, start, loops)
        above = Above(parent.above.billing_provider, subscriber, payer)
    else:
        patient = _patient(hl, start, loops)
        above = Above(parent.above.billing_provider, parent.above.subscriber, parent.above.payer, patient)
    unread += start.rest
    for loop in loops:
        unread += loop
    levels[number] = _Level(hl, above)
    return above, claim_blocks


def _need(loop: Loop | None, hl: Segment, what: str) -> tuple[Loop, Segment]:
    name = loop.take("NM1") if loop else None
    if loop is None or name is None:
        raise hl.error(0, "missing", f"This level names no {what}.")
    return loop, name


def _billing_provider(hl: Segment, start: Loop, loops: list[list[Segment]]) -> BillingProvider:
    loop, name = _need(take_name_loop(loops, "85"), hl, "billing provider (NM1*85)")
    taxonomy = start.take("PRV", "BI")
    tax_id_qualifier = "EI" if any(each[1] == "EI" for each in loop.rest if each.tag == "REF") else "SY"
    tax_id = loop.take_reference(tax_id_qualifier)
    contact = loop.take("PER")
    pay_to = take_name_loop(loops, "87")
    provider = named(
        BillingProvider,
        name,
        npi=name[9],
        address=loop.take_address() or NOWHERE,
        tax_id=tax_id,
        tax_id_qualifier=tax_id_qualifier if tax_id else "EI",
        taxonomy=taxonomy[3] if taxonomy else "",
        contact=read_contact(contact) if contact else None,
        pay_to_address=pay_to.take_address() if pay_to else None,
        references=loop.take_references(),
    )
    start.rest += loop.rest
    return provider


def _subscriber(hl: Segment, start: Loop, loops: list[list[Segment]]) -> tuple[Subscriber, Payer]:
    loop, name = _need(take_name_loop(loops, "IL"), hl, "subscriber (NM1*IL)")
    payer_loop, payer_name = _need(take_name_loop(loops, "PR"), hl, "payer (NM1*PR)")
    coverage = start.take("SBR")
    if coverage is None:
        raise hl.error(0, "missing", "This subscriber has no SBR.")
    birth = loop.take("DMG")
    subscriber = named(
        Subscriber,
        name,
        member_id=name[9],
        payer_sequence=coverage[1],
        group_number=coverage[3],
        group_name=coverage[4],
        medicare_secondary_type=coverage[5],
        filing_indicator=coverage[9],
        birth_date=read_date(birth, 2) if birth else None,
        sex=birth[3] if birth else "",
        address=loop.take_address(),
    )
    payer = read_payer(payer_loop, payer_name)
    start.rest += loop.rest + payer_loop.rest
    return subscriber, payer


def _patient(hl: Segment, start: Loop, loops: list[list[Segment]]) -> Patient:
    loop, name = _need(take_name_loop(loops, "QC"), hl, "patient (NM1*QC)")
    relation, birth = start.take("PAT"), loop.take("DMG")
    if relation is None or birth is None:
        raise name.error(0, "missing", "A patient needs PAT (relationship) and DMG (birth date).")
    born_on = read_date(birth, 2)
    if born_on is None:
        raise birth.error(2, "missing", "The patient's birth date is missing.")
    patient = named(
        Patient,
        name,
        relationship=relation[1],
        birth_date=born_on,
        sex=birth[3],
        address=loop.take_address() or NOWHERE,
    )
    start.rest += loop.rest
    return patient


class _Opening:
    """BHT, submitter (1000A) and receiver (1000B)."""

    def __init__(self, head: Sequence[Segment], header: Segment) -> None:
        plain, loops = split(head, {"NM1"})
        start = Loop(plain)
        beginning = start.take("BHT")
        if beginning is None:
            raise header.error(0, "missing", "This 837 has no BHT.")
        sender, sender_name = _need(take_name_loop(loops, "41"), beginning, "submitter (NM1*41)")
        receiver, receiver_name = _need(take_name_loop(loops, "40"), beginning, "receiver (NM1*40)")
        contact = sender.take("PER")
        self.reference = beginning[3]
        self.created_at = _moment(beginning)
        self.is_encounter = beginning[6] == "RP"
        self.submitter = named(
            Submitter,
            sender_name,
            identifier=sender_name[9],
            contact=read_contact(contact) if contact else Contact(),
        )
        self.receiver = Receiver(name=receiver_name[3], identifier=receiver_name[9])
        self.unread = [*start.rest, *sender.rest, *receiver.rest]
        for loop in loops:
            self.unread += loop


def _moment(beginning: Segment) -> datetime:
    day = read_date(beginning, 4)
    if day is None:
        raise beginning.error(4, "missing", "The batch has no date.")
    hour = beginning[5] or "0000"
    if not (hour.isascii() and hour.isdigit() and len(hour) >= 4 and hour[:2] < "24" and hour[2:4] < "60"):
        raise beginning.error(5, "time", f"{hour[:12]!r} is not a time (HHMM).")
    return datetime.combine(day, time(int(hour[:2]), int(hour[2:4])))
