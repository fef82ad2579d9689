"""The 835 that answers one batch of the generated claims: contractual 45, coinsurance and copay, denials, denied lines."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bench.practice import LINES_ANSWERED, PAYEE_NPI, PAYERS, TODAY, Plan
from bench.practice_rows import CODES, LAST, member_id

SERVICE = TODAY - timedelta(days=21)
COPAY = Decimal("25.00")


def amount(claim: int, place: int) -> Decimal:
    """What a line costs; `bench.practice_rows.amount_sql` says the same."""
    return Decimal(100 + 10 * ((claim * 7 + place * 3) % 21)).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Line:
    """One answered line: why it was not paid in full, as (group, reason, amount)."""

    charge: Decimal
    reasons: tuple[tuple[str, str, Decimal], ...]
    remark: str = ""

    @property
    def paid(self) -> Decimal:
        return self.charge - sum((a for _, _, a in self.reasons), Decimal("0.00"))


def answer(claim: int) -> list[Line]:
    """Of a hundred claims three are denied with 16, two with 197, three have one line denied; the others are paid."""
    lot = claim % 100
    lines = []
    for place in range(1, LINES_ANSWERED + 1):
        charge = amount(claim, place)
        if lot < 5:
            lines.append(_denied(charge, "16" if lot < 3 else "197"))
        elif lot < 8 and place == LINES_ANSWERED:
            lines.append(_denied(charge, "16"))
        else:
            lines.append(_paid(claim, place, charge))
    return lines


def _denied(charge: Decimal, reason: str) -> Line:
    return Line(charge, (("CO", reason, charge),), "N290" if reason == "16" else "")


def _paid(claim: int, place: int, charge: Decimal) -> Line:
    """30 % contractual; a copay on the first line of every second claim, 20 % coinsurance on the lines of the others."""
    contractual = (charge * 3 / 10).quantize(Decimal("0.01"))
    reasons = [("CO", "45", contractual)]
    if claim % 2:
        reasons.append(("PR", "2", ((charge - contractual) / 5).quantize(Decimal("0.01"))))
    elif place == 1:
        reasons.append(("PR", "3", COPAY))
    return Line(charge, tuple(reasons))


def patient_of(plan: Plan, claim: int) -> int:
    """As `bench.practice_rows.numbered` has it: all answered claims are of the first payer's members."""
    return (claim % (plan.patients // PAYERS)) * PAYERS


def remittance_text(plan: Plan, batch: int) -> str:
    """A balanced check over one batch, three lines a claim."""
    body: list[str] = []
    total = Decimal("0.00")
    for claim in plan.batch(batch):
        lines = answer(claim)
        paid = sum((line.paid for line in lines), Decimal("0.00"))
        total += paid
        body += _claim(claim, patient_of(plan, claim), lines, paid)
    day = f"{TODAY:%Y%m%d}"
    head = [
        "ST*835*0001", f"BPR*I*{total}*C*ACH************{day}", f"TRN*1*EFTBENCH{batch}*1LSH00", f"DTM*405*{day}",
        "N1*PR*LAKESHORE HEALTH 00*XV*LSH00", f"N1*PE*LAKEVIEW FAMILY CLINIC*XX*{PAYEE_NPI}", "LX*1",
    ]  # fmt: skip
    segments = [*head, *body]
    envelope = [
        f"ISA*00*          *00*          *ZZ*LSH00          *ZZ*CLINIC         *{day[2:]}*1200*^*00501*{batch + 1:09d}*0*P*:",
        f"GS*HP*LSH00*CLINIC*{day}*1200*1*X*005010X221A1",
    ]
    tail = [f"SE*{len(segments) + 1}*0001", "GE*1*1", f"IEA*1*{batch + 1:09d}"]
    return "~".join([*envelope, *segments, *tail]) + "~"


def _claim(claim: int, patient: int, lines: list[Line], paid: Decimal) -> list[str]:
    charge = sum((line.charge for line in lines), Decimal("0.00"))
    share = sum((a for line in lines for group, _, a in line.reasons if group == "PR"), Decimal("0.00"))
    status = "1" if paid else "4"
    segments = [
        f"CLP*P{claim}*{status}*{charge}*{paid}*{share or ''}*12*ICN{claim}*11*1",
        f"NM1*QC*1*{LAST[patient // 7 % len(LAST)].upper()}*A****MI*{member_id(patient)}",
        f"DTM*232*{SERVICE:%Y%m%d}",
    ]
    for place, line in enumerate(lines, start=1):
        segments.append(f"SVC*HC:{CODES[place % len(CODES)]}*{line.charge}*{line.paid}**1")
        segments.append(f"DTM*472*{SERVICE:%Y%m%d}")
        segments += [f"CAS*{group}*{reason}*{value}" for group, reason, value in line.reasons]
        segments.append(f"REF*6R*L{claim}-{place}")
        if line.remark:
            segments.append(f"LQ*HE*{line.remark}")
    return segments
