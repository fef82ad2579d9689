"""Remittances for the tests of the 835. All payers, people and numbers are made up."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from x12 import Address, Contact, Group, Interchange, Party, write_interchange
from x12.remittance_835 import (
    GROUP_KIND,
    VERSION,
    Adjustment,
    Amount,
    ClaimPayment,
    EventDate,
    Organization,
    Procedure,
    ProviderAdjustment,
    Quantity,
    Reference,
    Remittance,
    ServicePayment,
    write_remittance,
)

WRITTEN_AT = datetime(2026, 1, 20, 6, 0)
SEEN_ON = date(2026, 1, 2)
PAID_ON = date(2026, 1, 20)
PATIENT = Party("QC", True, "DOE", "JANE", "Q", "", "MI", "W123456789")

VISIT = ServicePayment(
    procedure=Procedure("HC", "G0463", ("25",)),
    charge=Decimal("120.00"),
    paid=Decimal("85.00"),
    units=Decimal(1),
    first_day=SEEN_ON,
    last_day=SEEN_ON,
    adjustments=(
        Adjustment("CO", "45", Decimal("20.00")),
        Adjustment("PR", "1", Decimal("10.00")),
        Adjustment("PR", "2", Decimal("5.00"), Decimal(1)),
    ),
    references=(Reference("6R", "L1"),),
    amounts=(Amount("B6", Decimal("100.00")),),
    remark_codes=("N130",),
)
CHANGED = ServicePayment(
    procedure=Procedure("HC", "G0328"),
    submitted_procedure=Procedure("HC", "G0327"),
    charge=Decimal("30.50"),
    paid=Decimal("0.00"),
    units=Decimal("1"),
    submitted_units=Decimal("2"),
    first_day=SEEN_ON,
    last_day=date(2026, 1, 3),
    adjustments=(Adjustment("CO", "97", Decimal("30.50")),),
    references=(Reference("6R", "L2"),),
)


def paid_claim() -> ClaimPayment:
    """One line paid, one line denied with a changed code."""
    return ClaimPayment(
        patient_control_number="P100",
        status="1",
        charge=Decimal("150.50"),
        paid=Decimal("85.00"),
        patient_responsibility=Decimal("15.00"),
        filing_indicator="12",
        payer_claim_number="ICN1",
        facility_code="11",
        frequency="1",
        patient=PATIENT,
        rendering_provider=Party("82", True, "DEE", "DANA", identifier_qualifier="XX", identifier="1999999976"),
        remark_codes=("MA01", "MA18"),
        references=(Reference("EA", "MRN5"),),
        dates=(EventDate("232", SEEN_ON), EventDate("050", date(2026, 1, 8))),
        amounts=(Amount("AU", Decimal("100.00")),),
        lines=(VISIT, CHANGED),
    )


def reversed_claim() -> ClaimPayment:
    """Takes back what was paid for P099: every amount negated."""
    return ClaimPayment(
        patient_control_number="P099",
        status="22",
        charge=Decimal("-50.00"),
        paid=Decimal("-40.00"),
        filing_indicator="12",
        payer_claim_number="ICN0",
        patient=PATIENT,
        adjustments=(Adjustment("CO", "45", Decimal("-10.00")),),
        dates=(EventDate("232", SEEN_ON),),
    )


def forwarded_claim() -> ClaimPayment:
    """Paid as primary and sent on to another carrier; the insured's id corrected."""
    return replace(
        paid_claim(),
        patient_control_number="P101",
        status="19",
        payer_claim_number="ICN2",
        insured=Party("IL", True, "DOE", "JOHN", identifier_qualifier="MI", identifier="W1"),
        corrected_insured=Party("74", True, "DOE", "JON", identifier_qualifier="C", identifier="W2"),
        crossover_carrier=Party("TT", False, "OTHER PLAN", identifier_qualifier="PI", identifier="OTH1"),
        corrected_payer=Party("PR", False, "FIRST PLAN", identifier_qualifier="PI", identifier="FIR1"),
        amounts=(Amount("I", Decimal("1.27")),),
        quantities=(Quantity("CA", Decimal(1)),),
    )


def remittance_of(*claims: ClaimPayment, kept: tuple[ProviderAdjustment, ...] = ()) -> Remittance:
    """A balanced check for these claims."""
    total = sum((claim.paid for claim in claims), Decimal("0.00"))
    total -= sum((each.amount for each in kept), Decimal("0.00"))
    return Remittance(
        payment_amount=total,
        trace_number="EFT1001",
        payer_identifier="1912345678",
        method="ACH" if total else "NON",
        handling="I" if total else "H",
        paid_on=PAID_ON,
        produced_on=PAID_ON,
        payer=Organization(
            name="ACME HEALTH",
            address=Address("1 PLAZA", "MILWAUKEE", "WI", "53202"),
            references=(Reference("2U", "ACME1"),),
            contacts=(Contact(kind="BL", name="EDI HELP", telephone="8005550100"),),
        ),
        payee=Organization(
            name="LAKESIDE FAMILY CLINIC",
            identifier_qualifier="XX",
            identifier="1234567893",
            references=(Reference("TJ", "123456789"),),
        ),
        claims=claims,
        provider_adjustments=kept,
    )


def recoup(amount: str, code: str = "WO", reference: str = "P099") -> ProviderAdjustment:
    """A PLB pair; positive is kept by the payer."""
    return ProviderAdjustment("1234567893", date(2026, 12, 31), code, reference, Decimal(amount))


def check_with_everything() -> Remittance:
    """A paid, a forwarded and a reversed claim, interest and a recoup."""
    return remittance_of(
        paid_claim(), forwarded_claim(), reversed_claim(), kept=(recoup("25.00"), recoup("-1.27", "L6", ""))
    )


def file_of(*remittances: Remittance, must_balance: bool = True) -> str:
    """The remittances as one interchange, an ST each."""
    interchange = Interchange("ZZ", "ACME1", "ZZ", "LAKE01", "000000077", WRITTEN_AT)
    group = Group(GROUP_KIND, "ACME1", "LAKE01", "77", WRITTEN_AT, VERSION)
    sets = [
        write_remittance(each, control_number=f"{number:04d}", must_balance=must_balance)
        for number, each in enumerate(remittances, start=1)
    ]
    return write_interchange(interchange, [(group, sets)], line_end="\n")
