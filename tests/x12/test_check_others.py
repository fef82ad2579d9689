"""Planted defects in 277CA, 270, 271, 276 and 277: each found at its segment and element; the clean ones, most made by our writers, give none."""

import pytest

from tests.x12.planting import Base, found, report_on
from tests.x12.pyx12_judge import judge
from tests.x12.test_ack_277ca import ANSWER, text_of
from tests.x12.test_eligibility import (
    DEPENDENT,
    INQUIRY_GROUP_KIND,
    REFUSED,
    RESPONSE_GROUP_KIND,
    a_response,
    an_inquiry,
    wrap,
    write_inquiry,
    write_response,
)

BASES = {
    "277CA": Base.written(text_of(ANSWER)),
    "270": Base.written(wrap(write_inquiry(an_inquiry(dependent=DEPENDENT), control_number="0001"), INQUIRY_GROUP_KIND)),
    "271": Base.written(wrap(write_response(a_response(), control_number="0001"), RESPONSE_GROUP_KIND)),
    "276": Base.of("276_two_claims.edi"),
    "277": Base.of("277_two_claims.edi"),
    "271 refused": Base.written(wrap(write_response(REFUSED, control_number="0001"), RESPONSE_GROUP_KIND)),
}  # fmt: skip


@pytest.mark.parametrize("name", BASES)
def test_the_clean_ones_give_no_finding(name: str) -> None:
    base = BASES[name]

    report = report_on(base.text(list(base.lines)))

    assert (report.transaction, report.findings, report.is_judged) == (name.partition(" ")[0], [], True)


@pytest.mark.parametrize(("name", "old", "new", "element", "rule"), [
    ("277CA", "BHT*0085", "BHT*0010", 1, "code"),
    ("277CA", "*TH~", "~", 6, "missing"),
    ("277CA", "HL*2*1*21*1", "HL*2*1*21*0", 4, "hierarchy"),
    ("277CA", "HL*4*3*PT", "HL*4*2*PT", 2, "hierarchy"),
    ("277CA", "HL*5*3*PT", "HL*6*3*PT", 1, "hierarchy"),
    ("277CA", "NM1*PR*2*LAKE", "NM1*PR*1*LAKE", 2, "code"),
    ("277CA", "DTP*009*D8*20260106", "DTP*009*D8*20260132", 3, "date"),
    ("277CA", "STC*A1:19:PR*20260106", "STC*A1:19:PR*20261306", 2, "date"),
    ("277CA", "STC*A1:19:PR", "STC*A1", 1, "missing"),
    ("277CA", "*WQ*230", "*XX*230", 3, "code"),
    ("277CA", "*WQ*230", "*WQ*", 4, "missing"),
    ("277CA", "QTY*90*1", "QTY*90*X", 2, "number"),
    ("277CA", "AMT*YY*80", "AMT*YY*80.005", 2, "decimals"),
    ("277CA", "XX*1234567893", "XX*1234567890", 9, "npi"),
    ("277CA", "RD8*20260105-20260106", "RD8*20260106-20260105", 3, "date"),
    ("277CA", "SVC*HC:G0101", "SVC*QQ:G0101", 1, "code"),
    ("270", "BHT*0022*13", "BHT*0022*11", 2, "code"),
    ("270", "*20260302*0930~", "*20260302*0960~", 5, "time"),
    ("270", "HL*2*1*21*1", "HL*2*7*21*1", 2, "hierarchy"),
    ("270", "HL*3*2*22*1", "HL*3*2*22*0", 4, "hierarchy"),
    ("270", "NM1*PR*2", "NM1*PR*3", 2, "code"),
    ("270", "*MI*XOF884201376", "*MI*", 9, "pair"),
    ("270", "*MI*XOF884201376", "*ZZ*XOF884201376", 8, "code"),
    ("270", "XX*1234567893", "XX*123456789", 9, "npi"),
    ("270", "TRN*1*CHK0001*9877281234", "TRN*1*CHK0001*98", 3, "too_short"),
    ("270", "TRN*1*CHK0001", "TRN*2*CHK0001", 1, "code"),
    ("270", "DMG*D8*20150201", "DMG*D8*20150231", 2, "date"),
    ("270", "INS*N*19", "INS*N*18", 2, "code"),
    ("270", "EQ*30", "EQ*300", 1, "too_long"),
    ("270", "DTP*291*D8*20260304", "DTP*291*D8*0304", 3, "too_short"),
    ("271", "BHT*0022*11", "BHT*0022*13", 2, "code"),
    ("271", "HL*3*2*22*0", "HL*3*1*22*0", 2, "hierarchy"),
    ("271", "TRN*2*CHK0001", "TRN*3*CHK0001", 1, "code"),
    ("271", "REF*6P*GRP1", "REF*6P*", 2, "missing"),
    ("271", "DMG*D8*19790602*M", "DMG*D8*19790602*Q", 3, "code"),
    ("271", "DTP*346*D8*20260101", "DTP*346*D8*20260001", 3, "date"),
    ("271", "EB*1*IND", "EB*ZZ*IND", 1, "code"),
    ("271", "EB*1*IND", "EB*1*XXX", 2, "code"),
    ("271", "*27*30*", "*99*30*", 6, "code"),
    ("271", "*27*30*", "*27*30.001*", 7, "decimals"),
    ("271", "****0.2*", "****ten*", 8, "number"),
    ("271", "*0.2****Y", "*0.2****Q", 12, "code"),
    ("271", "MSG*OFFICE VISIT", "MSG*", 1, "missing"),
    ("271", "NM1*PRP*2", "NM1*PRP*9", 2, "code"),
    ("271", "*PI*FPB01", "*PI*", 9, "pair"),
    ("276", "BHT*0010*13", "BHT*0010*08", 2, "code"),
    ("276", "NM1*PR*2", "NM1*PR*1", 2, "code"),
    ("276", "HL*4*3*22*0", "HL*4*3*22*1", 4, "hierarchy"),
    ("276", "HL*6*5*23", "HL*6*4*23", 2, "hierarchy"),
    ("276", "DMG*D8*19790602", "DMG*D8*19790631", 2, "date"),
    ("276", "TRN*1*C100", "TRN*2*C100", 1, "code"),
    ("276", "REF*1K*ICN1", "REF*1K*", 2, "missing"),
    ("276", "AMT*T3*150.5", "AMT*T3*150.555", 2, "decimals"),
    ("276", "SVC*HC:G0463:25", "SVC*HC::25", 1, "missing"),
    ("276", "D8*20260105", "D8*20260299", 3, "date"),
    ("276", "RD8*20260105-20260106", "RD8*20260105", 3, "date"),
    ("276", "*MI*W123", "*XX*W123", 8, "code"),
    ("277", "BHT*0010*08", "BHT*0010*13", 2, "code"),
    ("277", "*DG~", "*TH~", 6, "code"),
    ("277", "PER*IC*HELP DESK*TE", "PER*IC*HELP DESK*QQ", 3, "code"),
    ("277", "HL*3*2*19*1", "HL*3*1*19*1", 2, "hierarchy"),
    ("277", "XX*1234567893", "XX*1234567891", 9, "npi"),
    ("277", "STC*F1:65*20260120", "STC*F1*20260120", 1, "missing"),
    ("277", "STC*F1:65*20260120", "STC*F1:65*20261320", 2, "date"),
    ("277", "**150.5*85*", "*WQ*150.5*85*", 3, "not_used"),
    ("277", "*150.5*85*", "*150.505*85*", 4, "decimals"),
    ("277", "*20260120*EFT1001", "*2026012*EFT1001", 8, "date"),
    ("277", "SVC*HC:G0463:25*120*85", "SVC*HC:G0463:25*120*", 3, "missing"),
    ("277", "*A0:16", "*A0", 10, "missing"),
    ("271 refused", "AAA*N**75*C", "AAA*X**75*C", 1, "code"),
    ("271 refused", "AAA*N**75*C", "AAA*N***C", 3, "missing"),
    ("271 refused", "AAA*N**75*C", "AAA*N**75*Q", 4, "code"),
])  # fmt: skip
def test_a_planted_defect_is_found_at_its_place(name: str, old: str, new: str, element: int, rule: str) -> None:
    text, number = BASES[name].swapped(old, new)

    assert (number, element, rule) in found(text)


@pytest.mark.parametrize(("name", "left_out", "before"), [
    ("277CA", "DTP*009", "HL*2*1*21"), ("277CA", "TRN*2*B42", "HL*3*2*19"), ("277CA", "REF*FJ", "DTP*472*D8*20260105~"),
    ("270", "NM1*1P", "HL*3*2*22"), ("270", "EQ*", ""), ("271", "NM1*IL", ""), ("271", "LE*2120", "SE*"),
])  # fmt: skip
def test_a_segment_left_out_is_missed_where_the_next_stands(name: str, left_out: str, before: str) -> None:
    base = BASES[name]
    lines = [line for line in base.lines if not line.startswith(left_out)]

    missed = [(place, rule) for place, _element, rule in found(base.text(lines)) if rule != "hierarchy"]

    assert "missing_segment" in {rule for _place, rule in missed}
    if before:
        numbers = [n for n, line in enumerate(lines, 1) if line.startswith(before)]
        assert any((number, "missing_segment") in missed for number in numbers)


@pytest.mark.parametrize("name", ["276", "277"])
def test_another_judge_finds_our_samples_clean_too(name: str) -> None:
    assert judge("".join(BASES[name].lines)) == []
