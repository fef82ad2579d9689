"""Planted defects in a 999: each found at its place, the clean one gives none."""

import pytest

from x12.check import check

BASE = """\
ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260105*1200*^*00501*000000001*0*P*:~
GS*FA*PAYER*CLINIC*20260105*1200*1*X*005010X231A1~
ST*999*0001*005010X231A1~
AK1*HC*17456*005010X222A1~
AK2*837*0001*005010X222A1~
IK5*A~
AK2*837*0002*005010X222A1~
IK3*CLM*22**8~
CTX*CLM01:P100~
IK4*2*782*1~
CTX*SITUATIONAL TRIGGER*CLM*43**5:3*C023:1325~
IK4*5:3:1*1325*7*X~
IK5*R*5~
AK9*P*2*2*1~
SE*13*0001~
GE*1*1~
IEA*1*000000001~
"""


def found(text: str) -> list[tuple[int, int, str]]:
    (report,) = check(text)
    return [(each.segment, each.element, each.rule) for each in report.findings]


def test_the_clean_one_gives_no_finding() -> None:
    (report,) = check(BASE)

    assert (report.transaction, report.claims, report.is_judged, report.findings) == ("999", 2, True, [])


@pytest.mark.parametrize(("old", "new", "wanted"), [
    ("AK1*HC*", "AK1*HCC*", (4, 1, "too_long")),
    ("AK1*HC*17456", "AK1*HC*", (4, 2, "missing")),
    ("AK2*837*0001", "AK2*837*001", (5, 2, "too_short")),
    ("AK2*837*0001", "AK2*8370*0001", (5, 1, "too_long")),
    ("IK5*A", "IK5*Q", (6, 1, "code")),
    ("IK5*R*5", "IK5*R*99", (13, 2, "code")),
    ("IK3*CLM*22", "IK3*CLM*2X", (8, 2, "number")),
    ("IK3*CLM*22**8", "IK3*CLM*22**", (8, 4, "missing")),
    ("IK3*CLM*22**8", "IK3*CLM*22**99", (8, 4, "code")),
    ("IK4*2*782*1", "IK4**782*1", (10, 1, "missing")),
    ("IK4*2*782*1", "IK4*2*782*99", (10, 3, "code")),
    ("IK4*5:3:1", "IK4*5:3:1:1", (12, 1, "components")),
    ("AK9*P*2*2*1", "AK9*P*2*2*", (14, 4, "missing")),
    ("AK9*P*2*2*1", "AK9*X1*2*2*1", (14, 1, "code")),
    ("SE*13", "SE*12", (15, 1, "count")),
    ("SE*13*0001", "SE*13*0009", (15, 2, "control_number")),
])  # fmt: skip
def test_a_planted_defect_is_found_at_its_place(old: str, new: str, wanted: tuple[int, int, str]) -> None:
    assert BASE.count(old) >= 1

    assert wanted in found(BASE.replace(old, new, 1))


@pytest.mark.parametrize(("line", "wanted"), [
    ("AK1*HC*17456*005010X222A1~\n", (4, 0, "missing_segment")),
    ("IK5*A~\n", (6, 0, "missing_segment")),
    ("AK9*P*2*2*1~\n", (14, 0, "missing_segment")),
])  # fmt: skip
def test_a_segment_left_out_is_missed(line: str, wanted: tuple[int, int, str]) -> None:
    assert wanted in found(BASE.replace(line, "").replace("SE*13", "SE*12"))
