"""A table of planted defects: one a file, each found at its segment and element; the clean base gives no finding."""

import pytest

from tests.x12.planting import Base, Found, found, report_on
from x12.findings import Severity

BASE = Base.of("835_reversal_and_recoup.edi")

CHANGED: list[tuple[int, str, str, Found]] = [
    (4, "BPR*I*", "BPR*Q*", (4, 1, "code")),
    (4, "*C*ACH", "*X*ACH", (4, 3, "code")),
    (4, "*ACH*", "*WIRE*", (4, 4, "code")),
    (4, "*ACH****", "*ACH**01**", (4, 7, "pair")),
    (4, "20260120", "20260230", (4, 16, "date")),
    (4, "20260120", "", (4, 16, "missing")),
    (4, "*106.27*", "*106.28*", (4, 2, "balance_check")),
    (4, "*106.27*", "*1e2*", (4, 2, "number")),
    (5, "TRN*1*", "TRN*2*", (5, 1, "code")),
    (5, "*EFT1001*", "**", (5, 2, "missing")),
    (5, "1912345678", "91234", (5, 3, "too_short")),
    (6, "20260120", "2026012", (6, 2, "date")),
    (7, "ACME HEALTH", "A" * 61, (7, 2, "too_long")),
    (7, "ACME HEALTH", "ACME HEALTH*XV", (7, 4, "pair")),
    (9, "*WI*", "*WX*", (9, 2, "state")),
    (9, "53202", "5320", (9, 3, "zip")),
    (11, "*TE*", "*XX*", (11, 3, "code")),
    (12, "1234567893", "1234567890", (12, 4, "npi")),
    (12, "*XX*1234567893", "*XX*", (12, 4, "missing")),
    (14, "LX*1", "LX*A", (14, 1, "number")),
    (15, "CLP*P100*1*", "CLP*P100*5*", (15, 2, "code")),
    (15, "CLP*P100*", "CLP**", (15, 1, "missing")),
    (15, "*12*ICN1", "*77*ICN1", (15, 6, "code")),
    (15, "*ICN1*", "**", (15, 7, "missing")),
    (15, "*150.5*", "*15O.5*", (15, 3, "number")),
    (16, "*MI*W123456789", "*MI*W", (16, 9, "too_short")),
    (16, "NM1*QC*1", "NM1*QC*2", (16, 2, "code")),
    (17, "1999999976", "1999999970", (17, 9, "npi")),
    (18, "*MA01*", "*MX01*", (18, 3, "rarc")),
    (20, "DTM*232*20260102", "DTM*232*20261302", (20, 2, "date")),
    (21, "DTM*050", "DTM*051", (21, 1, "code")),
    (22, "AMT*AU*100", "AMT*AU*", (22, 2, "missing")),
    (23, "HC:G0463", "QQ:G0463", (23, 1, "code")),
    (23, "HC:G0463:25", "HC::25", (23, 1, "missing")),
    (23, "HC:G0463:25", "HC:G0463:255", (23, 1, "too_long")),
    (23, "*85**1~", "*85**1***9~", (23, 8, "too_many_elements")),
    (25, "CAS*CO", "CAS*XO", (25, 1, "code")),
    (25, "*45*", "*999*", (25, 2, "carc")),
    (25, "*45*20", "*45*", (25, 3, "missing")),
    (26, "*2*5*1", "*2**1", (26, 6, "pair")),
    (29, "LQ*HE*N130", "LQ*HE*130", (29, 2, "rarc")),
    (29, "LQ*HE", "LQ*HX", (29, 1, "code")),
    (64, "*1234567893*", "**", (64, 1, "missing")),
    (64, "20261231", "20261232", (64, 2, "date")),
    (64, "WO:P099", "QQ:P099", (64, 3, "code")),
    (64, "*L6*-1.27", "*L6", (64, 6, "pair")),
    (64, "*25*", "*26*", (4, 2, "balance_check")),
]


@pytest.mark.parametrize(("number", "old", "new", "wanted"), CHANGED, ids=lambda v: str(v)[:24])
def test_a_changed_element_is_found_at_its_place(number: int, old: str, new: str, wanted: Found) -> None:
    assert wanted in found(BASE.changed(number, old, new))


@pytest.mark.parametrize(("number", "wanted"), [
    (4, (4, 0, "missing_segment")), (5, (5, 0, "missing_segment")), (8, (8, 0, "missing_segment")),
    (9, (9, 0, "missing_segment")), (11, (11, 0, "missing_segment")), (16, (17, 0, "missing_segment")),
])  # fmt: skip
def test_a_segment_that_is_missing_is_told_where_it_should_stand(number: int, wanted: Found) -> None:
    assert wanted in found(BASE.without(number))


@pytest.mark.parametrize(("number", "line", "wanted"), [
    (5, "BPR*I*0*C*NON************20260120~", (5, 0, "too_many")),
    (15, "TS3*X*11*20261231*1*100~", None),
    (16, "QQQ*1~", (16, 0, "unknown_segment")),
    (24, "TRN*1*1*1912345678~", (24, 0, "order")),
    (17, "NM1*QC*1*DOE*JANE~", (17, 0, "too_many")),
    (63, "LQ*HE*N130~", (63, 0, "unexpected")),
    (12, "PER*CX**TE*8005550100~", None),
    (20, "MIA*0*0~", (20, 0, "order")),
])  # fmt: skip
def test_a_segment_too_many_is_told_and_one_that_may_stand_there_is_not(
    number: int, line: str, wanted: Found | None
) -> None:
    told = found(BASE.with_line(number, line))

    assert told == [] if wanted is None else wanted in told


def test_segments_of_one_tag_side_by_side_may_come_in_any_order() -> None:
    lines = list(BASE.lines)
    lines[15], lines[16] = lines[16], lines[15]  # NM1*QC and NM1*82

    assert found(BASE.text(lines)) == []


@pytest.mark.parametrize("name", [
    "835_reversal_and_recoup", "835_negative_check_carried_forward", "835_refund_acknowledged",
])  # fmt: skip
def test_the_clean_ones_give_no_finding(name: str) -> None:
    base = Base.of(f"{name}.edi")
    report = report_on(base.text(list(base.lines)))

    assert (report.findings, report.balanced, report.is_judged) == ([], True, True)


def test_three_balances_are_told_apart() -> None:
    lines = list(BASE.lines)
    lines[22] = lines[22].replace("*85**1", "*84**1")

    report = report_on(BASE.text(lines))

    assert [(f.segment, f.element, f.rule) for f in report.findings] == [(23, 3, "balance_line")]
    assert report.balanced is False
    assert "(difference -1.00)" in report.findings[0].message


def test_a_sum_that_cannot_be_read_leaves_the_balance_open() -> None:
    report = report_on(BASE.changed(25, "*45*20", "*45*2O"))

    assert (report.balanced, report.claims) == (None, 3)
    assert [(f.segment, f.element, f.rule) for f in report.findings] == [(25, 3, "number")]


def test_what_payers_do_out_of_habit_is_a_warning_and_money_never_is() -> None:
    habit = report_on(BASE.with_line(16, "QQQ*1~")).findings
    money = report_on(BASE.changed(25, "CAS*CO", "CAS*XO")).findings

    assert [f.severity for f in habit] == [Severity.WARNING]
    assert [f.severity for f in money] == [Severity.ERROR]


def test_a_wrong_count_in_the_trailer_hides_nothing() -> None:
    text = "\n".join(line.replace("SE*63*", "SE*60*") for line in BASE.lines)

    report = report_on(text)

    assert [(f.segment, f.element, f.rule) for f in report.findings] == [(65, 1, "count")]
    assert (report.claims, report.balanced) == (3, True)
