"""A payer's side for the posting tests: 835s written with x12, by amounts, for claims of ours."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from billing.models import ClaimResponse, Remittance
from billing.services import posting, remittances
from clinic.models import Claim, Practice
from x12.adjudication import Adjustment, Procedure, Reference
from x12.envelope import Group, Interchange, write_interchange
from x12.parties import Party
from x12.remittance_835 import (
    GROUP_KIND,
    VERSION,
    ClaimPayment,
    Organization,
    ProviderAdjustment,
    ServicePayment,
    write_remittance,
)
from x12.remittance_835 import Remittance as Advice

D = Decimal
PAID_ON = date(2026, 3, 20)


def cas(text: str) -> tuple[Adjustment, ...]:
    """ "CO-45 40, PR-3 25" as adjustments."""
    parts = [p.strip().split(" ") for p in text.split(",") if p.strip()]
    return tuple(Adjustment(*code.split("-", 1), D(amount)) for code, amount in parts)


def answer(
    claim: Claim, *lines: tuple[str, str], status: str = "1", number: str = "ICN1", remarks: Sequence[str] = (),
    sign: int = 1, **changes: object,
) -> ClaimPayment:  # fmt: skip
    """A CLP for the claim: one (paid, "CO-45 40, PR-3 25") for each of its lines, in order."""
    services = []
    for line, (paid, why) in zip(claim.lines.order_by("position"), lines, strict=True):
        adjustments = tuple(replace(a, amount=a.amount * sign) for a in cas(why))
        services.append(
            ServicePayment(
                procedure=Procedure("HC", line.code, tuple(line.modifiers)), charge=line.amount * sign,
                paid=D(paid) * sign, units=D(line.units), first_day=line.service_date, adjustments=adjustments,
                references=(Reference("6R", line.control_number),), remark_codes=tuple(remarks),
            )
        )  # fmt: skip
    paid = sum((s.paid for s in services), D("0.00"))
    share = sum((a.amount for s in services for a in s.adjustments if a.group == "PR"), D("0.00"))
    made = ClaimPayment(
        patient_control_number=claim.control_number, status=status, charge=claim.total * sign, paid=paid,
        patient_responsibility=share, filing_indicator="CI", payer_claim_number=number,
        patient=Party("QC", True, claim.patient.last_name.upper(), claim.patient.first_name.upper()),
        lines=tuple(services),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def reversal(claim: Claim, *lines: tuple[str, str], number: str = "ICN1", **changes: object) -> ClaimPayment:
    """The same answer taken back: CLP02 22, every amount negated. An old-style one says its share in no PR."""
    return answer(claim, *lines, status="22", number=number, sign=-1, **changes)


def advice(
    claims: Sequence[ClaimPayment], *, payer_id: str = "LSH00", check: str = "EFT1", plb: str = "", paid_on: date = PAID_ON,
    payee_npi: str = "", amount: str | None = None,
) -> Advice:  # fmt: skip
    adjustments = tuple(
        ProviderAdjustment("1234567893", date(2026, 12, 31), code, reference, D(value))
        for code, reference, value in (p.strip().split(" ") for p in plb.split(",") if p.strip())
    )
    total = sum((c.paid for c in claims), D("0.00")) - sum((a.amount for a in adjustments), D("0.00"))
    return Advice(
        payment_amount=D(amount) if amount else total, trace_number=check, payer_identifier=f"1{payer_id}",
        payer=Organization(name="LAKESHORE", identifier_qualifier="XV", identifier=payer_id),
        payee=Organization(name="LAKEVIEW", identifier_qualifier="XX", identifier=payee_npi or Practice.objects.get().npi),
        method="ACH" if total else "NON", paid_on=paid_on, produced_on=paid_on, claims=tuple(claims),
        provider_adjustments=adjustments,
    )  # fmt: skip


def file_of(*advices: Advice, control: str = "000000001", must_balance: bool = True) -> bytes:
    at = datetime(2026, 3, 20, 6, 0)
    interchange = Interchange("ZZ", "LAKESHORE", "ZZ", "TANDEM", control, at)
    sets = [
        write_remittance(a, control_number=f"{n:04d}", must_balance=must_balance)
        for n, a in enumerate(advices, start=1)
    ]
    return write_interchange(interchange, [(Group(GROUP_KIND, "LAKESHORE", "TANDEM", "1", at, VERSION), sets)]).encode()


def take(*advices: Advice, name: str = "a.835") -> list[remittances.Verdict]:
    return remittances.import_bytes(payload=file_of(*advices), name=name, by=None)


def pay(claim: Claim, *lines: tuple[str, str], check: str = "EFT1", plb: str = "", **more: object) -> ClaimResponse:
    """Import and post one check for one claim; the answer as posted."""
    post(take(advice([answer(claim, *lines, **more)], payer_id=claim.payer.payer_id, check=check, plb=plb)))  # type: ignore[arg-type]
    claim.refresh_from_db()
    return ClaimResponse.objects.filter(claim=claim).latest("created_at")


def post(verdicts: list[remittances.Verdict]) -> list[Remittance]:
    rows = [v.remittance for v in verdicts if v.remittance and v.verdict == "accepted"]
    return [posting.post_remittance(remittance=row, by=None) for row in rows]
