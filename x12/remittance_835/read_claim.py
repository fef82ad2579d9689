"""One claim of an 835, from its CLP to the next, and the adjustments of a PLB."""

from collections.abc import Sequence
from itertools import pairwise

from ..adjudication import Adjustment, Reference, read_adjustments, read_procedure
from ..elements import need_amount, need_text, read_amount, read_date, read_quantity
from ..parties import Party, read_contact, read_party
from ..segment import Segment
from .model import Amount, ClaimPayment, EventDate, ProviderAdjustment, Quantity, ServicePayment

PARTY_FIELDS = {
    "QC": "patient",
    "IL": "insured",
    "74": "corrected_insured",
    "82": "rendering_provider",
    "TT": "crossover_carrier",
    "PR": "corrected_payer",
    "GB": "other_insured",
}


def read_claim_payment(block: Sequence[Segment], header_number: str = "1") -> ClaimPayment:
    """The segments from one CLP up to the next."""
    starts = [at for at, segment in enumerate(block) if segment.elements[0] == "SVC"]
    starts.append(len(block))
    head = block[0]
    common = _Common()
    parties: dict[str, Party] = {}
    dates: list[EventDate] = []
    contacts = []
    for segment in block[1 : starts[0]]:
        tag = segment.elements[0]
        role = PARTY_FIELDS.get(segment[1]) if tag == "NM1" else None
        if role and role not in parties:
            parties[role] = read_party(segment)
        elif tag == "DTM":
            day = read_date(segment, 2)
            if day is not None:
                dates.append(EventDate(segment[1], day))
        elif tag == "MOA":
            common.remark_codes += [code for code in segment.elements[3:8] if code]
        elif tag == "MIA":
            codes = (segment[5], *segment.elements[20:24])
            common.remark_codes += [code for code in codes if code]
            common.unread.append(segment)
        elif tag == "PER":
            contacts.append(read_contact(segment))
        else:
            common.take(segment)
    return ClaimPayment(
        patient_control_number=need_text(head, 1),
        status=need_text(head, 2),
        charge=need_amount(head, 3),
        paid=need_amount(head, 4),
        patient_responsibility=read_amount(head, 5),
        filing_indicator=head[6],
        payer_claim_number=head[7],
        facility_code=head[8],
        frequency=head[9],
        drg=head[11],
        adjustments=tuple(common.adjustments),
        **parties,
        remark_codes=tuple(common.remark_codes),
        references=tuple(common.references),
        dates=tuple(dates),
        contacts=tuple(contacts),
        amounts=tuple(common.amounts),
        quantities=tuple(common.quantities),
        lines=tuple(_service_payment(block[start:end]) for start, end in pairwise(starts)),
        header_number=header_number,
        position=head.position,
        segments=tuple(block),
        unread=tuple(common.unread),
    )


def _service_payment(block: Sequence[Segment]) -> ServicePayment:
    head = block[0]
    common = _Common()
    first_day = last_day = None
    for segment in block[1:]:
        tag = segment.elements[0]
        if tag == "DTM" and segment[1] in ("472", "150"):
            first_day = read_date(segment, 2)
            last_day = last_day or first_day
        elif tag == "DTM" and segment[1] == "151":
            last_day = read_date(segment, 2)
        elif tag == "LQ" and segment[1] == "HE":
            common.remark_codes.append(segment[2])
        else:
            common.take(segment)
    return ServicePayment(
        procedure=read_procedure(head, 1),
        charge=need_amount(head, 2),
        paid=need_amount(head, 3),
        revenue_code=head[4],
        units=read_quantity(head, 5),
        submitted_procedure=read_procedure(head, 6) if head[6] else None,
        submitted_units=read_quantity(head, 7),
        first_day=first_day,
        last_day=last_day,
        adjustments=tuple(common.adjustments),
        references=tuple(common.references),
        amounts=tuple(common.amounts),
        quantities=tuple(common.quantities),
        remark_codes=tuple(common.remark_codes),
        position=head.position,
        unread=tuple(common.unread),
    )


class _Common:
    """What a claim and a line hold alike."""

    def __init__(self) -> None:
        self.adjustments: list[Adjustment] = []
        self.references: list[Reference] = []
        self.amounts: list[Amount] = []
        self.quantities: list[Quantity] = []
        self.remark_codes: list[str] = []
        self.unread: list[Segment] = []

    def take(self, segment: Segment) -> None:
        match segment.elements[0]:
            case "CAS":
                self.adjustments += read_adjustments(segment)
            case "REF":
                self.references.append(Reference(segment[1], segment[2]))
            case "AMT":
                self.amounts.append(Amount(segment[1], need_amount(segment, 2)))
            case "QTY" if (quantity := read_quantity(segment, 2)) is not None:
                self.quantities.append(Quantity(segment[1], quantity))
            case _:
                self.unread.append(segment)


def read_provider_adjustments(segment: Segment) -> list[ProviderAdjustment]:
    """The up to six pairs of a PLB: PLB03 is code and reference, PLB04 the amount."""
    found = []
    for index in range(3, len(segment.elements), 2):
        if segment[index]:
            found.append(
                ProviderAdjustment(
                    provider=segment[1],
                    fiscal_period_ends_on=read_date(segment, 2),
                    code=segment.component(index, 1),
                    reference=segment.component(index, 2),
                    amount=need_amount(segment, index + 1),
                    position=segment.position,
                )
            )
        elif read_amount(segment, index + 1):
            raise segment.error(index, "missing", "This adjustment has an amount but no code.")
    return found
