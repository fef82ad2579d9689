"""One claim of an 837P: from its CLM to the next claim or level."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..adjudication import read_adjustments, read_procedure
from ..elements import need_amount, need_text, read_integer, read_period, read_quantity
from ..parties import Address
from ..segment import Segment
from .loops import Loop, named, split, take_name_loop
from .model import (
    BillingProvider,
    Claim,
    Drug,
    LineAdjudication,
    OtherCoverage,
    OtherInsured,
    Patient,
    Payer,
    Provider,
    RenderingProvider,
    ServiceFacility,
    ServiceLine,
    Subscriber,
)

DIAGNOSIS_KINDS = frozenset({"ABK", "ABF", "BK", "BF"})  # BK and BF: ICD-9, in old files only
NOWHERE = Address(line_1="", city="", state="", zip_code="")


@dataclass(frozen=True, slots=True)
class Above:
    """What the levels above a claim have said."""

    billing_provider: BillingProvider
    subscriber: Subscriber | None = None
    payer: Payer | None = None
    patient: Patient | None = None


def read_payer(loop: Loop, name: Segment) -> Payer:
    """NM1*PR with its N3, N4 and REF."""
    return Payer(
        name=name[3],
        identifier_qualifier=name[8],
        identifier=name[9],
        address=loop.take_address(),
        references=loop.take_references(),
    )


def read_claim(block: Sequence[Segment], above: Above) -> Claim:
    """The claim that begins with `block[0]`, its CLM."""
    head = block[0]
    if above.subscriber is None or above.payer is None:
        raise head.error(0, "hierarchy", "A claim needs a subscriber above it.")
    before_lines, line_blocks = split(block[1:], {"LX"})
    own, coverage_blocks = split(before_lines, {"SBR"})
    plain, parties = split(own, {"NM1"})
    start = Loop(plain)
    patient_paid = start.take("AMT", "F5")
    causes = head.components(11)  # CLM11
    claim = Claim(
        patient_control_number=need_text(head, 1),
        charge=need_amount(head, 2),
        place_of_service=head.component(5, 1),
        frequency=head.component(5, 3),
        provider_signature_on_file=head[6] != "N",
        assignment=head[7],
        benefits_assigned=head[8],
        release_of_information=head[9],
        related_causes=tuple(cause for cause in causes[:3] if cause),
        accident_state=head.component(11, 4),
        patient_paid=need_amount(patient_paid, 2) if patient_paid else None,
        referral_number=start.take_reference("9F"),
        prior_authorization=start.take_reference("G1"),
        payer_claim_number=start.take_reference("F8"),
        clia_number=start.take_reference("X4"),
        references=start.take_references(),
        dates=start.take_dates(),
        note=start.take_note(),
        diagnoses=_diagnoses(start),
        referring_provider=_provider(start, parties, "DN"),
        rendering_provider=_rendering_provider(start, parties),
        facility=_facility(start, parties),
        supervising_provider=_provider(start, parties, "DQ"),
        other_coverages=tuple(_other_coverage(each) for each in coverage_blocks),
        lines=tuple(_line(each) for each in line_blocks),
        billing_provider=above.billing_provider,
        subscriber=above.subscriber,
        payer=above.payer,
        patient=above.patient,
        position=head.position,
        segments=tuple(block),
        unread=_left(start, parties),
    )
    return claim


def _left(start: Loop, loops: Sequence[Sequence[Segment]]) -> tuple[Segment, ...]:
    """Evaluated last: whatever nobody took."""
    return (*start.rest, *(segment for loop in loops for segment in loop))


def _diagnoses(start: Loop) -> tuple[str, ...]:
    codes: list[str] = []
    others: list[Segment] = []
    for segment in start.take_all("HI"):
        if segment.component(1, 1) not in DIAGNOSIS_KINDS:
            others.append(segment)
            continue
        for index in range(1, len(segment.elements)):
            if segment[index]:
                codes.append(segment.component(index, 2))
    start.rest += others
    return tuple(codes)


def _provider(start: Loop, loops: list[list[Segment]], role: str) -> Provider | None:
    loop = take_name_loop(loops, role)
    name = loop.take("NM1") if loop else None
    if loop is None or name is None:
        return None
    provider = named(Provider, name, npi=name[9], references=loop.take_references())
    start.rest += loop.rest
    return provider


def _rendering_provider(start: Loop, loops: list[list[Segment]]) -> RenderingProvider | None:
    loop = take_name_loop(loops, "82")
    name = loop.take("NM1") if loop else None
    if loop is None or name is None:
        return None
    taxonomy = loop.take("PRV", "PE")
    provider = named(
        RenderingProvider,
        name,
        npi=name[9],
        taxonomy=taxonomy[3] if taxonomy else "",
        references=loop.take_references(),
    )
    start.rest += loop.rest
    return provider


def _facility(start: Loop, loops: list[list[Segment]]) -> ServiceFacility | None:
    loop = take_name_loop(loops, "77")
    name = loop.take("NM1") if loop else None
    if loop is None or name is None:
        return None
    facility = ServiceFacility(
        name=name[3], npi=name[9], address=loop.take_address() or NOWHERE, references=loop.take_references()
    )
    start.rest += loop.rest
    return facility


def _amount(loop: Loop, qualifier: str) -> Decimal | None:
    segment = loop.take("AMT", qualifier)
    return need_amount(segment, 2) if segment else None


def _decided_on(loop: Loop) -> date | None:
    segment = loop.take("DTP", "573")
    period = read_period(segment, 2, 3) if segment else None
    return period[0] if period else None


def _other_coverage(block: Sequence[Segment]) -> OtherCoverage:
    coverage = block[0]
    plain, loops = split(block[1:], {"NM1"})
    start = Loop(plain)
    insured_loop, payer_loop = take_name_loop(loops, "IL"), take_name_loop(loops, "PR")
    insured_name = insured_loop.take("NM1") if insured_loop else None
    payer_name = payer_loop.take("NM1") if payer_loop else None
    if insured_loop is None or payer_loop is None or insured_name is None or payer_name is None:
        raise coverage.error(0, "missing", "Another coverage needs its insured (NM1*IL) and payer (NM1*PR).")
    terms, medicare = start.take("OI"), start.take("MOA")
    adjudicated_on = _decided_on(payer_loop)
    payer_claim_number = payer_loop.take_reference("F8")
    insured = named(OtherInsured, insured_name, member_id=insured_name[9], address=insured_loop.take_address())
    payer = read_payer(payer_loop, payer_name)
    return OtherCoverage(
        payer_sequence=coverage[1],
        relationship=coverage[2],
        group_number=coverage[3],
        group_name=coverage[4],
        medicare_secondary_type=coverage[5],
        filing_indicator=coverage[9],
        adjustments=tuple(each for cas in start.take_all("CAS") for each in read_adjustments(cas)),
        paid=_amount(start, "D"),
        bypassed_charge=_amount(start, "A8"),
        remaining_patient_liability=_amount(start, "EAF"),
        benefits_assigned=terms[3] if terms else "",
        release_of_information=terms[6] if terms else "",
        remark_codes=tuple(code for code in medicare.elements[3:8] if code) if medicare else (),
        insured=insured,
        payer=payer,
        adjudicated_on=adjudicated_on,
        payer_claim_number=payer_claim_number,
        unread=(*_left(start, loops), *insured_loop.rest, *payer_loop.rest),
    )


def _line(block: Sequence[Segment]) -> ServiceLine:
    plain, loops = split(block[1:], {"LIN", "NM1", "SVD"})
    start = Loop(plain)
    service, days = start.take("SV1"), start.take("DTP", "472")
    if service is None:
        raise block[0].error(0, "missing", "This line has no SV1.")
    period = read_period(days, 2, 3) if days else None
    if period is None:
        raise service.error(0, "missing", "This line has no date of service (DTP*472).")
    return ServiceLine(
        procedure=read_procedure(service, 1),
        charge=need_amount(service, 2),
        unit_kind=service[3],
        units=read_quantity(service, 4) or Decimal(0),
        place_of_service=service[5],
        diagnosis_pointers=_pointers(service),
        is_emergency=service[9] == "Y",
        first_day=period[0],
        last_day=period[1],
        prior_authorization=start.take_reference("G1"),
        control_number=start.take_reference("6R"),
        clia_number=start.take_reference("X4"),
        referral_number=start.take_reference("9F"),
        note=start.take_note(),
        drug=_drug(start, loops),
        rendering_provider=_rendering_provider(start, loops),
        supervising_provider=_provider(start, loops, "DQ"),
        ordering_provider=_provider(start, loops, "DK"),
        referring_provider=_provider(start, loops, "DN"),
        adjudications=_adjudications(start, loops),
        position=block[0].position,
        unread=_left(start, loops),
    )


def _pointers(service: Segment) -> tuple[int, ...]:
    pointers = [pointer for pointer in service.components(7) if pointer]
    if not all(pointer.isascii() and pointer.isdigit() and len(pointer) <= 2 for pointer in pointers):
        raise service.error(7, "pointer", "A diagnosis pointer must be a number from 1 to 12.")
    return tuple(int(pointer) for pointer in pointers)


def _drug(start: Loop, loops: list[list[Segment]]) -> Drug | None:
    for at, segments in enumerate(loops):
        if segments[0].tag == "LIN" and segments[0][2] == "N4":
            loop = Loop(loops.pop(at)[1:])
            dose = loop.take("CTP")
            if dose is None:
                raise segments[0].error(0, "missing", "A drug needs its quantity (CTP).")
            drug = Drug(
                ndc=segments[0][3],
                quantity=read_quantity(dose, 4) or Decimal(0),
                unit=dose.component(5, 1),
                prescription_number=loop.take_reference("XZ"),
            )
            start.rest += loop.rest
            return drug
    return None


def _adjudications(start: Loop, loops: list[list[Segment]]) -> tuple[LineAdjudication, ...]:
    decisions = []
    decided = [each for each in loops if each[0].tag == "SVD"]
    loops[:] = [each for each in loops if each[0].tag != "SVD"]
    for segments in decided:
        head = segments[0]
        loop = Loop(segments[1:])
        bundled = read_integer(head, 6)
        decisions.append(
            LineAdjudication(
                payer_identifier=need_text(head, 1),
                paid=need_amount(head, 2),
                procedure=read_procedure(head, 3),
                units=read_quantity(head, 5) or Decimal(0),
                bundled_into_line=str(bundled) if bundled else "",
                adjustments=tuple(each for cas in loop.take_all("CAS") for each in read_adjustments(cas)),
                adjudicated_on=_decided_on(loop),
                remaining_patient_liability=_amount(loop, "EAF"),
            )
        )
        start.rest += loop.rest
    return tuple(decisions)
