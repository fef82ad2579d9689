"""How fast a whole 835 and a whole 837P of 10,000 claims are checked, against `str.split` over the same text, keeping nothing."""

import time
import tracemalloc
from collections.abc import Iterator

from bench.harness import Result, Size, in_turn, seconds, slower
from bench.x12_835 import remittance_text
from x12.check import SetReport, check

TIMES, MEGABYTES = 30.0, 64.0


def claims_text(claims: int) -> str:
    """A clean 837P with this many subscribers, a claim of two lines each."""
    body = [
        "BHT*0019*00*B1*20260105*0930*CH~NM1*41*2*CLINIC*****46*CLINIC~PER*IC*EDI DESK*TE*6085550101~",
        "NM1*40*2*PAYER*****46*PAYER~HL*1**20*1~PRV*BI*PXC*261QP2300X~NM1*85*2*CLINIC*****XX*1234567893~",
        "N3*12 HARBOR ROAD~N4*MADISON*WI*537031234~REF*EI*123456789~",
    ]
    for number in range(claims):
        body.append(f"HL*{number + 2}*1*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*JANE****MI*W{number:06}~N3*9 ELM STREET~")
        body.append("N4*MADISON*WI*53703~DMG*D8*19800517*F~NM1*PR*2*ACME HEALTH*****PI*ACME1~")
        body.append(f"CLM*P{number}*150.5***11:B:1*Y*A*Y*Y~HI*ABK:E119*ABF:I10~NM1*82*1*DEE*DANA****XX*1999999976~")
        body.append(f"LX*1~SV1*HC:G0463:25*120*UN*1***1:2~DTP*472*D8*20260102~REF*6R*{number}-1~")
        body.append(f"LX*2~SV1*HC:G0328*30.5*UN*2***2~DTP*472*D8*20260102~REF*6R*{number}-2~")
    text = "".join(body)
    return (
        "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *260105*0930*^*00501*000000001*0*P*:~"
        "GS*HC*CLINIC*PAYER*20260105*0930*1*X*005010X222A1~ST*837*0001*005010X222A1~"
        f"{text}SE*{text.count('~') + 2}*0001~GE*1*1~IEA*1*000000001~"
    )


def split(text: str) -> None:
    """The floor: every element in hand once, nothing kept."""
    for segment in text.split("~"):
        segment.split("*")


def clean(source: bytes) -> SetReport:
    """The report on its one set, which must have no finding."""
    (report,) = check(source)
    assert report.findings == [], report.findings[:3]
    return report


def run(size: Size) -> Iterator[Result]:
    """CPU seconds: other programs on the machine do not count. The peak is what Python holds while it checks."""
    many = size.of(10_000, least=50)
    for name, text in (("835", remittance_text(many)), ("837p", claims_text(many))):
        yield _told(f"x12_check_{name}", text, size.rounds)
    source = claims_text(many).encode()
    tracemalloc.start()
    clean(source)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    yield Result("x12_check_memory", round(peak, 1), "MB", None, None, f"<= {MEGABYTES:g} MB", peak <= MEGABYTES)


def _told(name: str, text: str, rounds: int) -> Result:
    source = text.encode()
    floor, product = in_turn(
        lambda: seconds(lambda: split(text), time.process_time),
        lambda: seconds(lambda: clean(source), time.process_time),
        rounds,
    )
    ratio = slower(floor, product)
    return Result(name, round(product, 3), "s", round(floor, 3), ratio, f"<= {TIMES:g} x str.split", ratio <= TIMES)
