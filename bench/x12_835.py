"""How fast a 10,000-claim 835 is read claim by claim, as an importer does, against `str.split` on the same text."""

import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal

from bench.harness import Result, Size, in_turn, seconds, slower
from x12 import EnvelopeReader
from x12.remittance_835 import RemittanceStream, check_total

LINES_IN_A_CLAIM = 3
TIMES, MEGABYTES = 5.0, 8.0


def remittance_text(claims: int) -> str:
    """A balanced check with this many claims, three lines each."""
    line = "SVC*HC:G0463*100*60**1~DTM*472*20260105~CAS*CO*45*30~CAS*PR*2*10~REF*6R*L{line}~AMT*B6*70~"
    body = [
        f"BPR*I*{claims * 180}*C*ACH************20260105~TRN*1*EFT1*1912345678~DTM*405*20260105~",
        "N1*PR*ACME HEALTH~N3*1 PLAZA~N4*MILWAUKEE*WI*53202~PER*BL*HELP DESK*TE*8005550100~N1*PE*CLINIC*XX*1234567893~LX*1~",
    ]
    for number in range(claims):
        body.append(f"CLP*P{number}*1*300*180*30*12*ICN{number}*11*1~")
        body.append(f"NM1*QC*1*DOE*JANE****MI*W{number}~DTM*232*20260105~")
        body += [line.format(line=f"{number}-{place}") for place in range(LINES_IN_A_CLAIM)]
    text = "".join(body)
    return (
        "ISA*00*          *00*          *ZZ*ACME           *ZZ*CLINIC         *260105*1200*^*00501*000000001*0*P*:~"
        "GS*HP*ACME*CLINIC*20260105*1200*1*X*005010X221A1~ST*835*0001~"
        f"{text}SE*{text.count('~') + 2}*0001~GE*1*1~IEA*1*000000001~"
    )


def stream(source: bytes) -> int:
    """Claim by claim, with its balance, as an importer would."""
    count = 0
    for transaction in EnvelopeReader(source):
        remittance = RemittanceStream(transaction)
        paid = Decimal("0.00")
        for claim in remittance:
            paid += claim.paid
            count += 1
        assert check_total(remittance.header, claims_paid=paid) == []
    return count


def run(size: Size) -> Iterator[Result]:
    """CPU seconds: other programs on the machine do not count. The peak is what Python holds while it streams."""
    text = remittance_text(size.of(10_000, least=50))
    source = text.encode()
    floor, product = in_turn(
        lambda: seconds(lambda: [segment.split("*") for segment in text.split("~")], time.process_time),
        lambda: seconds(lambda: stream(source), time.process_time),
        size.rounds,
    )
    tracemalloc.start()
    stream(source)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    ratio = slower(floor, product)
    yield Result("x12_835", round(product, 3), "s", round(floor, 3), ratio, f"<= {TIMES:g} x str.split", ratio <= TIMES)
    yield Result("x12_835_memory", round(peak, 1), "MB", None, None, f"<= {MEGABYTES:g} MB", peak <= MEGABYTES)
