"""Professional claims: every shape we write, what pyx12 thinks of it, and what we refuse to write."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.x12.pyx12_judge import judge
from tests.x12.samples_837p import (
    CLINIC,
    DECIDED_ON,
    JANE,
    OTHER_CLINIC,
    VISIT,
    batch_of,
    claim_level_secondary,
    dependent_claim,
    file_of,
    full_claim,
    plain_claim,
    replacement_claim,
    secondary_claim,
    void_claim,
)
from x12 import Address, X12Error
from x12.claim_837p import (
    Adjustment,
    Claim,
    ClaimBatch,
    LineAdjudication,
    Procedure,
    ServiceLine,
    claim_faults,
    read_batches,
    read_each_batch,
)

SHAPES: dict[str, Callable[[], Claim]] = {
    "plain": plain_claim,
    "dependent": dependent_claim,
    "replacement": replacement_claim,
    "void": void_claim,
    "full": full_claim,
    "secondary to Medicare, by line": secondary_claim,
    "secondary, by claim, with a third payer": claim_level_secondary,
}


def several() -> ClaimBatch:
    """Two billing providers, a subscriber with two claims, a dependent with two."""
    plain, child = plain_claim(), dependent_claim()
    return batch_of(
        plain,
        replace(plain, patient_control_number="P200"),
        child,
        replace(child, patient_control_number="P201"),
        secondary_claim(),
        replace(plain, patient_control_number="P202", billing_provider=OTHER_CLINIC),
    )


def read_one(text: str) -> ClaimBatch:
    (batch,) = read_batches(text)
    return batch


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_reads_back_equal(shape: str) -> None:
    batch = batch_of(SHAPES[shape]())

    assert read_one(file_of(batch)) == batch


@pytest.mark.parametrize("shape", SHAPES)
def test_the_outside_judge_accepts_every_shape(shape: str) -> None:
    assert judge(file_of(batch_of(SHAPES[shape]()))) == []


def test_the_outside_judge_accepts_several_claims_and_they_read_back_equal() -> None:
    text = file_of(several())

    assert judge(text) == []
    assert read_one(text) == several()


def test_the_outside_judge_can_refuse() -> None:
    text = file_of(several())

    assert judge(text.replace("HL*2*1*22", "HL*3*1*22")) != []
    assert judge(text.replace("N4*MADISON*WI", "N4*MADISON*XX")) != []


def test_levels_are_numbered_and_say_whether_others_follow() -> None:
    lines = [line for line in file_of(several()).splitlines() if line.startswith("HL")]

    assert lines == [
        "HL*1**20*1~", "HL*2*1*22*0~", "HL*3*1*22*1~", "HL*4*3*23*0~", "HL*5*1*22*0~", "HL*6**20*1~", "HL*7*6*22*0~",
    ]  # fmt: skip


def test_claims_of_one_billing_provider_stand_together_whatever_their_order() -> None:
    plain = plain_claim()
    other = replace(plain, patient_control_number="P300", billing_provider=OTHER_CLINIC)
    last = replace(plain, patient_control_number="P301")

    found = read_one(file_of(batch_of(plain, other, last)))

    assert [claim.patient_control_number for claim in found.claims] == ["P100", "P301", "P300"]


def test_a_secondary_claim_carries_the_first_payers_decision() -> None:
    text = file_of(batch_of(secondary_claim()))

    for line in ("SBR*S*18***12****MB~", "SBR*P*18*EMP9******CI~", "AMT*D*100~", "AMT*EAF*20.5~",
                 "SVD*FIRST1*85*HC:G0463:25**1~", "CAS*PR*1*10**2*5*1~", "DTP*573*D8*20260120~", "REF*F8*FICN1~"):  # fmt: skip
        assert line in text.splitlines(), line


def changed(**values: object) -> Claim:
    return replace(plain_claim(), **values)  # type: ignore[arg-type]


def with_line(**values: object) -> Claim:
    claim = plain_claim()
    return replace(claim, lines=(replace(claim.lines[0], **values), claim.lines[1]))  # type: ignore[arg-type]


def with_other(**values: object) -> Claim:
    claim = secondary_claim()
    return replace(claim, other_coverages=(replace(claim.other_coverages[0], **values),))  # type: ignore[arg-type]


def with_decision(**values: object) -> Claim:
    claim = secondary_claim()
    first, second = claim.lines
    decision = replace(first.adjudications[0], **values)  # type: ignore[arg-type]
    return replace(claim, lines=(replace(first, adjudications=(decision,)), second))


BROKEN: dict[str, tuple[Claim, str]] = {
    "NPI without its check digit": (changed(billing_provider=replace(CLINIC, npi="1234567890")), "npi"),
    "no NPI": (changed(billing_provider=replace(CLINIC, npi="")), "npi"),
    "ZIP of five digits for the billing provider": (
        changed(billing_provider=replace(CLINIC, address=replace(CLINIC.address, zip_code="53703"))),
        "zip",
    ),
    "post box for the billing provider": (
        changed(billing_provider=replace(CLINIC, address=replace(CLINIC.address, line_1="P.O. Box 7"))),
        "address",
    ),
    "no such state": (
        changed(subscriber=replace(JANE, address=Address("1 A ST", "TOWN", "ZZ", "53703"))),
        "state",
    ),
    "ZIP with a hyphen": (
        changed(subscriber=replace(JANE, address=Address("1 A ST", "TOWN", "WI", "53703-1234"))),
        "zip",
    ),
    "tax id with a hyphen": (changed(billing_provider=replace(CLINIC, tax_id="12-3456789")), "tax_id"),
    "frequency 6": (changed(frequency="6"), "frequency"),
    "replacement without the payer's number": (changed(frequency="7"), "payer_claim_number"),
    "void without the payer's number": (changed(frequency="8"), "payer_claim_number"),
    "original with the payer's number": (changed(payer_claim_number="ICN"), "payer_claim_number"),
    "diagnosis with its dot": (changed(diagnoses=("E11.9", "I10")), "diagnosis"),
    "diagnosis of no shape": (changed(diagnoses=("250", "I10")), "diagnosis"),
    "diagnosis twice": (changed(diagnoses=("I10", "I10")), "diagnosis"),
    "thirteen diagnoses": (changed(diagnoses=tuple(f"I{number}" for number in range(10, 23))), "diagnosis"),
    "no diagnosis": (changed(diagnoses=()), "diagnosis"),
    "pointer without its diagnosis": (with_line(diagnosis_pointers=(3,)), "pointer"),
    "pointer 0": (with_line(diagnosis_pointers=(0,)), "pointer"),
    "no pointer": (with_line(diagnosis_pointers=()), "pointer"),
    "charge is not the sum": (changed(charge=Decimal("150.00")), "sum"),
    "no charge": (changed(charge=Decimal("0.00"), lines=(replace(VISIT, charge=Decimal("0.00")),)), "amount"),
    "negative line": (with_line(charge=Decimal("-1.00")), "amount"),
    "no units": (with_line(units=Decimal(0)), "quantity"),
    "five modifiers": (with_line(procedure=Procedure("HC", "G0463", ("25",) * 5)), "modifier"),
    "procedure of no shape": (with_line(procedure=Procedure("HC", "G04")), "procedure"),
    "51 lines": (
        changed(
            charge=Decimal(51),
            lines=tuple(replace(VISIT, charge=Decimal(1), control_number=str(number)) for number in range(51)),
        ),
        "lines",
    ),
    "no line": (changed(lines=()), "lines"),
    "one line control number twice": (with_line(control_number="L2"), "line_control_number"),
    "claim number of 21 characters": (changed(patient_control_number="P" * 21), "length"),
    "last day before the first": (with_line(last_day=date(2026, 1, 1)), "date"),
    "patient without birth date": (changed(subscriber=replace(JANE, birth_date=None, sex="")), "missing"),
    "no member id": (changed(subscriber=replace(JANE, member_id="")), "missing"),
    "Medicare second without its reason": (
        replace(secondary_claim(), subscriber=replace(secondary_claim().subscriber, medicare_secondary_type="")),
        "medicare_secondary",
    ),
    "a reason where Medicare is first": (
        changed(subscriber=replace(JANE, medicare_secondary_type="12")),
        "medicare_secondary",
    ),
    "two primaries": (with_other(payer_sequence="S"), "payer_sequence"),
    "line not balanced": (with_decision(paid=Decimal("84.00")), "balance"),
    "negative payment": (
        with_decision(paid=Decimal("-1.00"), adjustments=(Adjustment("CO", "45", Decimal("121.00")),)),
        "amount",
    ),
    "claim not balanced": (with_other(paid=Decimal("99.00")), "balance"),
    "decision of an unknown payer": (with_decision(payer_identifier="NOBODY"), "payer"),
    "decision without its date": (with_decision(adjudicated_on=None), "missing"),
    "date on claim and line": (with_other(adjudicated_on=DECIDED_ON), "date"),
    "patient's rest on claim and line": (with_decision(remaining_patient_liability=Decimal("15.00")), "liability"),
    "decided lines of a payer that was passed over": (
        with_other(bypassed_charge=Decimal("150.50"), paid=None),
        "bypassed",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_a_payer_would_refuse_is_not_written(name: str) -> None:
    claim, rule = BROKEN[name]

    with pytest.raises(X12Error) as caught:
        file_of(batch_of(claim))

    assert rule in {fault.rule for fault in claim_faults(claim)}
    assert claim.patient_control_number in caught.value.sentence


def test_a_good_claim_has_no_fault() -> None:
    for shape in SHAPES.values():
        assert list(claim_faults(shape())) == []


def test_an_empty_batch_is_not_written() -> None:
    with pytest.raises(X12Error):
        file_of(batch_of())


@pytest.mark.parametrize(
    ("old", "new", "tag", "rule"),
    [
        ("CLM*P100*150.5", "CLM*P100*1e9", "CLM", "amount"),
        ("CLM*P100*150.5", "CLM**150.5", "CLM", "missing"),
        ("HL*2*1*22*0", "HL*2*9*22*0", "HL", "hierarchy"),
        ("HL*2*1*22*0", "HL*1*1*22*0", "HL", "hierarchy"),
        ("HL*2*1*22*0", "HL*2*1*99*0", "HL", "hierarchy"),
        ("HL*2*1*22*0", "HL*2*1*22*1", "HL", "hierarchy"),
        ("HL*1**20*1", "HL*1**20*0", "HL", "hierarchy"),
        ("DTP*472*D8*20260102", "DTP*472*D8*20260230", "DTP", "date"),
        ("DTP*472*D8*20260102", "DTP*471*D8*20260102", "SV1", "missing"),
        ("SV1*HC:G0463:25*120*UN*1***1:2", "SV1*HC:G0463:25*120*UN*1***A", "SV1", "pointer"),
        ("SV1*HC:G0463:25*120*UN*1", "SV1*HC:G0463:25*120*UN*-0", "SV1", "quantity"),
        ("NM1*85", "NM1*99", "HL", "missing"),
        ("BHT*0019*00*B1*20260105*0930", "BHT*0019*00*B1*20260105*9930", "BHT", "time"),
        ("ST*837", "ST*835", "ST", "kind"),
    ],
)
def test_a_broken_claim_file_names_the_segment(old: str, new: str, tag: str, rule: str) -> None:
    text = file_of(batch_of(plain_claim()))
    assert old in text

    (fault,) = read_each_batch(text.replace(old, new, 1))

    assert isinstance(fault, X12Error)
    assert (fault.tag, fault.rule) == (tag, rule)
    assert fault.segment > 0


def test_segments_that_no_field_shows_are_kept() -> None:
    text = file_of(batch_of(plain_claim()))
    text = text.replace("HI*ABK", "CR1*LB*140~\nHI*ABK").replace("REF*6R*L1", "REF*6R*L1~\nMEA*OG*R1*8")
    text = text.replace(f"SE*{text.count('~') - 6}*", f"SE*{text.count('~') - 4}*")

    (claim,) = read_one(text).claims

    assert [segment.tag for segment in claim.unread] == ["CR1"]
    assert [segment.tag for segment in claim.lines[0].unread] == ["MEA"]
    assert claim.segments[0].position == claim.position


words = st.text("ABCXYZ0189 -./'&", min_size=1, max_size=20).map(str.strip).filter(bool)
identifiers = st.text("ABCXYZ0189", min_size=1, max_size=12)
cents = st.integers(0, 500_000).map(lambda number: Decimal(number).scaleb(-2).quantize(Decimal("0.01")))
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@st.composite
def service_lines(draw: st.DrawFn, number: int, diagnoses: int) -> ServiceLine:
    """A line, decided by payer FIRST1 so that it balances."""
    pointers = draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=4, unique=True))
    first = draw(days)
    changes = draw(st.lists(st.builds(Adjustment, st.sampled_from(["CO", "PR", "OA"]), identifiers, cents), max_size=8))
    paid = draw(cents) + Decimal("0.01")
    procedure = Procedure(
        "HC",
        draw(st.from_regex(r"[A-Z][0-9]{4}", fullmatch=True)),
        tuple(draw(st.lists(st.sampled_from(["25", "59", "GT", "LT"]), max_size=4))),
    )
    units = Decimal(draw(st.integers(1, 999)))
    return ServiceLine(
        procedure=procedure,
        charge=paid + sum((each.amount for each in changes), Decimal("0.00")),
        units=units,
        diagnosis_pointers=tuple(pointers),
        first_day=first,
        last_day=max(first, draw(days)),
        control_number=f"L{number}",
        note=draw(st.just("") | words),
        place_of_service=draw(st.sampled_from(["", "11", "22"])),
        adjudications=(
            LineAdjudication(
                payer_identifier="FIRST1",
                paid=paid,
                procedure=procedure,
                units=units,
                adjudicated_on=DECIDED_ON,
                adjustments=tuple(changes),
            ),
        ),
    )


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """Any claim that may be written, from the samples outwards."""
    diagnoses = draw(
        st.lists(st.from_regex(r"[A-Z][0-9][0-9AB][0-9A-Z]{0,4}", fullmatch=True), min_size=1, max_size=12, unique=True)
    )
    count = draw(st.integers(1, 6))
    lines = tuple(draw(service_lines(number, len(diagnoses))) for number in range(count))
    base = draw(st.sampled_from([full_claim, dependent_claim, secondary_claim]))()
    if base.other_coverages:
        paid = sum((each.paid for line in lines for each in line.adjudications), Decimal("0.00"))
        base = replace(base, other_coverages=(replace(base.other_coverages[0], paid=paid),))
    else:
        lines = tuple(replace(line, adjudications=()) for line in lines)
    frequency = draw(st.sampled_from("178"))
    return replace(
        base,
        patient_control_number=draw(identifiers),
        charge=sum((line.charge for line in lines), Decimal("0.00")),
        diagnoses=tuple(diagnoses),
        lines=lines,
        frequency=frequency,
        payer_claim_number="" if frequency == "1" else draw(identifiers),
        note=draw(st.just("") | words),
        prior_authorization=draw(st.just("") | identifiers),
        subscriber=replace(base.subscriber, last_name=draw(words), member_id=draw(identifiers)),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(claims(), min_size=1, max_size=4))
def test_any_batch_that_may_be_written_reads_back_equal(drawn: list[Claim]) -> None:
    batch = batch_of(*drawn)

    found = read_one(file_of(batch))

    assert found == replace(batch, claims=found.claims)
    assert {claim: found.claims.count(claim) for claim in found.claims} == {
        claim: batch.claims.count(claim) for claim in batch.claims
    }
