"""Transaction set to remittance advice, one claim at a time.

Segments and qualifiers that nobody foresaw are kept in `unread` and stop nothing. What the
books rest on (amounts, dates, the claim's number) raises X12Error where it is wrong. Whether
it balances is another question: `balance.check_balance`.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from hashlib import sha256

from ..adjudication import Reference
from ..elements import need_amount, need_text, read_date
from ..envelope import EnvelopeReader, Transaction, read_each
from ..errors import X12Error
from ..parties import read_address, read_contact
from ..reader import Source
from ..segment import Segment
from .model import ClaimPayment, Organization, ProviderAdjustment, Remittance, RemittanceHeader
from .read_claim import read_claim_payment, read_provider_adjustments

MOST_SEGMENTS_OF_A_CLAIM = 50_000  # 999 lines with all they may hold stay far below
DETAIL_TAGS = frozenset({"LX", "CLP", "PLB"})


def read_remittances(source: Source) -> Iterator[Remittance]:
    """One Remittance per ST..SE; raises at the first broken rule.

    To refuse a broken one and keep its neighbours, use `read_each_remittance`.
    """
    for transaction in EnvelopeReader(source):
        yield read_remittance(transaction)


def read_each_remittance(source: Source) -> Iterator[Remittance | X12Error]:
    """Every remittance of the file, an X12Error standing where one is broken."""
    return read_each(source, read_remittance)


def read_remittance(transaction: Transaction) -> Remittance:
    """The whole of one 835, claims in memory."""
    with _collector_paused():
        stream = RemittanceStream(transaction)
        claims = tuple(stream)
    header = {each.name: getattr(stream.header, each.name) for each in fields(stream.header)}
    header["unread"] = (*stream.header.unread, *stream.unread)
    return Remittance(
        **header,
        claims=claims,
        provider_adjustments=tuple(stream.provider_adjustments),
        digest=stream.digest,
    )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection while 10,000 claims come into being: nothing here can be garbage yet.

    Halves the time. Two threads at once only lose part of the gain.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class RemittanceStream:
    """One 835 read claim by claim: `header` at once, the claims by iterating.

    `provider_adjustments`, `digest` and `unread` are complete when the iteration has ended.
    """

    def __init__(self, transaction: Transaction) -> None:
        if transaction.code != "835":
            raise transaction.header.error(1, "kind", "This is not a remittance advice (835).")
        self.provider_adjustments: list[ProviderAdjustment] = []
        self.unread: list[Segment] = []
        self.digest = ""
        self._source = self._read(transaction)
        self._next: Segment | None = None
        opening: list[Segment] = []
        for segment in self._source:
            if segment.elements[0] in DETAIL_TAGS:
                self._next = segment
                break
            self._keep(opening, segment)
        self.header = _header(transaction, opening)

    def _read(self, transaction: Transaction) -> Iterator[Segment]:
        """The segments, hashed in passing just as `envelope.digest` does it."""
        hashed = sha256()
        joint = b""
        for segment in transaction:
            hashed.update(joint + segment.canonical().encode())
            joint = b"\x1c"
            yield segment
        self.digest = hashed.hexdigest()

    @staticmethod
    def _keep(kept: list[Segment], segment: Segment) -> None:
        if len(kept) >= MOST_SEGMENTS_OF_A_CLAIM:
            raise segment.error(0, "too_many", "No claim has so many segments; this file is damaged.")
        kept.append(segment)

    def __iter__(self) -> Iterator[ClaimPayment]:
        number = "1"
        block: list[Segment] = []
        for segment in self._following():
            tag = segment.elements[0]
            if tag not in DETAIL_TAGS:
                self._keep(block or self.unread, segment)
                continue
            if block:
                yield read_claim_payment(block, number)
                block = []
            if tag == "CLP":
                block.append(segment)
            elif tag == "LX":
                number = segment[1]  # LX01 header number
            else:
                self.provider_adjustments += read_provider_adjustments(segment)
        if block:
            yield read_claim_payment(block, number)

    def _following(self) -> Iterator[Segment]:
        if self._next is not None:
            yield self._next
        yield from self._source


def _header(transaction: Transaction, opening: Sequence[Segment]) -> RemittanceHeader:
    payment: Segment | None = None
    trace: Segment | None = None
    produced_on = None
    references: list[Reference] = []
    unread: list[Segment] = []
    loops: dict[str, list[Segment]] = {"PR": [], "PE": []}
    loop: list[Segment] | None = None
    for segment in opening:
        tag = segment.elements[0]
        if tag == "N1":
            loop = loops.get(segment[1])
            (unread if loop is None else loop).append(segment)
        elif loop is not None:
            loop.append(segment)
        elif tag == "BPR" and payment is None:
            payment = segment
        elif tag == "TRN" and trace is None:
            trace = segment
        elif tag == "DTM" and segment[1] == "405":
            produced_on = read_date(segment, 2)
        elif tag == "REF":
            references.append(Reference(segment[1], segment[2]))
        else:
            unread.append(segment)
    last = opening[-1] if opening else transaction.header
    if payment is None or trace is None:
        missing = "BPR (the payment)" if payment is None else "TRN (the check number)"
        raise last.error(0, "missing", f"The remittance has no {missing}.")
    for entity, name in (("PR", "payer"), ("PE", "payee")):
        if not loops[entity]:
            raise last.error(0, "missing", f"The remittance names no {name} (N1*{entity}).")
    return RemittanceHeader(
        handling=payment[1],
        payment_amount=need_amount(payment, 2),
        is_credit=payment[3] != "D",
        method=payment[4],
        paid_on=read_date(payment, 16),
        trace_number=need_text(trace, 2),
        payer_identifier=trace[3],
        produced_on=produced_on,
        payer=_organization(loops["PR"], unread),
        payee=_organization(loops["PE"], unread),
        references=tuple(references),
        control_number=transaction.control_number,
        position=transaction.position,
        payment_position=payment.position,
        segments=tuple(opening),
        unread=tuple(unread),
    )


def _organization(loop: Sequence[Segment], unread: list[Segment]) -> Organization:
    name, *rest = loop
    street = city = None
    references: list[Reference] = []
    contacts = []
    for segment in rest:
        match segment.elements[0]:
            case "N3":
                street = segment
            case "N4":
                city = segment
            case "REF":
                references.append(Reference(segment[1], segment[2]))
            case "PER":
                contacts.append(read_contact(segment))
            case _:
                unread.append(segment)
    return Organization(
        name=name[2],
        identifier_qualifier=name[3],
        identifier=name[4],
        address=read_address(street, city) if street or city else None,
        references=tuple(references),
        contacts=tuple(contacts),
    )
