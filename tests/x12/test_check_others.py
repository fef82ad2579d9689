"""Planted defects in 277CA, 270 and 271: each found at its segment and element; what our writers make gives no finding."""

import pytest

from tests.x12.planting import Base, found, report_on
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
    "271 refused": Base.written(wrap(write_response(REFUSED, control_number="0001"), RESPONSE_GROUP_KIND)),
}  # fmt: skip


@pytest.mark.parametrize("name", BASES)
def test_what_we_write_gives_no_finding(name: str) -> None:
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
