"""A table of planted defects: one a file, each found at its segment and element; the clean bases give no finding."""

import pytest

from tests.x12.planting import Base, Found, found, report_on

BASE = Base.of("837p_secondary_to_medicare.edi")
REPLACEMENT = Base.of("837p_replacement.edi")

CHANGED: list[tuple[int, str, str, Found]] = [
    (4, "*0019*", "*0018*", (4, 1, "code")),
    (4, "*00*B1", "*01*B1", (4, 2, "code")),
    (4, "*B1*", "**", (4, 3, "missing")),
    (4, "20260105", "20260135", (4, 4, "date")),
    (4, "*0930*", "*2530*", (4, 5, "time")),
    (4, "*CH~", "*XX~", (4, 6, "code")),
    (5, "*41*2*", "*41*3*", (5, 2, "code")),
    (5, "LAKESIDE FAMILY CLINIC", "", (5, 3, "missing")),
    (5, "*46*LAKE01", "*46*", (5, 9, "missing")),
    (6, "*TE*", "*UR*", (6, 3, "code")),
    (6, "*EM*EDI@EXAMPLE.ORG", "*EM", (6, 6, "pair")),
    (7, "*46*CH01", "*FI*CH01", (7, 8, "code")),
    (8, "HL*1*", "HL*2*", (8, 1, "hierarchy")),
    (8, "*20*1", "*20*0", (8, 4, "code")),
    (9, "*PXC*", "*ZZ*", (9, 2, "code")),
    (9, "261QP2300X", "261QP2300", (9, 3, "taxonomy")),
    (10, "1234567893", "1234567890", (10, 9, "npi")),
    (10, "1234567893", "123456789", (10, 9, "npi")),
    (10, "*XX*1234567893", "*XX*", (10, 9, "pair")),
    (10, "*85*2*", "*85*9*", (10, 2, "code")),
    (11, "12 HARBOR ROAD", "", (11, 1, "missing")),
    (11, "12 HARBOR ROAD", "H" * 56, (11, 1, "too_long")),
    (12, "*WI*", "*WX*", (12, 2, "state")),
    (12, "537031234", "53703", (12, 3, "zip")),
    (12, "MADISON", "M", (12, 1, "too_short")),
    (13, "REF*EI*", "REF*ZZ*", (13, 1, "code")),
    (13, "123456789", "", (13, 2, "missing")),
    (15, "HL*2*1*22*0", "HL*2*9*22*0", (15, 2, "hierarchy")),
    (15, "*22*0", "*22*1", (15, 4, "hierarchy")),
    (15, "HL*2*1*22", "HL*3*1*22", (15, 1, "hierarchy")),
    (16, "SBR*S*", "SBR*X*", (16, 1, "code")),
    (16, "*18*", "*19*", (16, 2, "code")),
    (16, "*12****MB", "*99****MB", (16, 5, "code")),
    (16, "*MB~", "*QQ~", (16, 9, "code")),
    (17, "*MI*W123456789", "*XX*W123456789", (17, 8, "code")),
    (17, "DOE", "", (17, 3, "missing")),
    (20, "19800517", "19800230", (20, 2, "date")),
    (20, "*F~", "*X~", (20, 3, "code")),
    (21, "*PI*MCRB1", "*PI*", (21, 9, "missing")),
    (21, "NM1*PR*2", "NM1*PR*1", (21, 2, "code")),
    (24, "*150.5*", "*150.505*", (24, 2, "decimals")),
    (24, "*150.5*", "*151.5*", (24, 2, "sum")),
    (24, "*150.5*", "*1e9*", (24, 2, "number")),
    (24, "*P103*", "**", (24, 1, "missing")),
    (24, "*P103*", f"*{'P' * 39}*", (24, 1, "too_long")),
    (24, "11:B:1", "11:A:1", (24, 5, "code")),
    (24, "11:B:1", "11:B:3", (24, 5, "frequency")),
    (24, "11:B:1", "11:B:7", (24, 5, "payer_claim_number")),
    (24, "11:B:1", "11:B", (24, 5, "missing")),
    (24, "*Y*A*Y*Y", "*Q*A*Y*Y", (24, 6, "code")),
    (24, "*Y*A*Y*Y", "*Y*X*Y*Y", (24, 7, "code")),
    (24, "*Y*A*Y*Y", "*Y*A*Y*N", (24, 9, "code")),
    (25, "ABK:E119", "ABK:E11.9", (25, 1, "diagnosis")),
    (25, "ABF:I10", "ABF:1000", (25, 2, "diagnosis")),
    (25, "ABF:I10", "ABX:I10", (25, 2, "code")),
    (25, "ABK:E119", "ABK", (25, 1, "missing")),
    (26, "1999999976", "1999999971", (26, 9, "npi")),
    (27, "PRV*PE", "PRV*XX", (27, 1, "code")),
    (31, "*Y***Y", "*X***Y", (31, 3, "code")),
    (38, "LX*1", "LX*X", (38, 1, "number")),
    (39, "HC:G0463", "QQ:G0463", (39, 1, "code")),
    (39, "HC:G0463", "HC:G046", (39, 1, "procedure")),
    (39, "G0463:25", "G0463:2-", (39, 1, "modifier")),
    (39, "*UN*1*", "*XX*1*", (39, 3, "code")),
    (39, "*UN*1*", "*UN*0*", (39, 4, "quantity")),
    (39, "*1:2~", "*1:3~", (39, 7, "pointer")),
    (39, "*1:2~", "*1:1~", (39, 7, "pointer")),
    (39, "*1:2~", "*A:2~", (39, 7, "number")),
    (40, "20260102", "20260231", (40, 3, "date")),
    (40, "*D8*20260102", "*RD8*20260103-20260102", (40, 3, "date")),
    (42, "*85*", "*84*", (42, 2, "balance_line")),
    (43, "CAS*CO", "CAS*XX", (43, 1, "code")),
    (43, "*45*20", "*45*21", (42, 2, "balance_line")),
    (44, "*2*5*1", "*2**1", (44, 6, "pair")),
    (45, "*573*D8*20260120", "*573*D8*2026012", (45, 3, "date")),
]


@pytest.mark.parametrize(("number", "old", "new", "wanted"), CHANGED, ids=lambda v: str(v)[:24])
def test_a_changed_element_is_found_at_its_place(number: int, old: str, new: str, wanted: Found) -> None:
    assert wanted in found(BASE.changed(number, old, new))


@pytest.mark.parametrize(("number", "wanted"), [
    (6, (6, 0, "missing_segment")), (11, (11, 0, "missing_segment")), (12, (12, 0, "missing_segment")),
    (13, (13, 0, "missing_segment")), (16, (16, 0, "unexpected")), (25, (25, 0, "missing_segment")),
    (31, (31, 0, "missing_segment")), (40, (40, 0, "missing_segment")), (45, (45, 0, "missing_segment")),
    (7, (7, 0, "missing_segment")),
])  # fmt: skip
def test_a_segment_that_is_missing_is_told_where_it_should_stand(number: int, wanted: Found) -> None:
    told = found(BASE.without(number))

    assert wanted in told or (number, 0, "missing_segment") in told


@pytest.mark.parametrize(("number", "line", "wanted"), [
    (25, "DTP*431*D8*20260101~", None),
    (25, "REF*G1*AUTH1~", None),
    (25, "NTE*ADD*SEEN TWICE~", None),
    (25, "REF*QQ*AUTH1~", (25, 1, "code")),
    (25, "ZZZ*1~", (25, 0, "unknown_segment")),
    (27, "CLM*P103*150.5***11:B:1*Y*A*Y*Y~", (27, 1, "claim_number")),
    (40, "SV1*HC:G0463*0*UN*1***1~", (40, 0, "too_many")),
    (41, "DTP*472*D8*20260102~", (41, 0, "too_many")),
    (42, "AMT*Z9*1~", (42, 1, "code")),
    (26, "DTP*431*D8*20260101~", (26, 0, "order")),
    (42, "NM1*82*1*ROE*RAY****XX*1999999976~", None),
])  # fmt: skip
def test_a_segment_too_many_is_told_and_one_that_may_stand_there_is_not(
    number: int, line: str, wanted: Found | None
) -> None:
    told = found(BASE.with_line(number, line))

    assert told == [] if wanted is None else wanted in told


def test_a_replacement_without_the_payers_number_is_found() -> None:
    lines = [line for line in REPLACEMENT.lines if not line.startswith("REF*F8")]
    claim = next(n for n, line in enumerate(lines, 1) if line.startswith("CLM"))

    assert found(REPLACEMENT.text(lines)) == [(claim, 5, "payer_claim_number")]


@pytest.mark.parametrize("name", ["837p_secondary_to_medicare", "837p_replacement", "837p_void"])
def test_the_clean_ones_give_no_finding(name: str) -> None:
    base = Base.of(f"{name}.edi")

    report = report_on(base.text(list(base.lines)))

    assert (report.findings, report.balanced, report.is_judged, report.claims) == ([], True, True, 1)


def test_the_sum_of_the_charges_is_told() -> None:
    assert str(report_on(BASE.text(list(BASE.lines))).charge) == "150.50"
